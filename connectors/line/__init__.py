"""LINE: messages to an Official Account come by webhook, answers go out as push messages.

LINE lists nothing: what the webhook does not bring is never known. Reply tokens live about a
minute, too short for people, so answers are pushes; these count against the plan's monthly quota.
Facts: LINE's OpenAPI files and the page "Retry failed API requests", read Nov 2026.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote
from uuid import UUID

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Attachment,
    Budget,
    Capabilities,
    Downloaded,
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
    Visibility,
    word,
)
from connectors.core.errors import (
    SAYS,
    Answer,
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Row,
    Transient,
    Unsupported,
)
from connectors.core.fetch import fetch
from connectors.core.http import UNREADABLE, Http, Reply, standard_answer
from connectors.core.length import utf16
from connectors.core.text import clean
from connectors.line.parse import STANDBY, profile_path, read_events

FILES_URL = "https://api-data.line.me"  # a base URL of the account stands for both hosts
KEY_LIVES = timedelta(hours=24)  # how long LINE remembers a retry key
NAMES_AT_ONCE = 2
NAME_TIMEOUT_S = 0.8  # the whole look-up of one name: LINE waits for our answer meanwhile
MONTHLY = word("monthly limit")  # 429 "You have reached your monthly limit.", not a matter of speed

CAPABILITIES = Capabilities(
    channel="line",
    title="LINE",
    kinds=(Kind.DM, Kind.MENTION, Kind.COMMENT),
    streams=(),
    count=utf16,
    unit=word("UTF-16 characters"),
    limit_public=5_000,
    limit_private=5_000,
    secrets=(
        Secret(
            "access_token",
            word("Channel access token (long-lived)"),
            help=word("LINE Developers console, Messaging API tab, at the bottom."),
        ),
        Secret(
            "channel_secret",
            word("Channel secret"),
            help=word("LINE Developers console, Basic settings tab."),
        ),
    ),
    settings=(
        Setting(
            "groups",
            word("Group chats"),
            help=word("Which messages of group chats are customers’ matters; others are context."),
            choices=(
                ("mentions", word("Those that mention the account")),
                ("all", word("Every message")),
                ("none", word("None; group chats are not stored")),
            ),
            default="mentions",
        ),
    ),
    base_url="https://api.line.me",
    polls=False,
    receives=True,
    subscribes=True,
    can_look_up=False,
    idempotent_send=True,
    notes=(
        word("Answers count against the monthly message quota of the LINE plan."),
        word("A group chat is public here: everybody in it sees the answer."),
        word("LINE takes pictures only from a public address, so answers carry no files."),
    ),
)

ROWS: Mapping[int, Row] = {
    401: lambda a: AuthRevoked("LINE refused the channel access token. Issue and enter a new one."),
    409: lambda a: _Accepted(a.detail) if a.detail else Refused("LINE knows this key otherwise."),
    429: lambda a: _too_many(a),
}
FILE_ROWS: Mapping[int, Row] = {
    **ROWS,
    202: lambda a: Transient("LINE is still preparing this file.", 10),
}


class _Accepted(ConnectorError):
    """An earlier try under the same retry key was taken; `reason` is the id of that message."""


class Connector(Base):
    """One Official Account (a Messaging API channel)."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._token = account.secrets.get("access_token") or ""
        self._headers = {"Authorization": f"Bearer {self._token}"}
        self._http = Http(
            self.base_url(), now, headers=self._headers, rows=ROWS, explain=self._explain
        )
        self._budget: tuple[Budget, ...] = ()

    def check(self) -> Identity:
        self._signed_in()
        if not self.account.secrets.get("channel_secret"):
            raise AuthRevoked("The channel secret is missing. Enter it again.")
        me = self._http.json("GET", "/v2/bot/info")
        missing = () if self._is_called() else (word("webhook (turn on “Use webhook” at LINE)"),)
        self._budget = self._quota()
        if not me.get("userId") or not me.get("basicId"):
            raise Transient(UNREADABLE)
        name = me.get("displayName")
        return Identity(str(me["userId"]), str(me["basicId"]), name and clean(str(name)), missing)

    def subscribe(self, url: str) -> str:
        self._signed_in()
        self._http.call("PUT", "/v2/bot/channel/webhook/endpoint", json={"endpoint": url})
        if self._is_called():
            return word("LINE now calls this address.")
        return word("LINE knows the address. Turn on “Use webhook” in the LINE Developers console.")

    def send(self, reply: Outgoing) -> Sent:
        """Pushes under the reply's own retry key, so that LINE takes it once."""
        self._signed_in()
        if reply.moves_private:  # the thread is the group: all of it would read this
            raise Unsupported("LINE cannot answer a group’s message in private.")
        if reply.platform.get("standby"):
            raise Refused(STANDBY)
        if self.now() - reply.started_at >= KEY_LIVES:
            raise Refused("This answer is a day old; a new try could double it. Look into LINE.")
        message = {"type": "text", "text": reply.text}
        if reply.visibility is Visibility.PUBLIC and reply.platform.get("quote"):
            message["quoteToken"] = str(reply.platform["quote"])
        body = {"to": reply.thread, "messages": [message]}
        headers = {"X-Line-Retry-Key": str(UUID(hex=reply.key))}
        push = "/v2/bot/message/push"
        try:
            told = self._http.json("POST", push, sending=True, json=body, headers=headers)
        except _Accepted as e:
            return Sent(e.reason)
        sent = _sent_id(told)
        if not sent:
            raise OutcomeUnknown("LINE did not say which message it sent.")
        return Sent(sent)

    def receive(self, request: HookRequest) -> HookAnswer:
        secret = self.account.secrets.get("channel_secret")
        told = request.headers.get("x-line-signature", "")
        if not secret or not is_signed(told, request.body, secret):
            return HookAnswer(401, "The signature is wrong.")
        messages, deletions, malformed = read_events(request.body, self._groups())
        return HookAnswer(200, "", self._named(messages), malformed, events=deletions)

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        if not attachment.ref:
            return super().download(attachment, most)
        self._signed_in()
        base = (self.account.base_url or FILES_URL).rstrip("/")
        url = f"{base}/v2/bot/message/{quote(attachment.ref, '')}/content"
        return self.fetch_own(url, most, self._headers, FILE_ROWS)

    def budgets(self) -> tuple[Budget, ...]:
        return self._budget

    def close(self) -> None:
        self._http.close()

    def _signed_in(self) -> None:
        if not self._token:
            raise AuthRevoked("The channel access token is missing. Enter it again.")

    def _groups(self) -> str:
        return str(self.account.settings.get("groups") or "mentions")

    def _is_called(self) -> bool:
        """Whether LINE has an address to call and may use it."""
        rows: dict[int, Row] = {404: lambda a: Refused("LINE has no address to call yet.")}
        try:
            told = self._http.json("GET", "/v2/bot/channel/webhook/endpoint", rows=rows)
        except Refused:
            return False
        return told.get("active") is True

    def _quota(self) -> tuple[Budget, ...]:
        """The month's messages; nothing where the plan has no limit."""
        limit = self._http.json("GET", "/v2/bot/message/quota").get("value")
        used = self._http.json("GET", "/v2/bot/message/quota/consumption").get("totalUsage")
        if not isinstance(limit, int) or not isinstance(used, int):
            return ()
        return (Budget(word("Messages this month"), limit, max(limit - used, 0)),)

    def _named(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with their authors' names, as far as LINE tells these at once."""
        names: dict[str | None, str | None] = {}
        for path in map(profile_path, messages if self._token else ()):
            if path and path not in names and len(names) < NAMES_AT_ONCE:
                names[path] = self._name(path)
        return tuple(
            replace(m, author=m.author and replace(m.author, name=names.get(profile_path(m))))
            for m in messages
        )

    def _name(self, path: str) -> str | None:
        """A name is worth little waiting, and no error."""
        limits: Json = {"timeout_s": NAME_TIMEOUT_S, "max_bytes": 64 * 1024}
        limits |= {"headers": self._headers, "allow": self.own_server()}
        try:
            answer = fetch("GET", self.base_url() + path, **limits)
            name = json.loads(answer.body)["displayName"] if answer.status == 200 else None
        except (ConnectorError, ValueError, LookupError, TypeError):
            return None
        return clean(name) if isinstance(name, str) else None

    def _explain(self, reply: Reply) -> Answer:
        """LINE's words; for a 409, the id of the message that was taken before."""
        told = reply.json()
        body = told if isinstance(told, dict) else {}
        if reply.status == 409:
            accepted = reply.headers.get("x-line-accepted-request-id")
            return Answer(409, _sent_id(body) or (f"request:{accepted}" if accepted else ""))
        details = body.get("details")
        listed = details if isinstance(details, list) else []
        parts = [d.get("message") for d in listed if isinstance(d, dict)]
        said = " ".join(str(p) for p in (body.get("message"), *parts) if p)
        return standard_answer(reply, self.now(), said and SAYS.format(name="LINE", words=said))


def is_signed(told: str, body: bytes, secret: str) -> bool:
    """Whether `x-line-signature` is base64(HMAC-SHA256(channel secret, raw body))."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), told.encode("utf-8", "replace"))


def _sent_id(body: Json) -> str:
    """The id of the message that a push made; "" when LINE tells none."""
    sent = body.get("sentMessages")
    first = sent[0] if isinstance(sent, list) and sent else None
    return str(first.get("id") or "") if isinstance(first, dict) else ""


def _too_many(answer: Answer) -> ConnectorError:
    if MONTHLY in answer.detail.lower():
        return Refused("The LINE plan’s messages of this month are used up. Raise the limit there.")
    return RateLimited(answer.detail or "Too many requests.", answer.resets_at)
