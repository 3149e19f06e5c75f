"""Complaints by program: templates, marking, taking back, the final response."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from inbox.domain.complaints import snapshot
from inbox.flows import complaints
from inbox.store import complaints as stored
from inbox.web.api import conversations as reading
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Conversation, Reason, RowId, Taken
from inbox.web.api.steps import stepped
from inbox.web.desk import Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Complaints"])


class Deadline(BaseModel):
    """One date by which something is due."""

    key: str
    name: str
    target: str = Field(description="15bd, 56d, 24h, 8bh.")


class Template(BaseModel):
    """What a complaint of one kind must keep. No legal advice."""

    id: str
    name: str
    source: str = Field(description="Where it is written.")
    calendar: str
    pauses: bool = Field(description="Whether its clocks stand still while it is not on us.")
    deadlines: list[Deadline]


class Templates(BaseModel):
    """Those that came with the program, then the brand's own."""

    templates: list[Template]


class Complaint(BaseModel):
    """A message that a person marked as a complaint. Its clocks stand with the turns."""

    id: int
    template: Template
    message_id: int
    reason: str
    marked_at: datetime
    marked_by: str
    undone_at: datetime | None
    undone_by: str | None
    undone_why: str | None
    final_id: int | None = Field(description="The answer that was the final response.")
    final_at: datetime | None = Field(description="When a person said so.")
    final_by: str | None


class ComplaintsOf(BaseModel):
    """Of one conversation, newest first; those that were undone, too."""

    complaints: list[Complaint]


class NewComplaint(Taken):
    """A customer's message is a complaint; its clocks start when it was written."""

    template: str = Field(max_length=40)
    message: RowId
    reason: Reason


class NoComplaint(Taken):
    """It was none after all."""

    reason: Reason


class FinalResponse(Taken):
    """Which answer was the final response; null: none was."""

    message: RowId | None


@router.get("/complaints/templates")
def templates(desk: TheDesk, _: TheCall) -> Templates:
    """What a complaint can be marked with."""
    with desk.store.read() as session:
        found = complaints.templates(session)
    return Templates(templates=[Template(**snapshot(one)) for one in found])


@router.get("/conversations/{id}/complaints")
def of_conversation(desk: TheDesk, _: TheCall, id: Number) -> ComplaintsOf:
    """The complaints of a conversation."""
    with desk.store.read() as session:
        reading.found(session, id)
        rows = stored.of_conversation(session, id)
    names = set(Complaint.model_fields)
    told: list[dict[str, Any]] = [{n: getattr(row, n) for n in names} for row in rows]
    return ComplaintsOf(complaints=[Complaint.model_validate(one) for one in told])


@router.post("/conversations/{id}/complaint", response_model=Conversation)
def mark(once: TheOnce, desk: TheDesk, id: Number, body: NewComplaint) -> Response:
    """Marks the conversation as a complaint."""

    def work() -> None:
        complaints.mark(
            desk.store,
            conversation_id=id,
            template_id=body.template,
            message_id=body.message,
            reason=body.reason,
            actor=once.person.email,
            now=desk.now(),
        )

    return stepped(once, desk, id, body, work)


@router.post("/conversations/{id}/complaint/final", response_model=Conversation)
def final(once: TheOnce, desk: TheDesk, id: Number, body: FinalResponse) -> Response:
    """Says which answer was the final response."""

    def work() -> None:
        complaints.end(
            desk.store,
            conversation_id=id,
            message_id=body.message,
            actor=once.person.email,
            now=desk.now(),
        )

    return stepped(once, desk, id, body, work)


@router.post("/conversations/{id}/complaint/undo", response_model=Conversation)
def undo(once: TheOnce, desk: TheDesk, id: Number, body: NoComplaint) -> Response:
    """Takes the mark back."""

    def work() -> None:
        complaints.undo(
            desk.store,
            conversation_id=id,
            reason=body.reason,
            actor=once.person.email,
            now=desk.now(),
        )

    return stepped(once, desk, id, body, work)
