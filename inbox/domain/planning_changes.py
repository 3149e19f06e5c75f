"""What if: a roster without some shifts, and with more people at given hours."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from connectors.core.contract import word
from inbox.domain.roster import EVERY_DAY, Roster, Shift
from inbox.domain.written import WEEKDAYS, Unclear

MOST: Final = 50
"""People that are added at a time."""
ADDED = re.compile(r"(\d{1,3}) (\S+) (\d\d:\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class More:
    """So many people more, on the weekdays (0 is Monday) at local hours of the brand. Ending no
    later than it begins, it lasts into the next day."""

    people: int
    weekdays: frozenset[int]
    starts: time
    ends: time

    def __str__(self) -> str:
        """As `more` reads it."""
        days = ",".join(WEEKDAYS[n][:3] for n in sorted(self.weekdays))
        said = "daily" if self.weekdays == EVERY_DAY else days
        return f"{self.people} {said} {self.starts:%H:%M}-{self.ends:%H:%M}"


def more(text: str) -> More:
    """Reads `2 mon,tue 09:00-17:00`; `daily` is every day. Raises `Unclear`."""
    found = ADDED.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise Unclear(word("Write who comes in addition as: 2 mon,tue 09:00-17:00."))
    names = [day[:3] for day in WEEKDAYS]
    days = names if found[2] == "daily" else [day[:3] for day in found[2].split(",")]
    if not set(days) <= set(names):
        raise Unclear(word("Write weekdays as mon,tue, or daily."))
    return made(int(found[1]), [names.index(day) for day in days], found[3], found[4])


def made(people: int, weekdays: Collection[int], starts: str, ends: str) -> More:
    """Raises `Unclear`."""
    if not 1 <= people <= MOST:
        raise Unclear(word("Add 1 to {n} people."), n=MOST)
    if not weekdays:
        raise Unclear(word("Tick the days on which the added people work."))
    try:
        return More(people, frozenset(weekdays), _wall(starts), _wall(ends))
    except ValueError as e:
        raise Unclear(word("Write hours as 09:00.")) from e


def changed(roster: Roster, without: Collection[str], added: Iterable[More], zone: str) -> Roster:
    """The roster without shifts, named by their ids, and with more people. Raises `Unclear` for a
    shift that it does not have."""
    known = {shift.id for shift in roster.shifts}
    for name in without:
        if name not in known:
            raise Unclear(word("There is no shift “{id}”."), id=name)
    kept = [shift for shift in roster.shifts if shift.id not in without]
    return replace(roster, shifts=(*kept, *(_shift(n, one, zone) for n, one in enumerate(added))))


def _shift(number: int, one: More, zone: str) -> Shift:
    """A shift of people who have no other: their names are no addresses."""
    people = tuple(f"more {number}.{n}" for n in range(one.people))
    key = f"more {number}"
    return Shift(key, key, one.starts, one.ends, zone, (people,), one.weekdays)


def _wall(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
