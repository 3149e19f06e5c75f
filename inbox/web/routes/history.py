"""Everything that happened in a conversation."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response

from inbox.flows import history as flow
from inbox.store import inbox_list
from inbox.store.conversations import BadCursor
from inbox.web import list_view
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk, frame, html
from inbox.web.pages_history import HistoryPage

router = APIRouter()

PAGE = 50


@router.get("/conversations/{id}/history")
def history(
    request: Request,
    desk: TheDesk,
    _: Agent,
    id: Number,
    before: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The newest facts; with `before` those that are older."""
    with desk.store.read() as session:
        row = inbox_list.one(session, id)
        if row is None:
            raise HTTPException(404)
        try:
            found = flow.history(session, id, PAGE, before)
        except BadCursor:
            raise HTTPException(404) from None
    here = f"/conversations/{id}/history"
    older = f"{here}?before={quote(found.next_cursor)}" if found.next_cursor else None
    newest = here if before else None
    return html(HistoryPage(frame(request), id, list_view.who(row), found.lines, older, newest))
