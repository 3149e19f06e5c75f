"""X calling us: the X Activity API over a webhook.

Facts: X's pages "Webhooks" and "X Activity API event payloads", Aug 2026. A call is signed with the
app's API key secret; a GET asks us to prove that we know it. Posts come as lists give them, direct
messages in the form of API 1.1, under the ids that lists use. Calls may come twice. The deprecated
Account Activity API speaks otherwise and is not read.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.core.contract import Deletion, HookAnswer, HookRequest, Json, Message
from connectors.core.errors import Malformed
from connectors.x.parse import (
    BROKEN,
    Surroundings,
    context_of,
    parse_called_message,
    parse_post,
    versions_of,
)

SIGNATURE = "x-twitter-webhooks-signature"
UNSIGNED = HookAnswer(401, {"error": "The signature is wrong or missing."})
Item = Message | Deletion


def receive(secret: str | None, me: str | None, request: HookRequest) -> HookAnswer:
    """The answer to a call. `secret` is the app's, `me` our id where it is known already."""
    if request.method == "GET":
        token = request.query.get("crc_token")
        if not secret or not token:
            return UNSIGNED
        return HookAnswer(200, {"response_token": sign(secret, token.encode())})
    told = request.headers.get(SIGNATURE, "").encode(errors="replace")
    if not secret or not hmac.compare_digest(sign(secret, request.body).encode(), told):
        return UNSIGNED
    try:
        events = _events(json.loads(request.body))
    except (ValueError, RecursionError):
        bad = Malformed(
            "X called with something unreadable.", request.body.decode(errors="replace")
        )
        return HookAnswer(200, malformed=(bad,))
    found: list[Item] = []
    malformed: list[Malformed] = []
    for event in events:
        for read in _read(event, me, request.received_at):
            if isinstance(read, Malformed):
                malformed.append(read)
            else:
                found.append(read)
    return HookAnswer(
        200,
        messages=tuple(m for m in found if isinstance(m, Message)),
        malformed=tuple(malformed),
        events=tuple(d for d in found if isinstance(d, Deletion)),
    )


def sign(secret: str, words: bytes) -> str:
    """What X writes beside a body, and what we answer to a challenge."""
    digest = hmac.digest(secret.encode(), words, hashlib.sha256)
    return f"sha256={base64.b64encode(digest).decode()}"


def _events(body: Any) -> list[Json]:
    """The events of a call; none in a call of the deprecated kind."""
    told = body.get("data") if isinstance(body, dict) else None
    listed = told if isinstance(told, list) else [told]
    return [e for e in listed if isinstance(e, dict)]


def _read(event: Json, me: str | None, now: datetime) -> Iterator[Item | Malformed]:
    """What an event brings; those of other accounts of the app are not ours to read."""
    wanted = event.get("filter")
    whose = str(wanted.get("user_id")) if isinstance(wanted, dict) else ""
    reader = READERS.get(str(event.get("event_type")))
    if reader is None or not whose or whose != (me or whose):
        return
    payload, included = event.get("payload"), event.get("includes")
    body = {"includes": included if isinstance(included, dict) else {}}
    try:
        around = Surroundings.of(body, whose, now)
        yield from reader(payload if isinstance(payload, dict) else {}, around)
    except BROKEN as e:
        yield Malformed(f"X called with an event that cannot be read: {e!r}", event)


def _messages(payload: Json, around: Surroundings) -> Iterator[Item | Malformed]:
    users = payload.get("users")
    wrapped = list(users.values()) if isinstance(users, dict) else []
    named = Surroundings.of({"includes": {"users": wrapped}}, around.me, around.now)
    events = payload["direct_message_events"]
    if not isinstance(events, list):
        raise TypeError("no list")
    for event in events:
        try:
            message = parse_called_message(event, replace(around, users=named.users))
        except BROKEN as e:
            yield Malformed(f"X called with a message that cannot be read: {e!r}", event)
        else:
            if message is not None:
                yield message


def _post(payload: Json, around: Surroundings) -> Iterator[Item]:
    message = parse_post(payload, around, listed=True)
    yield message
    yield from (m for m in context_of(around) if m.external_id != message.external_id)


def _reply(payload: Json, around: Surroundings) -> Iterator[Item]:
    """X tells that one of our posts is answered; whose it is need not come along."""
    yield from _post({"in_reply_to_user_id": around.me, **payload}, around)


def _quote(payload: Json, around: Surroundings) -> Iterator[Item]:
    """X tells that one of our posts is quoted; the post need not come along."""
    listed = payload.get("referenced_tweets") or payload.get("referenced_posts") or ()
    quoted = {str(r["id"]): {"author_id": around.me} for r in listed if r.get("type") == "quoted"}
    yield from _post(payload, replace(around, posts={**quoted, **around.posts}))


def _deletion(payload: Json, around: Surroundings) -> Iterator[Item]:
    yield Deletion(versions_of(payload)[0], around.now)


READERS: Mapping[str, Callable[[Json, Surroundings], Iterator[Item | Malformed]]] = {
    "dm.received": _messages,
    "dm.sent": _messages,
    "post.mention.create": _post,
    "post.reply.create": _reply,
    "post.quote.create": _quote,
    "post.delete": _deletion,
}
