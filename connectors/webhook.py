"""The generic signed webhook: any system posts messages to us and is posted our answers.

Both ways bear the same signature, `X-Inbox-Signature: t=<unix seconds>,v1=<hex>`, where v1 is
HMAC-SHA256 of `<t>.<raw body>` under the account's secret. Several `v1` may stand there while a
secret is exchanged. `docs/webhook.md` tells the whole format, with examples that the tests run.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Attachment,
    Author,
    Capabilities,
    Direction,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Message,
    Outgoing,
    Secret,
    Sent,
    Setting,
    word,
)
from connectors.core.errors import (
    Answer,
    AuthRevoked,
    OutcomeUnknown,
    Refused,
    Transient,
    Unsupported,
    error_for,
)
from connectors.core.fetch import check_url, fetch
from connectors.core.text import clean

SIGNATURE_HEADER = "X-Inbox-Signature"
MAX_BODY = 1024 * 1024  # bytes
MAX_SKEW_S = 300
MAX_TEXT = 50_000
MAX_ID = 200
MAX_ATTACHMENTS = 20
TYPES = ("message.created", "message.edited", "message.deleted")
_SECONDS = re.compile(r"[0-9]{1,5}")
_HEX = re.compile(r"[0-9a-f]{64}")

REPLY_TO = word("Address that answers are posted to")

CAPABILITIES = Capabilities(
    channel="webhook",
    title=word("Signed webhook"),
    kinds=(Kind.WEBHOOK,),
    streams=(),
    count=len,
    unit="characters",
    limit_public=None,
    limit_private=10_000,
    secrets=(
        Secret(
            "secret",
            word("Signing secret, at least 16 characters"),
            made=True,
            help=word("Both sides sign with it. Leave it empty and one is made up for you."),
        ),
        Secret(
            "previous_secret",
            word("Previous secret, while it is being exchanged"),
            optional=True,
            help=word("Calls signed with it are taken too. Remove it when all senders changed."),
        ),
    ),
    settings=(
        Setting(
            "reply_url",
            REPLY_TO,
            word("It begins with https:// and is reachable from here. Empty: read only."),
        ),
    ),
    polls=False,
    receives=True,
    can_look_up=False,
    idempotent_send=True,
    social=False,
    notes=(word("A repeated answer has the same event_id: take each once."),),
)


class Wrong(ValueError):
    """A call whose body cannot be accepted; `field` names where."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class Connector(Base):
    """One sender with its secret.

    Files come as addresses and are fetched from there (`Base.download`, law 13). Answers carry
    none: they would need addresses of ours that the receiver may open.

    Beside `reply_url` the inbox puts `allow_private` into the settings it hands over: the exact
    `host:port` pairs of `REPLYDESK_ALLOW_PRIVATE`. No account may set that for itself.
    """

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._allow = frozenset(map(str, account.settings.get("allow_private") or ()))

    def check(self) -> Identity:
        """Looks at the settings; the other side cannot be asked. Raises `Refused`."""
        if len(self._secret()) < 16:
            raise Refused("The signing secret needs at least 16 characters.")
        url = self._reply_url()
        if url:
            check_url(url, self._allow)
        handle = self.account.handle
        return Identity(handle, handle, None, () if url else (REPLY_TO,))

    def _secret(self) -> str:
        """What answers are signed with; missing after the address was changed."""
        secret = self.account.secrets.get("secret")
        if not secret:
            raise AuthRevoked("The signing secret is missing. Enter it again.")
        return secret

    def receive(self, request: HookRequest) -> HookAnswer:
        """401 for a wrong signature, 413 too long, 422 names the field; else 202 and messages."""
        if len(request.body) > MAX_BODY:
            return HookAnswer(413, {"error": "The body is longer than 1 MiB."})
        secrets = [self.account.secrets.get(n) for n in ("secret", "previous_secret")]
        told = request.headers.get(SIGNATURE_HEADER.lower(), "")
        if not is_signed(told, request.body, filter(None, secrets), request.received_at):
            return HookAnswer(401, {"error": "The signature is wrong or older than 5 minutes."})
        try:
            event_id, message = read_event(request.body, request.received_at)
        except Wrong as e:
            return HookAnswer(422, {"error": e.reason, "field": e.field})
        return HookAnswer(
            202,
            {"status": "accepted"},
            (message,),
            event_id=event_id,
            body_hash=hashlib.sha256(request.body).hexdigest(),
        )

    def send(self, reply: Outgoing) -> Sent:
        """Posts the answer; a repeat is the same body under the same `event_id`, byte for byte."""
        url = self._reply_url()
        if not url:
            raise Unsupported("This account has no address that answers are posted to.")
        body = self._body(reply)
        told = sign(self._secret(), int(self.now().timestamp()), body)
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: told}
        answer = fetch("POST", url, headers=headers, body=body, allow=self._allow, sending=True)
        if 200 <= answer.status < 300:
            return Sent(f"r:{reply.key}")
        reason = word("The receiver answered {code}.").format(code=answer.status)
        if answer.status == 503:
            raise Transient(reason)
        if answer.status >= 500:
            raise OutcomeUnknown(reason)
        if answer.status < 400:
            raise Refused(word("{words} Redirects are not followed.").format(words=reason))
        wait = answer.headers.get("retry-after", "")
        resets_at = self.now() + timedelta(seconds=int(wait)) if _SECONDS.fullmatch(wait) else None
        raise error_for(Answer(answer.status, reason, resets_at=resets_at))

    def _reply_url(self) -> str:
        return str(self.account.settings.get("reply_url") or "")

    def _body(self, reply: Outgoing) -> bytes:
        event = {
            "event_id": reply.key,
            "type": "message.created",
            "conversation_id": reply.thread,
            "message": {
                "id": reply.key,
                "text": reply.text,
                "created_at": reply.started_at.astimezone(UTC).isoformat(),
                "in_reply_to": reply.in_reply_to.removeprefix("m:"),
                "attachments": [],
            },
            "author": {"id": "support", "name": self.account.handle, "email": None},
            "to": {"id": reply.to.id},
        }
        return json.dumps(event, ensure_ascii=False).encode()


