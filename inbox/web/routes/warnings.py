"""One's own warnings: read them, mark them as read, choose which come by mail."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import noticing
from inbox.store import warnings as stored
from inbox.store.sql import AnyRow
from inbox.web import accounts_view
from inbox.web.auth import Agent
from inbox.web.desk import TheDesk, frame, html
from inbox.web.pages_warnings import Notice, WarningsPage, looks

router = APIRouter()

PAGE = 50
RowId = Annotated[int, Form(ge=0, le=BIGGEST_ID)]


@router.get("/warnings")
def warnings(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    before: Annotated[int | None, Query(ge=0, le=BIGGEST_ID)] = None,
) -> Response:
    """The newest ones; with `before` those that are older."""
    with desk.store.read() as session:
        rows = stored.listed(session, agent.id, PAGE + 1, before)
    shown = [notice(row) for row in rows[:PAGE]]
    older = f"/warnings?before={shown[-1].id}" if len(rows) > PAGE else None
    return html(WarningsPage(frame(request, "warnings"), looks(shown), older))


@router.post("/warnings/read")
def read(desk: TheDesk, agent: Agent, up_to: RowId) -> Response:
    """Marks as read what stood on the page."""
    noticing.read(desk.store, user_id=agent.id, up_to=up_to, now=desk.now())
    return RedirectResponse("/warnings", 303)


@router.post("/me/warnings")
def by_mail(desk: TheDesk, agent: Agent, part: RowId) -> Response:
    """From which part of a wait on one is told by mail, too."""
    try:
        noticing.choose_mail(
            desk.store, user_id=agent.id, part=part, actor=agent.email, now=desk.now()
        )
    except ValueError as e:
        raise HTTPException(422) from e
    return RedirectResponse("/me?done=warnings", 303)


def notice(row: AnyRow) -> Notice:
    """A row of `store.warnings.listed`."""
    is_read = row.state == stored.READ
    if row.conversation_id is None:
        return Notice(
            *(row.id, row.at, row.why, is_read),
            endpoint=row.endpoint_id,
            endpoint_name=row.endpoint,
            reason=row.reason or "",
        )
    return Notice(
        *(row.id, row.at, row.why, is_read),
        conversation=row.conversation_id,
        who=row.who,
        channel=accounts_view.named(row.channel),
        category=row.category or "",
        target=row.target,
        clock=row.clock or "",
        part=row.part,
        due_at=row.now_due_at if row.waits else row.due_at,
        waits=row.waits,
    )
