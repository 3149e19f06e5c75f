"""Mails with a link that are still to leave."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import Letter


def ask(session: Session, key: str, id_: int, now: datetime) -> None:
    """A letter about `user_id` or `invitation_id`; one that waits already begins anew."""
    row = {key: id_, "asked_at": now, "failures": 0, "not_before": None, "error": None}
    statement = insert(session, Letter).values(**row)
    anew = ["asked_at", "failures", "not_before", "error"]
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[key], set_={column: statement.excluded[column] for column in anew}
        )
    )


def due(session: Session, now: datetime) -> Sequence[Letter]:
    """What may be sent now, first asked first."""
    ready = Letter.not_before.is_(None) | (Letter.not_before <= now)
    found = select(Letter).where(Letter.error.is_(None), ready)
    return session.scalars(found.order_by(Letter.asked_at, Letter.id)).all()


def done(session: Session, letter: Letter) -> None:
    """The server took it. If it was asked for again meanwhile, the new one stays."""
    session.execute(
        delete(Letter).where(Letter.id == letter.id, Letter.asked_at == letter.asked_at)
    )


def put_off(session: Session, letter: Letter, not_before: datetime) -> None:
    """The server could not take it now."""
    session.execute(
        update(Letter)
        .where(Letter.id == letter.id, Letter.asked_at == letter.asked_at)
        .values(failures=Letter.failures + 1, not_before=not_before)
    )


def refused(session: Session, letter: Letter, error: str) -> None:
    """The server will never take it."""
    session.execute(update(Letter).where(Letter.id == letter.id).values(error=error))


def forget_old_resets(session: Session, now: datetime, after: timedelta) -> None:
    """Nobody waits any more for a link that was asked for so long ago."""
    session.execute(
        delete(Letter).where(Letter.user_id.is_not(None), Letter.asked_at <= now - after)
    )
