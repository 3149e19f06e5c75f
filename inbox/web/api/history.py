"""Everything that happened in a conversation, by program."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from inbox.flows import history as flow
from inbox.store.conversations import BadCursor
from inbox.web.api.call import TheCall
from inbox.web.api.conversations import Cursor, Limit, bad_cursor, found
from inbox.web.desk import Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Conversations"])


class Fact(BaseModel):
    """Something that happened."""

    at: datetime
    what: str = Field(description="Names the kind of fact for programs.", examples=["assign"])
    by: str = Field(description="Who: a name, a rule, the customer, the platform …")
    text: str = Field(description="What happened, in English; instants in UTC.")
    quote: str | None = Field(description="What was written, or the reason, its first words.")
    message_id: int | None


class History(BaseModel):
    """Facts, newest first."""

    facts: list[Fact]
    next_cursor: str | None


@router.get("/conversations/{id}/history")
def history(
    desk: TheDesk, _: TheCall, id: Number, limit: Limit = 50, cursor: Cursor = None
) -> History:
    """Everything that happened in a conversation, newest first, in plain words."""
    with desk.store.read() as session:
        found(session, id)
        try:
            page = flow.history(session, id, limit, cursor)
        except BadCursor as e:
            raise bad_cursor(e) from None
    facts = [Fact.model_validate(flow.told(line)) for line in page.lines]
    return History(facts=facts, next_cursor=page.next_cursor)
