"""People of the team on the command line."""

import sys
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table
from inbox.config import utc_now
from inbox.flows.people import PersonInvalid, add_user, reset_password
from inbox.store.people import everyone

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


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
