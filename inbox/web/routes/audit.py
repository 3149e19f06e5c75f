"""The audit log: for admins and auditors."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from inbox.flows import auditing as flow
from inbox.store.accounts import brand_zone
from inbox.store.conversations import BadCursor
from inbox.web.audit_view import audit_page
from inbox.web.desk import TheDesk, frame, html

router = APIRouter()

Short = Annotated[str, Query(max_length=320)]
First = Annotated[str, Query(alias="from", max_length=10)]
Last = Annotated[str, Query(alias="to", max_length=10)]


@router.get("/audit")
def audit(
    request: Request,
    desk: TheDesk,
    who: Short = "",
    kind: Short = "",
    first: First = "",
    last: Last = "",
    before: Short = "",
) -> Response:
    """Who did what when to what; with `before` what is older."""
    around = frame(request, "people" if request.state.signed.role == "admin" else "audit")
    with desk.store.read() as session:
        try:
            return html(audit_page(session, around, who, kind, first, last, before))
        except (flow.BadDay, BadCursor):
            raise HTTPException(404) from None


@router.get("/audit.csv")
def sheet(
    desk: TheDesk, who: Short = "", kind: Short = "", first: First = "", last: Last = ""
) -> Response:
    """All that the filters find as a sheet, streamed page by page."""
    with desk.store.read() as session:
        zone = brand_zone(session)
    try:
        wanted = flow.asked(zone, who, kind, first, last)
    except flow.BadDay:
        raise HTTPException(404) from None
    name = f'attachment; filename="audit-{desk.now():%Y-%m-%d}.csv"'
    return StreamingResponse(
        flow.csv_lines(desk.store, wanted),
        media_type="text/csv",
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )
