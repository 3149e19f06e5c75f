"""The editions of a report on the command line: which there are, and a new one."""

from dataclasses import asdict
from typing import Annotated

import typer

from inbox.cli.clocks import days_of
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.calendars import local_date
from inbox.store import accounts
from inbox.store.session import Store
from reports import editions
from templates.periods import KINDS, Days

From = Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")]
To = Annotated[str | None, typer.Option(help="Last day, included.")]
Date = Annotated[str | None, typer.Option("--date", help="One day.")]
ACTOR = "cli"


def listed(from_: From = None, to: To = None, day: Date = None, json_: AsJson = False) -> None:
    """Every edition of a day, week or month, and the figures that each opens with."""
    with opened() as (_, store):
        days = _days(store, from_, to, day)
        kept = editions.kept(store, days)
    if json_:
        as_json([asdict(one) for one in kept])
        return
    if not kept:
        out.print("No edition is kept of these days: the first is made by itself, the day after.")
        return
    head = ("edition", "as of", "by", "mailed to", "in time", "late and open", "received")
    made = table("Editions", *head)
    for one in kept:
        made.add_row(
            *(str(one.number), when(one.as_of), one.made_by or "itself", str(one.mailed)),
            *(f"{one.answered_in_time} of {one.turns_due}", str(one.overdue_open)),
            str(one.received),
        )
    out.print(made, markup=False)


def refresh(from_: From = None, to: To = None, day: Date = None, json_: AsJson = False) -> None:
    """Count a kept report anew, as of now, and keep that as its next edition; nothing is mailed."""
    with opened() as (_, store):
        days = _days(store, from_, to, day)
        fresh = editions.refresh(store, days, utc_now(), actor=ACTOR)
    if fresh is None:
        raise Stop("No edition is kept of these days: the first is made by itself, the day after.")
    if json_:
        as_json(asdict(fresh))
        return
    said = "is made" if fresh.made else "was made by somebody else in the same moment"
    out.print(f"Edition {fresh.number} {said}. See: replydesk report editions", highlight=False)


def _days(store: Store, from_: str | None, to: str | None, day: str | None) -> Days:
    """Yesterday if none are given."""
    with store.read() as session:
        zone = accounts.zone_of(accounts.brand(session))
    days = Days(*days_of(from_, to, day, local_date(utc_now(), zone)))
    if days.kind not in KINDS:
        raise Stop("Editions are kept of a day, a week from Monday, or a calendar month.")
    return days
