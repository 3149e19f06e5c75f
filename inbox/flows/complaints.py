"""A person marks a customer's message as a complaint, takes that back, and says which answer was
the final response. Nothing and nobody else starts these clocks: the classifier may only propose."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import complaints as rules
from inbox.domain.complaints import SHIPPED, Template
from inbox.domain.written import Unclear
from inbox.flows.refold import refold
from inbox.flows.states import CannotMove, ReasonNeeded, reason_of
from inbox.store import audit, steps
from inbox.store import complaints as stored
from inbox.store import promises as stored_promises
from inbox.store.session import Store
from inbox.store.tables import Complaint, Message

PROPOSED: Final = "feedback"
TONE: Final = "angry"


def templates(session: Session) -> tuple[Template, ...]:
    """Those that came with the program, then the brand's own."""
    own = [rules.restored(row.said) for row in stored.templates(session)]
    return (*SHIPPED, *own)


def mark(
    store: Store,
    *,
    conversation_id: int,
    template_id: str,
    message_id: int,
    reason: str,
    actor: str,
    now: datetime,
) -> int:
    """The complaint's id. Its clocks start when the customer's message was written.

    Raises `ReasonNeeded` without words, and `CannotMove` where it does not fit.
    """
    words = reason_of(reason)
    if not words:
        raise ReasonNeeded(word("Say why it is a complaint."))
    with store.write() as session:
        steps.locked(session, conversation_id)
        template = next((one for one in templates(session) if one.id == template_id), None)
        if template is None:
            raise CannotMove(word("There is no such template."))
        _message(session, message_id, conversation_id, "customer")
        if open_complaint(session, conversation_id) is not None:
            raise CannotMove(word("It is marked as a complaint already."))
        row: dict[str, Any] = {
            "conversation_id": conversation_id,
            "template": rules.snapshot(template),
            "message_id": message_id,
            "reason": words,
            "marked_at": now,
            "marked_by": actor,
        }
        complaint_id = stored.add(session, row)
        detail = {"template": template_id, "message": message_id, "reason": words}
        _record(session, "complaint", conversation_id, actor, now, **detail)
    return complaint_id


def undo(store: Store, *, conversation_id: int, reason: str, actor: str, now: datetime) -> None:
    """It was none after all: its clocks are gone, and what was marked stays readable. Raises
    `ReasonNeeded` and `CannotMove`."""
    words = reason_of(reason)
    if not words:
        raise ReasonNeeded(word("Say why it is no complaint."))
    with store.write() as session:
        row = _newest(session, conversation_id)
        if not stored.undo(session, row.id, actor, words, now):
            raise CannotMove(word("It is not marked as a complaint."))
        _record(session, "undo_complaint", conversation_id, actor, now, reason=words)


def end(
    store: Store, *, conversation_id: int, message_id: int | None, actor: str, now: datetime
) -> None:
    """This answer was the final response; None takes that back. It counts from the platform's time
    of the answer, and no longer if the answer turns out not to have arrived. Raises `CannotMove`.
    """
    with store.write() as session:
        row = _newest(session, conversation_id)
        if message_id is not None:
            answer = _message(session, message_id, conversation_id, "ours")
            if answer.sent_at < session.get_one(Message, row.message_id).sent_at:
                raise CannotMove(word("That answer is older than the complaint."))
        stored.end(session, row.id, message_id, actor, now)
        action = "final_response" if message_id is not None else "undo_final_response"
        _record(session, action, conversation_id, actor, now, message=message_id)


def open_complaint(session: Session, conversation_id: int) -> Complaint | None:
    """The complaint that no answer was called the final response to."""
    rows = stored.standing(session, [conversation_id]).get(conversation_id, [])
    return next((row for row in reversed(rows) if row.final_id is None), None)


def proposes(category: str | None, tone: str | None) -> bool:
    """Whether the classifier's tag looks like a complaint. Somebody else decides."""
    return category == PROPOSED and tone == TONE


def change_template(store: Store, document: dict[str, Any], *, actor: str, now: datetime) -> str:
    """Adds a template of the brand's own, or replaces it; its id. Raises `Unclear`."""
    template = rules.written(document)
    with store.write() as session:
        if template.calendar not in stored_promises.promises(session).calendars:
            words = word("There is no calendar “{calendar}”.")
            raise Unclear(words, calendar=template.calendar)
        said = rules.snapshot(template)
        row = {"id": template.id, "said": said, "made_at": now, "made_by": actor}
        stored.put_template(session, row)
        audit.record(session, actor, "complaint.template", f"template:{template.id}", now, **said)
    return template.id


def remove_template(store: Store, template_id: str, *, actor: str, now: datetime) -> None:
    """Complaints that were marked with it keep it. Raises `Unclear`."""
    with store.write() as session:
        if not stored.remove_template(session, template_id):
            raise Unclear(word("There is no template “{id}” of your own."), id=template_id)
        subject = f"template:{template_id}"
        audit.record(session, actor, "complaint.template.remove", subject, now)


def _newest(session: Session, conversation_id: int) -> Complaint:
    steps.locked(session, conversation_id)
    rows = stored.standing(session, [conversation_id]).get(conversation_id)
    if not rows:
        raise CannotMove(word("It is not marked as a complaint."))
    return rows[-1]


def _message(session: Session, message_id: int, conversation_id: int, role: str) -> Message:
    row = session.get(Message, message_id)
    fits = row is not None and (row.conversation_id, row.role) == (conversation_id, role)
    if row is None or not fits or (role == "ours" and (row.automated or row.failed_at)):
        raise CannotMove(
            word("That is none of the customer’s messages here.")
            if role == "customer"
            else word("That is no answer of a person that arrived here.")
        )
    return row


def _record(
    session: Session, action: str, conversation_id: int, actor: str, now: datetime, **detail: Any
) -> None:
    refold(session, [conversation_id], now)
    audit.record(session, actor, action, f"conversation:{conversation_id}", now, **detail)
