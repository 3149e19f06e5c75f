"""Counts the stored rows of a period, some at a time: a short record for each wait is all that
memory holds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from inbox.store import report_cases, report_service
from inbox.store import reports as stored
from inbox.store.sql import AnyRow
from reports import further
from reports.by_day import ByDay
from reports.figures import Period, TurnRow
from reports.figures_cases import Resolved, Windowed
from reports.tallies import COUNTS, EPOCH, Cell, Counting, Tally, cell_of
from templates.periods import Days

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Evidence(TurnRow):
    """A turn that knows its row in the store, and its promise as written (`24h`, `3bd`)."""

    id: int
    target: str


def turn_of(row: AnyRow) -> Evidence:
    """A row of `stored.turns`."""
    return Evidence(*row[:-1])


def counted(session: Session, days: Days, zone: str, as_of: datetime) -> dict[date, Tally]:
    """All that figures of the days are summed from, by day."""
    reading = Reading(session, days, zone, as_of)
    reading.all()
    return reading.by_day.done()


@dataclass(slots=True)
class Reading:
    """One walk through the rows of some days. With `only`, through those of some conversations.

    `apart`: to be kept; messages of different conversations are not counted together, and `latest`
    is the last moment of anything that was read: as of a later instant the same counts.
    """

    session: Session
    days: Days
    zone: str
    as_of: datetime
    apart: bool = False
    only: Collection[int] | None = None
    by_day: ByDay = field(init=False)
    latest: datetime = EPOCH

    def __post_init__(self) -> None:
        at = further.calendar_at(self.session)
        self.by_day = ByDay(self.days, self.zone, self.as_of, at)

    @property
    def period(self) -> Period:
        """All of them."""
        return self.by_day.period

    def all(self) -> None:
        """Everything that counts."""
        self.turns()
        self.messages()
        self.matters()

    def turns(self) -> None:
        """Each wait."""
        for rows in stored.turn_parts(self.session, further.span(self.period), only=self.only):
            self._seen(row.tagged_at for row in rows)
            self._seen(row.opened_at for row in rows)
            self._seen(row.ended_at for row in rows)
            self.by_day.turns(map(turn_of, rows))

    def messages(self) -> None:
        """What was received."""
        accounts = {row.id: (row.channel, row.handle) for row in self._accounts()}
        places: dict[int, tuple[Counting, int]] = {}
        span = further.span(self.period)
        for rows in report_service.heard(self.session, span, apart=self.apart, only=self.only):
            self._seen(row.tagged_at for row in rows)
            by_place: dict[Counting, list[tuple[Any, ...]]] = {}
            for row in rows:
                if row.quarter not in places:
                    places[row.quarter] = self._place(EPOCH + row.quarter * QUARTER)
                counting, hour = places[row.quarter]
                told = _heard(row, counting, accounts[row.account_id], hour)
                by_place.setdefault(counting, []).append(told)
            for counting, some in by_place.items():
                counting.add("heard", some)

    def _place(self, moment: datetime) -> tuple[Counting, int]:
        counting = self.by_day.at(moment)
        return counting, counting.hour(moment)

    def matters(self) -> None:
        """What became of whole matters."""
        for part in further.resolved_parts(self.session, self.period, self.only):
            self._seen(part.moments)
            self.by_day.resolved(part.resolved, self._cells(part.resolved))
        for missed in further.missed_parts(self.session, self.period, self.only):
            self.by_day.missed(missed, self._cells(missed))

    def _cells(self, found: Sequence[Resolved | Windowed]) -> dict[int, Cell]:
        """Those of the waits that these are counted with, by the messages that opened them."""
        ids = [one.opened_by for one in found]
        rows = stored.openings(self.session, ids, self.period.as_of) if ids else ()
        self._seen(row.tagged_at for row in rows)
        return {row.id: cell_of(row) for row in rows}

    def _accounts(self) -> Sequence[AnyRow]:
        return report_cases.accounts(self.session)

    def _seen(self, moments: Iterable[datetime | None]) -> None:
        """Only who keeps what was read asks until when it holds."""
        if not self.apart:
            return
        self.latest = max((self.latest, *(at for at in moments if at is not None)))


def _heard(row: AnyRow, counting: Counting, account: tuple[str, str], hour: int) -> tuple[Any, ...]:
    cell: Cell = (*account, row.language, row.category, row.urgency)
    counts = (getattr(row, name) for name in (*COUNTS, "confidence"))
    return row.conversation_id, counting.cell(cell), hour, *counts
