"""Complaints as stored, and the brand's own templates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import chunks, insert
from inbox.store.tables import Complaint, ComplaintTemplate, Message

_MESSAGE: Any = (Message, Message.id == Complaint.message_id)


def standing(session: Session, ids: Sequence[int]) -> dict[int, list[Complaint]]:
    """The complaints of these conversations that were not undone, oldest first. A complaint belongs
    where its message is, also when that was moved to another conversation since."""
    found: dict[int, list[Complaint]] = {}
    for part in chunks(ids):
        rows = select(Complaint, Message.conversation_id).join(*_MESSAGE)
        rows = rows.where(Message.conversation_id.in_(part), Complaint.undone_at.is_(None))
        fresh = rows.order_by(Complaint.id).execution_options(populate_existing=True)
        for complaint, conversation_id in session.execute(fresh):
            found.setdefault(conversation_id or 0, []).append(complaint)
    return found


def of_conversation(session: Session, conversation_id: int) -> Sequence[Complaint]:
    """All of them, newest first, undone ones too."""
    found = select(Complaint).join(*_MESSAGE).where(Message.conversation_id == conversation_id)
    return session.scalars(found.order_by(Complaint.id.desc())).all()


def add(session: Session, row: dict[str, Any]) -> int:
    made: int = session.scalars(insert(session, Complaint).returning(Complaint.id), [row]).one()
    return made


def undo(session: Session, complaint_id: int, actor: str, why: str, now: datetime) -> bool:
    """False: it was undone before."""
    return _change(session, complaint_id, undone_at=now, undone_by=actor, undone_why=why)


def end(
    session: Session, complaint_id: int, message_id: int | None, actor: str, now: datetime
) -> bool:
    """Which answer was the final response; None takes that back. False: it was undone."""
    at = None if message_id is None else now
    by = None if message_id is None else actor
    return _change(session, complaint_id, final_id=message_id, final_at=at, final_by=by)


def _change(session: Session, complaint_id: int, **values: Any) -> bool:
    changed = session.execute(
        update(Complaint)
        .where(Complaint.id == complaint_id, Complaint.undone_at.is_(None))
        .values(**values),
        execution_options={"synchronize_session": False},
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def templates(session: Session) -> Sequence[ComplaintTemplate]:
    """The brand's own, by name."""
    return session.scalars(select(ComplaintTemplate).order_by(ComplaintTemplate.id)).all()


def put_template(session: Session, row: dict[str, Any]) -> None:
    """Adds one, or replaces that of its id: complaints keep what they were marked with."""
    added = insert(session, ComplaintTemplate).values(**row)
    changed = {key: added.excluded[key] for key in ("said", "made_at", "made_by")}
    session.execute(added.on_conflict_do_update(index_elements=["id"], set_=changed))


def remove_template(session: Session, template_id: str) -> bool:
    gone = session.execute(delete(ComplaintTemplate).where(ComplaintTemplate.id == template_id))
    return isinstance(gone, CursorResult) and gone.rowcount == 1
