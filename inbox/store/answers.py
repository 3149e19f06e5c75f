"""Canned answers: who sees which, their versions, and how often each was used."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inbox.domain.answers import Canned
from inbox.store import scope
from inbox.store.sql import AnyRow
from inbox.store.tables import CannedAnswer, CannedVersion, Conversation, Message, User

TEAM = 0
MOST = 1_000
"""Answers that anybody sees at once: more are not offered."""


class ShortcutTaken(ValueError):
    """Another answer has it."""


def canned(row: CannedAnswer) -> Canned:
    """A row as the domain knows it."""
    return Canned(row.name, row.shortcut, row.texts, row.category, row.topic, row.uses, row.id)


def listed(
    session: Session, user_id: int, *, all_own: bool = False, most: int | None = MOST
) -> list[CannedAnswer]:
    """The team's answers and one's own, by name; with `all_own` those of everybody."""
    found = select(CannedAnswer).where(CannedAnswer.removed_at.is_(None))
    if not all_own:
        found = found.where(CannedAnswer.owner.in_((TEAM, user_id)))
    return list(session.scalars(found.order_by(CannedAnswer.name, CannedAnswer.id).limit(most)))


def one(session: Session, canned_id: int) -> CannedAnswer | None:
    """An answer, removed or not."""
    return session.get(CannedAnswer, canned_id)


def by_shortcut(session: Session, owner: int, shortcut: str) -> CannedAnswer | None:
    """The answer of the team or of a person that has this shortcut now."""
    found = select(CannedAnswer).where(
        CannedAnswer.owner == owner,
        CannedAnswer.shortcut == shortcut,
        CannedAnswer.removed_at.is_(None),
    )
    return session.scalar(found)


def add(session: Session, owner: int, written: Canned, by: str, now: datetime) -> CannedAnswer:
    """A new answer, version 1. Raises `ShortcutTaken`."""
    row = CannedAnswer(owner=owner, version=1, changed_at=now, **document(written))
    session.add(row)
    _flush(session)
    _keep(session, row, document(written), by)
    return row


def change(
    session: Session,
    row: CannedAnswer,
    written: Canned | None,
    by: str,
    now: datetime,
    owner: int | None = None,
) -> None:
    """The next version; None removes the answer. Raises `ShortcutTaken`."""
    for name, value in (document(written) if written else {}).items():
        setattr(row, name, value)
    row.owner = row.owner if owner is None else owner
    row.removed_at = now if written is None else None
    row.changed_at = now
    row.version += 1
    _flush(session)
    _keep(session, row, document(written) if written else None, by)


def document(written: Canned) -> dict[str, Any]:
    """What a version keeps."""
    return {
        "name": written.name,
        "shortcut": written.shortcut,
        "texts": dict(written.texts),
        "category": written.category,
        "topic": written.topic,
    }


def versions(session: Session, canned_id: int, most: int = 50) -> list[CannedVersion]:
    """What it was, the newest first."""
    found = select(CannedVersion).where(CannedVersion.canned_id == canned_id)
    return list(session.scalars(found.order_by(CannedVersion.version.desc()).limit(most)))


def version(session: Session, canned_id: int, number: int) -> CannedVersion | None:
    return session.get(CannedVersion, (canned_id, number))


def used(session: Session, canned_id: int, user_id: int, now: datetime) -> bool:
    """Counts one use of an answer that this person sees; False when they see none such."""
    done = session.execute(
        update(CannedAnswer)
        .where(CannedAnswer.id == canned_id, CannedAnswer.owner.in_((TEAM, user_id)))
        .values(uses=CannedAnswer.uses + 1, used_at=now)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def names_of(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
    """Names of people by id."""
    found = select(User.id, User.name).where(User.id.in_(list(ids)))
    return {row.id: row.name for row in session.execute(found)}


def titles(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    """Names of answers by id, removed or not."""
    if not ids:
        return {}
    found = select(CannedAnswer.id, CannedAnswer.name).where(CannedAnswer.id.in_(list(ids)))
    return {row.id: row.name for row in session.execute(found)}


def asked(session: Session, conversation_id: int) -> AnyRow | None:
    """(text, lang) of what the customer said last."""
    found = (
        select(Message.text, Message.lang)
        .where(Message.conversation_id == conversation_id, Message.role == "customer")
        .order_by(Message.sent_at.desc(), Message.id.desc())
    )
    return session.execute(found.limit(1)).first()


def newest_conversation(session: Session) -> int | None:
    """The conversation in which somebody wrote last, for a preview."""
    found = select(Conversation.id).where(*scope.seen(session))
    found = found.order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
    return session.scalar(found.limit(1))


def _keep(session: Session, row: CannedAnswer, written: dict[str, Any] | None, by: str) -> None:
    session.add(
        CannedVersion(
            canned_id=row.id, version=row.version, written=written, by=by, at=row.changed_at
        )
    )


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as e:
        raise ShortcutTaken from e
