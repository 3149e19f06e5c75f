"""Case clocks on the command line: the calculation of a whole matter, with its pauses."""

from datetime import timedelta
from typing import Any

from inbox.cli.common import out, table, when
from inbox.cli.promises import counted_in

ON = {"customer": "on the customer", "third": "on others"}
WHY = {
    "answered": "answered",
    "excused": "no reply needed",
    "withdrawn": "the customer deleted it",
    "customer": "put aside",
    "third": "put aside",
}


def tell(clock: dict[str, Any]) -> None:
    """One clock with every pause (a dict of `flows.case_telling`)."""
    made = table(f"{clock['name']}: {clock['verdict']}", "", "")
    made.add_row("opened", f"{when(clock['opened_at'])} by message {clock['opened_by']}")
    policy = clock["policy"]
    made.add_row("policy", f"{policy['name']} v{policy['version']}, {policy['target']}")
    made.add_row("calendar", counted_in(clock["calendar"]))
    for pause in clock["pauses"]:
        by = f" by {pause['by']}" if pause["by"] else ""
        why = f" ({pause['reason']})" if pause["reason"] else ""
        until = when(pause["until"]) if pause["until"] else "now"
        words = (
            f"{when(pause['since'])} to {until}: {ON[pause['on']]}, {WHY[pause['why']]}{by}{why}"
        )
        made.add_row("paused", words)
    made.add_row("used", f"{_span(clock['used_s'])} of {_span(clock['budget_s'])}")
    made.add_row("due", when(clock["due_at"]) if clock["due_at"] else "not while it is paused")
    if clock["end"]:
        by = f" by message {clock['ended_by']}" if clock["ended_by"] else ""
        why = f" ({clock['reason']})" if clock["reason"] else ""
        made.add_row("ended", f"{when(clock['ended_at'])}, {clock['end']}{by}{why}")
    if clock["superseded_at"]:
        made.add_row("superseded", when(clock["superseded_at"]))
    out.print(made, markup=False)


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
