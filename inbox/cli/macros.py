"""Macros on the command line."""

import json
import uuid
from typing import Annotated, Any

import typer
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from inbox.cli.answers import OPERATOR
from inbox.cli.common import AsJson, ConversationId, Stop, agent_id, as_json, opened, out, table
from inbox.config import utc_now
from inbox.domain import actions as rules
from inbox.domain.actions import BadActions
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import acting
from inbox.flows import macros as flow
from inbox.flows.answers import By
from inbox.store import acting as stored
from inbox.store import conversations
from inbox.store.tables import User

app = typer.Typer(help="Several actions with one press.", no_args_is_help=True)

Agent = Annotated[str, typer.Option(help="Who does it: an agent's e-mail address.")]
Number = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Every macro, by name."""
    with opened() as (_, store), store.read() as session:
        rows = stored.macros(session)
    if json_:
        names = ("id", "name", "actions", "uses")
        as_json({"macros": [{n: getattr(row, n) for n in names} for row in rows]})
        return
    made = table("Macros", "id", "name", "does", "run")
    for row in rows:
        does = ", ".join(rules.read(row.actions).verbs)
        made.add_row(str(row.id), row.name, does, str(row.uses))
    out.print(made, markup=False)


@app.command(name="set")
def set_(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    actions: Annotated[
        str, typer.Argument(help='JSON such as {"category": "refund", "answer": 3, "move": …}.')
    ],
    macro: Annotated[int | None, typer.Option(help="Write this one anew.", min=1)] = None,
) -> None:
    """Write a macro."""
    try:
        said: Any = json.loads(actions)
    except ValueError as e:
        raise Stop(f"The actions are no JSON: {e}.") from e
    if not isinstance(said, dict):
        raise Stop('The actions are an object, such as {"assign": "me"}.')
    with opened() as (_, store):
        try:
            wanted = rules.read(said)
            if macro is None:
                macro = flow.add(store, name, wanted, by=OPERATOR, now=utc_now())
            else:
                flow.change(store, macro, name, wanted, by=OPERATOR, now=utc_now())
        except BadActions as e:
            raise Stop(str(e)) from e
        except NoResultFound as e:
            raise Stop(f"There is no macro {macro}. See: replydesk macros list") from e
    out.print(f"Macro {macro} is written.", highlight=False)


@app.command()
def remove(macro: Number) -> None:
    """Take a macro out of every list; `set --macro` brings it back."""
    with opened() as (_, store):
        try:
            flow.remove(store, macro, by=OPERATOR, now=utc_now())
        except NoResultFound as e:
            raise Stop(f"There is no macro {macro}. See: replydesk macros list") from e
    out.print(f"Macro {macro} is removed.", highlight=False)


@app.command()
def run(macro: Number, conversation: ConversationId, agent: Agent) -> None:
    """Do what a macro says to a conversation: all of it, or nothing."""
    with opened() as (_, store):
        with store.read() as session:
            by = _by(session, agent)
            row = conversations.one(session, conversation)
        try:
            made = flow.run(
                store,
                macro,
                conversation_id=conversation,
                by=by,
                shown=(row.last_message_id or 0) if row else 0,
                key=f"cli:{uuid.uuid4().hex}",
                now=utc_now(),
            )
        except acting.Refused as e:
            raise Stop(f"Nothing was done. {e}") from e
        except NoResultFound as e:
            raise Stop("There is no such macro or conversation.") from e
        with store.read() as session:
            done = stored.run(session, made)
    assert done is not None
    verbs = ", ".join(part["verb"] for part in done.did) or "nothing had to be done"
    out.print(f"{verbs}. Undo: replydesk macros undo {made}", highlight=False, markup=False)


@app.command()
def undo(
    run_number: Annotated[int, typer.Argument(help="The number that `run` told.", min=1)],
    agent: Agent,
) -> None:
    """Take back what can be taken back of what a macro did."""
    with opened() as (_, store):
        with store.read() as session:
            by = _by(session, agent)
        try:
            back = acting.undo(store, run_id=run_number, by=by, now=utc_now())
        except NoResultFound as e:
            raise Stop(f"There is no run {run_number}.") from e
    for part in back:
        told = "taken back" if part["ok"] else part["why"]
        out.print(f"{part['verb']}: {told}", highlight=False, markup=False)


def _by(session: Session, agent: str) -> By:
    return By.of(session.get_one(User, agent_id(session, agent)))
