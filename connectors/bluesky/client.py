"""The line to a Bluesky account's own server (PDS), which forwards what others answer.

Errors carry a name: `{"error": "ExpiredToken", "message": …}`, with status 400 or 401 alike.
Limits come in `ratelimit-*` headers (bsky-docs "Rate limits", Apr 2026; those of the chat are not
published).
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.core.contract import Account, Budget, Json, word
from connectors.core.errors import (
    Answer,
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    RateLimited,
    Refused,
    Row,
)
from connectors.core.http import Http, Reply, standard_answer
from connectors.core.limits import Headers, instant, prefixed

CHAT = {"atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}  # who is to answer chat.bsky.*
QUOTAS = (
    ("/xrpc/chat.bsky.", word("Direct messages")),
    ("/xrpc/com.atproto.repo.", word("Changes (points)")),
    ("/xrpc/com.atproto.server.", word("Sign-ins")),
    ("", word("Requests")),
)
NO_MESSAGES = word(
    "The app password may not read direct messages. Make one with “Allow access to your direct"
    " messages” and enter it."
)
NO_RIGHT = ("bad token scope", "bad token method", "insufficient access")  # theirs
PASSWORD = word("Bluesky refused the app password. Make a new one (Settings → App passwords).")


class Gone(Refused):
    """There is no such record or conversation (any more)."""


class Exists(Refused):
    """A record of that key is there already, with other content."""


BLOCKED = word("Bluesky blocked the account: {words}")
SWITCHED_OFF = word("The account is switched off: {words}")
NAMED: Mapping[str, Callable[[str], ConnectorError]] = {
    "ExpiredToken": lambda _: AuthExpired("The session ran out."),
    "InvalidToken": lambda _: AuthExpired("The session is no longer valid."),
    "AuthMissing": lambda _: AuthExpired("The session is no longer valid."),
    "AccountTakedown": lambda words: AuthRevoked(BLOCKED.format(words=words)),
    "AccountDeactivated": lambda words: AuthRevoked(SWITCHED_OFF.format(words=words)),
    "RecordNotFound": Gone,
    "InvalidConvo": Gone,
    "InvalidSwap": Exists,
}


def _named(answer: Answer) -> ConnectorError:
    """The error that a refusal's name tells; by its status where the name says no more."""
    name, _, words = answer.detail.partition(": ")
    if any(said in words.lower() for said in NO_RIGHT):
        return Refused(NO_MESSAGES)
    if name in NAMED:
        return NAMED[name](words)
    said = words or answer.detail
    if answer.status == 401:
        return AuthRevoked(
            word("{words} Sign in again.").format(
                words=said or word("Bluesky refused the credentials.")
            )
        )
    return Refused(said or word("The platform answered {code}.").format(code=answer.status))


ROWS: Mapping[int, Row] = {
    400: _named,
    401: _named,
    403: _named,
    409: _named,
    429: lambda a: RateLimited("Too many requests.", a.resets_at),
}


class Client:
    """XRPC calls of one account: `get` asks, `post` does."""

    def __init__(self, base_url: str, account: Account, now: Callable[[], datetime]) -> None:
        self._access = account.secrets.get("access_jwt", "")
        self._can_renew = bool(account.secrets.get("app_password"))
        self._now = now
        self.http = Http(base_url, now, rows=ROWS, explain=self._explain, quotas=_quotas)

    def get(self, method: str, **params: Any) -> Json:
        return self._call("GET", method, params={k: v for k, v in params.items() if v is not None})

    def post(self, method: str, body: Any, *, sending: bool = False, **more: Any) -> Json:
        """`body`: an object, or bytes (with their `mime`)."""
        if isinstance(body, bytes):
            more |= {"content": body, "mime": more.get("mime")}
        else:
            more |= {"json": body}
        return self._call("POST", method, sending=sending, **more)

    def do(self, method: str, body: Json) -> None:
        """The same, for calls whose answer may be empty."""
        self.http.call("POST", f"/xrpc/{method}", json=body, headers=self._headers(method))

    def session(self, method: str, token: str = "", **body: str) -> Json:
        """Asks for a session: with a refresh token, or with a password in `body`."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        path = f"/xrpc/com.atproto.server.{method}"
        return self.http.json("POST", path, headers=headers, json=body or None)

    def _call(self, verb: str, method: str, mime: str | None = None, **more: Any) -> Json:
        headers = self._headers(method) | ({"content-type": mime} if mime else {})
        return self.http.json(verb, f"/xrpc/{method}", headers=headers, **more)

    def _headers(self, method: str) -> dict[str, str]:
        if not self._access and not self._can_renew:
            raise AuthRevoked("The account’s app password is missing. Enter it again.")
        if not self._access:
            raise AuthExpired("The account is not signed in yet.")
        chat = CHAT if method.startswith("chat.bsky.") else {}
        return {"authorization": f"Bearer {self._access}", **chat}

    def _explain(self, reply: Reply) -> Answer:
        said = reply.json()
        said = said if isinstance(said, dict) else {}
        parts = [said.get(name) for name in ("error", "message")]
        detail = ": ".join(p for p in parts if isinstance(p, str) and p)
        told = standard_answer(reply, self._now(), detail)
        resets_at = instant(reply.headers.get("ratelimit-reset"), self._now()) or told.resets_at
        return Answer(told.status, detail, told.retry_after_s, resets_at)


def claims(token: str) -> Json:
    """What a session token says of itself (exp, scope); {} when it cannot be read. It is the
    server's to check: we only learn from it when to renew."""
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, LookupError):
        return {}
    return found if isinstance(found, dict) else {}


def expiry(token: str) -> datetime | None:
    seconds = claims(token).get("exp")
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def server_in(document: Any) -> str | None:
    """The address of the account's own server in its DID document."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else ():
        named = isinstance(service, dict) and str(service.get("id")).endswith("#atproto_pds")
        address = service.get("serviceEndpoint") if named else None
        if isinstance(address, str) and address.startswith("https://"):
            return address.rstrip("/")
    return None


def _quotas(path: str, headers: Headers, now: datetime) -> Sequence[Budget]:
    name = next(name for start, name in QUOTAS if path.startswith(start))
    return prefixed("ratelimit", name)(path, headers, now)
