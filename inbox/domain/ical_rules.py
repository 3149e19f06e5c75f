"""The dates of a repeating event (RRULE of RFC 5545), with every step counted.

Only what people's calendars repeat by is read: days, weeks, months, years. A rule is walked period
by period and each costs steps of a purse, so that no file can keep us busy for long; what a rule
says twice it says once, so that a step stays small. Rules that need not be counted from their
beginning are entered where they are asked for. Why no library does it: docs/adr/0038-roster.md.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from inbox.domain.calendars import DAY

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KNOWN: Final = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"),
}
PRICES: Final = {"DAILY": 1, "WEEKLY": 1, "MONTHLY": 4, "YEARLY": 40}
"""What a period costs, by the days that are looked at."""
MOST_INTERVAL: Final = 1000


class CannotRepeat(ValueError):
    """A rule that is not read."""


class TooMuch(ValueError):
    """The purse is empty."""


@dataclass(slots=True)
class Purse:
    """How many steps all rules of a file may take together."""

    steps: int = 50_000

    def pay(self, price: int = 1) -> None:
        self.steps -= price
        if self.steps < 0:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. `by_day` has (which one, weekday): the 2nd or last in the month, 0 is every."""

    every: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_starts: int = 0
    by_day: frozenset[tuple[int, int]] = frozenset()
    by_month_day: frozenset[int] = frozenset()
    by_month: frozenset[int] = frozenset()
    by_place: frozenset[int] = frozenset()


def rule(said: Mapping[str, Sequence[Any]], until: date | None) -> Rule:
    """The rule of its parts as icalendar reads them; `until` is the local date. Raises
    `CannotRepeat`."""
    parts = {
        str(k).upper(): list(v) if isinstance(v, list | tuple) else [v] for k, v in said.items()
    }
    every = str(parts.get("FREQ", [""])[0]).upper()
    if every not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or not set(parts) <= KNOWN:
        raise CannotRepeat
    made = Rule(
        every=every,
        interval=_number(parts.get("INTERVAL", [1])[0], 1, MOST_INTERVAL),
        count=_number(parts["COUNT"][0], 1, 10**6) if "COUNT" in parts else None,
        until=until,
        week_starts=_weekday(str(parts.get("WKST", ["MO"])[0])),
        by_day=frozenset(_by_day(str(one)) for one in parts.get("BYDAY", [])),
        by_month_day=frozenset(_number(one, -31, 31) for one in parts.get("BYMONTHDAY", [])),
        by_month=frozenset(_number(one, 1, 12) for one in parts.get("BYMONTH", [])),
        by_place=frozenset(_number(one, -366, 366) for one in parts.get("BYSETPOS", [])),
    )
    ordinal = any(n for n, _ in made.by_day)
    yearly = every == "YEARLY" and bool(made.by_day) and not made.by_month
    if (ordinal and every in ("DAILY", "WEEKLY")) or yearly:
        raise CannotRepeat
    if every == "WEEKLY" and made.by_month_day:
        raise CannotRepeat
    return made


def dates(said: Rule, first: date, start: date, end: date, purse: Purse) -> Iterator[date]:
    """The dates of a rule that began on `first`, from `start` to `end`, both included. `first` is
    one of them whether the rule says so or not. Raises `TooMuch`."""
    last = min(end, said.until) if said.until else end
    left = said.count
    if first > last:
        return
    if start <= first:
        yield first
    if left is not None:
        left -= 1
    period = _first_period(said, first, start)
    while True:
        purse.pay(PRICES[said.every])
        try:
            begins, found = _period(said, first, period)
        except (ValueError, OverflowError):  # beyond the years that dates can show
            return
        if begins > last:
            return
        for day in found:
            if day <= first:
                continue
            if day > last or left == 0:
                return
            if left is not None:
                left -= 1
            if day >= start:
                yield day
        period += said.interval


def _first_period(said: Rule, first: date, start: date) -> int:
    """Where to enter: a rule with a count has to be counted from its beginning."""
    if said.count is not None or start <= first:
        return 0
    days = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[said.every]
    return max((start - first).days // days // said.interval - 1, 0) * said.interval


def _period(said: Rule, first: date, n: int) -> tuple[date, list[date]]:
    """The n-th day, week, month or year after that of `first`: when it begins, and its dates."""
    if said.every == "DAILY":
        day = first + n * DAY
        fits = _fits(said, day) and (not said.by_month_day or _month_day(said, day))
        return day, _placed(said, [day] if fits else [])
    if said.every == "WEEKLY":
        week = first - ((first.weekday() - said.week_starts) % 7) * DAY + timedelta(weeks=n)
        days = {weekday for _, weekday in said.by_day} or {first.weekday()}
        found = [week + k * DAY for k in range(7)]
        return week, _placed(said, [d for d in found if d.weekday() in days and _in_month(said, d)])
    if said.every == "MONTHLY":
        year, month = divmod(first.year * 12 + first.month - 1 + n, 12)
        begins = date(year, month + 1, 1)
        found = _of_month(said, first, begins) if _in_month(said, begins) else []
        return begins, _placed(said, found)
    year = first.year + n
    by_months = said.by_month or (range(1, 13) if said.by_month_day else (first.month,))
    found = [d for m in sorted(by_months) for d in _of_month(said, first, date(year, m, 1))]
    return date(year, 1, 1), _placed(said, found)


def _of_month(said: Rule, first: date, begins: date) -> list[date]:
    length = monthrange(begins.year, begins.month)[1]
    days = [begins + k * DAY for k in range(length)]
    if not said.by_day and not said.by_month_day:
        return [d for d in days if d.day == first.day]
    if said.by_month_day:
        days = [d for d in days if _month_day(said, d)]
    if said.by_day:
        days = [d for d in days if any(_nth(d, n, weekday, length) for n, weekday in said.by_day)]
    return days


def _nth(day: date, n: int, weekday: int, length: int) -> bool:
    """Whether it is the n-th such weekday of its month, from the end where n is negative."""
    if day.weekday() != weekday:
        return False
    return n in (0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1))


def _fits(said: Rule, day: date) -> bool:
    by_day = {weekday for _, weekday in said.by_day}
    return _in_month(said, day) and (not by_day or day.weekday() in by_day)


def _in_month(said: Rule, day: date) -> bool:
    return not said.by_month or day.month in said.by_month


def _month_day(said: Rule, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    return day.day in said.by_month_day or day.day - length - 1 in said.by_month_day


def _placed(said: Rule, found: list[date]) -> list[date]:
    if not said.by_place:
        return found
    places = {n - 1 if n > 0 else len(found) + n for n in said.by_place}
    return [day for n, day in enumerate(found) if n in places]


def _by_day(text: str) -> tuple[int, int]:
    which = text[:-2]
    return (_number(which, -5, 5) if which else 0), _weekday(text[-2:])


def _weekday(text: str) -> int:
    if text.upper() not in WEEKDAYS:
        raise CannotRepeat
    return WEEKDAYS.index(text.upper())


def _number(said: Any, least: int, most: int) -> int:
    try:
        found = int(str(said))
    except ValueError as e:
        raise CannotRepeat from e
    if not least <= found <= most or (found == 0 and least < 0):
        raise CannotRepeat
    return found
