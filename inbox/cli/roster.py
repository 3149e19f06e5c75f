"""The roster on the command line."""

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from inbox.cli import roster_imports
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain import roster as rules
from inbox.domain import roster_written, toml
from inbox.flows.duty import on_duty
from inbox.flows.policies import read_toml
from inbox.flows.presence import here
from inbox.flows.rostering import change_shifts
from inbox.store import accounts
from inbox.store import roster as stored

app = typer.Typer(help="Who is on duty when.", no_args_is_help=True)

Days = Annotated[int, typer.Option(help="How many days from now.", min=1, max=92)]


@app.command()
def show(days: Days = 7, json_: AsJson = False) -> None:
    """Who is on duty from now on, without gaps."""
    spans = _spans(days)
    if json_:
        as_json({"cover": [_json(one) for one in spans]})
        return
    made = table(f"Roster, next {days} days", "from", "to", "on duty")
    for one in spans:
        made.add_row(when(one.starts_at), when(one.ends_at), ", ".join(sorted(one.people)) or "–")
    out.print(made, markup=False)


@app.command()
def holes(days: Days = 14, json_: AsJson = False) -> None:
    """When fewer people are on duty than are asked: nobody, where nothing is said."""
    at = utc_now()
    with opened() as (_, store), store.read() as session:
        roster = stored.load(session, at)
    found = rules.holes(roster, at, at + timedelta(days=days))
    if json_:
        as_json({"holes": [_json(one) | {"asked": one.asked} for one in found]})
        return
    for one in found:
        here = f": {len(one.people)} of {one.asked}" if one.people else ""
        out.print(f"{when(one.starts_at)} to {when(one.ends_at)}{here}", highlight=False)
    if not found:
        told = "somebody is on duty at every hour" if roster.asked == rules.ALWAYS else "covered"
        out.print(f"None: {told} of the next {days} days.".replace("covered of", "covered in"))


@app.command()
def now(json_: AsJson = False) -> None:
    """Who is on duty now."""
    with opened() as (_, store), store.read() as session:
        found = on_duty(session, utc_now())
        there = here(session, [one.id for one in found], utc_now())
    if json_:
        as_json({"on_duty": [asdict(one) | {"presence": there[one.id]} for one in found]})
        return
    for one in found:
        words = f"{one.name} <{one.email}>, {one.role}, {there[one.id]}"
        out.print(words, highlight=False, markup=False)
    if not found:
        out.print("Nobody.")


@app.command(name="import")
def import_shifts(
    file: Annotated[
        str, typer.Argument(help="A TOML file, - for standard input, or an .ics file.")
    ],
    person: Annotated[str, typer.Option(help="Whose times an .ics file has, by e-mail.")] = "",
    shifts: Annotated[
        bool, typer.Option("--shifts", help="An .ics file has shifts, not absences.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check it.")] = False,
    json_: AsJson = False,
) -> None:
    """All shifts anew from a TOML file, as a new version; or absences or shifts of an .ics file."""
    if file.lower().endswith(".ics"):
        roster_imports.take(Path(file), person, shifts, dry_run, json_)
        return
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise Stop(f"{file} cannot be read: {e}.") from e
    document = read_toml(text)
    with opened() as (_, store):
        number = change_shifts(store, document, actor="cli", now=utc_now(), dry_run=dry_run)
    out.print(f"{'Would be version' if dry_run else 'Version'} {number}.", highlight=False)


@app.command()
def export(json_: AsJson = False) -> None:
    """The shifts as a file that `import` takes."""
    with opened() as (_, store), store.read() as session:
        row, zone = stored.newest(session), accounts.brand_zone(session)
        shifts, asked = stored.in_force(session)
        document = roster_written.document(shifts, zone, asked)
    if json_:
        as_json({"version": row.number if row else 0, **document})
    else:
        sys.stdout.write(toml.written(document))


def _spans(days: int) -> list[rules.Span]:
    at = utc_now()
    with opened() as (_, store), store.read() as session:
        return rules.cover(stored.load(session, at), at, at + timedelta(days=days))


def _json(one: rules.Span) -> dict[str, object]:
    return {"from": one.starts_at, "to": one.ends_at, "people": sorted(one.people)}
