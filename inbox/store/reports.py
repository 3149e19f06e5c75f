"""What a report reads, in bulk and as columns.

The rows of one day are found by index: a report of a day reads only that day.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from inbox.domain.conversation import OPEN, SNOOZED
from inbox.store.sql import AnyRow, chunks, in_many
from inbox.store.tables import (
    Account,
    CaseClockRow,
    Contact,
    Conversation,
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


def turns(
    session: Session, span: Span, *, tagged: bool = True, known: datetime | None = None
) -> Sequence[AnyRow]:
    """Evidence of each turn that was due, opened or ended in the span, tagged as of then: what is
    in force now, or stood at `known`, when a stored report was made.

    Columns, in this order: conversation_id, channel, account, category, urgency, language (of the
    opening message), episode, opened_at, due_at, end, ended_at, agent (e-mail), outside, is_first,
    reason (why no reply was needed), id, target (of the public policy, such as `24h`), tagged_at.
    Not `tagged`: without tags, which is cheaper.
    """
    found = _turns(span.as_of, tagged=tagged, known=known).where(or_(*_touching(span)))
    return session.execute(found).all()


def turn_parts(
    session: Session, span: Span, *, only: Collection[int] | None = None
) -> Iterator[Sequence[AnyRow]]:
    """The same, some at a time, so that memory stays flat. Of `only` these conversations: all of
    their turns, also those that have nothing to do with the span."""
    found = _turns(span.as_of)
    if only is not None:
        return parts(session, found.where(in_many(session, TurnRow.conversation_id, only)))
    due, opened, ended = _touching(span)  # apart: of either, SQLite would remember each row it gave
    each = (due,), (opened, ~due), (ended, ~due, ~opened)
    return parts(session, union_all(*(found.where(*one) for one in each)))


def parts(
    session: Session, found: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
) -> Iterator[Sequence[AnyRow]]:
    """What a question finds, some rows at a time; past the session, which would hold rows twice."""
    line = session.connection()
    yield from line.execute(found, execution_options={"yield_per": AT_ONCE}).partitions()


def turns_known(span: Span, known: datetime) -> Select[*tuple[Any, ...]]:
    """As `turns_of`, by the evidence and the tags that stood at `known`."""
    return _turns(span.as_of, known=known).where(or_(*_touching(span), _was_open(span.as_of)))


def _was_open(as_of: datetime) -> ColumnElement[bool]:
    ended_since = or_(TurnRow.end.is_(None), TurnRow.ended_at > as_of)
    return and_(TurnRow.opened_at <= as_of, ended_since)


def turns_of(span: Span) -> Select[*tuple[Any, ...]]:
    """The question behind `turns` and `standing` together."""
    touched = or_(*_touching(span), TurnRow.id.in_(_standing(span.as_of)))
    return _turns(span.as_of).where(touched)


def _touching(span: Span) -> Iterator[ColumnElement[bool]]:
    """Due, opened or ended in the span."""
    return (within(at, span) for at in (TurnRow.due_at, TurnRow.opened_at, TurnRow.ended_at))


def standing(
    session: Session, as_of: datetime, *, tagged: bool = True, known: datetime | None = None
) -> Sequence[AnyRow]:
    """Evidence of every turn open at `as_of`, and of some others.

    Columns, `tagged` and `known` as in `turns`. What is open now is found through the list of
    conversations, what was ended since through the time of its end, so evidence of the past is not
    read.
    """
    then = TurnRow.id.in_(_standing(as_of)) if known is None else _was_open(as_of)
    found = _turns(as_of, tagged=tagged, known=known).where(then)
    return session.execute(found).all()


def clocks(session: Session, as_of: datetime) -> Iterator[Sequence[AnyRow]]:
    """How the same turns stand, each read once and some at a time: id, conversation_id, opened_at,
    due_at, end, ended_at."""
    t = TurnRow
    columns = (t.id, t.conversation_id, t.opened_at, t.due_at, t.end, t.ended_at)
    since = select(*columns).where(t.superseded_at.is_(None), t.ended_at > as_of)
    now = open_now().with_only_columns(*columns)
    return parts(session, union_all(now, since))


def _standing(as_of: datetime) -> Select[int]:
    ended_since = select(TurnRow.id).where(TurnRow.ended_at > as_of)
    either = union_all(open_now(), ended_since).subquery()
    return select(either.c.id)


def some_turns(
    session: Session, ids: Sequence[int], as_of: datetime, known: datetime | None = None
) -> list[AnyRow]:
    """These turns, with the columns of `turns`."""
    found: list[AnyRow] = []
    for part in chunks(ids):
        found += session.execute(_turns(as_of, known=known).where(TurnRow.id.in_(part)))
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


def messages_of(
    span: Span, *, tagged: bool = True, known: datetime | None = None
) -> Select[*tuple[Any, ...]]:
    """The question behind `messages`; those that were stored at `known`, tagged as then."""
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
        found = found.outerjoin(Tagging, tag_of_message(span.as_of, known))
    return found if known is None else found.where(Message.stored_at <= known)


def openings(
    session: Session, ids: Collection[int], as_of: datetime, known: datetime | None = None
) -> Sequence[AnyRow]:
    """Of messages that opened turns: id, channel, account, language, category and urgency of the
    turn as of then, tagged_at."""
    found = (
        select(Message.id, Account.channel, Account.handle.label("account"))
        .add_columns(Message.lang.label("language"), *_tags(True), Tagging.at.label("tagged_at"))
        .join(Account, Account.id == Message.account_id)
        .outerjoin(
            Tagging, Tagging.id == _tag_id(Message.conversation_id, Message.id, as_of, known)
        )
        .where(in_many(session, Message.id, ids))
    )
    return session.execute(found).all()


def tag_of_message(as_of: datetime, known: datetime | None = None) -> ColumnElement[bool]:
    """Joins a message with the tag of its turn; of the turn that it was in at `known`."""
    opener = Message.opener_id if known is None else _opener_at(known)
    found: ColumnElement[bool] = Tagging.id == _tag_id(
        Message.conversation_id, opener, as_of, known
    )
    return found


def opened_at(known: datetime) -> ColumnElement[bool]:
    """Whether a message was taken at `known` to have opened a turn."""
    its = TurnRow.conversation_id == Message.conversation_id, TurnRow.opened_by == Message.id
    return select(TurnRow.id).where(*its, stood(TurnRow, known)).correlate(Message).exists()


def _opener_at(known: datetime) -> ColumnElement[int]:
    its = TurnRow.conversation_id == Message.conversation_id, TurnRow.opened_at <= Message.sent_at
    found = select(TurnRow.opened_by).where(*its, stood(TurnRow, known)).correlate(Message)
    newest = found.order_by(TurnRow.opened_at.desc(), TurnRow.seq.desc()).limit(1)
    return func.coalesce(newest.scalar_subquery(), Message.opener_id)


def stood(
    row: type[TurnRow] | type[CaseClockRow], known: datetime | None = None
) -> ColumnElement[bool]:
    """Of a clock's evidence: that in force now, or at `known`."""
    if known is None:
        return row.superseded_at.is_(None)
    return and_(row.evaluated_at <= known, holds(row.superseded_at, known))


