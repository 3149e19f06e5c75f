"""Where webhooks go: made, changed, paused, removed, tried out, and sent again."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.core.contract import word
from connectors.core.errors import Refused
from connectors.core.fetch import check_url
from connectors.core.text import clean
from inbox.config import Settings
from inbox.domain.hooks import ACTIVE, EVENTS, FORMS, PAUSED, TEST, new_secret
from inbox.flows import hooks as flow
from inbox.store import audit, hooks
from inbox.store.session import Store
from inbox.store.tables import HookDelivery, HookEndpoint

MOST_NAME: Final = 80
MOST_URL: Final = 2_000
_SAID = ("id", "name", "url", "form", "events", "words", "state", "reason", "failing_since")
_DELIVERY = ("id", "key", "event", "made_at", "state", "tries", "not_before", "finished_at")
_TRY = ("at", "took_ms", "status", "answer", "error")


class EndpointInvalid(ValueError):
    """The endpoint cannot be made so. `field`: name, url, form, events."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class NotEnded(ValueError):
    """Only a delivery that has ended can be sent again."""

    def __init__(self, endpoint_id: int) -> None:
        super().__init__(word("This delivery is still on its way."))
        self.endpoint_id = endpoint_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """An endpoint as somebody entered it."""

    name: str
    url: str
    events: Sequence[str]
    form: str = "standard"
    words: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh endpoint: the only time that its secret is known."""

    id: int
    secret: str


def add(store: Store, settings: Settings, wanted: Wanted, *, actor: str, now: datetime) -> Made:
    """A new endpoint. Raises `EndpointInvalid`.

    The address is encrypted with the secret: with a chat's webhooks, who knows it may post there.
    """
    name, url = " ".join(clean(wanted.name).split())[:MOST_NAME], clean(wanted.url).strip()
    if not name:
        raise EndpointInvalid("name", word("Give the webhook a name that says where it leads."))
    if wanted.form not in FORMS:
        raise EndpointInvalid("form", word("There is no such form."))
    try:
        check_url(url[:MOST_URL], settings.allowed)
    except Refused as e:
        raise EndpointInvalid("url", e.reason) from e
    chosen = _events(wanted.events)
    secret = new_secret(secrets.token_bytes(32))
    sealed = settings.cipher.encrypt(json.dumps({"url": url, "secret": secret}).encode()).decode()
    with store.write() as session:
        row = HookEndpoint(
            name=name,
            url=shown(url, wanted.form),
            form=wanted.form,
            events=chosen,
            secret=sealed,
            words=wanted.words,
            state=ACTIVE,
            created_at=now,
            created_by=actor,
        )
        session.add(row)
        session.flush()
        detail = {"url": row.url, "events": chosen, "words": wanted.words, "form": wanted.form}
        audit.record(session, actor, "webhook_add", f"webhook:{row.id}", now, **detail)
    return Made(row.id, secret)


def shown(url: str, form: str) -> str:
    """The address as people may see it: what is secret in it is left out."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    path = parts.path if form == "standard" else "/…"
    return f"{parts.scheme}://{host}{port}{path}{'?…' if parts.query else ''}"


def opened(settings: Settings, row: HookEndpoint) -> tuple[str, str]:
    """(address, secret)."""
    found: dict[str, str] = json.loads(settings.cipher.decrypt(row.secret.encode()))
    return found["url"], found["secret"]


def choose(
    store: Store, id_: int, events: Sequence[str], *, words: bool, actor: str, now: datetime
) -> None:
    """Other events for an endpoint. Raises `EndpointInvalid`, NoResultFound."""
    chosen = _events(events)
    with store.write() as session:
        row = session.get_one(HookEndpoint, id_)
        row.events, row.words = chosen, words
        detail = {"events": chosen, "words": words}
        audit.record(session, actor, "webhook_change", f"webhook:{id_}", now, **detail)


def pause(store: Store, id_: int, *, actor: str, now: datetime) -> bool:
    """Nothing is sent, and nothing new is noted; False when it was not active."""
    with store.write() as session:
        done = hooks.set_state(session, id_, (ACTIVE,), state=PAUSED, reason=None)
        if done:
            audit.record(session, actor, "webhook_pause", f"webhook:{id_}", now)
    return done


def resume(store: Store, id_: int, *, actor: str, now: datetime) -> bool:
    """Goes on, also after it was switched off; False when it is active."""
    with store.write() as session:
        fresh = {"state": ACTIVE, "reason": None, "failing_since": None}
        done = hooks.set_state(session, id_, hooks.CAN_RESUME, **fresh)
        if done:
            audit.record(session, actor, "webhook_resume", f"webhook:{id_}", now)
    return done


def remove(store: Store, id_: int, *, actor: str, now: datetime) -> None:
    """Deletes an endpoint with its deliveries. Raises NoResultFound."""
    with store.write() as session:
        row = session.get_one(HookEndpoint, id_)
        audit.record(session, actor, "webhook_remove", f"webhook:{id_}", now, name=row.name)
        session.delete(row)


def try_out(store: Store, id_: int, *, actor: str, now: datetime) -> None:
    """Sends a test within seconds, also while it is paused. Raises NoResultFound."""
    with store.write() as session:
        session.get_one(HookEndpoint, id_)
        hooks.add(session, [flow.row(id_, TEST, {"asked_by": actor}, now)])
        audit.record(session, actor, "webhook_test", f"webhook:{id_}", now)


def again(store: Store, delivery_id: int, *, actor: str, now: datetime) -> int:
    """Sends a finished delivery again, under its `webhook-id`; its endpoint. Raises `NotEnded`,
    NoResultFound."""
    with store.write() as session:
        row = session.get_one(HookDelivery, delivery_id)
        if not hooks.again(session, delivery_id, hooks.ENDED):
            raise NotEnded(row.endpoint_id)
        audit.record(session, actor, "webhook_again", f"webhook:{row.endpoint_id}", now)
    return row.endpoint_id


def endpoint(row: HookEndpoint) -> dict[str, Any]:
    """An endpoint as programs are told it."""
    return {name: getattr(row, name) for name in (*_SAID, "last_success_at", "created_at")}


def log(store: Store, id_: int, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """The deliveries of an endpoint, newest first, each with its data and its tries."""
    with store.read() as session:
        rows = hooks.deliveries(session, id_, limit, before)
        tries = hooks.tries(session, [row.id for row in rows])
    return [
        {name: getattr(row, name) for name in _DELIVERY}
        | {"data": row.said}
        | {"log": [{n: getattr(one, n) for n in _TRY} for one in tries.get(row.id, ())]}
        for row in rows
    ]


def _events(wanted: Sequence[str]) -> list[str]:
    """In the order of `EVENTS`, each once."""
    chosen = [event for event in EVENTS if event in wanted]
    if not chosen or set(wanted) - set(EVENTS):
        raise EndpointInvalid("events", word("Choose at least one event."))
    return chosen
