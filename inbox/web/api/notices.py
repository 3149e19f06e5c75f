"""One's own notices."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import noticing
from inbox.store import notices as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models_notices import Marked, Notice, Notices, ReadUpTo
from inbox.web.desk import TheDesk

router = APIRouter(prefix="/api/v1", tags=["Notices"])


@router.get("/notices")
def notices(
    desk: TheDesk,
    call: TheCall,
    limit: Annotated[int, Query(ge=1, le=200, description="Rows of a page.")] = 50,
    before: Annotated[
        int | None, Query(ge=0, le=BIGGEST_ID, description="`before` of the page before.")
    ] = None,
) -> Notices:
    """What the token's person was told, newest first."""
    with desk.store.read() as session:
        rows = stored.listed(session, call.person.id, limit + 1, before)
        unread = stored.unread(session, call.person.id)
    page = [Notice(**noticing.notice(row)) for row in rows[:limit]]
    return Notices(unread=unread, notices=page, before=page[-1].id if len(rows) > limit else None)


@router.post("/notices/read", response_model=Marked)
def read(once: TheOnce, desk: TheDesk, body: ReadUpTo) -> Response:
    """Marks the person's notices up to one as read."""
    return once.answer(
        body,
        lambda: Marked(
            marked=noticing.read(
                desk.store, user_id=once.person.id, up_to=body.up_to, now=desk.now()
            )
        ),
    )
