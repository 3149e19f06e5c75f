"""When an answer would be due, on the command line."""

from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, instant_of, opened, out, table, when
from inbox.cli.promises import counted_in
from inbox.config import utc_now
from inbox.domain.written import Unclear
from inbox.flows.foreseeing import Foreseen, foresee
from inbox.store import accounts

OF = {"public": "the answer", "internal": "within the team", "matter": "the whole matter"}


def when_due(
    account: Annotated[str, typer.Argument(help="As x/@brand.")],
    at: Annotated[str | None, typer.Option(help="Instant with zone; now by default.")] = None,
    kind: Annotated[str, typer.Option(help="The message's kind.")] = "dm",
    category: Annotated[str, typer.Option(help="Its category; none by default.")] = "",
    urgency: Annotated[str, typer.Option(help="Its urgency; none by default.")] = "",
    json_: AsJson = False,
) -> None:
    """When the answer to a message to this account would be due, and why."""
    instant = instant_of(at, "--at") if at else utc_now()
    with opened() as (_, store), store.read() as session:
        known = {f"{one.channel}/{one.handle}": one for one in accounts.everyone(session)}
        if account not in known:
            raise Stop(f"{account} is not known. There are: {', '.join(sorted(known))}.")
        about = {"kind": kind, "category": category, "urgency": urgency}
        try:
            found = foresee(session, known[account], instant, **about)
        except Unclear as e:
            raise Stop(str(e)) from e
    if json_:
        as_json({"account": account, "at": instant, **about, "due": [f.told() for f in found]})
        return
    for one in found:
        _tell(one)


def _tell(one: Foreseen) -> None:
    told = one.told()
    made = table(f"{OF[one.of]}: due {when(one.promise.due_at)}", "", "")
    policy = told["policy"]
    made.add_row("policy", f"{policy['name']} v{policy['version']}, {told['target']}")
    made.add_row("calendar", counted_in(told["calendar"]))
    if one.skipped:
        days = (f"{day:%Y-%m-%d} {name}".strip() for day, name in one.skipped)
        made.add_row("skipped", ", ".join(days))
    if one.not_final:
        made.add_row("not final", "holidays or make-up days on the way are not published yet")
    out.print(made, markup=False)
