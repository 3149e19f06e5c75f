"""The line to Discord: quotas, errors that say what now (Discord's API documentation, Aug 2026)."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.core.contract import Account, Budget, Json, word
from connectors.core.errors import (
    SAYS,
    Answer,
    AuthRevoked,
    ConnectorError,
    Refused,
    Row,
    Transient,
)
from connectors.core.http import UNREADABLE, Http, Reply, standard_answer
from connectors.core.limits import Headers, prefixed

AGENT = "DiscordBot (https://replydesk.example, 1)"  # Discord turns other forms away
HINTS: Mapping[int, str] = {  # Discord's own error codes → what to do
    40005: word("The file is larger than this server takes (10 MB without boosts)."),
    50001: word("The bot cannot see this channel. Give it View Channel there."),
    50013: word("The bot lacks a permission for this. Look at its role on the Discord server."),
    160005: word("This thread is locked. Unlock it on Discord first."),
}


LISTING, OTHER = word("Messages of a channel"), word("Other calls")
_MESSAGES = re.compile(r".*/channels/\d+/messages(?:/\d+)?")

Files = Mapping[str, tuple[str, bytes, str]]  # part → (name, bytes, type)


class Gone(Refused):
    """What was asked for is not there."""


def _revoked(answer: Answer) -> ConnectorError:
    return AuthRevoked("Discord refused the bot token. Reset it in the Developer Portal.")


def _gone(answer: Answer) -> ConnectorError:
    return Gone(answer.detail or word("Discord no longer has this."))


ROWS: Mapping[int, Row] = {401: _revoked, 404: _gone}


class Client:
    """Calls for one bot."""

    def __init__(self, account: Account, base_url: str, now: Callable[[], datetime]) -> None:
        self._token = (account.secrets.get("token") or "").strip()
        self._now = now
        headers = {"Authorization": f"Bot {self._token}", "User-Agent": AGENT}
        self._http = Http(
            base_url, now, headers=headers, rows=ROWS, explain=self._explain, quotas=_quotas
        )

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return self._http.budgets

    def get(self, path: str, **params: str) -> Json:
        self._signed_in()
        return self._http.json("GET", path, params=params)

    def list(self, path: str, **params: str) -> Sequence[Any]:
        """A list, newest first."""
        self._signed_in()
        found = self._http.call("GET", path, params=params).json()
        if not isinstance(found, list):
            raise Transient(UNREADABLE)
        return found

    def post(self, path: str, told: Json, files: Files) -> Json:
        """Makes something. With files the body is a form, which Discord reads as numbered parts."""
        self._signed_in()
        if not files:
            return self._http.json("POST", path, sending=True, json=told)
        data = {"payload_json": json.dumps(told)}
        return self._http.json("POST", path, sending=True, data=data, files=files)

    def do(self, method: str, path: str, note: str = "") -> None:
        """An act; `note` goes into the server's audit log."""
        self._signed_in()
        headers = {"X-Audit-Log-Reason": quote(note[:100], safe=" ")} if note else {}
        self._http.call(method, path, headers=headers)

    def close(self) -> None:
        self._http.close()

    def _signed_in(self) -> None:
        if not self._token:
            raise AuthRevoked("The bot token is missing. Enter it again.")

    def _explain(self, reply: Reply) -> Answer:
        """Discord's words, its code's hint, and how long to wait (in the body, to milliseconds)."""
        told = reply.json()
        body = told if isinstance(told, dict) else {}
        said = str(body.get("message") or "")
        code = body.get("code")
        hint = HINTS.get(code) if isinstance(code, int) else None
        words = hint or (said and SAYS.format(name="Discord", words=said))
        return standard_answer(reply, self._now(), words, body.get("retry_after"))


def _quotas(path: str, headers: Headers, now: datetime) -> Sequence[Budget]:
    """Each route of each channel has a quota of its own, refilled within seconds; what is told is
    that of the channel asked last."""
    name = LISTING if _MESSAGES.match(path) else OTHER
    return prefixed("x-ratelimit", name)(path, headers, now)
