"""One's own notices: read them, mark them as read, choose which come by mail."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import noticing
from inbox.store import notices as stored
from inbox.store.sql import AnyRow
from inbox.web import accounts_view
from inbox.web.auth import Agent
from inbox.web.desk import TheDesk, frame, html
from inbox.web.pages_notices import Notice, NoticesPage, looks

router = APIRouter()

PAGE = 50
RowId = Annotated[int, Form(ge=0, le=BIGGEST_ID)]


@router.get("/notices")
def notices(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    before: Annotated[int | None, Query(ge=0, le=BIGGEST_ID)] = None,
) -> Response:
    """The newest ones; with `before` those that are older."""
    with desk.store.read() as session:
        rows = stored.listed(session, agent.id, PAGE + 1, before)
    shown = [notice(row) for row in rows[:PAGE]]
    older = f"/notices?before={shown[-1].id}" if len(rows) > PAGE else None
    return html(NoticesPage(frame(request, "notices"), looks(shown), older))


@router.post("/notices/read")
def read(desk: TheDesk, agent: Agent, up_to: RowId) -> Response:
    """Marks as read what stood on the page."""
    noticing.read(desk.store, user_id=agent.id, up_to=up_to, now=desk.now())
    return RedirectResponse("/notices", 303)


@router.post("/me/notices")
def by_mail(desk: TheDesk, agent: Agent, part: RowId) -> Response:
    """From how loud on one is told by mail, too."""
    try:
        noticing.choose_mail(
            desk.store, user_id=agent.id, part=part, actor=agent.email, now=desk.now()
        )
    except ValueError as e:
        raise HTTPException(422) from e
    return RedirectResponse("/me?done=notices", 303)


def notice(row: AnyRow) -> Notice:
    """A row of `store.notices.listed`."""
    told = Notice(row.id, row.at, row.kind, row.state == stored.READ, why=row.why)
    if row.kind == "webhook":
        name, reason = row.endpoint, row.reason or ""
        return replace(told, endpoint=row.endpoint_id, endpoint_name=name, reason=reason)
    if row.kind == "surge":
        return replace(told, surge=row.surge_id, times=row.times, category=row.why)
    about = replace(
        told,
        conversation=row.conversation_id,
        who=row.who,
        channel=accounts_view.named(row.channel),
        category=row.category or "",
        by=row.by,
        words=row.words,
        times=row.times,
    )
    if row.kind != "warning":
        return about
    return replace(
        about,
        target=row.target,
        clock=row.clock or "",
        part=row.part,
        due_at=row.now_due_at if row.waits else row.due_at,
        waits=row.waits,
    )
