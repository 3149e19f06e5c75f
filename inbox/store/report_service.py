"""How program and platforms served the team in a report's period."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from inbox.store import reports
from inbox.store.learning import changed_by_agent
from inbox.store.reports import Span
from inbox.store.sql import AnyRow, in_many, quarter
from inbox.store.tables import (
    Account,
    Conversation,
    Message,
    Outage,
    Tagging,
    TeamAccount,
    TeamRow,
    TurnRow,
)

MASKED: ColumnElement[bool] = cast(Message.findings, String) != "[]"
TAGGED: ColumnElement[bool] = Message.category.is_not(None)
OPENS: ColumnElement[bool] = Message.opener_id == Message.id
MILLIONTHS: ColumnElement[int] = cast(
    func.round(Message.category_confidence * 1_000_000), BigInteger
)


def sent(span: Span) -> tuple[ColumnElement[bool], ...]:
    """Customers' messages of the span, up to as-of."""
    known = Message.sent_at <= span.as_of
    return Message.role == "customer", reports.within(Message.sent_at, span), known


def heard(
    session: Session,
    span: Span,
    *,
    apart: bool = False,
    only: Collection[int] | None = None,
) -> Iterator[Sequence[AnyRow]]:
    """How many customers' messages of the span, up to as-of, were alike, some rows at a time.

    Columns: conversation_id (0 where they are not kept `apart`), account_id, category, urgency,
    language, quarter (of an hour since 1970), many, tagged, asked, turns, corrected, masked,
    confidence (in millionths, their sum; see `reports.figures_service.Tagged`), tagged_at (the
    latest). Of `only` these conversations; number 0 is of messages that have none.
    """
    m = Message
    mine = (func.coalesce(m.conversation_id, 0) if apart else literal(0)).label("conversation_id")
    at = quarter(session, m.sent_at)
    alike = (m.account_id, Tagging.category, Tagging.urgency, m.lang, at)
    changed = case((TAGGED & OPENS, corrected(span)), else_=false())
    found = (
        select(
            *(mine, m.account_id, Tagging.category, Tagging.urgency),
            m.lang.label("language"),
            at.label("quarter"),
            func.count().label("many"),
            _count(TAGGED).label("tagged"),
            _count(TAGGED & m.needs_review).label("asked"),
            _count(TAGGED & OPENS).label("turns"),
            _count(changed).label("corrected"),
            _count(MASKED).label("masked"),
            func.coalesce(func.sum(MILLIONTHS).filter(TAGGED), 0).label("confidence"),
            func.max(Tagging.at).label("tagged_at"),
        )
        .select_from(m)
        .outerjoin(Tagging, reports.tag_of_message(span.as_of))
        .where(*sent(span))
        .group_by(*alike, *((m.conversation_id,) if apart else ()))
    )
    if only is not None:
        here = in_many(session, m.conversation_id, only)
        found = found.where(or_(here, m.conversation_id.is_(None)) if 0 in only else here)
    return reports.parts(session, found)


def said_of(span: Span, known: datetime | None = None) -> tuple[ColumnElement[Any], ...]:
    """Of one message what `heard` counts: columns tagged, asked, opens, corrected, masked and
    confidence. `opens`: as it was taken at `known`."""
    opens = OPENS if known is None else reports.opened_at(known)
    return (
        TAGGED.label("tagged"),
        (TAGGED & Message.needs_review).label("asked"),
        (TAGGED & opens).label("opens"),
        corrected(span, opens).label("corrected"),
        MASKED.label("masked"),
        MILLIONTHS.label("confidence"),
    )


def corrected(span: Span, opens: ColumnElement[bool] = OPENS) -> ColumnElement[bool]:
    """Whether a message opened a turn of which an agent changed the tag by as-of."""
    changed = select(Tagging.id).where(
        Tagging.conversation_id == Message.conversation_id,
        Tagging.opener_id == Message.id,
        Tagging.at <= span.as_of,
        changed_by_agent(),
    )
    return and_(TAGGED, opens, changed.correlate(Message).exists())


def tagged_turns(
    session: Session, span: Span, known: datetime | None = None, *, changed: bool
) -> Sequence[int]:
    """The ids of the turns that a message of the span opened which the classifier tagged; of those
    that were `changed` by an agent. As it stood at `known`."""
    opens = OPENS if known is None else reports.opened_at(known)
    found = select(TurnRow.id).join(Message, Message.id == TurnRow.opened_by)
    found = found.where(reports.stood(TurnRow, known), *sent(span), TAGGED & opens)
    found = found.where(Message.stored_at <= known) if known is not None else found
    return session.scalars(found.where(corrected(span, opens)) if changed else found).all()


def silences(session: Session, span: Span) -> Sequence[AnyRow]:
    """Outages that reach into the span: channel, handle, silent_since, ended_at."""
    o = Outage
    return session.execute(
        select(Account.channel, Account.handle, o.silent_since, o.ended_at)
        .join(Account, Account.id == o.account_id)
        .where(o.silent_since < span.end, or_(o.ended_at.is_(None), o.ended_at > span.start))
        .order_by(o.id)
    ).all()


def served(session: Session) -> dict[str, tuple[str, ...]]:
    """The names of the teams that serve each account (channel and handle), in order."""
    rows = session.execute(
        select(Account.channel, Account.handle, TeamRow.name)
        .join(TeamAccount, TeamAccount.account_id == Account.id)
        .join(TeamRow, TeamRow.id == TeamAccount.team_id)
        .order_by(TeamRow.name_key)
    )
    found: dict[str, tuple[str, ...]] = {}
    for channel, handle, name in rows:
        account = f"{channel} {handle}"
        found[account] = (*found.get(account, ()), name)
    return found


def languages(session: Session) -> list[str]:
    """Those that conversations are in, one step along their index for each."""
    found: list[str] = []
    lang = Conversation.lang
    while one := session.scalar(select(func.min(lang)).where(lang > (found or [""])[-1])):
        found.append(one)
    return found


def _count(of: ColumnElement[bool]) -> ColumnElement[int]:
    counted: ColumnElement[int] = func.coalesce(func.sum(cast(of, Integer)), 0)
    return counted
