"""Who has a conversation open and who is typing in it, for programs."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool

from inbox.web.api.call import TheCall
from inbox.web.api.models import Taken
from inbox.web.desk import Number, TheDesk
from inbox.web.watching_view import said, there

router = APIRouter(prefix="/api/v1", tags=["Team"])


class Watcher(BaseModel):
    """A person at a conversation."""

    conversation_id: int
    name: str
    typing: bool = Field(description="An answer or a note, in the last seconds.")


class Watchers(BaseModel):
    """Everybody who is at a conversation now, by conversation."""

    watching: list[Watcher]


class Here(Taken):
    """What a program's page shows; said again every ten seconds while somebody looks at it."""

    page: Annotated[str, Field(min_length=1, max_length=64)] = "program"
    typing: StrictBool = Field(
        default=False, description="Said again every three seconds, no oftener."
    )
    gone: StrictBool = Field(default=False, description="The page shows it no more.")


@router.get("/watching")
def listed(desk: TheDesk, _: TheCall) -> Watchers:
    """Who has a conversation open, and who is typing in it."""
    return _there(desk)


@router.post("/conversations/{id}/here")
def here(call: TheCall, desk: TheDesk, id: Number, body: Here) -> Watchers:
    """Says that the token's person is at this conversation. It is over after 25 seconds, typing
    after 6."""
    said(desk, call.person, id, f"api:{body.page}", typing=body.typing, gone=body.gone)
    return _there(desk)


def _there(desk: TheDesk) -> Watchers:
    return Watchers(
        watching=[
            Watcher(conversation_id=one.conversation, name=one.name, typing=one.typing)
            for one in there(desk)
        ]
    )
