"""The stored roster: versions, absences and swaps, and who is on duty."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from inbox.domain.written import Unclear
from inbox.flows import rostering
from inbox.flows.duty import on_duty
from inbox.flows.rostering import By
from inbox.store import roster as stored
from inbox.store.session import Store
from inbox.store.tables import Audit, User
from tests.clock import MONDAY
from tests.factories import make_brand, make_user

HOUR = timedelta(hours=1)
ADA, BO, DEE = (f"{name}@lumenpay.example" for name in ("ada", "bo", "dee"))
LEAD = By(DEE, leads=True)


@pytest.fixture
def desk(store: Store) -> Store:
    """Two agents and a lead; Ada works by day, Bo by night."""
    make_brand(store)
    make_user(store, "Ada Voss")
    make_user(store, "Bo Narin")
    make_user(store, "Dee Marl", "lead")
    change(store, shift("day", "06:00-22:00", ADA), shift("night", "22:00-06:00", BO))
    return store


def shift(key: str, hours: str, *people: str) -> dict[str, Any]:
    return {"id": key, "name": key.title(), "hours": hours, "people": list(people)}


def change(store: Store, *rows: dict[str, Any], **more: Any) -> int:
    said = {"shift": list(rows)}
    return rostering.change_shifts(store, said, actor=DEE, now=MONDAY, **more)


def here(store: Store, at: datetime = MONDAY, role: str | None = None) -> list[str]:
    with store.read() as session:
        return [one.email for one in on_duty(session, at, role)]


def test_who_is_on_duty_follows_the_shifts_and_whoever_left_is_not(desk: Store) -> None:
    assert (here(desk), here(desk, MONDAY + 14 * HOUR)) == ([ADA], [BO])
    assert here(desk, role="lead") == []
    change(desk, shift("day", "06:00-22:00", ADA, DEE))
    assert (here(desk), here(desk, role="lead")) == ([ADA, DEE], [DEE])
    with desk.write() as session:
        session.get_one(User, 1).disabled_at = MONDAY
    assert here(desk) == [DEE]


def test_a_change_is_a_version_that_can_be_taken_back(desk: Store) -> None:
    assert change(desk, shift("day", "06:00-22:00", BO)) == 2
    assert here(desk) == [BO]
    assert rostering.undo(desk, 2, actor=DEE, now=MONDAY) == 3
    assert here(desk) == [ADA]
    with desk.read() as session:
        assert [row.restores for row in stored.versions(session)] == [None, None, 1]
    with pytest.raises(Unclear, match="meanwhile"):
        rostering.undo(desk, 2, actor=DEE, now=MONDAY)
    with pytest.raises(Unclear, match="already"):
        change(desk, shift("day", "06:00-22:00", ADA), shift("night", "22:00-06:00", BO))
    with pytest.raises(Unclear, match="nobody@x"):
        change(desk, shift("day", "06:00-22:00", "nobody@x"))


def test_an_absence_is_entered_withdrawn_and_brought_back(desk: Store) -> None:
    span: dict[str, Any] = {"starts_at": MONDAY - HOUR, "ends_at": MONDAY + HOUR}
    own = By(ADA, leads=False)
    absence = rostering.enter_absence(desk, person=ADA, **span, by=own, now=MONDAY)
    assert here(desk) == []
    with pytest.raises(Unclear, match="Only the person"):
        rostering.withdraw_absence(desk, absence, by=By(BO, leads=False), now=MONDAY)
    assert rostering.withdraw_absence(desk, absence, by=own, now=MONDAY)
    assert not rostering.withdraw_absence(desk, absence, by=own, now=MONDAY)
    assert here(desk) == [ADA]
    assert rostering.withdraw_absence(desk, absence, by=own, now=MONDAY, back=True)
    assert here(desk) == []
    for person, ends_at in ((BO, MONDAY + HOUR), (ADA, MONDAY - HOUR)):
        with pytest.raises(Unclear):
            rostering.enter_absence(
                desk, person=person, starts_at=MONDAY, ends_at=ends_at, by=own, now=MONDAY
            )


def offer(store: Store, by: By, gives: str = ADA, takes: str = BO, day: date | None = None) -> int:
    when = day or MONDAY.date()
    return rostering.offer_swap(
        store, shift="day", day=when, gives=gives, takes=takes, by=by, now=MONDAY
    )


def test_an_offered_swap_counts_once_the_other_accepts(desk: Store) -> None:
    own, other = By(ADA, leads=False), By(BO, leads=False)
    swap = offer(desk, own)
    assert here(desk) == [ADA]
    with pytest.raises(Unclear, match="Only the person"):
        rostering.settle_swap(desk, swap, "accept", by=own, now=MONDAY)
    assert rostering.settle_swap(desk, swap, "accept", by=other, now=MONDAY)
    assert not rostering.settle_swap(desk, swap, "accept", by=LEAD, now=MONDAY)
    assert here(desk) == [BO]
    assert here(desk, MONDAY + 24 * HOUR) == [ADA]
    with pytest.raises(Unclear, match="Only the person"):
        rostering.settle_swap(desk, swap, "withdraw", by=own, now=MONDAY)
    assert rostering.settle_swap(desk, swap, "withdraw", by=LEAD, now=MONDAY)
    assert here(desk) == [ADA]


def test_a_lead_swaps_at_once_and_what_cannot_be_is_refused(desk: Store) -> None:
    offer(desk, LEAD)
    assert here(desk) == [BO]
    wrongs: tuple[dict[str, Any], ...] = (
        {"gives": ADA, "takes": DEE},  # Ada has given it away
        {"gives": BO, "takes": BO},
        {"gives": BO, "takes": DEE, "day": date(2026, 11, 20)},
        {"gives": BO, "takes": "nobody@x"},
    )
    for wrong in wrongs:
        with pytest.raises(Unclear):
            offer(desk, LEAD, **wrong)


def test_every_change_leaves_who_made_it(desk: Store) -> None:
    rostering.settle_swap(desk, offer(desk, By(ADA, leads=False)), "accept", by=LEAD, now=MONDAY)
    with desk.read() as session:
        found = [(row.actor, row.action) for row in session.query(Audit)]
    assert found == [(DEE, "roster.change"), (ADA, "swap"), (DEE, "swap_accept")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"hours": "25:00-06:00"}, "22:00-06:00"),
        ({"name": ""}, "needs a name"),
        ({"id": "Ä"}, "an id has"),
        ({"zone": "Mars/North"}, "no time zone"),
        ({"weekdays": ["someday"]}, "monday to sunday"),
        ({"groups": "x"}, "name its people"),
        ({"since": "soon"}, "no date"),
        ({"since": "2026-12-02", "until": "2026-12-01"}, "ends before it begins"),
        ({"pay": 3}, "means nothing"),
    ],
)
def test_a_slip_of_the_pen_is_refused_in_words(
    sqlite_store: Store, row: dict[str, Any], words: str
) -> None:
    with pytest.raises(Unclear, match=words):
        change(sqlite_store, shift("a", "06:00-22:00") | row)


def test_what_was_in_force_is_read_from_the_weeks_in_question_on(desk: Store) -> None:
    """The page and each calendar ask for it: what it costs must not grow with the history."""
    for n in range(1, 5):
        said = {"shift": [shift("day", f"0{n}:00-22:00", ADA)]}
        rostering.change_shifts(desk, said, actor=DEE, now=MONDAY + n * timedelta(days=30))
    with desk.read() as session:
        for days, numbers in ((0, [1, 2, 3, 4, 5]), (65, [2, 3, 4, 5]), (500, [5])):
            since = MONDAY + timedelta(days=days)
            found = stored.over_time(session, stored.rows(session, since), since)
            assert [version.number for version, *_ in found] == numbers
            assert (found[0][1], found[-1][2]) == stored.EVER
