"""Times in which accounts did not deliver."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from inbox.store.tables import Account, Conversation, Outage


@dataclass(frozen=True, slots=True)
class Open:
    """An outage under way."""

    id: int
    level: str


def open_by_account(session: Session) -> dict[int, Open]:
    """Outages under way, by account."""
    found = select(Outage.account_id, Outage.id, Outage.level).where(Outage.ended_at.is_(None))
    return {account: Open(id_, level) for account, id_, level in session.execute(found)}


def open_of(session: Session, account_id: int) -> Outage | None:
    """The account's outage under way."""
    found = select(Outage).where(Outage.account_id == account_id, Outage.ended_at.is_(None))
    return session.scalars(found.order_by(Outage.id.desc()).limit(1)).first()


def begin(
    session: Session,
    account_id: int,
    silent_since: datetime,
    level: str,
    reason: str | None,
    now: datetime,
) -> None:
    """A new outage."""
    session.add(
        Outage(
            account_id=account_id,
            silent_since=silent_since,
            began_at=now,
            level=level,
            reason=reason,
        )
    )


def end(
    session: Session, outage: Outage, now: datetime, arrived: int, late: int, *, tell: bool
) -> None:
    """The account delivers again (or a person took it out: then nobody is told)."""
    outage.ended_at, outage.arrived, outage.late = now, arrived, late
    if not tell or outage.began_mailed_at is None:
        outage.ended_mailed_at = now  # who was not told of the beginning is not told of the end
    if outage.began_mailed_at is None:
        outage.began_mailed_at = now
    session.flush()


def late_now(session: Session, account_id: int, now: datetime) -> int:
    """Open conversations of the account past their due time."""
    found = select(func.count()).where(
        Conversation.account_id == account_id,
        Conversation.status == "open",
        Conversation.due_at < now,
    )
    return session.scalar(found) or 0


def to_mail(session: Session, now: datetime) -> Sequence[tuple[Outage, Account]]:
    """Outages whose beginning or end is still to be told, with their accounts."""
    told_of_beginning = Outage.began_mailed_at.is_not(None)
    worth = or_(Outage.level.in_(("alarm", "critical")), Account.state == "revoked")
    begins = Outage.began_mailed_at.is_(None) & Outage.ended_at.is_(None) & worth
    ends = told_of_beginning & Outage.ended_at.is_not(None) & Outage.ended_mailed_at.is_(None)
    rested = or_(Outage.mail_not_before.is_(None), Outage.mail_not_before <= now)
    found = (
        select(Outage, Account)
        .join(Account, Account.id == Outage.account_id)
        .where(or_(begins, ends), rested)
        .order_by(Outage.id)
    )
    return [(outage, account) for outage, account in session.execute(found)]


def recent(session: Session, account_id: int, most: int = 5) -> Sequence[Outage]:
    """The newest outages of an account."""
    found = select(Outage).where(Outage.account_id == account_id)
    return session.scalars(found.order_by(Outage.id.desc()).limit(most)).all()
