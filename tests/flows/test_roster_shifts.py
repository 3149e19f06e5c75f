"""Shifts from a calendar file: held exactly or refused, once each, and taken back as a whole."""

from datetime import date, timedelta

import pytest

from inbox.domain.ical_in import read
from inbox.domain.roster import Shift, duties
from inbox.domain.written import Unclear
from inbox.flows import roster_calendar, roster_import, rostering
from inbox.flows.roster_plan import Plan
from inbox.store import roster as stored
from inbox.store import roster_imports
from inbox.store.session import Store
from inbox.store.tables import User
from tests.clock import MONDAY
from tests.domain.test_ical_in import file
from tests.flows.test_roster import ADA, BO, DEE, HOUR, LEAD, change, shift
from tests.flows.test_roster_import import OWN, desk

DAYS = timedelta(days=1)
LISBON = "TZID=Europe/Lisbon"
NIGHT = (
    f"UID:n|SUMMARY:Night: Ada Voss|DTSTART;{LISBON}:20261123T220000|DTEND;{LISBON}:20261124T060000"
)
WEEKDAYS = f"{NIGHT}|RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
LATE = f"UID:l|SUMMARY:Late|ATTENDEE:mailto:{BO}|DTSTART:20261125T140000Z|DURATION:PT8H"


@pytest.fixture(autouse=True)
def _a_winter(monkeypatch: pytest.MonkeyPatch) -> None:
    """So far ahead files are read and written here: until the clocks have changed."""
    monkeypatch.setattr(roster_import, "AHEAD", 140 * DAYS)
    monkeypatch.setattr(roster_calendar, "AHEAD", 30 * DAYS)


def look(store: Store, *events: str, person: str | None = None, days: int = 0) -> Plan:
    now = MONDAY + days * DAYS
    with store.read() as session:
        return roster_import.plan(
            session, file(*events), person=person, by=LEAD, now=now, shifts=True
        )


def whats(store: Store, *events: str, person: str | None = None, days: int = 0) -> list[str]:
    found = look(store, *events, person=person, days=days)
    return [f"{one.what} {one.person}{one.why and ': '}{one.why}" for one in found.lines]


def take(store: Store, *events: str, person: str | None = None) -> int:
    number, _ = roster_import.take(
        store, file(*events), name="plan.ics", person=person, by=LEAD, now=MONDAY, shifts=True
    )
    return number


def shifts(store: Store) -> tuple[Shift, ...]:
    with store.read() as session:
        return stored.shifts(session)


def begins(store: Store, days: int = 21) -> list[str]:
    """`Night ada 23 22` of each duty to come: day and hour in UTC."""
    with store.read() as session:
        roster = stored.load(session, MONDAY)
    found = duties(roster, MONDAY, MONDAY + days * DAYS)
    return [f"{d.shift.name} {d.person.split('@')[0]} {d.starts_at:%d %H}" for d in found]


