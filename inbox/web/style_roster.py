"""Sample rosters; all invented."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from inbox.domain.roster import EVERY_DAY, Span
from inbox.web.pages import A_WEEK, Frame, Person
from inbox.web.pages_forecast import AloneRow, ForecastPart, ShiftAhead
from inbox.web.pages_roster import (
    AskedRow,
    Away,
    CalendarRow,
    Day,
    Entry,
    Hole,
    ImportPage,
    Offer,
    RosterPage,
    Said,
    ShiftRow,
    Taken,
    Worker,
)
from inbox.web.style_people import ADA, BO, NOW, sample_rows

MONDAY = date(2026, 11, 16)
LIN = Person("林月 Lin Yue", "林", "lin@lumenpay.example", 3)
WEEK = timedelta(weeks=1)


def sample_roster(frame: Frame) -> RosterPage:
    """A week by day and night, a free Saturday night, an absence, an offer."""
    days = tuple(_day(MONDAY + timedelta(days=n)) for n in range(7))
    hole = NOW + timedelta(days=2, hours=8, minutes=40)
    return _page(
        frame,
        on_now=(replace(ADA, presence="online"), replace(BO, presence="away")),
        next_at=NOW + timedelta(hours=8, minutes=40),
        days=days,
        holes=(
            Span(hole, hole + timedelta(hours=8), frozenset(), 2),
            Span(hole + WEEK, hole + WEEK + timedelta(hours=2), frozenset({ADA.email}), 2),
        ),
        asked=AskedRow(2, "", ("08:00-22:00",) * 5 + ("10:00-18:00", "closed"), False),
        shifts=(
            _shift("day", "Day", "06:00", "22:00", ((ADA.email, BO.email),)),
            _shift("night", "Night", "22:00", "06:00", ((LIN.email,), (BO.email,))),
        ),
        offers=(
            Offer(1, "Night", date(2026, 11, 23), LIN, BO, "offered", ("withdraw",)),
            Offer(2, "Day", date(2026, 11, 24), BO, ADA, "accepted", ()),
        ),
        away=(Away(1, LIN, NOW + WEEK, NOW + 2 * WEEK, "Holiday", True),),
        done="shifts",
        taken=(
            Taken(2, "holidays-2026.ics", NOW, 3, 1, 0, False),
            Taken(1, "holidays.ics", NOW - WEEK, 2, 0, 0, True),
        ),
        calendars=(CalendarRow(False, NOW + 52 * WEEK, NOW), CalendarRow(True)),
        made="https://desk.lumenpay.example/calendar/5wq1Yx0Vb3nTk8Zr/roster.ics",
        forecast=_forecast(hole),
    )


def sample_import(frame: Frame) -> ImportPage:
    """A file with a new absence, one that was moved, and what it says in vain."""
    days = tuple(NOW + timedelta(days=n) for n in range(8))
    lines = (
        Said("new", "Holiday", "Ada Voss", days[5], days[7], ""),
        Said("changed", "Dentist", "Bo Narin", days[2], days[2] + timedelta(hours=2), ""),
        Said("same", "Training", "Bo Narin", days[3], days[4], ""),
        Said("aside", "Company day", "", days[6], days[7], "it names nobody of the team"),
        Said("aside", "Stand-up", "", None, None, "it repeats in a way that is not read"),
    )
    counts = (("new", 1), ("changed", 1), ("same", 1), ("aside", 2))
    return ImportPage(frame, "holidays-2026.ics", "", "QkVHSU4=", lines, counts, 0, True)


def _forecast(hole: datetime) -> ForecastPart:
    """Two that fall into the hole; the rest by shift."""
    here, there = (NOW + timedelta(hours=h) for h in (0, 8))
    ends, again = hole - timedelta(minutes=1), hole + timedelta(hours=8)
    x = sample_rows()[0].channel
    due = hole + timedelta(hours=2)
    return ForecastPart(
        late=0,
        alone=(
            AloneRow(13, "林月 Lin Yue", x, "", due, ends, again),
            AloneRow(14, "Tomás Freixo", x, "Complaint: Full reply", due, ends, again),
        ),
        more=3,
        shifts=(
            ShiftAhead(here, there, ("Ada Voss", "Bo Narin"), 9),
            ShiftAhead(hole, again, (), 2),
        ),
    )


def sample_no_roster(frame: Frame) -> RosterPage:
    return _page(frame)


def _day(day: date) -> Day:
    today, free = day == NOW.date(), day.weekday() == 5
    night = () if free else (Worker(LIN),)
    part = Worker(BO, "12:00–22:00") if day.weekday() == 1 else Worker(BO)
    return Day(
        day,
        today,
        (
            Entry("Day", "06:00–22:00", "", (Worker(ADA, "", "day|2026-11-20|a"), part), today),
            Entry("Night", "22:00–06:00", "", night, False),
        ),
        (Hole("22:00–24:00", 0, 2),) if free else (),
        day < NOW.date(),
    )


def _shift(
    key: str, name: str, starts: str, ends: str, weeks: tuple[tuple[str, ...], ...]
) -> ShiftRow:
    first_week = str(MONDAY) if len(weeks) > 1 else ""
    whole = weeks + ((),) * (4 - len(weeks))
    return ShiftRow(key, name, starts, ends, "Europe/Lisbon", EVERY_DAY, whole, "", "", first_week)


def _page(
    frame: Frame,
    on_now: tuple[Person, ...] = (),
    next_at: datetime | None = None,
    **more: Any,
) -> RosterPage:
    empty: dict[str, Any] = {"days": (), "holes": (), "shifts": (), "offers": (), "away": ()}
    swappable = (("day|2026-11-20|a", "Day", date(2026, 11, 20), "Ada Voss"),)
    given: dict[str, Any] = empty | {
        "frame": frame,
        "brand_zone": frame.zone,
        "own_zone": "",
        "zones": ("Europe/Lisbon",),
        "on_now": on_now,
        "next_at": next_at,
        "week": MONDAY,
        "before": MONDAY - WEEK,
        "after": MONDAY + WEEK,
        "blank": _shift("", "", "", "", ((),)),
        "staff": (ADA, BO, LIN),
        "swappable": swappable if more else (),
        "version": 3,
        "undo": 3,
        "weekdays": A_WEEK,
    }
    return RosterPage(**given | more)