def holds(
    at: InstrumentedAttribute[datetime | None], known: datetime | None = None
) -> ColumnElement[bool]:
    """Whether something stands that ends at this moment: now, or at `known`."""
    return at.is_(None) if known is None else or_(at.is_(None), at > known)


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


def within(at: InstrumentedAttribute[Any], span: Span) -> ColumnElement[bool]:
    """Whether an instant lies in the span."""
    return and_(at >= span.start, at < span.end)


def _tags(tagged: bool) -> tuple[ColumnElement[Any], ...]:
    both = (Tagging.category, Tagging.urgency)
    return tuple((column if tagged else null()).label(column.key) for column in both)


def _turns(
    as_of: datetime, *, tagged: bool = True, known: datetime | None = None
) -> Select[*tuple[Any, ...]]:
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
        .where(stood(TurnRow, known))
    )
    if tagged:
        tag_id = _tag_id(TurnRow.conversation_id, TurnRow.opened_by, as_of, known)
        found = found.outerjoin(Tagging, Tagging.id == tag_id)
    return found


def _tag_id(
    conversation_id: InstrumentedAttribute[Any],
    opener_id: ColumnElement[Any] | InstrumentedAttribute[Any],
    as_of: datetime,
    known: datetime | None = None,
) -> ColumnElement[int]:
    """The tag that a turn had at `as_of`; its first one when it was tagged later. Of those that
    were made by `known`."""
    tagging = aliased(Tagging)
    of_turn = select(tagging.id).where(
        tagging.conversation_id == conversation_id, tagging.opener_id == opener_id
    )
    if known is not None:
        of_turn = of_turn.where(tagging.at <= known)
    then = of_turn.where(tagging.at <= as_of).order_by(tagging.at.desc(), tagging.id.desc())
    first = of_turn.order_by(tagging.at, tagging.id)
    return func.coalesce(then.limit(1).scalar_subquery(), first.limit(1).scalar_subquery())
