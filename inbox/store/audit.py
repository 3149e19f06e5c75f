"""The audit log: what was done by whom, in the transaction that did it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import Audit


def record(
    session: Session, actor: str, action: str, subject: str, now: datetime, **detail: Any
) -> None:
    """`subject` is "noun:id"; `detail` must be JSON and free of secrets."""
    row = {"at": now, "actor": actor, "action": action, "subject": subject, "detail": detail}
    session.execute(insert(session, Audit), [row])


def newest(session: Session, subject: str, *actions: str) -> Audit | None:
    """The last time that one of these was done to it."""
    found = select(Audit).where(Audit.subject == subject, Audit.action.in_(actions))
    return session.scalar(found.order_by(Audit.id.desc()).limit(1))
