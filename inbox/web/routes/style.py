"""The living style page, in development only."""

from fastapi import APIRouter, Request, Response

from inbox.web.desk import frame, html
from inbox.web.style import sample_style

router = APIRouter()


@router.get("/style")
def style(request: Request) -> Response:
    """Each part with each of its states, in the reader's theme."""
    return html(sample_style(frame(request, "style")))
