"""Absences and shifts from calendar files, on the command line."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import NoResultFound

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import roster_import as flow
from inbox.flows.roster_plan import told
from inbox.flows.rostering import By
from inbox.store import roster_imports as stored

CLI = By("cli", leads=True)


def take(file: Path, person: str, shifts: bool, dry_run: bool, json_: bool) -> None:
    """Tells what becomes of each time in the file, and enters it unless it is only tried."""
    try:
        raw = file.read_bytes()
    except OSError as e:
        raise Stop(f"{file} cannot be read: {e}.") from e
    whose, number = person or None, None
    with opened() as (_, store):
        if dry_run:
            with store.read() as session:
                plan = flow.plan(session, raw, person=whose, by=CLI, now=utc_now(), shifts=shifts)
        else:
            number, plan = flow.take(
                store, raw, name=file.name, person=whose, by=CLI, now=utc_now(), shifts=shifts
            )
    if json_:
        lines = [told(one) for one in plan.lines]
        as_json({"id": number, "lines": lines, "unknown": plan.unknown})
        return
    made = table("Would be done" if dry_run else "Done", "what", "who", "from", "to", "title")
    for one in plan.lines:
        what = f"left out: {one.why}" if one.what == "aside" else one.what
        title = f"{one.title} (weekly)" if one.shift else one.title
        made.add_row(what, one.person, when(one.starts_at), when(one.ends_at), title)
    out.print(made, markup=False)
    if plan.unknown:
        out.print(f"Nobody here knows: {', '.join(plan.unknown)}.", markup=False)
        out.print("Invite them, or say with --person whose shifts the file has.")
    if number is not None:
        out.print(f"Import {number}. To take it back: replydesk roster undo-import {number}")


def imports(json_: AsJson = False) -> None:
    """The calendar files that were taken in last."""
    with opened() as (_, store), store.read() as session:
        rows = [flow.import_told(row) for row in stored.newest(session, None, most=50)]
    if json_:
        as_json({"imports": rows})
        return
    made = table(
        "Imports", "number", "of", "file", "when", "by", "added", "changed", "ended", "undone"
    )
    for row in rows:
        counts = [str(row[key]) for key in ("added", "changed", "ended")]
        undone = when(row["undone_at"]) if row["undone_at"] else ""
        made.add_row(
            str(row["id"]),
            row["of"],
            row["file"],
            when(row["made_at"]),
            row["made_by"],
            *counts,
            undone,
        )
    out.print(made, markup=False)


def undo(
    number: Annotated[int, typer.Argument(help="The import's number.", min=1, max=BIGGEST_ID)],
) -> None:
    """Takes an import back: what it entered goes, what it changed or ended is as before."""
    with opened() as (_, store):
        try:
            done = flow.undo(store, number, by=CLI, now=utc_now())
        except NoResultFound:
            raise Stop(f"There is no import {number}. See: replydesk roster imports") from None
    out.print("Taken back." if done else "It was taken back before.")
