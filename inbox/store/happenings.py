"""What platforms told of messages by name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.store.sql import chunks, insert
from inbox.store.tables import Happening


def add(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stores what is new; returns those rows. The first word of a kind stands."""
    fresh: list[dict[str, Any]] = []
    for row in rows:
        statement = (
            insert(session, Happening)
            .values(**row)
            .on_conflict_do_nothing()
            .returning(Happening.subject)
        )
        if session.scalar(statement) is not None:
            fresh.append(row)
    return fresh


def of(session: Session, account_id: int, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """What was told of these subjects, in order of its time."""
    found: list[dict[str, Any]] = []
    for part in chunks(subjects):
        rows = session.scalars(
            select(Happening)
            .where(Happening.account_id == account_id, Happening.subject.in_(part))
            .order_by(Happening.at)
        )
        found += [
            {"subject": row.subject, "kind": row.kind, "at": row.at, "reason": row.reason}
            for row in rows
        ]
    return found
