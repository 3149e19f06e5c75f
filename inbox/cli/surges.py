"""Many people who write about the same thing, on the command line."""

import uuid
from typing import Annotated

import typer
from sqlalchemy.exc import NoResultFound

from inbox.cli.common import AsJson, Stop, agent_id, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.actions import BadActions
from inbox.domain.answers import BadAnswer
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import bulk, surges
from inbox.flows.answers import By, NotYours
from inbox.flows.surging import Watch
from inbox.store import surges as stored
from inbox.store.session import Store
from inbox.store.tables import User

app = typer.Typer(help="Many people who write about the same thing.", no_args_is_help=True)

Agent = Annotated[str, typer.Option(help="Who does it: a lead's e-mail address.")]
Number = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]
LISTED = 100
TOLD = ("id", "people", "since", "last_at", "growing", "closed_at", "closed_by")


@app.command()
def look() -> None:
    """Look for them now; the scheduler does so every half minute."""
    with opened() as (_, store):
        joined = Watch(store).look(utc_now())
    out.print(f"{joined} joined.", highlight=False)


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """The open ones first, the largest first."""
    with opened() as (_, store), store.read() as session:
        rows = stored.listed(session, LISTED)
    if json_:
        told = [
            {name: getattr(row.surge, name) for name in TOLD}
            | {"text": row.text, "waiting": row.waiting}
            for row in rows
        ]
        as_json({"surges": told})
        return
    made = table("Many at once", "id", "people", "wait", "since", "last", "what they say")
    for row in rows:
        one = row.surge
        times = when(one.since), "over" if one.closed_at else when(one.last_at)
        made.add_row(str(one.id), str(one.people), str(row.waiting), *times, row.text[:60])
    out.print(made, markup=False)


@app.command()
def show(surge: Number, json_: AsJson = False) -> None:
    """Who waits there, the longest first."""
    with opened() as (_, store), store.read() as session:
        row = stored.one(session, surge)
        if row is None:
            raise Stop(f"There is no surge {surge}. See: replydesk surges list")
        offered = stored.offered(session, surge, bulk.MOST)
    if json_:
        members = [
            {
                "conversation_id": one.conversation_id,
                "shown": one.last_message_id,
                "language": one.lang,
                "left_out": one.out,
                "why": one.why,
            }
            for one in offered
        ]
        as_json({name: getattr(row, name) for name in TOLD} | {"offered": members})
        return
    made = table(f"{row.people} people", "conversation", "customer", "language", "last words")
    for one in offered:
        name = one.name or one.handle or "?"
        made.add_row(str(one.conversation_id), name, one.lang or "–", one.preview[:60])
    out.print(made, markup=False)


@app.command()
def send(
    surge: Number,
    agent: Agent,
    text: Annotated[
        list[str], typer.Option(help="The answer, such as en=Hello {customer} …; repeat.")
    ],
    but: Annotated[
        list[int] | None, typer.Option(help="A conversation that is left out; repeat.")
    ] = None,
) -> None:
    """Send one answer to everyone who waits there now, as replies of their own."""
    texts = {lang.strip(): words for lang, _, words in (one.partition("=") for one in text)}
    left_out = set(but or ())
    with opened() as (_, store):
        by = _by(store, agent)
        with store.read() as session:
            offered = stored.offered(session, surge, bulk.MOST)
        chosen = {
            one.conversation_id: one.last_message_id or 0
            for one in offered
            if not one.out and one.conversation_id not in left_out
        }
        try:
            job = surges.send(
                store,
                surge,
                chosen,
                texts,
                by=by,
                key=f"cli:{uuid.uuid4().hex}",
                now=utc_now(),
                left_out=left_out,
            )
        except (BadAnswer, BadActions, NotYours, NoResultFound) as e:
            raise _stop(surge, e) from e
    out.print(f"Job {job} answers {len(chosen)}; the scheduler does it.", highlight=False)


@app.command()
def close(surge: Number, agent: Agent) -> None:
    """Put it aside: who joins is counted, and the list tells nothing of it."""
    _close(surge, agent, closed=True)


@app.command(name="open")
def open_(surge: Number, agent: Agent) -> None:
    """Bring back what was put aside."""
    _close(surge, agent, closed=False)


def _close(surge: int, agent: str, *, closed: bool) -> None:
    with opened() as (_, store):
        try:
            surges.close(store, surge, closed=closed, by=_by(store, agent), now=utc_now())
        except (NotYours, NoResultFound) as e:
            raise _stop(surge, e) from e
    out.print("Put aside." if closed else "Open again.")


def _by(store: Store, agent: str) -> By:
    with store.read() as session:
        return By.of(session.get_one(User, agent_id(session, agent)))


def _stop(surge: int, error: Exception) -> Stop:
    if isinstance(error, NoResultFound):
        return Stop(f"There is no surge {surge}. See: replydesk surges list")
    if isinstance(error, NotYours):
        return Stop("A lead or an admin does this.")
    return Stop(str(error))
