"""Warnings on the command line."""

import typer

from inbox.cli.common import AsJson, ConversationId, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows import case_warnings, notice_mails, noticing
from inbox.flows import warnings as flow
from inbox.store import thread

app = typer.Typer(help="Waits that go long, and who was told.", no_args_is_help=True)


@app.command()
def show(conversation: ConversationId, json_: AsJson = False) -> None:
    """Which steps of a conversation's waits were told, when, to whom and by what."""
    with opened() as (_, store), store.read() as session:
        if not thread.exists(session, conversation):
            raise Stop(f"There is no conversation {conversation}.")
        found = noticing.told_of(session, conversation)
    if json_:
        as_json([noticing.warning(one) for one in found])
        return
    made = table(f"Warnings of conversation {conversation}", "step", "passed", "told", "to")
    for one in found:
        step = "past due" if one.part == 100 else f"{one.part} %"
        step += _of(one.target, one.clock)
        people_ = ", ".join(f"{name} ({why}: {'+'.join(c)})" for name, _, why, c in one.people)
        made.add_row(step, when(one.passed_at), when(one.at), people_ or "nobody")
    out.print(made, markup=False)


def _of(target: str, clock: str | None) -> str:
    """Of which clock it is, unless it is the promise to the customer."""
    return f" ({clock})" if clock else "" if target == "public" else " (internal)"


@app.command()
def look() -> None:
    """Tell what is due now, as the scheduler does every few seconds."""
    with opened() as (settings, store):
        told = flow.look(store, utc_now()) + case_warnings.look(store, utc_now())
        mailed = notice_mails.mail_due(store, settings, utc_now)
    out.print(f"Told {told} warnings, mailed {mailed} letters.", highlight=False)
