"""API tokens: one's own, and for an admin everyone's."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.scopes import held
from inbox.flows import tokens as flow
from inbox.flows.people import Signed
from inbox.store import tokens as stored
from inbox.store.sql import AnyRow
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk, desk_of, frame, html
from inbox.web.pages_tokens import Token, TokenForm, TokensPage

router = APIRouter(prefix="/tokens")


@router.get("")
def tokens(request: Request, agent: Agent) -> Response:
    """What there is, and the form."""
    return _page(request, agent)


@router.post("")
def make(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    name: Annotated[str, Form()] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form(ge=0, le=100_000)] = 90,
) -> Response:
    """Makes a token. It is shown in this answer and never again, so no redirect follows."""
    scopes = tuple(scope or ())
    try:
        made = flow.make(
            desk.store,
            email=agent.email,
            name=name,
            scopes=scopes,
            lasts=timedelta(days=days) if days else None,
            actor=agent.email,
            now=desk.now(),
        )
    except flow.TokenInvalid as e:
        return _page(request, agent, TokenForm(name, scopes, days, e.field, e.reason), status=422)
    return _page(request, agent, made=made.token)


@router.post("/{id}/revoke")
def revoke(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Ends a token; an admin may end anybody's."""
    with desk.store.read() as session:
        row = stored.one(session, id)
    if row is None or (row.user_id != agent.id and agent.role != "admin"):
        raise HTTPException(404)
    flow.revoke(desk.store, id, actor=agent.email, now=desk.now())
    return RedirectResponse("/tokens", 303)


def _page(
    request: Request,
    agent: Signed,
    form: TokenForm | None = None,
    made: str = "",
    status: int = 200,
) -> Response:
    desk, around = desk_of(request), frame(request, "tokens")
    with desk.store.read() as session:
        rows = stored.listed(session, None if agent.role == "admin" else agent.id)
    page = TokensPage(
        frame=around,
        tokens=tuple(_token(row, agent, around.now) for row in rows),
        offered=held(agent.role),
        api=f"{desk.settings.base_url}/api/v1",
        made=made,
        form=form or TokenForm(),
    )
    return html(page, status)


def _token(row: AnyRow, agent: Signed, now: datetime) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        starts=row.starts,
        scopes=tuple(row.scopes),
        person=row.person,
        mine=row.user_id == agent.id,
        state=flow.state_of(row, now),
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )
