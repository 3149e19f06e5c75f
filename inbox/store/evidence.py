"""What an evidence pack holds, read row by row: memory stays flat however long the period."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from inbox.store import report_service, reports
from inbox.store.reports import Span
from inbox.store.sql import AnyRow, chunks
from inbox.store.tables import CalendarVersion, Message, PolicyVersion, TurnRow

AT_ONCE: Final = 1000


def turns(session: Session, span: Span, known: datetime | None = None) -> Iterator[AnyRow]:
    """As `reports.turns`, with those that were open at as-of, without those opened after it, in
    the order of opening; as they were judged at `known`.

    More columns: seq, opened_by, ended_by, policy, calendar, stored_at (of the message
    that opened it).
    """
    t = TurnRow
    more = (t.seq, t.opened_by, t.ended_by, t.policy, t.calendar, Message.stored_at)
    whole = reports.turns_known(span, known) if known else reports.turns_of(span)
    found = whole.add_columns(*more)
    found = found.where(t.opened_at <= span.as_of)
    return _streamed(session, found.order_by(t.opened_at, t.conversation_id, t.opened_by))


def messages(session: Session, span: Span, known: datetime | None = None) -> Iterator[AnyRow]:
    """As `reports.messages`, without those sent after as-of, in order of time; of those that were
    stored at `known`.

    More columns: id; tagged, asked, opens, corrected, masked and confidence (in millionths), of
    which `report_service.heard` has the sums.
    """
    said = report_service.said_of(span, known)
    found = reports.messages_of(span, known=known).add_columns(Message.id, *said)
    found = found.where(Message.sent_at <= span.as_of)
    return _streamed(session, found.order_by(Message.sent_at, Message.id))


def policy_sets(session: Session, numbers: Collection[int]) -> Sequence[PolicyVersion]:
    """The sets of policies with these numbers, oldest first."""
    number = PolicyVersion.number
    found = select(PolicyVersion).where(number.in_(numbers)).order_by(number)
    return session.scalars(found).all()


def calendars(session: Session, versions: Collection[tuple[str, int]]) -> Sequence[CalendarVersion]:
    """These versions of calendars (name, number), by name and number."""
    c = CalendarVersion
    rows = [
        row
        for part in chunks(sorted(versions))
        for row in session.scalars(select(c).where(tuple_(c.name, c.number).in_(part)))
    ]
    return sorted(rows, key=lambda row: (row.name, row.number))


def _streamed(session: Session, found: Select[Any]) -> Iterator[AnyRow]:
    yield from session.execute(found.execution_options(yield_per=AT_ONCE))
