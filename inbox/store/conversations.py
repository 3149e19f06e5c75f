"""Conversations for reading: a keyset page of a view, and one conversation whole."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN, STATES
from inbox.store import scope
from inbox.store.sql import AnyRow
from inbox.store.tables import Account, Contact, Conversation, Message, Reply, TeamRow, User

View = Literal["due", "unassigned", "waiting", "third", "snoozed", "resolved", "spam", "all"]
NOT_OURS = "This cursor is not one of ours; start without it."
VIEWS: tuple[View, ...] = get_args(View)
BIGGEST = 2**63

T = TypeVar("T")


class BadCursor(ValueError):
    """A page's cursor that this program did not write."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of conversations, and the cursor of the next one (None at the end)."""

    rows: list[AnyRow]
    next_cursor: str | None


def listed(session: Session, view: View, limit: int, cursor: str | None = None) -> Listed:
    """`due` and `unassigned` by due time, the others by their last message, newest first.

    Raises `BadCursor`.
    """
    by_due = view in ("due", "unassigned")
    found = _select().where(*scope.seen(session)).limit(limit + 1)
    if view == "unassigned":
        found = found.where(Conversation.assignee_id.is_(None))
    if view in STATES:
        found = found.where(Conversation.status == view)
    place = _read(cursor) if cursor else None
    if by_due:
        waits = Conversation.status == OPEN, Conversation.due_at.is_not(None)
        found = found.where(*waits).order_by(Conversation.due_at, Conversation.id)
        if place:
            found = found.where(_beyond(Conversation.due_at, place, ascending=True))
    else:
        found = found.order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        if place:
            found = found.where(_beyond(Conversation.last_message_at, place, ascending=False))
    rows = list(session.execute(found))
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if rows and more else None
    at = None if last is None else (last.due_at if by_due else last.last_message_at)
    return Listed(rows, _write(at, last.id) if last is not None and at is not None else None)


def one(session: Session, conversation_id: int) -> AnyRow | None:
    """The columns of `listed` for one conversation."""
    found = _select().where(Conversation.id == conversation_id, *scope.seen(session))
    return session.execute(found).first()


def some(session: Session, conversation_ids: Sequence[int]) -> dict[int, AnyRow]:
    """The columns of `listed` for these conversations, by id."""
    found = _select().where(Conversation.id.in_(conversation_ids), *scope.seen(session))
    rows = session.execute(found)
    return {row.id: row for row in rows}


def messages_of(session: Session, conversation_id: int) -> list[AnyRow]:
    """Its messages by time, with `agent` (an e-mail address) for what was written here."""
    found = session.execute(
        select(*Message.__table__.columns, User.email.label("agent"))
        .outerjoin(User, User.id == Message.agent_id)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.sent_at, Message.id)
    )
    return list(found)


def messages_page(
    session: Session, conversation_id: int, limit: int, cursor: str | None = None
) -> Listed:
    """Its newest messages (columns as `messages_of`), in order of time; the next page holds those
    before them. Raises `BadCursor`."""
    found = (
        select(*Message.__table__.columns, User.email.label("agent"))
        .outerjoin(User, User.id == Message.agent_id)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        place = _read(cursor)
        found = found.where(_beyond(Message.sent_at, place, ascending=False, id_=Message.id))
    rows = list(session.execute(found))
    kept = rows[:limit][::-1]
    more = len(rows) > limit
    return Listed(kept, _write(kept[0].sent_at, kept[0].id) if more else None)


def replies_of(session: Session, conversation_id: int) -> list[Reply]:
    """Its outbox rows, oldest first."""
    found = select(Reply).where(Reply.conversation_id == conversation_id).order_by(Reply.id)
    return list(session.scalars(found))


def _select() -> Select[Any]:
    return (
        select(
            *Conversation.__table__.columns,
            Account.channel,
            Account.handle.label("account"),
            Contact.external_id.label("customer_id"),
            Contact.handle.label("customer_handle"),
            Contact.name.label("customer_name"),
            User.email.label("assignee"),
            TeamRow.name.label("team"),
        )
        .join(Account, Account.id == Conversation.account_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .outerjoin(TeamRow, TeamRow.id == Conversation.team_id)
    )


def _beyond(
    column: Any, place: tuple[datetime, int], *, ascending: bool, id_: Any = Conversation.id
) -> Any:
    at, number = place
    if ascending:
        return or_(column > at, and_(column == at, id_ > number))
    return or_(column < at, and_(column == at, id_ < number))


def write_cursor(place: tuple[str | int, int]) -> str:
    """The cursor of a place in an order: what is ordered by, and an id."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_cursor(cursor: str, key: Callable[[Any], T]) -> tuple[T, int]:
    """The place that a cursor names; `key` reads its first part. Raises `BadCursor`."""
    try:
        first, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        place = key(first), int(id_)
    except (ValueError, TypeError, OverflowError, RecursionError) as e:
        raise BadCursor(NOT_OURS) from e
    if not 0 <= place[1] < BIGGEST:  # the database could not even ask for such a place
        raise BadCursor(NOT_OURS)
    return place


def _write(at: datetime, id_: int) -> str:
    return write_cursor((at.isoformat(), id_))


def _read(cursor: str) -> tuple[datetime, int]:
    return read_cursor(cursor, instant)


def instant(said: Any) -> datetime:
    """The instant that a cursor says; the first day of year 1 in some zones is none in UTC. Raises
    `BadCursor`, `ValueError`, `OverflowError`."""
    found = datetime.fromisoformat(said)
    if found.tzinfo is None:
        raise BadCursor(NOT_OURS)
    return found.astimezone(UTC)


def window_of(session: Session, conversation_id: int) -> datetime | None:
    """When the platform's own time for a private answer ends."""
    return session.scalar(
        select(Conversation.window_closes_at).where(Conversation.id == conversation_id)
    )
