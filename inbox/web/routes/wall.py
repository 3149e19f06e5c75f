"""The live wall: a page for a screen in the room."""

from fastapi import APIRouter, Request, Response

from inbox.web.desk import TheDesk, frame, html
from inbox.web.wall_view import wall_page

router = APIRouter()


@router.get("/wall")
def wall(request: Request, desk: TheDesk, theme: str = "dark") -> Response:
    """Of the accounts that its reader sees."""
    around = frame(request, "reports")
    with desk.store.read() as session:
        return html(wall_page(session, around, theme))
