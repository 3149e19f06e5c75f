"""Teams on the command line."""

from typing import Annotated, Any

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table
from inbox.config import utc_now
from inbox.domain.teams import BadTeam, Team
from inbox.flows import teams as flow
from inbox.store import teams as stored
from inbox.store.session import Store

app = typer.Typer(help="Who serves which accounts, and so sees what.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Its name.")]
Members = Annotated[
    list[str] | None, typer.Option("--member", help="An e-mail address; repeat. `none` for nobody.")
]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", help="As x/@brand; repeat. `none` for none.")
]
Lead = Annotated[str | None, typer.Option(help="An e-mail address, or `none`.")]
Calendar = Annotated[
    str | None,
    typer.Option(help="The calendar that its accounts' clocks count in, or `none` of its own."),
]


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Every team, with its people and accounts."""
    with opened() as (_, store), store.read() as session:
        found = flow.told(session)
    if json_:
        as_json(found)
        return
    made = table("Teams", "name", "lead", "people", "accounts", "calendar")
    for one in found:
        people, served = (", ".join(one[key]) for key in ("members", "accounts"))
        made.add_row(one["name"], one["lead"] or "", people, served, one["calendar"] or "")
    out.print(made, markup=False)


@app.command()
def add(
    name: Name,
    member: Members = None,
    account: Accounts = None,
    lead: Lead = None,
    calendar: Calendar = None,
) -> None:
    """Make a team."""
    with opened() as (_, store):
        said: dict[str, Any] = {"name": name, "members": [], "accounts": [], "lead": None}
        said["calendar"] = None
        try:
            wanted = _wanted(store, said, None, member, account, lead, calendar)
            flow.add(store, wanted, actor="cli", now=utc_now())
        except BadTeam as e:
            raise Stop(str(e)) from e
    out.print(f"Made the team {name}.", markup=False, highlight=False)


@app.command()
def change(
    name: Name,
    rename: Annotated[str | None, typer.Option(help="Another name.")] = None,
    member: Members = None,
    account: Accounts = None,
    lead: Lead = None,
    calendar: Calendar = None,
) -> None:
    """Change a team; what is not given stays as it is."""
    with opened() as (_, store):
        team = _team(store, name)
        with store.read() as session:
            said = next(one for one in flow.told(session) if one["id"] == team.id)
        try:
            wanted = _wanted(store, said, rename, member, account, lead, calendar)
            freed = flow.change(store, team.id, wanted, actor="cli", now=utc_now())
        except BadTeam as e:
            raise Stop(str(e)) from e
    out.print(f"{name}: saved; unassigned now: {freed}.", markup=False, highlight=False)


@app.command()
def remove(name: Name) -> None:
    """End a team; accounts that no other serves are everyone's."""
    with opened() as (_, store):
        flow.remove(store, _team(store, name).id, actor="cli", now=utc_now())
    out.print(f"The team {name} is gone.", markup=False, highlight=False)


def _wanted(
    store: Store,
    said: dict[str, Any],
    rename: str | None,
    member: list[str] | None,
    account: list[str] | None,
    lead: str | None,
    calendar: str | None,
) -> flow.Wanted:
    members = said["members"] if member is None else [] if member == ["none"] else member
    accounts = said["accounts"] if account is None else [] if account == ["none"] else account
    leader = said["lead"] if lead is None else None if lead == "none" else lead
    if lead is None and leader not in {one.strip().lower() for one in members}:
        leader = None  # who is named no more leads no more
    counts = said["calendar"] if calendar is None else None if calendar == "none" else calendar
    with store.read() as session:
        name = rename or said["name"]
        return flow.wanted_of(session, name, members, accounts, leader, counts)


def _team(store: Store, name: str) -> Team:
    with store.read() as session:
        team = stored.named(session, name)
    if team is None:
        raise Stop(f"There is no team {name}. See: replydesk teams list")
    return team
