"""Who has a conversation open and who is typing in it."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import JSONResponse

from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk
from inbox.web.pages import initials
from inbox.web.watching_view import said, there

router = APIRouter()


@router.get("/watching")
def watching(desk: TheDesk, agent: Agent) -> JSONResponse:
    """The colleagues who are at a conversation, for `static/here.js`."""
    others = [one for one in there(desk) if one.user_id != agent.id]
    return JSONResponse(
        [
            {
                "conversation": one.conversation,
                "name": one.name,
                "initials": initials(one.name),
                "typing": one.typing,
            }
            for one in others
        ]
    )


@router.post("/conversations/{id}/here", status_code=204)
def here(
    desk: TheDesk,
    agent: Agent,
    id: Number,
    page: Annotated[str, Form(min_length=1, max_length=64)] = "page",
    typing: Annotated[str, Form(max_length=1)] = "",
    gone: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """A page says that somebody is at this conversation, or is no more."""
    said(desk, agent, id, page, typing=bool(typing), gone=bool(gone))
    return Response(status_code=204)
