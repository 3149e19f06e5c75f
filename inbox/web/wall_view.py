"""The wall filled from the store. A room is public: of customers it shows channel and time only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from inbox.flows.duty import on_duty
from inbox.flows.presence import here
from inbox.store import roster, wall
from inbox.store.due import COUNT_TO
from inbox.store.sql import AnyRow
from inbox.web import accounts_view
from inbox.web.pages import SOON_S, Frame, Person, day_line, initials
from inbox.web.pages_wall import WallPage, WallRow

LISTED: Final = 5
HOUR: Final = timedelta(hours=1)


def wall_page(session: Session, frame: Frame, theme: str) -> WallPage:
    """Dark unless light is asked for."""
    now = frame.now
    late = wall.waiting(session, None, now, COUNT_TO)
    soon = wall.waiting(session, now, now + timedelta(seconds=SOON_S), COUNT_TO)
    is_light = theme == "light"
    return WallPage(
        frame=replace(frame, theme="light" if is_light else "dark"),
        late=len(late),
        soon=len(soon),
        late_rows=_listed(late, now),
        soon_rows=_listed(soon, now),
        next_at=None if soon else wall.next_due(session, now),
        on_duty=_on_duty(session, now),
        has_roster=bool(roster.shifts(session)),
        hour=wall.since(session, now - HOUR, now),
        is_light=is_light,
    )


def _listed(rows: Sequence[AnyRow], now: datetime) -> tuple[WallRow, ...]:
    return tuple(
        WallRow(accounts_view.named(row.channel), day_line(row.opened_at, row.due_at, now))
        for row in rows[:LISTED]
    )


def _on_duty(session: Session, now: datetime) -> tuple[Person, ...]:
    people = on_duty(session, now)
    there = here(session, [one.id for one in people], now)
    return tuple(
        Person(one.name, initials(one.name), id=one.id, presence=there[one.id]) for one in people
    )