def test_a_weekly_event_is_a_weekly_shift_without_its_exceptions(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    excepted = f"{WEEKDAYS}|EXDATE;{LISBON}:20261125T220000"
    moved = (
        f"UID:n|RECURRENCE-ID;{LISBON}:20261126T220000|SUMMARY:Night: Bo Narin"
        f"|DTSTART;{LISBON}:20261126T230000|DTEND;{LISBON}:20261127T060000"
    )
    take(store, excepted, moved)
    weekly, single = shifts(store)
    assert (weekly.name, weekly.zone, weekly.groups) == ("Night", "Europe/Lisbon", ((ADA,),))
    assert (weekly.weekdays, weekly.until) == (frozenset(range(5)), None)
    assert weekly.without == {date(2026, 11, 25), date(2026, 11, 26)}
    assert single.dates == {date(2026, 11, 26)}
    assert begins(store, 7) == [
        *("Night ada 23 22", "Night ada 24 22", "Night bo 26 23", "Night ada 27 22"),
    ]
    for days in (0, 1, 40):  # read again it changes nothing, and nothing later either
        assert {one.split()[0] for one in whats(store, excepted, moved, days=days)} == {"same"}
    with pytest.raises(Unclear, match="nothing to change"):
        take(store, excepted, moved)
    assert whats(store, WEEKDAYS) == ["changed Ada Voss", "gone Bo Narin"]
    take(store, f"{WEEKDAYS};UNTIL=20261124T235959Z")
    assert begins(store) == ["Night ada 23 22", "Night ada 24 22"]
    take(store, f"{WEEKDAYS}|STATUS:CANCELLED")
    assert shifts(store) == ()


def test_single_events_are_dates_of_one_shift_moved_and_cancelled_by_their_names(
    sqlite_store: Store,
) -> None:
    store = desk(sqlite_store)
    other = LATE.replace("UID:l", "UID:m").replace("1125T", "1127T")
    number = take(store, LATE, other)
    (late,) = shifts(store)
    assert late.dates == {date(2026, 11, 25), date(2026, 11, 27)}
    assert whats(store, LATE, other, days=3) == ["same Bo Narin"]  # the other is over
    assert whats(store, LATE) == ["same Bo Narin"]  # what is not in the file stays
    second = take(store, LATE.replace("T14", "T16"), f"{other}|STATUS:CANCELLED")
    assert begins(store) == ["Late bo 25 16"]
    with pytest.raises(Unclear, match="“Late” was changed since"):
        roster_import.undo(store, number, by=LEAD, now=MONDAY)
    for one, left in ((second, ["Late bo 25 14", "Late bo 27 14"]), (number, [])):
        assert roster_import.undo(store, one, by=LEAD, now=MONDAY)
        assert not roster_import.undo(store, one, by=LEAD, now=MONDAY)
        assert begins(store) == left


def test_an_import_is_taken_back_whole_and_leaves_what_came_later(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    change(store, shift("day", "06:00-22:00", BO))
    number = take(store, WEEKDAYS, LATE)
    rows = [*shifts(store)]
    assert [one.name for one in rows] == ["Day", "Night", "Late"]
    with store.read() as session:
        said = stored.newest(session)
        assert said is not None
        later = [*said.said["shift"], shift("extra", "10:00-11:00", ADA)]
        assert [one.version for one in roster_imports.newest(session, None)] == [2]
    change(store, *later)
    roster_import.undo(store, number, by=LEAD, now=MONDAY)
    assert [one.name for one in shifts(store)] == ["Day", "Extra"]
    with pytest.raises(Unclear, match="Only a lead"), store.read() as session:
        roster_import.plan(session, file(LATE), person=None, by=OWN, now=MONDAY, shifts=True)


HELD = [
    (f"{NIGHT}|RRULE:FREQ=MONTHLY", "aside : it repeats in a way that the roster cannot hold"),
    (f"{NIGHT}|RRULE:FREQ=DAILY;INTERVAL=2", "aside : it repeats in a way that the roster"),
    (f"{WEEKDAYS};INTERVAL=2;WKST=SU|X:", "new Ada Voss"),
    (f"{NIGHT}|RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO", "aside : it repeats in a"),
    (NIGHT.replace("24T06", "25T06"), "aside Ada Voss: a shift lasts at most a day"),
    (NIGHT.replace("T220000", "T220030"), "aside Ada Voss: a shift lasts at most a day"),
    (NIGHT.replace("Night", "N" * 61), "aside Ada Voss: a shift needs a name"),
    (
        # Eight hours of an hourglass: in the night when the clocks change they end elsewhere.
        f"UID:n|SUMMARY:Ada Voss|DTSTART;{LISBON}:20261123T220000|DURATION:PT8H|RRULE:FREQ=DAILY",
        "aside : it repeats in a way that the roster cannot hold",
    ),
    (f"{NIGHT}|ORGANIZER:mailto:{DEE}".replace("Ada Voss", ADA.title()), "new Ada Voss"),
    (f"{NIGHT}|ATTENDEE:mailto:{BO}|ATTENDEE:mailto:{ADA}", "new Ada Voss, Bo Narin"),
    (NIGHT.replace("Ada Voss", "cover"), "aside : it names nobody of the team"),
    (
        "UID:n|RECURRENCE-ID:20261124T220000Z|SUMMARY:Ada Voss"
        "|DTSTART:20261124T220000Z|DURATION:PT1H",
        "new Ada Voss",
    ),
    (f"{WEEKDAYS};UNTIL=20261101T000000Z", ""),
    (f"{NIGHT}|RRULE:FREQ=WEEKLY;COUNT=2", "new Ada Voss"),
]


def test_what_the_roster_cannot_hold_is_named_and_left_out(sqlite_store: Store) -> None:
    desk(sqlite_store)
    for event, expected in HELD:
        found = whats(sqlite_store, event)
        assert len(found) == bool(expected), event
        assert "".join(found).startswith(expected), event


def test_the_shift_has_just_the_times_that_the_event_has(sqlite_store: Store) -> None:
    """Each rule against the reader's own walk until after the change of the clocks."""
    store = desk(sqlite_store)
    for more in (
        *("DAILY", "DAILY;COUNT=9", "DAILY;BYDAY=SA,SU", "WEEKLY", "WEEKLY;BYDAY=TU,SU;COUNT=7"),
        *("WEEKLY;INTERVAL=3;BYDAY=MO,FR", "WEEKLY;INTERVAL=2;UNTIL=20270301T000000Z"),
        *("WEEKLY;BYDAY=SU|EXDATE;VALUE=DATE:20261206|RDATE:20261202T220000Z",),
    ):
        event = f"{NIGHT}|RRULE:FREQ={more}"
        number = take(store, event)
        asked = read(file(event), "UTC", MONDAY, MONDAY + 130 * DAYS)
        with store.read() as session:
            roster = stored.load(session, MONDAY)
        found = [(d.starts_at, d.ends_at) for d in duties(roster, MONDAY, MONDAY + 130 * DAYS)]
        assert found[:-1] == [(one.starts_at, one.ends_at) for one in asked.times][: len(found) - 1]
        assert len(found) == len(asked.times)
        roster_import.undo(store, number, by=LEAD, now=MONDAY)


def test_people_whom_nobody_knows_are_listed_and_a_person_can_be_named(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    guests = f"{LATE}|ATTENDEE:mailto:cy@other.example"
    found = look(store, guests, NIGHT.replace("Ada Voss", "Cy"))
    assert found.unknown == ("Night: Cy", "cy@other.example")
    assert whats(store, NIGHT.replace("Ada Voss", "Cy"), person=BO) == ["new Bo Narin"]
    take(store, NIGHT, person=BO)
    assert whats(store, NIGHT, person=ADA) == ["new Ada Voss"]  # the same file, another's shifts
    with store.write() as session:
        session.get_one(User, 1).name = "Ann"
        session.get_one(User, 2).name = "Ann Lee"
    assert whats(store, NIGHT.replace("Ada Voss", "Ann Lee").replace("UID:n", "UID:o"))[0].endswith(
        " Ann Lee"
    )


def test_our_own_calendar_read_in_again_gives_the_same_duties(sqlite_store: Store) -> None:
    """In the same house nothing changes; in an empty one everybody has what they had."""
    store = desk(sqlite_store)
    night = {
        **shift("night", "22:00-06:00"),
        **{"zone": "Asia/Shanghai", "first_week": "2026-11-23", "groups": [[ADA], [BO, DEE]]},
    }
    del night["people"]
    change(store, shift("day", "06:00-22:00", ADA, BO), night)
    first, last = MONDAY + 30 * HOUR, MONDAY + 93 * HOUR
    rostering.enter_absence(store, person=BO, starts_at=first, ends_at=last, by=LEAD, now=MONDAY)
    day = date(2026, 12, 3)
    rostering.offer_swap(store, shift="day", day=day, gives=ADA, takes=DEE, by=LEAD, now=MONDAY)
    with store.read() as session:
        reader = session.get_one(User, 1)
        raw = roster_calendar.calendar(session, reader, True, "https://desk.example", MONDAY)
        own = roster_calendar.calendar(session, reader, False, "https://desk.example", MONDAY)
        for made, person in ((raw, None), (own, ADA)):
            found = roster_import.plan(
                session, made, person=person, by=LEAD, now=MONDAY, shifts=True
            )
            assert {one.what for one in found.lines} - {"aside"} == {"same"}
    end = MONDAY + roster_calendar.AHEAD - 2 * DAYS
    with store.read() as session:
        before = stored.load(session, MONDAY)
    change(store)
    roster_import.take(store, raw, name="", person=None, by=LEAD, now=MONDAY, shifts=True)
    with store.read() as session:
        after = stored.load(session, MONDAY)
    assert len(after.shifts) < 12
    told = [
        {(d.shift.name, d.person, d.starts_at, d.ends_at) for d in duties(one, MONDAY, end)}
        for one in (before, after)
    ]
    # The one evening that Bo's absence cuts is left out, and named.
    assert told[1] < told[0]
    assert len(told[0] - told[1]) == 2
