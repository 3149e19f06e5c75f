"""People of the team on the command line."""

import sys
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows.people import PersonInvalid, add_user, reset_password
from inbox.flows.profile import end_places, places
from inbox.store.people import by_email, everyone
from inbox.store.session import Store
from inbox.store.tables import User

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

Role = Annotated[str, typer.Option(help="agent, lead, admin or auditor")]


@app.command()
def add(email: str, name: Annotated[str, typer.Option()] = "", role: Role = "agent") -> None:
    """Add a person; the password is asked for, or read from standard input."""
    password = _password()
    with opened() as (_, store):
        try:
            add_user(
                store,
                email=email,
                name=name or email.partition("@")[0],
                role=role,
                password=password,
                actor="cli",
                now=utc_now(),
            )
        except PersonInvalid as e:
            raise Stop(str(e)) from e
    out.print(f"Added {email} as {role}.", highlight=False)


@app.command()
def reset(email: str) -> None:
    """Set a new password; every session of that person ends."""
    password = _password()
    with opened() as (_, store):
        try:
            reset_password(store, email=email, password=password, actor="cli", now=utc_now())
        except PersonInvalid as e:
            raise Stop(str(e)) from e
    out.print(f"The password of {email} is new.", highlight=False)


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Everyone, with role."""
    with opened() as (_, store), store.read() as session:
        people = everyone(session)
    if json_:
        as_json([{"email": p.email, "name": p.name, "role": p.role} for p in people])
        return
    made = table("People", "e-mail", "name", "role")
    for person in people:
        made.add_row(person.email, person.name, person.role)
    out.print(made)


@app.command()
def sessions(
    email: str,
    end: Annotated[bool, typer.Option("--end", help="Sign this person out everywhere.")] = False,
    json_: AsJson = False,
) -> None:
    """Where a person is signed in."""
    with opened() as (_, store):
        person = _person(store, email)
        if end:
            ended = end_places(store, user_id=person.id, actor="cli", now=utc_now())
            out.print(f"{email}: {ended} ended.", highlight=False)
            return
        found = places(store, person.id, utc_now())
    if json_:
        as_json([{"browser": p.browser, "since": p.since, "seen_at": p.seen_at} for p in found])
        return
    made = table(f"Sessions of {person.email}", "browser", "signed in", "last used")
    for place in found:
        made.add_row(place.browser or "unknown", when(place.since), when(place.seen_at))
    out.print(made)


def _person(store: Store, email: str) -> User:
    with store.read() as session:
        person = by_email(session, email.strip().lower())
    if person is None:
        raise Stop(f"Nobody has the address {email}. See: replydesk users list")
    return person


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
