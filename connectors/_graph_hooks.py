"""Meta's webhooks, the same for all its channels: challenge, signature, walking what a call tells.

Facts: Meta's pages as read in November 2026. One app has one callback address per kind of object
("page", "instagram", …): a call may be about other Pages or accounts than the one it came to.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors._graph import Graph, identifier, instant, items
from connectors.core.contract import Event, HookAnswer, HookRequest, Json, Message, Secret, word
from connectors.core.errors import AuthRevoked, Malformed, RateLimited, Refused, Transient

APP_SECRET = Secret(
    "app_secret",
    word("App secret"),
    optional=True,
    help=word("Under App settings, Basic. Meta signs its calls to us with it."),
)
INSTAGRAM_SECRET = Secret(
    "instagram_app_secret",
    word("Instagram app secret"),
    optional=True,
    help=word("In the app’s Instagram settings, beside the Instagram app ID."),
    ways=("instagram",),
)
VERIFY_TOKEN = Secret(
    "verify_token",
    word("Verify token"),
    optional=True,
    made=True,
    help=word("Enter the same words beside the callback URL in the app’s webhook settings."),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a call tells. `entry` is the id of the Page or account it is about, `at` when
    Meta sent it. `name` is the webhook field, or "messaging" and "standby" for chats (the latter
    while another app has the conversation)."""

    entry: str
    name: str
    value: Json = field(repr=False)
    at: datetime | None = None


Read = Callable[[Told], Iterable[Message | Event]]
"""Turns one told thing into neutral messages and events; raises `Malformed`."""


def receive(request: HookRequest, secrets: Mapping[str, str], read: Read) -> HookAnswer:
    """Answers the challenge, else verifies a call and reads all that it tells.

    Meta repeats and reorders calls and signs no time: the ids of what they bring are what counts.
    Where `read` must ask Meta for more and cannot now, the call is to come again (503).
    """
    if request.method == "GET":
        return _challenge(request.query, secrets.get("verify_token") or "")
    known = [secrets.get(name) or "" for name in (APP_SECRET.name, INSTAGRAM_SECRET.name)]
    if not any(is_signed(request, secret) for secret in known):
        return HookAnswer(401, {"error": "The signature is wrong."})
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raw = request.body[:1000].decode("utf-8", "replace")
        return HookAnswer(200, malformed=(Malformed("The call holds no JSON.", raw),))
    try:
        found, malformed = _read_all(body, read)
    except (Transient, RateLimited) as e:
        return HookAnswer(503, {"error": e.reason})
    messages = tuple(m for m in found if isinstance(m, Message))
    events = tuple(e for e in found if not isinstance(e, Message))
    return HookAnswer(200, "", messages, tuple(malformed), events=events)


def _read_all(body: Any, read: Read) -> tuple[list[Message | Event], list[Malformed]]:
    found: list[Message | Event] = []
    malformed: list[Malformed] = []
    for told in walk(body):
        if isinstance(told, Malformed):
            malformed.append(told)
            continue
        try:
            found += read(told)
        except Malformed as e:
            malformed.append(e)
        except (Refused, AuthRevoked) as e:  # what it is about may not be asked for
            malformed.append(Malformed(e.reason, told.value))
    return found, malformed


def _challenge(query: Mapping[str, str], verify_token: str) -> HookAnswer:
    given = query.get("hub.verify_token", "")
    fits = hmac.compare_digest(given.encode(), verify_token.encode())
    if query.get("hub.mode") != "subscribe" or not verify_token or not fits:
        return HookAnswer(401, {"error": "The verify token is wrong."})
    return HookAnswer(200, query.get("hub.challenge", ""))


def is_signed(request: HookRequest, app_secret: str) -> bool:
    """Whether `X-Hub-Signature-256` fits the raw body."""
    right = hmac.new(app_secret.encode(), request.body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature-256", "")
    return bool(app_secret) and hmac.compare_digest(f"sha256={right}".encode(), given.encode())


def walk(body: Any) -> Iterator[Told | Malformed]:
    """All that a call tells. Some of Instagram's calls put `field` and `value` on the entry."""
    for entry in items(body, "entry") if isinstance(body, dict) else ():
        if not isinstance(entry, dict):
            yield Malformed("An entry is no object.", entry)
            continue
        changes = items(entry, "changes") or ((entry,) if "field" in entry else ())
        for change in changes:
            name = change.get("field") if isinstance(change, dict) else None
            yield _told(entry, str(name), change.get("value") if name else None)
        for name in ("messaging", "standby"):
            for event in items(entry, name):
                yield _told(entry, name, event)


def _told(entry: Json, name: str, value: Any) -> Told | Malformed:
    if not isinstance(value, dict):
        return Malformed(f"What a call tells of '{name}' is no object.", value)
    return Told(identifier(entry, "id"), name, value, instant(entry.get("time")))


def subscribe(
    graph: Graph, fields: Sequence[str], url: str, app_id: str, in_app: Sequence[str] = ()
) -> str:
    """Lets the Page (or account) tell the app of these fields, beside those it tells already: a
    second account of ours may use the same app. Where to call is set in the app itself, where
    `in_app` are the fields to choose if they are others."""
    listed = graph.listing("/me/subscribed_apps", fields="id,subscribed_fields").items
    apps = [a for a in listed if isinstance(a, dict)]
    mine = [a for a in apps if identifier(a, "id") == app_id] if app_id else apps[: len(apps) == 1]
    known = [f for a in mine for f in items(a, "subscribed_fields") if isinstance(f, str)]
    wanted = tuple(dict.fromkeys([*known, *fields]))
    graph.post("/me/subscribed_apps", {"subscribed_fields": ",".join(wanted)})
    told = word(
        "Meta now tells the app of: {wanted}. In the app’s webhook settings enter {url} as the"
        " callback URL, with this account’s verify token, and subscribe to: {fields}."
    )
    return told.format(wanted=", ".join(wanted), url=url, fields=", ".join(in_app or fields))
