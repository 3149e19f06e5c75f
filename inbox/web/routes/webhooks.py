"""Outgoing webhooks: where they go, what was sent, and sending it again."""

import json
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import endpoints as flow
from inbox.store import hooks as stored
from inbox.store.tables import HookEndpoint
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk, desk_of, frame, html
from inbox.web.pages_webhooks import Endpoint, EndpointForm, WebhookPage, WebhooksPage

router = APIRouter(prefix="/webhooks")

PAGE = 30
Field = Annotated[str, Form()]
Fields = Annotated[list[str] | None, Form()]


@router.get("")
def webhooks(request: Request) -> Response:
    """What there is, and the form."""
    return _page(request)


@router.post("")
def make(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    name: Field = "",
    url: Field = "",
    form: Field = "standard",
    event: Fields = None,
    words: Field = "",
) -> Response:
    """Makes an endpoint. Its secret is shown in this answer and never again."""
    wanted = flow.Wanted(name, url, event or [], form, words == "yes")
    try:
        made = flow.add(desk.store, desk.settings, wanted, actor=agent.email, now=desk.now())
    except flow.EndpointInvalid as e:
        entered = EndpointForm(name, url, form, tuple(event or ()), words == "yes")
        return _page(request, _wrong(entered, e), status=422)
    return _page(request, made=made.secret if form == "standard" else "")


@router.get("/{id}")
def webhook(
    request: Request,
    id: Number,
    before: Annotated[int | None, Query(ge=0, le=BIGGEST_ID)] = None,
    done: str = "",
) -> Response:
    """One endpoint and its log."""
    return _one(request, id, before, saved=done == "events")


@router.post("/{id}/events")
def choose(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    event: Fields = None,
    words: Field = "",
) -> Response:
    """Other events."""
    try:
        flow.choose(
            desk.store, id, event or [], words=words == "yes", actor=agent.email, now=desk.now()
        )
    except flow.EndpointInvalid as e:
        return _one(request, id, None, e.reason)
    return RedirectResponse(f"/webhooks/{id}?done=events", 303)


@router.post("/{id}/pause")
def pause(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Nothing is sent any more."""
    flow.pause(desk.store, id, actor=agent.email, now=desk.now())
    return _back(id)


@router.post("/{id}/resume")
def resume(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Goes on."""
    flow.resume(desk.store, id, actor=agent.email, now=desk.now())
    return _back(id)


@router.post("/{id}/test")
def try_out(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Sends a test within seconds."""
    flow.try_out(desk.store, id, actor=agent.email, now=desk.now())
    return _back(id)


@router.post("/{id}/remove")
def remove(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Deletes the endpoint and its log."""
    flow.remove(desk.store, id, actor=agent.email, now=desk.now())
    return RedirectResponse("/webhooks", 303)


@router.post("/deliveries/{id}/again")
def again(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Sends a delivery again."""
    try:
        return _back(flow.again(desk.store, id, actor=agent.email, now=desk.now()))
    except flow.NotEnded as e:
        return _back(e.endpoint_id)


def _back(id: int) -> Response:
    return RedirectResponse(f"/webhooks/{id}", 303)


def _wrong(entered: EndpointForm, e: flow.EndpointInvalid) -> EndpointForm:
    return EndpointForm(
        entered.name, entered.url, entered.form, entered.events, entered.words, e.field, e.reason
    )


def _page(
    request: Request, form: EndpointForm | None = None, made: str = "", status: int = 200
) -> Response:
    desk = desk_of(request)
    with desk.store.read() as session:
        rows = stored.endpoints(session)
    shown = tuple(map(_endpoint, rows))
    around = frame(request, "webhooks")
    return html(WebhooksPage(around, shown, made, form or EndpointForm()), status)


def _one(
    request: Request, id: int, before: int | None, wrong: str = "", *, saved: bool = False
) -> Response:
    desk = desk_of(request)
    with desk.store.read() as session:
        row = session.get(HookEndpoint, id)
    if row is None:
        raise HTTPException(404)
    found = flow.log(desk.store, id, PAGE + 1, before)
    log = [
        one | {"request": json.dumps(one["data"], ensure_ascii=False, indent=2)}
        for one in found[:PAGE]
    ]
    older = f"/webhooks/{id}?before={log[-1]['id']}" if len(found) > PAGE else None
    around = frame(request, "webhooks")
    page = WebhookPage(around, _endpoint(row), log, older, wrong, saved=saved)
    return html(page, 422 if wrong else 200)


def _endpoint(row: HookEndpoint) -> Endpoint:
    return Endpoint(
        *(row.id, row.name, row.url, row.form, tuple(row.events), row.words, row.state),
        *(row.reason or "", row.failing_since, row.last_success_at),
    )
