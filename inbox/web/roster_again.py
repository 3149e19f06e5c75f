"""What was typed into a form of the roster that was refused, to stand in it again."""

from starlette.datastructures import FormData

from inbox.domain.roster_written import MOST_GROUPS
from inbox.domain.written import WEEKDAYS
from inbox.web.pages_roster import Again, AskedRow, ShiftRow
from inbox.web.roster_view import DAYS, WEEKS, number


def shift(given: FormData) -> Again | None:
    """A shift as typed; None where it was only to end."""
    if given.get("do") == "end":
        return None
    weeks = [tuple(map(str, given.getlist(f"week{n}"))) for n in range(MOST_GROUPS)]
    while len(weeks) > WEEKS and not weeks[-1]:
        del weeks[-1]
    names = ("id", "name", "starts", "ends", "zone", "since", "until", "first_week")
    key, name, starts, ends, zone, since, until, first = said(given, *names).values()
    days = frozenset(int(day) for day in map(str, given.getlist("day")) if day in DAYS)
    turns = tuple(weeks)
    row = ShiftRow(key, name, starts, ends, zone, days, turns, since, until, first)
    return Again("shift", shift=row)


def asked(given: FormData) -> Again:
    """What is asked, as typed."""
    week = tuple(said(given, *WEEKDAYS).values())
    people, zone = (str(given.get(name, "")) for name in ("people", "zone"))
    return Again("asked", asked=AskedRow(number(people) or 1, zone, week, always=False))


def absence(given: FormData) -> Again:
    return Again("absence", said=said(given, "person", "first", "from", "last", "to", "reason"))


def swap(given: FormData) -> Again:
    return Again("swap", said=said(given, "duty", "takes"))


def said(given: FormData, *names: str) -> dict[str, str]:
    """Each field as it was typed."""
    return {name: str(given.get(name, "")) for name in names}
