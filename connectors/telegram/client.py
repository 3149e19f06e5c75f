"""The line to Telegram: one shape of call, and errors that say what now (Bot API 10.1, Nov 2026).

The token is part of every address, which is why no error here carries one.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.core.contract import Account, Json, word
from connectors.core.errors import (
    SAYS,
    Answer,
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    Refused,
    Row,
    Transient,
    WindowClosed,
)
from connectors.core.http import UNREADABLE, Http, Reply, standard_answer

REFUSALS: Mapping[str, Callable[[], Refused]] = {  # words of Telegram's own → what they mean here
    "BUSINESS_PEER_USAGE_MISSING": lambda: WindowClosed(
        "In a business chat Telegram takes answers for 24 hours after the customer wrote."
    ),
    "bot was blocked by the user": lambda: Refused(  # theirs
        "This person blocked the bot. They must write to it again first."
    ),
    "bad webhook": lambda: Refused(  # theirs
        "Telegram calls only a public address of Replydesk (REPLYDESK_PUBLIC_URL) that begins with"
        " https://, at port 443, 80, 88 or 8443."
    ),
}
CONFLICT = word(
    "Another program asks Telegram for this bot’s messages. Stop it, or make it a bot of its own."
)
HOOKED = word(
    "A webhook is set at Telegram, so it cannot be asked. Choose the webhook as the way in, or take"
    " the webhook back on the account’s page."
)


def _refusal(answer: Answer) -> ConnectorError:
    known = next((make for words, make in REFUSALS.items() if words in answer.detail), None)
    return known() if known else Refused(answer.detail or "Telegram refused this.")


def _conflict(answer: Answer) -> ConnectorError:
    hooked = "webhook" in answer.detail
    return Transient(HOOKED if hooked else CONFLICT)


def _revoked(answer: Answer) -> ConnectorError:
    return AuthRevoked("Telegram refused the bot token. Get one from @BotFather and enter it.")


ROWS: Mapping[int, Row] = {
    400: _refusal,
    401: _revoked,
    403: _refusal,
    404: _revoked,
    409: _conflict,
}


class Moved(Refused):
    """The group became a supergroup with another id; nothing was sent."""

    def __init__(self, chat: str) -> None:
        super().__init__(word("The group moved to another id."))
        self.chat = chat


class Client:
    """Calls of one bot's methods."""

    def __init__(self, account: Account, base_url: str, now: Callable[[], datetime]) -> None:
        self.token = (account.secrets.get("token") or "").strip()
        self._now = now
        self._http = Http(base_url, now, rows=ROWS, explain=self._explain)

    def call(
        self,
        method: str,
        params: Json | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        *,
        sending: bool = False,
    ) -> Any:
        """The `result` of a method. Files make it a form, whose other fields are JSON."""
        self.signed_in()
        path = f"/bot{self.path_token}/{method}"
        given: Json = {"json": params or {}}
        if files:
            data = {
                n: v if isinstance(v, str) else json.dumps(v) for n, v in (params or {}).items()
            }
            given = {"data": data, "files": files}
        told = self._http.json("POST", path, sending=sending, **given)
        if told.get("ok") is not True or "result" not in told:
            raise (OutcomeUnknown if sending else Transient)(UNREADABLE)
        return told["result"]

    @property
    def path_token(self) -> str:
        return quote(self.token, safe=":")

    def close(self) -> None:
        self._http.close()

    def signed_in(self) -> None:
        if not self.token:
            raise AuthRevoked("The bot token is missing. Enter it again.")

    def _explain(self, reply: Reply) -> Answer:
        """Telegram's words, and its waiting time, which stands in the body alone."""
        told = reply.json()
        body = told if isinstance(told, dict) else {}
        given = body.get("parameters")
        extras: Json = given if isinstance(given, dict) else {}
        if extras.get("migrate_to_chat_id"):
            raise Moved(str(extras["migrate_to_chat_id"]))
        said = str(body.get("description") or "").replace(self.token, "(token)")
        words = said and SAYS.format(name="Telegram", words=said)
        return standard_answer(reply, self._now(), words, extras.get("retry_after"))
