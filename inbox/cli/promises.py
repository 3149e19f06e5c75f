"""What turns are judged by, on the command line: policies and calendars as TOML files."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from inbox.cli.common import AsJson, Stop, as_json, instant_of, opened, out, table, when
from inbox.config import utc_now
from inbox.domain import toml, written
from inbox.flows.policies import Change, change_calendar, change_policies, read_toml
from inbox.store import accounts
from inbox.store import promises as stored
from inbox.store.session import Store
from inbox.store.tables import CalendarVersion, PolicyVersion

policies = typer.Typer(help="Which target a turn falls under.", no_args_is_help=True)
calendars = typer.Typer(help="When the team works.", no_args_is_help=True)

SYSTEM = "system"  # what version 1 was made by

File = Annotated[str, typer.Argument(help="A TOML file, or - for standard input.")]
Name = Annotated[str, typer.Argument(help="The calendar's name.")]
Number = Annotated[int | None, typer.Option("--version", help="An earlier version.", min=1)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
Since = Annotated[
    str | None,
    typer.Option(help="Judge turns that ended since this instant anew, too (with zone)."),
]


@policies.command(name="list")
def list_policies(json_: AsJson = False) -> None:
    """The policies in force, in their order."""
    with opened() as (_, store):
        row = _set(store, None)
    if json_:
        as_json({"version": row.number, "policies": row.said["policy"]})
        return
    made = table(
        f"Policies, version {row.number}", "id", "fits", "first", "next", "calendar", "changed in"
    )
    for policy in written.policies(row.said):
        fits = ", ".join(f"{n}: {'/'.join(sorted(getattr(policy, n)))}" for n in policy.conditions)
        name = policy.id if policy.public else f"{policy.id} (internal)"
        name += " (whole matter)" if policy.until == "resolved" else ""
        following = str(policy.next_target or policy.target)
        counts = any(t and t.by_calendar for t in (policy.target, policy.next_target))
        calendar = policy.calendar if counts else "clock"
        version = f"v{policy.version}"
        made.add_row(name, fits or "every turn", str(policy.target), following, calendar, version)
    out.print(made, markup=False)
    out.print("The policy with the most conditions wins; among equals, the one that stands first.")


@policies.command(name="show")
def show_policies(version: Number = None, json_: AsJson = False) -> None:
    """The set of policies as a file that `set` takes."""
    with opened() as (_, store):
        row = _set(store, version)
    document = written.policies_document(written.policies(row.said))
    if json_:
        as_json({"version": row.number, **document})
    else:
        sys.stdout.write(toml.written(document))


@policies.command(name="set")
def set_policies(file: File, dry_run: DryRun = False, since: Since = None) -> None:
    """Make a new version of the set from a file; open turns are judged anew."""
    with opened() as (_, store):
        made = change_policies(store, read_document(file), **_asked(dry_run, since))
    _tell(made, dry_run)


@policies.command(name="history")
def policies_history(json_: AsJson = False) -> None:
    """Every version: when, by whom, and since when it is in force."""
    with opened() as (_, store), store.read() as session:
        _history("Policies", stored.policy_versions(session), json_)


@policies.command(name="restore")
def restore_policies(
    version: Annotated[int, typer.Argument(help="The version to say again.", min=1)],
    dry_run: DryRun = False,
) -> None:
    """Go back to an earlier version, as a new one."""
    with opened() as (_, store):
        row = _set(store, version)
        made = change_policies(store, row.said, restores=version, **_asked(dry_run, None))
    _tell(made, dry_run)


@calendars.command(name="list")
def list_calendars(json_: AsJson = False) -> None:
    """The calendars in force."""
    with opened() as (_, store), store.read() as session:
        newest = {row.name: row for row in stored.calendar_versions(session)}
        zone = accounts.brand_zone(session)
    if json_:
        as_json({"calendars": [_calendar_json(row, zone) for row in newest.values()]})
        return
    made = table("Calendars", "name", "version", "zone", "countries", "not final")
    for row in newest.values():
        countries = ", ".join(written.countries(row.said)) or "–"
        not_final = ", ".join(map(str, row.not_final)) or "–"
        shown = row.said.get("zone") or f"{zone} (the brand's)"
        made.add_row(row.name, f"v{row.number}", shown, countries, not_final)
    out.print(made, markup=False)


@calendars.command(name="show")
def show_calendar(name: Name, version: Number = None, json_: AsJson = False) -> None:
    """A calendar as a file that `set` takes; with --json also its holidays."""
    with opened() as (_, store):
        row = _calendar(store, name, version)
        with store.read() as session:
            zone = accounts.brand_zone(session)
    if json_:
        as_json(_calendar_json(row, zone))
        return
    sys.stdout.write(toml.written(_document(row, zone)))
    if row.not_final:
        sys.stdout.write(f"# Not final: {', '.join(map(str, row.not_final))}\n")


@calendars.command(name="set")
def set_calendar(name: Name, file: File, dry_run: DryRun = False, since: Since = None) -> None:
    """Make a calendar, or a new version of it, with the holidays that are known today."""
    with opened() as (_, store):
        made = change_calendar(store, name, read_document(file), **_asked(dry_run, since))
    _tell(made, dry_run)


@calendars.command(name="history")
def calendar_history(name: Name, json_: AsJson = False) -> None:
    """Every version of a calendar."""
    with opened() as (_, store), store.read() as session:
        rows = stored.calendar_versions(session, name)
        if not rows:
            raise Stop(f"There is no calendar “{name}”. See: replydesk sla calendars list")
        _history(name, rows, json_)


@calendars.command(name="restore")
def restore_calendar(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version to say again.", min=1)],
    dry_run: DryRun = False,
) -> None:
    """Go back to an earlier version, as a new one."""
    with opened() as (_, store):
        row = _calendar(store, name, version)
        made = change_calendar(store, name, row.said, restores=row, **_asked(dry_run, None))
    _tell(made, dry_run)


def _asked(dry_run: bool, since: str | None) -> dict[str, Any]:
    instant = None if since is None else instant_of(since, "--since")
    return {"actor": "cli", "now": utc_now(), "since": instant, "dry_run": dry_run}


def read_document(file: str) -> written.Document:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise Stop(f"{file} cannot be read: {e}.") from e
    return read_toml(text)


def _tell(made: Change, dry_run: bool) -> None:
    would, effect = "would get" if dry_run else "get", made.effect
    out.print(
        f"{'Would be version' if dry_run else 'Version'} {made.row.number}. Of {effect.open} open"
        f" turns {effect.earlier} {would} an earlier due time, {effect.later} a later one;"
        f" {effect.overdue} {'would be' if dry_run else 'are'} overdue at once.",
        highlight=False,
    )


def _set(store: Store, version: int | None) -> PolicyVersion:
    with store.read() as session:
        rows = stored.policy_versions(session)
    found = rows[-1] if version is None else next((r for r in rows if r.number == version), None)
    if found is None:
        raise Stop(f"There is no version {version}. See: replydesk sla policies history")
    return found


def _calendar(store: Store, name: str, version: int | None) -> CalendarVersion:
    with store.read() as session:
        rows = stored.calendar_versions(session, name)
    if not rows:
        raise Stop(f"There is no calendar “{name}”. See: replydesk sla calendars list")
    found = rows[-1] if version is None else next((r for r in rows if r.number == version), None)
    if found is None:
        raise Stop(f"There is no version {version}. See: replydesk sla calendars history")
    return found


def _history(title: str, rows: Any, json_: bool) -> None:
    if json_:
        names = ("number", "made_at", "made_by", "since", "restores", "applied_at", "said")
        as_json({"versions": [{name: getattr(row, name) for name in names} for row in rows]})
        return
    made = table(title, "version", "made", "by", "in force since", "says again", "applied")
    for row in rows:
        made.add_row(
            f"v{row.number}",
            when(row.made_at) if row.made_by != SYSTEM else "with the program",
            row.made_by,
            when(row.since) if row.made_by != SYSTEM else "ever",
            f"v{row.restores}" if row.restores else "–",
            when(row.applied_at) if row.made_by != SYSTEM else "–",
        )
    out.print(made, markup=False)


def counted_in(calendar: dict[str, Any]) -> str:
    """What a clock counted in, and whose that is, from its evidence."""
    if calendar["name"] == "clock":
        return f"clock hours, {calendar['zone']}"
    said = f"{calendar['name']} v{calendar['version']}, {calendar['zone']}"
    if "team" in calendar:
        said += f"; of the team {calendar['team']}, instead of {calendar['instead_of']}"
    return said


def _document(row: CalendarVersion, brand_zone: str) -> written.Document:
    return stored.calendar_document(row, brand_zone)


def _calendar_json(row: CalendarVersion, brand_zone: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "version": row.number,
        "brand_zone": brand_zone,
        **_document(row, brand_zone),
        "published": [
            {"date": day, "kind": kind, "name": title} for day, kind, title in row.published
        ],
        "not_final": row.not_final,
    }
