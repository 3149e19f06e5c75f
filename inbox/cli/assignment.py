"""Assignment on the command line."""

from dataclasses import asdict
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table
from inbox.config import utc_now
from inbox.flows import assigning
from inbox.store import assigning as stored
from inbox.store.people import by_email

app = typer.Typer(help="Who gets which conversation.", no_args_is_help=True)

MOST = 1_000


@app.command()
def show(json_: AsJson = False) -> None:
    """Whether a rule assigns, who takes what, and how much waits."""
    with opened() as (_, store), store.read() as session:
        on, waiting = stored.is_on(session), stored.count_waiting(session, MOST)
        people = assigning.staff(session, utc_now())
    if json_:
        as_json({"on": on, "waiting": waiting, "people": [asdict(one) for one in people]})
        return
    out.print(f"Assigned {'by rule' if on else 'by hand'}; waiting: {waiting}.", highlight=False)
    made = table("People", "name", "there", "open", "languages", "categories")
    for one in people:
        there = f"{one.presence}{', on duty' if one.on_duty else ''}"
        takes = ", ".join(one.languages) or "any", ", ".join(one.skills) or "any"
        made.add_row(one.name, there, f"{one.open} of {one.capacity}", *takes)
    out.print(made, markup=False)


@app.command()
def on() -> None:
    """Give new conversations to who is on duty and online."""
    _switch(True)


@app.command()
def off() -> None:
    """Let people take conversations themselves; what they have stays theirs."""
    _switch(False)


@app.command(name="set")
def set_(
    email: str,
    language: Annotated[
        list[str] | None, typer.Option(help="Two letters; repeat. `any` for all.")
    ] = None,
    skill: Annotated[
        list[str] | None, typer.Option(help="A category; repeat. `any` for all.")
    ] = None,
    capacity: Annotated[int | None, typer.Option(help="Open conversations at once.")] = None,
) -> None:
    """What somebody takes; what is not given stays as it is."""
    with opened() as (_, store):
        with store.read() as session:
            person = by_email(session, email.strip().lower())
        if person is None:
            raise Stop(f"Nobody has the address {email}. See: replydesk users list")
        assigning.set_work(
            store,
            user_id=person.id,
            languages=person.languages if language is None else _all(language),
            skills=person.skills if skill is None else _all(skill),
            capacity=person.capacity if capacity is None else capacity,
            actor="cli",
            now=utc_now(),
        )
    out.print(f"{person.email}: saved.", highlight=False)


def _all(said: list[str]) -> list[str]:
    return [] if said == ["any"] else said


def _switch(on: bool) -> None:
    with opened() as (_, store):
        assigning.switch(store, on, actor="cli", now=utc_now())
    out.print("Assigned by rule." if on else "Assigned by hand.", highlight=False)
