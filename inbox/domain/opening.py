"""`calendars.open_time` for thousands of stretches: a calendar's opening hours are walked once."""

from bisect import bisect_right
from datetime import datetime, timedelta

from inbox.domain.calendars import Calendar, open_spans


class OpenTime:
    """How much was open between two instants that lie in [first, last]."""

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        self.opens: list[datetime] = []
        self.closes: list[datetime] = []
        self.before = [timedelta()]  # how much was open until each opening
        for opens, closes in open_spans(first, calendar):
            if opens >= last:
                return
            self.opens.append(opens)
            self.closes.append(closes)
            self.before.append(self.before[-1] + (closes - opens))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """None when the end comes first."""
        return max(self._until(end) - self._until(start), timedelta())

    def _until(self, at: datetime) -> timedelta:
        n = bisect_right(self.opens, at) - 1
        return self.before[n] + (min(at, self.closes[n]) - self.opens[n]) if n >= 0 else timedelta()
