"""How program and platforms served the team in a report's period."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from inbox.store import reports
from inbox.store.learning import changed_by_agent
from inbox.store.reports import Span
from inbox.store.sql import AnyRow
from inbox.store.tables import (
    Account,
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


def sent(span: Span) -> tuple[ColumnElement[bool], ...]:
    """Customers' messages of the span, up to as-of."""
    known = Message.sent_at <= span.as_of
    return Message.role == "customer", reports.within(Message.sent_at, span), known


def tagged(session: Session, span: Span) -> AnyRow:
    """One row: messages, confidence (their sum), asked, turns, masked; see
    `reports.figures_service.Tagged`."""
    return session.execute(
        select(
            _count(TAGGED).label("messages"),
            func.sum(Message.category_confidence).filter(TAGGED).label("confidence"),
            _count(TAGGED & Message.needs_review).label("asked"),
            _count(TAGGED & OPENS).label("turns"),
            _count(MASKED).label("masked"),
        ).where(*sent(span))
    ).one()


def corrected(span: Span) -> ColumnElement[bool]:
    """Whether a message opened a turn of which an agent changed the tag by as-of."""
    changed = select(Tagging.id).where(
        Tagging.conversation_id == Message.conversation_id,
        Tagging.opener_id == Message.id,
        Tagging.at <= span.as_of,
        changed_by_agent(),
    )
    return and_(TAGGED, OPENS, changed.exists())


def corrections(session: Session, span: Span) -> int:
    """How many turns' tags agents changed."""
    found = select(func.count()).select_from(Message).where(*sent(span), corrected(span))
    return session.scalar(found) or 0


def corrected_turns(session: Session, span: Span) -> Sequence[int]:
    """The ids of these turns."""
    found = select(TurnRow.id).join(Message, Message.id == TurnRow.opened_by)
    found = found.where(TurnRow.superseded_at.is_(None), *sent(span), corrected(span))
    return session.scalars(found).all()


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


def _count(of: ColumnElement[bool]) -> ColumnElement[int]:
    counted: ColumnElement[int] = func.coalesce(func.sum(cast(of, Integer)), 0)
    return counted
