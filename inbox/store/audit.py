"""The audit log: what was done by whom, in the transaction that did it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import Audit


def record(
    session: Session, actor: str, action: str, subject: str, now: datetime, **detail: Any
) -> None:
    """`subject` is "noun:id"; `detail` must be JSON and free of secrets."""
    row = {"at": now, "actor": actor, "action": action, "subject": subject, "detail": detail}
    session.execute(insert(session, Audit), [row])
