"""Case clocks as stored: the current ones, their evidence, and those to warn of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from inbox.store.sql import AnyRow, chunks, insert
from inbox.store.tables import CaseClockRow, Conversation, Message, TurnWarning, User

Key = tuple[str, int]
"""A clock's `target` and `opened_by`."""
_Opener = aliased(Message)


@dataclass(slots=True)
class Judged:
    """What an evaluation of some conversations found new about their case clocks."""

    superseded: list[int] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


def current(session: Session, ids: Sequence[int]) -> dict[int, dict[Key, CaseClockRow]]:
    """The clocks of these conversations as judged last, by conversation and key."""
    found: dict[int, dict[Key, CaseClockRow]] = {}
    for part in chunks(ids):
        rows = select(CaseClockRow).where(
            CaseClockRow.conversation_id.in_(part), CaseClockRow.superseded_at.is_(None)
        )
        for row in session.scalars(rows):
            found.setdefault(row.conversation_id, {})[row.target, row.opened_by] = row
    return found


def write(session: Session, judged: Judged, now: datetime) -> None:
    """Appends evidence; of what it replaces only `superseded_at` and `warn_at` are written."""
    for part in chunks(judged.superseded):
        replaced = update(CaseClockRow).where(CaseClockRow.id.in_(part))
        session.execute(
            replaced.values(superseded_at=now, warn_at=None),
            execution_options={"synchronize_session": False},
        )
    if judged.rows:
        session.execute(insert(session, CaseClockRow), judged.rows)


def evidence(
    session: Session, conversation_id: int, *, history: bool = False
) -> list[CaseClockRow]:
    """A conversation's clocks in order of their begin; with `history`, superseded ones too."""
    found = select(CaseClockRow).where(CaseClockRow.conversation_id == conversation_id)
    if not history:
        found = found.where(CaseClockRow.superseded_at.is_(None))
    order = (CaseClockRow.opened_at, CaseClockRow.target, CaseClockRow.id)
    return list(session.scalars(found.order_by(*order)))


def openers(session: Session, message_ids: Sequence[int]) -> dict[int, int]:
    """The opening message of the turn that each of these messages belongs to."""
    found = select(Message.id, Message.opener_id).where(Message.id.in_(message_ids))
    return {id_: opener or id_ for id_, opener in session.execute(found)} if message_ids else {}


def names(session: Session, conversation_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """What the current clocks of these conversations are called, by conversation and target."""
    by_id = current(session, conversation_ids).items()
    return {(id_, row.target): row.policy["name"] for id_, rows in by_id for row in rows.values()}


def to_look_at(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Clocks whose next look has come."""
    found = select(CaseClockRow.id).where(CaseClockRow.warn_at <= now)
    return session.scalars(found.order_by(CaseClockRow.warn_at, CaseClockRow.id).limit(limit)).all()


def held(session: Session, now: datetime, ids: Sequence[int]) -> Sequence[AnyRow]:
    """(clock, assignee) of those that are still due, locked until the transaction ends. One that
    another process looks at is left to it, and so is one whose conversation is being judged: the
    judge waits for the clock, and a warning would wait for the conversation."""
    found = (
        select(CaseClockRow, User.id.label("assignee"))
        .join(Conversation, Conversation.id == CaseClockRow.conversation_id)
        .outerjoin(User, (User.id == Conversation.assignee_id) & User.disabled_at.is_(None))
        .where(CaseClockRow.id.in_(ids), CaseClockRow.warn_at <= now)
        .order_by(CaseClockRow.id)
        .with_for_update(of=[Conversation, CaseClockRow], skip_locked=True)
    )
    return session.execute(found).all()


def told(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """The highest part told of each clock, by its row's id: also under the message that it began
    with before an older one came late."""
    found = (
        select(CaseClockRow.id, func.max(TurnWarning.part))
        .join(TurnWarning, TurnWarning.conversation_id == CaseClockRow.conversation_id)
        .join(_Opener, _Opener.id == TurnWarning.opened_by)
        .where(CaseClockRow.id.in_(ids), warned_of())
        .group_by(CaseClockRow.id)
    )
    return {id_: part for id_, part in session.execute(found)}


def warned_of(opener: Any = _Opener) -> ColumnElement[bool]:
    """Whether a warning (of `opener`) is of a clock of its conversation."""
    return (TurnWarning.target == CaseClockRow.target) & or_(
        CaseClockRow.opened_by == TurnWarning.opened_by,
        CaseClockRow.opened_by == opener.opener_id,
    )


def look_again(session: Session, at_by_id: Mapping[int, datetime | None]) -> None:
    """When each is to be looked at next; None: not before it is judged anew."""
    for id_, at in at_by_id.items():
        session.execute(update(CaseClockRow).where(CaseClockRow.id == id_).values(warn_at=at))
