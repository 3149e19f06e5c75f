"""People of the team on the command line."""

import sys
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows import team, two_step
from inbox.flows.people import PersonInvalid, add_user, reset_password
from inbox.flows.presence import choose, here
from inbox.flows.profile import end_places, places
from inbox.flows.team import LastAdmin
from inbox.store.people import by_email, everyone
from inbox.store.session import Store
from inbox.store.tables import User
from inbox.store.team import invitations

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
    """Everyone, with role and state, and who is invited."""
    with opened() as (_, store), store.read() as session:
        people = everyone(session)
        invited = [invitation for invitation, _ in invitations(session)]
    rows = [(p.email, p.name, p.role, _state(p)) for p in people]
    rows += [(i.email, "", i.role, f"invited until {when(i.expires_at)}") for i in invited]
    if json_:
        names = ("email", "name", "role", "state")
        as_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    made = table("People", "e-mail", "name", "role", "state")
    for row in rows:
        made.add_row(*row)
    out.print(made)


@app.command()
def invite(email: str, role: Role = "agent") -> None:
    """Invite somebody, or again: by mail, or by a link to hand over without a mail server."""
    with opened() as (settings, store):
        try:
            link = team.invite(store, settings, email=email, role=role, actor="cli", now=utc_now())
        except PersonInvalid as e:
            raise Stop(str(e)) from e
    if link is None:
        out.print("The mail leaves within seconds, while `replydesk run` runs.", highlight=False)
        return
    out.print("No mail server is set. Hand this link over; it works once, for 7 days:")
    out.print(link, highlight=False, soft_wrap=True)


@app.command()
def role(email: str, role: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Change a person's role."""
    with opened() as (_, store):
        person = _person(store, email)
        try:
            team.change_role(store, user_id=person.id, role=role, actor="cli", now=utc_now())
        except (PersonInvalid, LastAdmin) as e:
            raise Stop(str(e)) from e
    out.print(f"{person.email} is {role} now.", highlight=False)


@app.command()
def disable(email: str) -> None:
    """Shut a person out at once; open conversations become unassigned."""
    with opened() as (_, store):
        person = _person(store, email)
        try:
            freed = team.disable(store, user_id=person.id, actor="cli", now=utc_now())
        except LastAdmin as e:
            raise Stop(str(e)) from e
    out.print(f"{person.email} is shut out; unassigned now: {freed}.", highlight=False)


@app.command()
def enable(email: str) -> None:
    """Let a person in again."""
    with opened() as (_, store):
        person = _person(store, email)
        team.enable(store, user_id=person.id, actor="cli", now=utc_now())
    out.print(f"{person.email} may sign in again.", highlight=False)


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


@app.command()
def presence(
    email: str,
    state: Annotated[str, typer.Argument(help="online, away or offline; empty only shows.")] = "",
    json_: AsJson = False,
) -> None:
    """Whether a person is there, or choose it for them."""
    now = utc_now()
    with opened() as (_, store):
        person = _person(store, email)
        if state:
            try:
                choose(store, user_id=person.id, state=state, actor="cli", now=now)
            except ValueError as e:
                raise Stop(f"{e}.") from e
        with store.read() as session:
            found = here(session, [person.id], now)[person.id]
    if json_:
        as_json({"email": person.email, "presence": found})
    else:
        out.print(f"{person.email} is {found}.", highlight=False)


@app.command(name="reset-totp")
def reset_totp(email: str) -> None:
    """Remove the second step of who lost phone and recovery codes; every session ends."""
    with opened() as (_, store):
        person = _person(store, email)
        two_step.reset(store, user_id=person.id, actor="cli", now=utc_now())
    out.print(f"{person.email} signs in with the password alone.", highlight=False)


def _state(person: User) -> str:
    if person.disabled_at is not None:
        return "shut out"
    return "name only" if person.password_hash is None else "active"


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
