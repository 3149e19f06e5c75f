"""Days of reports that were counted once, and the conversations that changed since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, union_all
from sqlalchemy.orm import Session

from inbox.store.sql import AnyRow, in_many, insert
from inbox.store.tables import Message, ReportDay, ReportMark, Step, TurnRow

ALL: Final = -1
"""The mark of everything."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Conversations not to be believed in stored days, and the numbers of their marks."""

    conversations: frozenset[int]
    numbers: tuple[int, ...]

    @property
    def everything(self) -> bool:
        return ALL in self.conversations


def marks(session: Session, most: int) -> Marks:
    """The first so many marks. They are read before the days: what is marked later is in those as
    it was, or as it is."""
    m = ReportMark
    rows = session.execute(select(m.id, m.conversation_id).order_by(m.id).limit(most)).all()
    return Marks(frozenset(row.conversation_id for row in rows), tuple(row.id for row in rows))


def days(session: Session, zone: str, first: date, last: date) -> Sequence[AnyRow]:
    """The stored ones in their order: local_date, basis, latest, tally."""
    d = ReportDay
    found = select(d.local_date, d.basis, d.latest, d.tally)
    here = d.zone == zone, d.local_date >= first, d.local_date <= last
    return session.execute(found.where(*here).order_by(d.local_date)).all()


def known(session: Session, zone: str) -> Sequence[AnyRow]:
    """All stored ones: local_date, basis, conversations."""
    d = ReportDay
    return session.execute(
        select(d.local_date, d.basis, d.conversations).where(d.zone == zone)
    ).all()


def day(session: Session, zone: str, local_date: date) -> AnyRow:
    """One: latest, tally."""
    d = ReportDay
    found = select(d.latest, d.tally).where(d.zone == zone, d.local_date == local_date)
    return session.execute(found).one()


def put(session: Session, row: dict[str, Any]) -> None:
    """A day as it counts now, instead of what was stored of it."""
    made = insert(session, ReportDay).values(**row)
    new = {name: made.excluded[name] for name in ("basis", "latest", "conversations", "tally")}
    session.execute(made.on_conflict_do_update(index_elements=["zone", "local_date"], set_=new))


def of_another(session: Session, zone: str) -> bool:
    """Whether any day is of another zone."""
    return session.scalar(select(ReportDay.zone).where(ReportDay.zone != zone).limit(1)) is not None


def clear(session: Session, zone: str | None = None) -> None:
    """Forgets all days, or those that are of another zone."""
    gone = delete(ReportDay)
    session.execute(gone if zone is None else gone.where(ReportDay.zone != zone))


def forget(session: Session, numbers: Collection[int]) -> None:
    """These marks are seen to; those made meanwhile have other numbers."""
    session.execute(delete(ReportMark).where(in_many(session, ReportMark.id, numbers)))


def moments(session: Session, conversation_ids: Collection[int]) -> Sequence[AnyRow]:
    """When these conversations may count: conversation_id, since, until (None: still)."""
    t, m, s = TurnRow, Message, Step
    due = select(t.conversation_id, t.due_at.label("since"), t.due_at.label("until"))
    waited = select(t.conversation_id, t.opened_at.label("since"), t.ended_at.label("until"))
    sent = select(m.conversation_id, m.sent_at.label("since"), m.sent_at.label("until"))
    stepped = select(s.conversation_id, s.at.label("since"), s.at.label("until"))
    return session.execute(
        union_all(
            *(
                found.where(in_many(session, t.conversation_id, conversation_ids)).where(
                    t.superseded_at.is_(None)
                )
                for found in (due, waited)
            ),
            sent.where(in_many(session, m.conversation_id, conversation_ids), m.role == "customer"),
            stepped.where(in_many(session, s.conversation_id, conversation_ids)),
        )
    ).all()


def first_moment(session: Session) -> datetime | None:
    """Before it nothing counts."""
    found = (
        session.scalar(select(func.min(Message.sent_at))),
        session.scalar(select(func.min(TurnRow.opened_at))),
    )
    return min((at for at in found if at is not None), default=None)
