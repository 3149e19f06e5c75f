"""What a calendar shows is what the roster says, and a newer entry has more changes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings

from inbox.domain import roster as rules
from inbox.domain.agenda import LONGEST_SHIFT, Away, Changes, Entry, Era, Past, Swapped, own, whole
from inbox.domain.roster import Absence, Roster, Swap
from tests.domain.test_roster import DAY, NIGHT, at, scenes

EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
MADE = at("2026-11-01T00:00")


def past_of(roster: Roster, **more: Any) -> Past:
    return replace(Past((Era(Changes(3, MADE), *EVER, roster),)), **more)


def spans(entries: Iterable[Entry]) -> list[tuple[datetime, datetime]]:
    return sorted((one.starts_at, one.ends_at) for one in entries)


@settings(max_examples=40)
@given(scenes())
def test_each_has_in_their_calendar_the_duties_of_the_roster_and_no_other(
    scene: tuple[Roster, datetime, datetime],
) -> None:
    roster, start, end = scene
    past = past_of(roster)
    there = rules.duties(roster, start - LONGEST_SHIFT, end + LONGEST_SHIFT)
    touched = [
        one
        for one in there
        if one.shift.span(one.day)[0] < end and start < one.shift.span(one.day)[1]
    ]
    for person in ("ada", "bo", "cy", "dee"):
        found = own(past, person, start, end)
        assert len({one.key for one in found}) == len(found)
        mine = [(one.starts_at, one.ends_at) for one in touched if one.person == person]
        assert spans(one for one in found if not one.off) == sorted(mine)
    everybody = [one for one in whole(past, start, end, end) if one.kind == "shift"]
    assert sum(len(one.people) for one in everybody) == len(touched)


def test_what_an_absence_leaves_of_a_shift_and_what_was_given_away() -> None:
    day = date(2026, 11, 27)
    away = Absence("ada", at("2026-11-29T00:00"), at("2026-11-29T02:00"))
    roster = Roster((DAY, NIGHT), (Swap("night", day, "ada", "bo"),), (away,))
    past = past_of(
        roster,
        away=(Away(1, *astuple(away), True, Changes(1, MADE)),),
        swaps={("night", day): Swapped(frozenset({"ada", "bo"}), Changes(2, MADE))},
    )
    window = at("2026-11-27T12:00"), at("2026-11-29T12:00")
    found = own(past, "ada", *window)
    told = {one.key: (one.starts_at.hour, one.ends_at.hour, one.off) for one in found}
    assert told == {
        ("duty", "night", "2026-11-27", "ada", "0"): (22, 6, True),
        ("duty", "night", "2026-11-28", "ada", "0"): (22, 0, False),
        ("duty", "night", "2026-11-28", "ada", "1"): (2, 6, False),
        ("away", "1"): (0, 2, False),
    }
    sequences = {one.key[2]: one.changes.count for one in found if one.kind == "duty"}
    assert sequences == {"2026-11-27": 5, "2026-11-28": 4}
    night = next(
        one for one in whole(past, *window, window[1]) if one.key[1:] == ("night", "2026-11-28")
    )
    assert [times is not None for _, times in night.people] == [True, True]


def test_a_change_of_the_shifts_leaves_the_past_and_counts_in_what_comes() -> None:
    change = at("2026-11-27T12:00")
    eras = (
        Era(Changes(1, MADE), EVER[0], change, Roster((NIGHT,))),
        Era(Changes(2, change), change, EVER[1], Roster((replace(NIGHT, groups=(("bo",),)),))),
    )
    past = Past(eras)
    window = at("2026-11-25T12:00"), at("2026-11-29T12:00")
    ada, bo = (own(past, person, *window) for person in ("ada", "bo"))
    assert [(one.key[2], one.changes.count) for one in ada] == [
        ("2026-11-25", 1),
        ("2026-11-26", 1),
    ]
    assert [(one.key[2], one.changes.count) for one in bo] == [("2026-11-27", 2), ("2026-11-28", 2)]


def test_the_whole_roster_tells_its_holes_until_an_instant() -> None:
    past = past_of(Roster((DAY,)))
    start = at("2026-11-27T06:00")
    found = whole(past, start, start + timedelta(days=10), start + timedelta(days=1))
    assert spans(one for one in found if one.kind == "hole") == [
        (at("2026-11-27T22:00"), at("2026-11-28T06:00"))
    ]


def astuple(one: Absence) -> tuple[str, datetime, datetime]:
    return one.person, one.starts_at, one.ends_at
