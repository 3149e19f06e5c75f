"""What a report reads, in bulk and as columns; its editions.

The rows of one day are found by index: a report of a day reads only that day.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, null, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from inbox.domain.conversation import OPEN, SNOOZED
from inbox.store.sql import AnyRow, chunks, in_many, insert
from inbox.store.tables import (
    Account,
    Contact,
    Conversation,
    Edition,
    Message,
    Tagging,
    TurnRow,
    User,
)

AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Span:
    """Aware instants: [start, end), as of an instant."""

    start: datetime
    end: datetime
    as_of: datetime


def turns(session: Session, span: Span, *, tagged: bool = True) -> Sequence[AnyRow]:
    """Current evidence of each turn that was due, opened or ended in the span, tagged as of then.

    Columns, in this order: conversation_id, channel, account, category, urgency, language (of the
    opening message), episode, opened_at, due_at, end, ended_at, agent (e-mail), outside, is_first,
    reason (why no reply was needed), id, target (of the public policy, such as `24h`), tagged_at.
    Not `tagged`: without tags, which is cheaper.
    """
    return session.execute(turns_of(span, tagged=tagged)).all()


def turn_parts(
    session: Session, span: Span, *, only: Collection[int] | None = None
) -> Iterator[Sequence[AnyRow]]:
    """The same, some at a time, so that memory stays flat. Of `only` these conversations: all of
    their turns, also those that have nothing to do with the span."""
    if only is None:
        found = turns_of(span)
    else:
        here = in_many(session, TurnRow.conversation_id, only)
        found = _turns(span.as_of).where(here)
    return parts(session, found)


def parts(session: Session, found: Select[*tuple[Any, ...]]) -> Iterator[Sequence[AnyRow]]:
    """What a question finds, some rows at a time; past the session, which would hold rows twice."""
    line = session.connection()
    yield from line.execute(found, execution_options={"yield_per": AT_ONCE}).partitions()


def turns_of(
    span: Span, *, tagged: bool = True, open_too: bool = False
) -> Select[*tuple[Any, ...]]:
    """The question behind `turns`; with `open_too`, behind `standing` as well."""
    touched = or_(
        *(within(at, span) for at in (TurnRow.due_at, TurnRow.opened_at, TurnRow.ended_at)),
        *((TurnRow.id.in_(_standing(span.as_of)),) if open_too else ()),
    )
    return _turns(span.as_of, tagged=tagged).where(touched)


def standing(session: Session, as_of: datetime, *, tagged: bool = True) -> Sequence[AnyRow]:
    """Evidence of every turn open at `as_of`, and of some others.

    Columns and `tagged` as in `turns`. What is open now is found through the list of
    conversations, what was ended since through the time of its end, so evidence of the past is not
    read.
    """
    found = _turns(as_of, tagged=tagged).where(TurnRow.id.in_(_standing(as_of)))
    return session.execute(found).all()


def clocks(session: Session, as_of: datetime) -> Sequence[AnyRow]:
    """How the same turns stand, each read once: id, conversation_id, opened_at, due_at, end,
    ended_at. Past the session: they may be many."""
    t = TurnRow
    columns = (t.id, t.conversation_id, t.opened_at, t.due_at, t.end, t.ended_at)
    since = select(*columns).where(t.superseded_at.is_(None), t.ended_at > as_of)
    now = open_now().with_only_columns(*columns)
    return session.connection().execute(union_all(now, since)).all()


def _standing(as_of: datetime) -> Select[int]:
    ended_since = select(TurnRow.id).where(TurnRow.ended_at > as_of)
    either = union_all(open_now(), ended_since).subquery()
    return select(either.c.id)


def some_turns(session: Session, ids: Sequence[int], as_of: datetime) -> list[AnyRow]:
    """These turns, with the columns of `turns`."""
    found: list[AnyRow] = []
    for part in chunks(ids):
        found += session.execute(_turns(as_of).where(TurnRow.id.in_(part)))
    return found


def open_now(session: Session | None = None, only: Collection[int] | None = None) -> Select[int]:
    """The ids of turns that are open, through the list of conversations; of `only` these. Open is
    what has no end: asked for its time, SQLite would begin with an index of all turns."""
    found = (
        select(TurnRow.id)
        .join(Conversation, Conversation.id == TurnRow.conversation_id)
        .where(Conversation.status.in_((OPEN, SNOOZED)), Conversation.due_at.is_not(None))
        .where(TurnRow.superseded_at.is_(None), TurnRow.end.is_(None))
    )
    if session is None or only is None:
        return found
    return found.where(in_many(session, Conversation.id, only))


def messages(session: Session, span: Span, *, tagged: bool = True) -> Sequence[AnyRow]:
    """Customers' messages sent in the span, deleted ones and spam too, with their turns' tags.

    Columns: conversation_id, channel, account, category, urgency, language, sent_at. Not `tagged`:
    without tags, which is cheaper.
    """
    return session.execute(messages_of(span, tagged=tagged)).all()


def messages_of(span: Span, *, tagged: bool = True) -> Select[*tuple[Any, ...]]:
    """The question behind `messages`."""
    found = (
        select(
            Message.conversation_id,
            Account.channel,
            Account.handle.label("account"),
            *_tags(tagged),
            Message.lang.label("language"),
            Message.sent_at,
        )
        .select_from(Message)
        .join(Account, Account.id == Message.account_id)
        .where(within(Message.sent_at, span), Message.role == "customer")
    )
    if tagged:
        found = found.outerjoin(Tagging, tag_of_message(span.as_of))
    return found


def openings(session: Session, ids: Collection[int], as_of: datetime) -> Sequence[AnyRow]:
    """Of messages that opened turns: id, channel, account, language, category and urgency of the
    turn as of then, tagged_at."""
    found = (
        select(Message.id, Account.channel, Account.handle.label("account"))
        .add_columns(Message.lang.label("language"), *_tags(True), Tagging.at.label("tagged_at"))
        .join(Account, Account.id == Message.account_id)
        .outerjoin(Tagging, Tagging.id == _tag_id(Message.conversation_id, Message.id, as_of))
        .where(in_many(session, Message.id, ids))
    )
    return session.execute(found).all()


def tag_of_message(as_of: datetime) -> ColumnElement[bool]:
    """Joins a message with the tag of its turn."""
    found: ColumnElement[bool] = Tagging.id == _tag_id(
        Message.conversation_id, Message.opener_id, as_of
    )
    return found


def evidence(session: Session, turn_ids: Sequence[int]) -> dict[int, AnyRow]:
    """What proves a verdict, by id of the turn.

    Columns: id, name and handle of the customer, contact (the platform's id of the customer),
    opened_by, stored_at (of the opening message), policy, calendar, agent (the name of who ended
    it, None outside).
    """
    rows: dict[int, AnyRow] = {}
    for part in chunks(turn_ids):
        found = (
            select(
                TurnRow.id,
                Contact.name,
                Contact.handle,
                Contact.external_id.label("contact"),
                TurnRow.opened_by,
                Message.stored_at,
                TurnRow.policy,
                TurnRow.calendar,
                User.name.label("agent"),
            )
            .join(Conversation, Conversation.id == TurnRow.conversation_id)
            .join(Contact, Contact.id == Conversation.contact_id)
            .join(Message, Message.id == TurnRow.opened_by)
            .outerjoin(User, User.id == TurnRow.agent_id)
            .where(TurnRow.id.in_(part))
        )
        rows |= {row.id: row for row in session.execute(found)}
    return rows


def people(session: Session, conversation_ids: Sequence[int]) -> dict[int, AnyRow]:
    """Whose each conversation is, by its id. Columns: id, channel, name, handle, contact."""
    rows: dict[int, AnyRow] = {}
    for part in chunks(conversation_ids):
        found = (
            select(
                Conversation.id,
                Account.channel,
                Contact.name,
                Contact.handle,
                Contact.external_id.label("contact"),
            )
            .join(Account, Account.id == Conversation.account_id)
            .join(Contact, Contact.id == Conversation.contact_id)
            .where(Conversation.id.in_(part))
        )
        rows |= {row.id: row for row in session.execute(found)}
    return rows


def names(session: Session, emails: Sequence[str]) -> dict[str, str]:
    """People's names by e-mail address."""
    found = select(User.email, User.name).where(User.email.in_(emails))
    return {email: name for email, name in session.execute(found)}


def editions_of(session: Session, kind: str, firsts: Sequence[date]) -> set[date]:
    """Which of these days, weeks or months, by their first day, have an edition."""
    found = select(Edition.local_date).where(Edition.kind == kind, Edition.local_date.in_(firsts))
    return set(session.scalars(found))


def edition(session: Session, kind: str, first: date, number: int | None = None) -> Edition | None:
    """The edition of that number; the newest without one."""
    found = select(Edition).where(Edition.kind == kind, Edition.local_date == first)
    if number is not None:
        found = found.where(Edition.edition == number)
    return session.scalars(found.order_by(Edition.edition.desc()).limit(1)).first()


def add_edition(session: Session, row: dict[str, Any]) -> int | None:
    """The new edition's id; None when (kind, local_date, edition) exists: another was first."""
    statement = insert(session, Edition).on_conflict_do_nothing()
    made: int | None = session.execute(
        statement.values(**row).returning(Edition.__table__.c.id)
    ).scalar()
    return made


def next_edition(session: Session, kind: str, first: date) -> int:
    """The number after the newest one's, 1 when there is none."""
    found = select(func.max(Edition.edition)).where(Edition.kind == kind)
    return (session.scalar(found.where(Edition.local_date == first)) or 0) + 1


def within(at: InstrumentedAttribute[Any], span: Span) -> ColumnElement[bool]:
    """Whether an instant lies in the span."""
    return and_(at >= span.start, at < span.end)


def _tags(tagged: bool) -> tuple[ColumnElement[Any], ...]:
    both = (Tagging.category, Tagging.urgency)
    return tuple((column if tagged else null()).label(column.key) for column in both)


def _turns(as_of: datetime, *, tagged: bool = True) -> Select[*tuple[Any, ...]]:
    found = (
        select(
            TurnRow.conversation_id,
            Account.channel,
            Account.handle.label("account"),
            *_tags(tagged),
            Message.lang.label("language"),
            TurnRow.episode,
            TurnRow.opened_at,
            TurnRow.due_at,
            TurnRow.end,
            TurnRow.ended_at,
            User.email.label("agent"),
            TurnRow.outside,
            TurnRow.is_first,
            TurnRow.reason,
            TurnRow.id,
            TurnRow.policy["target"].as_string().label("target"),
            (Tagging.at if tagged else null()).label("tagged_at"),
        )
        .join(Conversation, Conversation.id == TurnRow.conversation_id)
        .join(Account, Account.id == Conversation.account_id)
        .outerjoin(Message, Message.id == TurnRow.opened_by)
        .outerjoin(User, User.id == TurnRow.agent_id)
        .where(TurnRow.superseded_at.is_(None))
    )
    if tagged:
        tag_id = _tag_id(TurnRow.conversation_id, TurnRow.opened_by, as_of)
        found = found.outerjoin(Tagging, Tagging.id == tag_id)
    return found


def _tag_id(
    conversation_id: InstrumentedAttribute[Any],
    opener_id: InstrumentedAttribute[Any],
    as_of: datetime,
) -> ColumnElement[int]:
    """The tag that a turn had at `as_of`; its first one when it was tagged later."""
    tagging = aliased(Tagging)
    of_turn = select(tagging.id).where(
        tagging.conversation_id == conversation_id, tagging.opener_id == opener_id
    )
    then = of_turn.where(tagging.at <= as_of).order_by(tagging.at.desc(), tagging.id.desc())
    first = of_turn.order_by(tagging.at, tagging.id)
    return func.coalesce(then.limit(1).scalar_subquery(), first.limit(1).scalar_subquery())
