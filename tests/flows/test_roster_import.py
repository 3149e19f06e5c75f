"""Absences from a calendar file: once each, changed where the file says so, and taken back."""

from datetime import timedelta
from typing import Any

import pytest

from inbox.domain.written import Unclear
from inbox.flows import roster_import, rostering
from inbox.flows.rostering import By
from inbox.store import roster as stored
from inbox.store.session import Store
from tests.clock import MONDAY
from tests.domain.test_ical_in import file
from tests.factories import make_brand, make_user
from tests.flows.test_roster import ADA, BO, LEAD

OWN = By(ADA, leads=False)
TUESDAY = "UID:t|SUMMARY:Dentist|DTSTART:20261124T100000Z|DURATION:PT2H"
WEEK = "UID:w|SUMMARY:Bo Narin: away|DTSTART;VALUE=DATE:20261207|DTEND;VALUE=DATE:20261214"


def desk(store: Store) -> Store:
    make_brand(store)
    for name, role in (("Ada Voss", "agent"), ("Bo Narin", "agent"), ("Dee Marl", "lead")):
        make_user(store, name, role)
    return store


def take(store: Store, *events: str, by: By = LEAD, person: str | None = None) -> int:
    number, _ = roster_import.take(
        store, file(*events), name="holidays.ics", person=person, by=by, now=MONDAY
    )
    return number


def whats(store: Store, *events: str, by: By = LEAD, **more: Any) -> list[str]:
    with store.read() as session:
        person = more.get("person")
        plan = roster_import.plan(session, file(*events), person=person, by=by, now=MONDAY)
    return [f"{one.what} {one.person}{one.why}" for one in plan.lines]


def away(store: Store) -> list[tuple[str, int, int]]:
    """(first name, day, hour) of each absence that stands."""
    with store.read() as session:
        return [
            (one.User.name.split()[0], one.AbsenceRow.starts_at.day, one.AbsenceRow.starts_at.hour)
            for one in stored.absences(session, MONDAY)
        ]


def test_the_same_file_again_adds_nothing_and_a_changed_one_changes(store: Store) -> None:
    desk(store)
    assert whats(store, TUESDAY, WEEK, by=OWN) == ["new Ada Voss", "new Ada Voss"]
    take(store, TUESDAY, by=OWN)
    assert away(store) == [("Ada", 24, 10)]
    assert whats(store, TUESDAY, by=OWN) == ["same Ada Voss"]
    with pytest.raises(Unclear, match="nothing to change"):
        take(store, TUESDAY, by=OWN)
    later = TUESDAY.replace("T10", "T14")
    second = take(store, later, WEEK, by=OWN)
    assert away(store) == [("Ada", 24, 14), ("Ada", 7, 0)]
    third = take(store, f"{later}|STATUS:CANCELLED", by=OWN)
    assert away(store) == [("Ada", 7, 0)]
    for number, left in ((third, [("Ada", 24, 14), ("Ada", 7, 0)]), (second, [("Ada", 24, 10)])):
        assert roster_import.undo(store, number, by=OWN, now=MONDAY)
        assert not roster_import.undo(store, number, by=OWN, now=MONDAY)
        assert away(store) == left


def test_imports_taken_back_in_any_order_leave_nothing(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    first = take(store, TUESDAY, by=OWN)
    second = take(store, TUESDAY.replace("T10", "T14"), by=OWN)
    roster_import.undo(store, first, by=OWN, now=MONDAY)
    assert away(store) == [("Ada", 24, 14)]
    roster_import.undo(store, second, by=OWN, now=MONDAY)
    assert away(store) == []


def test_whose_an_absence_is(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    guest = f"{TUESDAY}|ATTENDEE;CN=A:MAILTO:{ADA.title()}|ATTENDEE:mailto:x@other.example"
    assert whats(store, guest, WEEK) == ["new Ada Voss", "new Bo Narin"]
    assert whats(store, TUESDAY) == ["aside it names nobody of the team"]
    assert whats(store, TUESDAY, person=BO) == ["new Bo Narin"]
    assert whats(store, WEEK, by=OWN, person=BO) == ["new Ada Voss"]  # an agent's are their own
    assert whats(store, WEEK.replace("UID:w", "UID:1@replydesk")) == [
        "aside it comes from this roster"
    ]
    with pytest.raises(Unclear, match="nobody@x"):
        whats(store, WEEK, person="nobody@x")
    number = take(store, WEEK)
    with pytest.raises(Unclear, match="took the file in"):
        roster_import.undo(store, number, by=OWN, now=MONDAY)


def test_what_came_from_a_file_can_be_withdrawn_by_hand(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    take(store, TUESDAY, by=OWN)
    assert rostering.withdraw_absence(store, 1, by=OWN, now=MONDAY + timedelta(hours=1))
    assert whats(store, TUESDAY, by=OWN) == ["new Ada Voss"]


def test_an_import_between_others_is_taken_back_without_doubling_what_they_changed(
    store: Store,
) -> None:
    desk(store)
    cancelled = f"{TUESDAY}|STATUS:CANCELLED"
    files = [TUESDAY.replace("T10", f"T{hour}") for hour in (10, 12, 14)]
    for last, left in ((files[2], [("Ada", 24, 14)]), (cancelled, [])):
        numbers = [take(store, one, by=OWN) for one in (*files[:2], last)]
        for number in (numbers[1], numbers[2]):
            roster_import.undo(store, number, by=OWN, now=MONDAY)
            assert away(store) == left
            left = [("Ada", 24, 10)]
        roster_import.undo(store, numbers[0], by=OWN, now=MONDAY)
        assert away(store) == []


def test_dates_that_a_series_no_longer_has_are_ended(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    series = "UID:s|SUMMARY:Course|DTSTART:20261124T100000Z|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=3"
    take(store, series, TUESDAY, by=OWN)
    take(store, series, by=By(BO, leads=False))
    one = "UID:s|SUMMARY:Course|RECURRENCE-ID:20261125T100000Z"
    moved = f"{one}|DTSTART:20261125T110000Z|DURATION:PT1H"
    for changed, whats_ in (
        (f"{series}|EXDATE:20261125T100000Z", ["same", "same", "gone"]),
        (series.replace("COUNT=3", "UNTIL=20261125"), ["same", "same", "gone"]),
        (series.replace("T10", "T11"), ["new", "new", "new", "gone", "gone", "gone"]),
        (series.replace("20261124", "20261110"), ["gone", "gone", "gone"]),
        (moved, ["changed"]),  # of a single date alone nothing follows for the others
        (series.replace("DAILY", "HOURLY"), ["aside"]),
    ):
        found = whats(store, changed, by=OWN)
        assert [line.split()[0] for line in found] == whats_, changed
        assert all("Bo" not in line for line in found)
    take(store, f"{series}|EXDATE:20261125T100000Z", by=OWN)
    assert ("Ada", 25, 10) not in away(store)
    assert ("Bo", 25, 10) in away(store)


def test_a_name_in_a_title_is_found_as_words_of_it(sqlite_store: Store) -> None:
    store = desk(sqlite_store)
    make_user(store, "Ann")
    make_user(store, "林月")
    make_user(store, "—")
    for title, who in (
        ("Annual leave", "aside it names nobody of the team"),
        ("Holiday (ann)", "new Ann"),
        ("林月休假", "new 林月"),
    ):
        assert whats(store, TUESDAY.replace("Dentist", title)) == [who]
