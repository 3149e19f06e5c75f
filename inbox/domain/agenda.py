"""The roster as entries of a calendar: one's own shifts, or everybody's.

Entries are computed whenever somebody asks. A calendar program knows one again by its `key`, and
takes the one with more `changes` for the newer: every change of the shifts, and each step of a swap
or an absence that concerns the entry, counts one, and none is ever uncounted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final, Literal

from inbox.domain.calendars import DAY
from inbox.domain.roster import Duty, Roster, Shift, begin_dates, duties, holes

Kind = Literal["duty", "shift", "away", "hole", "link"]
LONGEST_SHIFT: Final = 3 * DAY
"""More than a shift lasts, on the night when the clocks go back, too."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How often something changed, and when last."""

    count: int = 0
    last: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.count + other.count, max(self.last, other.last))


@dataclass(frozen=True, slots=True)
class Era:
    """A version of the shifts, and when it is in force: [since, until)."""

    version: Changes
    since: datetime
    until: datetime
    roster: Roster


@dataclass(frozen=True, slots=True)
class Away:
    """An absence; `stands` until it is withdrawn."""

    id: int
    person: str
    starts_at: datetime
    ends_at: datetime
    stands: bool
    changes: Changes


@dataclass(frozen=True, slots=True)
class Swapped:
    """Who gave or took a shift of one date at some time, agreed or not."""

    people: frozenset[str]
    changes: Changes


@dataclass(frozen=True, slots=True)
class Past:
    """What became of the roster, by the shift and date that it happened to."""

    eras: tuple[Era, ...] = ()
    away: tuple[Away, ...] = ()
    swaps: Mapping[tuple[str, date], Swapped] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, [starts_at, ends_at) in UTC. `key` is (kind, what names it …).

    `name` is the shift's; `people` have it, each with when, where that is less than all of it.
    With `off` it is no longer so, though a calendar may have it from before.
    """

    key: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    changes: Changes
    name: str = ""
    people: tuple[tuple[str, tuple[datetime, datetime] | None], ...] = ()
    off: bool = False

    @property
    def kind(self) -> str:
        return self.key[0]


def own(past: Past, person: str, start: datetime, end: datetime) -> list[Entry]:
    """One's own shifts and absences that touch [start, end)."""
    found = []
    for era, shift, day, span, parts in _shifts(past, start, end):
        mine = [one for one in parts if one.person == person]
        swapped = past.swaps.get((shift.id, day), Swapped(frozenset(), Changes()))
        changes = era.version + swapped.changes + _away(past, {person}, span)
        key = ("duty", shift.id, str(day), person)
        for n, one in enumerate(mine):
            times = one.starts_at, one.ends_at
            found.append(Entry((*key, str(n)), *times, changes, shift.name))
        if not mine and person in {*shift.group(day), *swapped.people}:
            found.append(Entry((*key, "0"), *span, changes, shift.name, off=True))
    return found + [one for one in _absences(past, start, end) if one.people[0][0] == person]


def whole(past: Past, start: datetime, end: datetime, holes_until: datetime) -> list[Entry]:
    """Everybody's shifts and absences that touch [start, end), and the holes before an instant."""
    found = []
    for era, shift, day, span, parts in _shifts(past, start, end):
        swapped = past.swaps.get((shift.id, day), Swapped(frozenset(), Changes()))
        had = {*shift.group(day), *swapped.people}
        changes = era.version + swapped.changes + _away(past, had, span)
        people = tuple(
            (one.person, None if (one.starts_at, one.ends_at) == span else _times(one))
            for one in parts
        )
        key = ("shift", shift.id, str(day))
        found.append(Entry(key, *span, changes, shift.name, people))
    found += _absences(past, start, end)
    for era in past.eras:
        first, last = max(start, era.since), min(holes_until, era.until)
        if era.roster.shifts and first < last:
            found += [
                Entry(
                    ("hole", one.starts_at.isoformat()),
                    one.starts_at,
                    one.ends_at,
                    era.version,
                    people=tuple((person, None) for person in sorted(one.people)),
                )
                for one in holes(era.roster, first, last)
            ]
    return found


def _shifts(
    past: Past, start: datetime, end: datetime
) -> Iterator[tuple[Era, Shift, date, tuple[datetime, datetime], list[Duty]]]:
    """Each shift by the version that was in force when it ended, and who is there in it."""
    for era in past.eras:
        first, last = max(start, era.since), min(end, era.until)
        if first >= last:
            continue
        there = duties(era.roster, first - LONGEST_SHIFT, last + LONGEST_SHIFT)
        parts = {key: list(some) for key, some in groupby(sorted(there, key=_order), _of)}
        for shift in era.roster.shifts:
            for day in begin_dates(shift, first, last):
                begins, ends = span = shift.span(day)
                if start < ends and begins < end and era.since < ends <= era.until:
                    yield era, shift, day, span, parts.get((shift.id, day), [])


def _absences(past: Past, start: datetime, end: datetime) -> list[Entry]:
    return [
        Entry(
            ("away", str(one.id)),
            one.starts_at,
            one.ends_at,
            one.changes,
            people=((one.person, None),),
            off=not one.stands,
        )
        for one in past.away
        if one.starts_at < end and start < one.ends_at
    ]


def _away(past: Past, people: set[str], span: tuple[datetime, datetime]) -> Changes:
    """The steps of all absences of these people that touch a time."""
    found = (
        one.changes
        for one in past.away
        if one.person in people and one.starts_at < span[1] and span[0] < one.ends_at
    )
    return sum(found, Changes())


def _times(duty: Duty) -> tuple[datetime, datetime]:
    return duty.starts_at, duty.ends_at


def _of(duty: Duty) -> tuple[str, date]:
    return duty.shift.id, duty.day


def _order(duty: Duty) -> tuple[str, date, datetime, str]:
    return duty.shift.id, duty.day, duty.starts_at, duty.person
