"""Answers that wait for approval, on the command line."""

from typing import Annotated

import typer
from sqlalchemy.exc import NoResultFound

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.approval import ASKABLE, Approval
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import approving
from inbox.flows.approving import CannotDecide, UnknownPerson
from inbox.store import approval, people
from inbox.store.session import Store
from inbox.store.tables import User

app = typer.Typer(help="Answers that a lead reads before they leave.", no_args_is_help=True)

Answer = Annotated[int, typer.Argument(help="Its number in the outbox.", min=1, max=BIGGEST_ID)]
Person = Annotated[str, typer.Option(help="Who decides: a lead's or an admin's e-mail address.")]


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """What waits, due first."""
    with opened() as (_, store), store.read() as session:
        rows = approval.waiting(session)
        wholes = approval.wholes(session, rows)
    words = {id_: approval.words(parts) for id_, parts in wholes.items()}
    if json_:
        names = ("id", "conversation_id", "customer", "channel", "agent", "text", "created_at")
        more = ("due_at", "reason")
        told = [{n: getattr(row, n) for n in (*names, *more)} for row in rows]
        as_json({"waiting": [one | {"text": words[one["id"]]} for one in told]})
        return
    made = table("Wait for approval", "answer", "conversation", "customer", "by", "due", "words")
    for row in rows:
        due = when(row.due_at) if row.due_at else "–"
        made.add_row(
            *(
                str(row.id),
                str(row.conversation_id),
                row.customer,
                row.author,
                due,
                words[row.id][:80],
            )
        )
    out.print(made, markup=False)


@app.command()
def approve(
    answer: Answer,
    person: Person,
    shown: Annotated[
        int, typer.Option(help="The last message that was read, if the customer wrote since.")
    ] = 0,
) -> None:
    """Let one go."""
    with opened() as (_, store):
        by = _person(store, person)
        try:
            approving.approve(store, outbox_id=answer, by=by, shown=shown, now=utc_now())
        except (CannotDecide, NoResultFound) as e:
            raise _stop(answer, e) from e
    out.print(f"Answer {answer} leaves now, or at its time.", highlight=False)


@app.command(name="send-back")
def send_back(
    answer: Answer,
    person: Person,
    words: Annotated[str, typer.Option(help="What should change.")],
) -> None:
    """Give one back to its author, with words."""
    with opened() as (_, store):
        by = _person(store, person)
        try:
            approving.send_back(store, outbox_id=answer, by=by, words=words, now=utc_now())
        except (CannotDecide, NoResultFound) as e:
            raise _stop(answer, e) from e
    out.print(f"Answer {answer} is a draft of its author again.", highlight=False)


@app.command()
def rule(
    role: Annotated[
        list[str] | None,
        typer.Option(help="Whose answers wait: agent, lead, admin; repeat, or `none`."),
    ] = None,
    of: Annotated[
        list[str] | None, typer.Option(help="And of these people (addresses); repeat, or `none`.")
    ] = None,
    findings: Annotated[
        bool | None, typer.Option(help="Also everybody's in which a card number stands.")
    ] = None,
    own: Annotated[bool | None, typer.Option(help="Admins may approve their own.")] = None,
    json_: AsJson = False,
) -> None:
    """Show what needs approval, or change what is given."""
    with opened() as (_, store):
        with store.read() as session:
            before = approval.rule(session)
            try:
                people_ = approving.people_of(session, [] if of in (None, ["none"]) else of or [])
            except UnknownPerson as e:
                raise Stop(f"{e} See: replydesk users list") from e
        roles = before.roles if role is None else () if role == ["none"] else tuple(role)
        if wrong := [one for one in roles if one not in ASKABLE]:
            raise Stop(f"“{wrong[0]}” is none of {', '.join(ASKABLE)}, none.")
        wanted = Approval(
            tuple(one for one in ASKABLE if one in roles),
            before.findings if findings is None else findings,
            before.own if own is None else own,
            before.people if of is None else people_,
        )
        if wanted != before:
            approving.set_rule(store, wanted, actor="cli", now=utc_now())
        with store.read() as session:
            said = approving.told(session, wanted)
    if json_:
        as_json(said)
        return
    out.print(f"roles     {', '.join(wanted.roles) or 'none'}", highlight=False)
    out.print(f"people    {', '.join(said['people']) or 'none'}", highlight=False)
    out.print(f"findings  {'yes' if wanted.findings else 'no'}", highlight=False)
    out.print(f"own       {'yes' if wanted.own else 'no'}", highlight=False)


def _person(store: Store, address: str) -> User:
    with store.read() as session:
        found = people.by_email(session, address.lower())
    if found is None:
        raise Stop(f"There is no {address}. See: replydesk users list")
    return found


def _stop(answer: int, error: Exception) -> Stop:
    unknown = isinstance(error, NoResultFound)
    return Stop(f"There is no answer {answer}." if unknown else str(error))
