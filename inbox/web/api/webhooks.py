"""Outgoing webhooks: made, paused, tried out, and their log."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from inbox.domain.ids import BIGGEST_ID
from inbox.flows import endpoints as flow
from inbox.store import hooks
from inbox.store.tables import HookDelivery, HookEndpoint
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Nothing
from inbox.web.api.models_webhooks import (
    Asked,
    Deliveries,
    Delivery,
    MadeWebhook,
    NewWebhook,
    Removed,
    Webhook,
    Webhooks,
)
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/webhooks", tags=["Webhooks"])


@router.get("")
def webhooks(desk: TheDesk, _: TheCall) -> Webhooks:
    """Every outgoing webhook."""
    with desk.store.read() as session:
        rows = hooks.endpoints(session)
    return Webhooks(webhooks=[Webhook(**flow.endpoint(row)) for row in rows])


@router.post("", response_model=MadeWebhook)
def add(once: TheOnce, desk: TheDesk, body: NewWebhook) -> Response:
    """Adds a webhook; its secret is told in this answer only, so send no `Idempotency-Key`."""
    if once.key is not None:
        detail = "A repeated answer would tell the secret again: leave the key out."
        raise Problem(400, "no_key_here", "No idempotency key here", detail)
    return once.answer(body, lambda: _add(desk, body, once.person.email))


@router.get("/{id}")
def webhook(desk: TheDesk, _: TheCall, id: Number) -> Webhook:
    """One webhook."""
    return _webhook(desk, id)


@router.get("/{id}/deliveries")
def deliveries(
    desk: TheDesk,
    _: TheCall,
    id: Number,
    limit: Annotated[int, Query(ge=1, le=100, description="Rows of a page.")] = 30,
    before: Annotated[
        int | None, Query(ge=0, le=BIGGEST_ID, description="`before` of the page before.")
    ] = None,
) -> Deliveries:
    """What was sent to a webhook, newest first, with every try."""
    _webhook(desk, id)
    found = flow.log(desk.store, id, limit + 1, before)
    rows = [Delivery.model_validate(one) for one in found[:limit]]
    return Deliveries(deliveries=rows, before=rows[-1].id if len(found) > limit else None)


@router.post("/{id}/pause", response_model=Webhook)
def pause(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Sends nothing any more."""
    return once.answer(body or Nothing(), lambda: _state(desk, id, once.person.email, on=False))


@router.post("/{id}/resume", response_model=Webhook)
def resume(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Goes on, also after it was switched off."""
    return once.answer(body or Nothing(), lambda: _state(desk, id, once.person.email, on=True))


@router.post("/{id}/test", response_model=Asked)
def try_out(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Sends a test within seconds."""
    return once.answer(body or Nothing(), lambda: _test(desk, id, once.person.email))


@router.post("/{id}/remove", response_model=Removed)
def remove(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Deletes a webhook and its log."""
    return once.answer(body or Nothing(), lambda: _remove(desk, id, once.person.email))


@router.post("/deliveries/{id}/again", response_model=Asked)
def again(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Sends a delivery that has ended again, under its own `webhook-id`."""
    return once.answer(body or Nothing(), lambda: _again(desk, id, once.person.email))


def _webhook(desk: Desk, id: int) -> Webhook:
    with desk.store.read() as session:
        row = session.get(HookEndpoint, id)
    if row is None:
        raise not_found("webhook")
    return Webhook(**flow.endpoint(row))


def _add(desk: Desk, body: NewWebhook, actor: str) -> MadeWebhook:
    wanted = flow.Wanted(body.name, body.url, list(body.events), body.form, body.words)
    try:
        made = flow.add(desk.store, desk.settings, wanted, actor=actor, now=desk.now())
    except flow.EndpointInvalid as e:
        raise Problem(422, "webhook", "Not valid", f"{e.field}: {e.reason}") from e
    return MadeWebhook(id=made.id, secret=made.secret)


def _state(desk: Desk, id: int, actor: str, *, on: bool) -> Webhook:
    _webhook(desk, id)
    (flow.resume if on else flow.pause)(desk.store, id, actor=actor, now=desk.now())
    return _webhook(desk, id)


def _test(desk: Desk, id: int, actor: str) -> Asked:
    _webhook(desk, id)
    flow.try_out(desk.store, id, actor=actor, now=desk.now())
    return Asked(webhook_id=id)


def _remove(desk: Desk, id: int, actor: str) -> Removed:
    _webhook(desk, id)
    flow.remove(desk.store, id, actor=actor, now=desk.now())
    return Removed(removed=id)


def _again(desk: Desk, id: int, actor: str) -> Asked:
    with desk.store.read() as session:
        if session.get(HookDelivery, id) is None:
            raise not_found("delivery")
    try:
        return Asked(webhook_id=flow.again(desk.store, id, actor=actor, now=desk.now()))
    except flow.NotEnded as e:
        raise Problem(409, "state", "Not possible now", str(e)) from None
