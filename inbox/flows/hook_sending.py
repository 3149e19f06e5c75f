"""Sends what waits for other programs: signed, through the one outgoing fetch (law 13).

At least once: a receiver that sees a `webhook-id` again has had it. A row is `sending` while its
request is under way; one that a dead process left is freed after two minutes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.fernet import InvalidToken
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.errors import ConnectorError
from connectors.core.fetch import Fetched, fetch
from connectors.core.text import clean
from inbox.config import Settings
from inbox.domain.hooks import (
    ACTIVE,
    SENDING,
    STOP_AFTER,
    STOPPED,
    TEST,
    next_try,
    signature,
)
from inbox.domain.warnings import BREACH
from inbox.flows.endpoints import opened
from inbox.flows.mailing import language
from inbox.store import accounts, audit, events, hooks, notices, warnings
from inbox.store.session import Store
from inbox.store.tables import HookDelivery, HookEndpoint
from templates import render

TIMEOUT_S: Final = 15.0
PEEK: Final = 2_000  # bytes of an answer that the log keeps
AT_ONCE: Final = 20
GONE: Final = word("It answered 410: it wants nothing any more.")
SILENT: Final = word("It took nothing for {n} days.")

Random = Callable[[], float]


def due(store: Store, now: datetime) -> list[int]:
    """Endpoints with something to send; frees what dead processes left."""
    with store.read() as session:
        abandoned = hooks.has_abandoned(session, now)
    if abandoned:
        with store.write() as session:
            hooks.free_abandoned(session, now)
    with store.read() as session:
        return list(hooks.endpoints_due(session, now))


def send_due(
    store: Store,
    settings: Settings,
    endpoint_id: int,
    now: Callable[[], datetime],
    random: Random,
) -> int:
    """Sends what waits for one endpoint, oldest first, until one is not taken; how many were."""
    with store.read() as session:
        waiting = hooks.due(session, endpoint_id, now(), AT_ONCE)
    done = 0
    for delivery_id in waiting:
        if not send(store, settings, delivery_id, now, random):
            break
        done += 1
    return done


def send(
    store: Store, settings: Settings, delivery_id: int, now: Callable[[], datetime], random: Random
) -> bool:
    """One try. False when it was not taken, another worker has the row, its endpoint rests, or one
    of them was removed meanwhile."""
    with store.write() as session:
        if not hooks.claim(session, delivery_id, now()):
            return False
        row = session.get_one(HookDelivery, delivery_id)
        endpoint = session.get_one(HookEndpoint, row.endpoint_id)
        body = _body(session, settings, row, endpoint)
    began = now()
    came = _ask(settings, row, endpoint, body, began)
    with store.write() as session:
        if not hooks.stands(session, endpoint.id, row.id):
            return False
        took = (now() - began).total_seconds()
        tried = {"delivery_id": row.id, "at": began, "took_ms": round(1000 * took)}
        hooks.log(
            session,
            tried | {"status": came.status, "answer": came.answer, "error": came.error},
        )
        _settle(session, row, came, now(), random())
        events.announce(session, "webhook", now())
    return came.well


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a request: a status, or an `error` in plain words."""

    status: int | None
    answer: str = ""
    error: str | None = None
    retry_after_s: float = 0.0

    @property
    def well(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _ask(
    settings: Settings, row: HookDelivery, endpoint: HookEndpoint, body: bytes, now: datetime
) -> Came:
    try:
        url, secret = opened(settings, endpoint)
    except InvalidToken:
        return Came(None, error=word("The stored credentials need another secret key."))
    headers = {"content-type": "application/json", "user-agent": "Replydesk"}
    if endpoint.form == "standard":
        headers |= {
            "webhook-id": row.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature(secret, row.key, now, body),
        }
    try:
        answer = fetch(
            "POST",
            url,
            headers=headers,
            body=body,
            allow=settings.allowed,
            sending=True,
            peek=PEEK,
            timeout_s=TIMEOUT_S,
        )
    except ConnectorError as e:
        return Came(None, error=e.reason)
    return Came(answer.status, _seen(answer), retry_after_s=_wait(answer))


def _seen(answer: Fetched) -> str:
    return clean(answer.body[:PEEK].decode("utf-8", "replace"))


def _wait(answer: Fetched) -> float:
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0.0


def _body(session: Session, settings: Settings, row: HookDelivery, endpoint: HookEndpoint) -> bytes:
    data: dict[str, Any] = dict(row.said)
    if "conversation" in data:
        data["link"] = f"{settings.base_url}/conversations/{data['conversation']['id']}"
    elif "account" in data:
        data["link"] = f"{settings.base_url}/accounts/{data['account']['id']}"
    if endpoint.words and row.message_id is not None:
        data["words"] = hooks.words(session, row.message_id)
    said: dict[str, Any] = {"type": row.event, "timestamp": row.made_at.isoformat(), "data": data}
    if endpoint.form == "slack":
        brand = accounts.brand(session)
        text = render(
            "mail/slack.txt",
            language(None, brand),
            accounts.zone_of(brand),
            event=row.event,
            data=data,
        )
        said = {"text": " ".join(text.split())}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _settle(session: Session, row: HookDelivery, came: Came, now: datetime, random: float) -> None:
    tries, endpoint = row.tries + 1, session.get_one(HookEndpoint, row.endpoint_id)
    if came.well:
        hooks.move(session, row.id, SENDING, "accepted", tries=tries, finished_at=now)
        endpoint.failing_since, endpoint.last_success_at = None, now
        return
    again = None if came.status == 410 else next_try(tries, now, random, came.retry_after_s)
    if again is None or row.event == TEST:
        hooks.move(session, row.id, SENDING, "given_up", tries=tries, finished_at=now)
    else:
        hooks.move(session, row.id, SENDING, "not_accepted", tries=tries, not_before=again)
    endpoint.failing_since = endpoint.failing_since or now
    session.flush()
    if came.status == 410:
        stop(session, endpoint.id, GONE, now)
    elif now - endpoint.failing_since >= STOP_AFTER:
        stop(session, endpoint.id, SILENT.format(n=STOP_AFTER.days), now)


def stop(session: Session, endpoint_id: int, reason: str, now: datetime) -> None:
    """Switches an endpoint off, and tells the admins once."""
    if not hooks.set_state(session, endpoint_id, (ACTIVE,), state=STOPPED, reason=reason):
        return
    audit.record(session, "system", "webhook_stop", f"webhook:{endpoint_id}", now, reason=reason)
    admins = {person.id: "wide" for person in warnings.team(session) if person.role == "admin"}
    notices.add(session, admins, BREACH, now, kind="webhook", endpoint_id=endpoint_id)
    events.announce(session, "notice", now)
