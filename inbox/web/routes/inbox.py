"""The list."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from inbox.store import accounts
from inbox.store.inbox_list import Place
from inbox.web import render
from inbox.web.desk import TheDesk, frame, html, is_part
from inbox.web.list_view import list_page
from inbox.web.pages_accounts import FirstRunPage

router = APIRouter()


@router.get("/")
def inbox(request: Request, desk: TheDesk, view: str = "due", after: str = "") -> Response:
    """The list of a view; before the first account is connected, how to connect one."""
    around = frame(request)
    with desk.store.read() as session:
        connected = accounts.everyone(session)
    if not connected:
        return html(FirstRunPage(around, "make demo"))
    page = list_page(request, around, view, Place.parse(after))
    return HTMLResponse(render.part(page)) if is_part(request) else html(page)
