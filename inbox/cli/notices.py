"""What somebody was told, on the command line."""

from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import noticing
from inbox.store import notices as stored
from inbox.store import people

app = typer.Typer(help="What somebody was told: by colleagues, of waits.", no_args_is_help=True)
Person = Annotated[str, typer.Option(help="Whose: an e-mail address.")]

_WHAT = {
    "mention": "{by} mentioned them",
    "assigned": "{by} gave it to them",
    "answered": "{by} answered before them",
    "message": "wrote again",
    "stopped": "stopped their answer: {stopper}",
    "approval": "{by} asks for approval",
    "approved": "{by} approved their answer",
    "sent_back": "{by} sent their answer back",
    "surge": "{times} people write about the same thing: surge {surge_id}",
    "rule": "rule {by}: wrote",
    "webhook": "webhook {webhook} was switched off",
}


@app.command(name="list")
def list_(
    person: Person,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    json_: AsJson = False,
) -> None:
    """What somebody was told, newest first."""
    with opened() as (_, store), store.read() as session:
        user_id = _id(session, person)
        found = [noticing.notice(row) for row in stored.listed(session, user_id, limit)]
    if json_:
        as_json(found)
        return
    made = table(f"Notices of {person}", "told", "what", "conversation", "who", "words", "read")
    for one in found:
        made.add_row(
            *(when(one["at"]), _what(one), str(one["conversation_id"] or "–"), one["who"] or "–"),
            *(one["words"], "yes" if one["read"] else "no"),
        )
    out.print(made, markup=False)


@app.command()
def read(
    person: Person,
    up_to: Annotated[int, typer.Option(help="Up to which notice; all, if left out.")] = BIGGEST_ID,
) -> None:
    """Mark somebody's notices as read."""
    with opened() as (_, store):
        with store.read() as session:
            user_id = _id(session, person)
        done = noticing.read(store, user_id=user_id, up_to=up_to, now=utc_now())
    out.print(f"Marked {done} as read.", highlight=False)


def _id(session: Session, person: str) -> int:
    user = people.by_email(session, person.lower())
    if user is None:
        raise Stop(f"There is no {person}. See: replydesk users list")
    return user.id


def _what(one: dict[str, Any]) -> str:
    if one["kind"] != "warning":
        times = f" ({one['times']} times)" if one["times"] > 1 and one["kind"] != "surge" else ""
        wrote = "the customer wrote" if one["why"] == "customer" else "an answer went out"
        stopper = f"{one['by']} answered" if one["by"] else wrote
        return _WHAT[one["kind"]].format(stopper=stopper, **one) + times
    what = "past due" if one["part"] == 100 else f"{one['part']} % gone"
    internal = "" if one["target"] == "public" else " (internal)"
    return what + (f" ({one['clock']})" if one["clock"] else internal)
