"""The days of a report: a day, a week, a calendar month or any others, and those around them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

ReportKind = Literal["day", "week", "month"]
KINDS: Final[tuple[ReportKind, ...]] = get_args(ReportKind)
"""Of which reports are made and mailed."""
Kind = Literal[ReportKind, "custom"]

DAY = timedelta(days=1)
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row, both ends included; `last` is not before `first`."""

    first: date
    last: date

    @classmethod
    def day(cls, day: date) -> "Days":
        return cls(day, day)

    @classmethod
    def week(cls, day: date) -> "Days":
        """Monday to Sunday around a day."""
        monday = day - DAY * day.weekday()
        return cls(monday, monday + DAY * (WEEK_DAYS - 1))

    @classmethod
    def month(cls, day: date) -> "Days":
        """The calendar month around a day."""
        begins = day.replace(day=1)
        return cls(begins, (begins + 31 * DAY).replace(day=1) - DAY)

    @classmethod
    def of(cls, kind: str, day: date) -> "Days":
        """The day, week or month (`KINDS`) around a day."""
        return {"day": cls.day, "week": cls.week, "month": cls.month}[kind](day)

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * DAY for n in range((self.last - self.first).days + 1))

    @property
    def kind(self) -> Kind:
        if self.first == self.last:
            return "day"
        if self == Days.week(self.first):
            return "week"
        return "month" if self == Days.month(self.first) else "custom"

    @property
    def before(self) -> "Days":
        """What they are compared with: before a calendar month the one before it, else as many
        days as these just before them."""
        last = self.first - DAY
        return Days.month(last) if self.kind == "month" else Days(last - self._length, last)

    @property
    def after(self) -> "Days":
        """Those whose `before` these are: for a calendar month the next, else as many days."""
        first = self.last + DAY
        return Days.month(first) if self.kind == "month" else Days(first, first + self._length)

    @property
    def shown(self) -> "Days":
        """Those that their report shows one by one: these, for a day the week up to it."""
        return self if self.kind != "day" else Days(self.first - (WEEK_DAYS - 1) * DAY, self.last)

    @property
    def counted(self) -> "Days":
        """All of which their report has figures."""
        return Days(min(self.before.first, self.shown.first), self.last)

    @property
    def path(self) -> str:
        """Where their report is: a day has an address of its own."""
        if self.kind == "day":
            return f"/reports/{self.first.isoformat()}"
        return f"/reports?from={self.first.isoformat()}&to={self.last.isoformat()}"

    def edition(self, number: int) -> str:
        """Where their report is as it was kept under that number."""
        return f"{self.path}{'&' if '?' in self.path else '?'}edition={number}"

    @property
    def _length(self) -> timedelta:
        return self.last - self.first
