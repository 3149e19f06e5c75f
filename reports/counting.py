"""Counts the stored rows of a period, some at a time: a short record for each wait is all that
memory holds."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from inbox.store import report_cases, report_service
from inbox.store import reports as stored
from inbox.store.sql import AnyRow
from reports import further
from reports.figures import Period, TurnRow
from reports.figures_cases import Resolved, Windowed
from reports.tallies import COUNTS, EPOCH, Cell, Counting, Tally

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Evidence(TurnRow):
    """A turn that knows its row in the store, and its promise as written (`24h`, `3bd`)."""

    id: int
    target: str


def turn_of(row: AnyRow) -> Evidence:
    """A row of `stored.turns`."""
    return Evidence(*row[:-1])


def counted(session: Session, period: Period, zone: str) -> Tally:
    """All that figures of the period are summed from."""
    reading = Reading(session, period, zone)
    reading.all()
    return reading.counting.done()


def totalled(session: Session, period: Period, zone: str) -> Tally:
    """What its totals need, and no group: without tags, hours and matters."""
    reading = Reading(session, period, zone, tagged=False)
    reading.turns()
    reading.messages()
    return reading.counting.done()


@dataclass(slots=True)
class Reading:
    """One walk through the rows of a period. With `only`, through those of some conversations.

    `apart`: to be kept; messages of different conversations are not counted together, and `latest`
    is the last moment of anything that was read: as of a later instant the same counts.
    """

    session: Session
    period: Period
    zone: str
    tagged: bool = True
    apart: bool = False
    only: Collection[int] | None = None
    counting: Counting = field(init=False)
    latest: datetime = EPOCH

    def __post_init__(self) -> None:
        at = further.calendar_at(self.session) if self.tagged else None
        self.counting = Counting(self.period, self.zone, at)

    def all(self) -> None:
        """Everything that counts."""
        self.turns()
        self.messages()
        self.matters()

    def turns(self) -> None:
        """Each wait."""
        span = further.span(self.period)
        for rows in stored.turn_parts(self.session, span, tagged=self.tagged, only=self.only):
            self._seen(row.tagged_at for row in rows)
            self._seen(row.opened_at for row in rows)
            self._seen(row.ended_at for row in rows)
            self.counting.turns([turn_of(row) for row in rows])

    def messages(self) -> None:
        """What was received."""
        accounts = {row.id: (row.channel, row.handle) for row in self._accounts()}
        hours: dict[int, int] = {}
        span = further.span(self.period)
        for rows in report_service.heard(
            self.session, span, tagged=self.tagged, apart=self.apart, only=self.only
        ):
            if not self.tagged:
                self.counting.add("heard", self._plain(rows, accounts))
                continue
            self._seen(row.tagged_at for row in rows)
            for row in rows:
                if row.quarter not in hours:
                    hours[row.quarter] = self.counting.hour(EPOCH + row.quarter * QUARTER)
            self.counting.add("heard", (self._heard(row, accounts, hours) for row in rows))

    def _plain(
        self, rows: Iterable[AnyRow], accounts: Mapping[int, tuple[str, str]]
    ) -> Iterator[tuple[Any, ...]]:
        rest = (0,) * len(COUNTS)
        for row in rows:
            cell = self.counting.cell((*accounts[row.account_id], None, None, None))
            yield 0, cell, 0, row.many, *rest

    def _heard(
        self, row: AnyRow, accounts: Mapping[int, tuple[str, str]], hours: Mapping[int, int]
    ) -> tuple[Any, ...]:
        cell: Cell = (*accounts[row.account_id], row.language, row.category, row.urgency)
        counts = (getattr(row, name) for name in (*COUNTS, "confidence"))
        return row.conversation_id, self.counting.cell(cell), hours[row.quarter], *counts

    def matters(self) -> None:
        """What became of whole matters."""
        for part in further.resolved_parts(self.session, self.period, self.only):
            self._seen(part.moments)
            self.counting.resolved(part.resolved, self._cells(part.resolved))
        for missed in further.missed_parts(self.session, self.period, self.only):
            self.counting.missed(missed, self._cells(missed))

    def _cells(self, found: Sequence[Resolved | Windowed]) -> dict[int, Cell]:
        """Those of the waits that these are counted with, by the messages that opened them."""
        ids = [one.opened_by for one in found]
        rows = stored.openings(self.session, ids, self.period.as_of) if ids else ()
        self._seen(row.tagged_at for row in rows)
        return {
            row.id: (row.channel, row.account, row.language, row.category, row.urgency)
            for row in rows
        }

    def _accounts(self) -> Sequence[AnyRow]:
        return report_cases.accounts(self.session)

    def _seen(self, moments: Iterable[datetime | None]) -> None:
        """Only who keeps what was read asks until when it holds."""
        if not self.apart:
            return
        self.latest = max((self.latest, *(at for at in moments if at is not None)))
