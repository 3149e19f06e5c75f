"""The list."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from inbox.store import accounts
from inbox.web import render
from inbox.web.desk import TheDesk, frame, html, is_part
from inbox.web.list_view import list_page
from inbox.web.pages_accounts import FirstRunPage
from inbox.web.pages_list import FIND

router = APIRouter()


@router.get("/")
def inbox(
    request: Request, desk: TheDesk, view: str = "due", after: str = "", q: str = ""
) -> Response:
    """The list of a view, or what the search `q` finds.

    Before the first account is connected, how to connect one.
    """
    around = frame(request)
    with desk.store.read() as session:
        connected = accounts.everyone(session)
    if not connected:
        return html(FirstRunPage(around, "make demo"))
    page = list_page(request, around, f"{FIND}{q}" if q.strip() else view, after)
    return HTMLResponse(render.part(page)) if is_part(request) else html(page)