def sign(secret: str, t: int, body: bytes) -> str:
    """The value of the signature header for a raw body at `t` (unix seconds)."""
    return f"t={t},v1={_hmac(secret, str(t), body)}"


def is_signed(told: str, body: bytes, secrets: Iterable[str], now: datetime) -> bool:
    """Whether a signature header fits the raw body under one of the secrets, and is fresh."""
    pairs = [part.strip().partition("=")[::2] for part in told.split(",")[:12]]
    times = [value for name, value in pairs if name == "t"]
    given = [value for name, value in pairs if name == "v1" and _HEX.fullmatch(value)]
    if len(times) != 1 or not re.fullmatch("[0-9]{1,12}", times[0]):
        return False
    # Every pair is compared, so that the time taken tells nothing about which one fits.
    fits = [
        hmac.compare_digest(_hmac(secret, times[0], body), value)
        for secret in secrets
        for value in given
    ]
    return any(fits) and abs(now.timestamp() - int(times[0])) <= MAX_SKEW_S


def _hmac(secret: str, t: str, body: bytes) -> str:
    return hmac.new(secret.encode(), t.encode() + b"." + body, hashlib.sha256).hexdigest()


def read_event(body: bytes, received_at: datetime) -> tuple[str, Message]:
    """(event_id, message) of a verified body. Raises `Wrong`."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as e:
        raise Wrong("body", "This is not JSON.") from e
    event = _object({"body": event}, "body")
    event_id, kind = _id(event, "event_id"), event.get("type")
    if kind not in TYPES:
        raise Wrong("type", f"One of {', '.join(TYPES)}.")
    said = _object(event, "message")
    deleted = kind == "message.deleted"
    sent_at = _time(said, "message.created_at")
    if sent_at is None:
        raise Wrong("message.created_at", "A time with its zone is needed.")
    edited_at = _time(said, "message.edited_at") or received_at
    deleted_at = _time(said, "message.deleted_at") or received_at
    attachments = _attachments(said)
    message = Message(
        external_id=f"m:{_id(said, 'message.id')}",
        conversation=_id(event, "conversation_id"),
        direction=Direction.IN,
        text=_text(said, "message.text", MAX_TEXT, required=not (deleted or attachments)),
        sent_at=sent_at,
        author=_author(event),
        kind=Kind.WEBHOOK,
        attachments=attachments,
        edited_at=edited_at if kind == "message.edited" else None,
        deleted_at=deleted_at if deleted else None,
        platform=_context(event),
    )
    return event_id, message


def _object(parent: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = parent.get(field.rpartition(".")[2])
    if not isinstance(value, dict):
        raise Wrong(field, "An object is needed.")
    return value


def _text(parent: Mapping[str, Any], field: str, longest: int, *, required: bool = False) -> str:
    value = parent.get(field.rpartition(".")[2])
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Wrong(field, "A string is needed.")
    if len(value) > longest:
        raise Wrong(field, f"At most {longest} characters.")
    if required and not value.strip():
        raise Wrong(field, "This may not be empty.")
    return clean(value)


def _id(parent: Mapping[str, Any], field: str) -> str:
    return _text(parent, field, MAX_ID, required=True)


def _author(event: Mapping[str, Any]) -> Author:
    author = _object(event, "author")
    name, email = (_text(author, f"author.{n}", 320) or None for n in ("name", "email"))
    return Author(_id(author, "author.id"), email, name)


def _time(parent: Mapping[str, Any], field: str) -> datetime | None:
    value = parent.get(field.rpartition(".")[2])
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as e:
        raise Wrong(field, "A time such as 2026-11-20T09:15:31Z is needed.") from e
    raise Wrong(field, "The time needs a zone, such as Z or +08:00.")


def _attachments(said: Mapping[str, Any]) -> tuple[Attachment, ...]:
    listed = said.get("attachments")
    if listed is None:
        return ()
    if not isinstance(listed, list) or len(listed) > MAX_ATTACHMENTS:
        raise Wrong("message.attachments", f"A list of at most {MAX_ATTACHMENTS} is needed.")
    return tuple(_attachment(item, f"message.attachments.{n}") for n, item in enumerate(listed))


def _attachment(item: Any, field: str) -> Attachment:
    if not isinstance(item, dict):
        raise Wrong(field, "An object is needed.")
    url = _text(item, f"{field}.url", 2000)
    size = item.get("size")
    if url and not url.startswith("https://"):
        raise Wrong(f"{field}.url", "The address must begin with https://.")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
        raise Wrong(f"{field}.size", "A number of bytes is needed.")
    mime, name = (_text(item, f"{field}.{n}", 200) or None for n in ("mime", "name"))
    return Attachment(url or None, mime, name, size)


def _context(event: Mapping[str, Any]) -> Json:
    """Where the customer was: shown to the agent, never trusted."""
    if event.get("context") is None:
        return {}
    context = _object(event, "context")
    told = {n: _text(context, f"context.{n}", 2000) for n in ("page_url", "app_version", "locale")}
    return {name: value for name, value in told.items() if value}
