"""Warnings: of a conversation, and one's own."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import noticing
from inbox.store import thread
from inbox.store import warnings as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models_warnings import Marked, Notice, Notices, ReadUpTo, Warned, WarnedList
from inbox.web.api.problems import not_found
from inbox.web.desk import Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Warnings"])


@router.get("/conversations/{id}/warnings")
def of_conversation(desk: TheDesk, _: TheCall, id: Number) -> WarnedList:
    """Which steps of a conversation's waits were told, to whom and by what."""
    with desk.store.read() as session:
        if not thread.exists(session, id):
            raise not_found("conversation")
        found = noticing.told_of(session, id)
    return WarnedList(warnings=[Warned(**noticing.warning(one)) for one in found])


@router.get("/warnings")
def warnings(
    desk: TheDesk,
    call: TheCall,
    limit: Annotated[int, Query(ge=1, le=200, description="Rows of a page.")] = 50,
    before: Annotated[
        int | None, Query(ge=0, le=BIGGEST_ID, description="`before` of the page before.")
    ] = None,
) -> Notices:
    """The warnings that the token's person was told, newest first."""
    with desk.store.read() as session:
        rows = stored.listed(session, call.person.id, limit + 1, before)
        unread = stored.unread(session, call.person.id)
    notices = [Notice(**noticing.notice(row)) for row in rows[:limit]]
    return Notices(
        unread=unread, notices=notices, before=notices[-1].id if len(rows) > limit else None
    )


@router.post("/warnings/read", response_model=Marked)
def read(once: TheOnce, desk: TheDesk, body: ReadUpTo) -> Response:
    """Marks the person's warnings up to one as read."""
    return once.answer(
        body,
        lambda: Marked(
            marked=noticing.read(
                desk.store, user_id=once.person.id, up_to=body.up_to, now=desk.now()
            )
        ),
    )
