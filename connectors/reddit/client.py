"""The line to Reddit: tokens from one host, everything else from another, refusals in a 200.

Facts: reddit.com/dev/api as collected in Pyprohly's reddit-api-doc-notes (2021), praw's issues of
2025, and Reddit's help page on limits; read in November 2026.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.core import oauth
from connectors.core.contract import Account, Budget, Json, Renewed, word
from connectors.core.errors import (
    Answer,
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    RateLimited,
    Refused,
    Row,
)
from connectors.core.http import LONGEST_WAIT_S, Http, Reply, standard_answer
from connectors.core.limits import instant, number, prefixed

HOST = "https://oauth.reddit.com"
SIGN_IN = "https://www.reddit.com"
SCOPES: Mapping[str, str] = {
    "identity": word("see the account’s name"),
    "read": word("read posts and comments"),
    "history": word("read the account’s own comments"),
    "privatemessages": word("read the inbox, answer messages, block people"),
    "submit": word("answer comments and posts"),
    "edit": word("delete own comments"),
    "vote": "vote",
    "report": "report",
    "modposts": word("remove and approve in its own subreddit"),
    "modmail": word("read and answer modmail"),
}
UNREADABLE = word("Reddit’s answer could not be read.")
REFUSED = word("Reddit refused: {words}")
SIGN_IN_AGAIN = word("Reddit no longer accepts this sign-in. Connect the account again.")


class Gone(Refused):
    """Reddit surely has no such thing, or no more."""


@dataclass(frozen=True, slots=True)
class Told(Answer):
    """An error answer with Reddit's own word for its reason."""

    reason: str = ""


def _not_found(answer: Answer) -> ConnectorError:
    """Only Reddit's own word proves that something is gone; a 404 may be anybody's."""
    sure = isinstance(answer, Told) and answer.reason == "CONVERSATION_NOT_FOUND"
    words = answer.detail or word("Reddit has no such item.")
    return Gone(words) if sure else Refused(words)


ROWS: Mapping[int, Row] = {
    302: lambda a: Refused("Reddit no longer gives this list to apps (private messages, 2025)."),
    401: lambda a: AuthExpired(a.detail or "The access token ran out."),
    404: _not_found,
}
REASONS: Mapping[str, str] = {
    "TOO_OLD": word("This is archived: Reddit takes no answers to what is older than six months."),
    "THREAD_LOCKED": word("The thread is locked: its moderators take no more answers."),
    "DELETED_COMMENT": word("The comment was deleted, so it cannot be answered."),
    "DELETED_LINK": word("The post was deleted, so it cannot be answered."),
    "NO_THING_ID": word("Reddit no longer has this item."),
}
_WAIT = re.compile(r"(\d+)\s*(millisecond|second|minute|hour)", re.IGNORECASE)
_UNITS_S = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}


class Reddit:
    """One account's line. Nothing is asked before there is an access token."""

    def __init__(self, account: Account, now: Callable[[], datetime], base_url: str) -> None:
        self._account, self._now = account, now
        token = account.secrets.get("access_token", "")
        self._http = Http(
            base_url,
            now,
            headers={"authorization": f"bearer {token}", "user-agent": user_agent(account)},
            rows=ROWS,
            explain=self._explain,
            failed=lambda reply: refusal(reply.json(), now()),
            quotas=prefixed("x-ratelimit", word("Requests")),
        )

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return self._http.budgets

    @property
    def rests_until(self) -> datetime | None:
        """When calls are allowed again, if the last one used the quota up."""
        return next((b.resets_at for b in self._http.budgets if b.remaining < 1), None)

    def get(self, path: str, **params: str | int) -> Json:
        """`raw_json`: without it Reddit escapes &, < and > in what people wrote."""
        self._need_token()
        return self._http.json("GET", path, params={"raw_json": 1, **params})

    def post(self, path: str, form: Mapping[str, str], *, sending: bool = False) -> Json:
        """Refusals in a 200 are raised. Without `sending` the answer may be empty."""
        self._need_token()
        data = {"api_type": "json", "raw_json": "1", **form}
        if sending:
            return self._http.json("POST", path, data=data, sending=True)
        found = self._http.call("POST", path, data=data).json()
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        self._http.close()

    def _need_token(self) -> None:
        oauth.need_token(self._account.secrets, "refresh_token", "password")

    def _explain(self, reply: Reply) -> Answer:
        told = standard_answer(reply, self._now(), _detail(reply))
        reset = told.resets_at or instant(reply.headers.get("x-ratelimit-reset"), self._now())
        body = reply.json()
        reason = str(body.get("reason") or "") if isinstance(body, dict) else ""
        return Told(told.status, told.detail, told.retry_after_s, reset, reason)


def sign_in(account: Account, now: Callable[[], datetime], form: Mapping[str, str]) -> Renewed:
    """Asks for tokens. `AuthRevoked` when Reddit refuses, also where it does so in a 200."""
    app = (str(account.settings.get("client_id") or ""), account.secrets.get("client_secret", ""))
    if not all(app):
        raise AuthRevoked("The app’s ID and secret are needed. Enter them again.")
    http = Http(
        (account.base_url or SIGN_IN).rstrip("/"),
        now,
        headers={"user-agent": user_agent(account)},
        failed=_refused_sign_in,
        explain=lambda r: Answer(r.status, oauth.refusal(r, "Reddit")),
    )
    with closing(http):
        answer = oauth.token(http, "/api/v1/access_token", form, auth=app)
    secrets = oauth.kept(answer, "access_token", "refresh_token", "scope")
    return Renewed(secrets, oauth.expiry(answer, now()))


def user_agent(account: Account) -> str:
    """Reddit asks for `platform:app:version (by /u/name)` and slows down what does not say so."""
    chosen = str(account.settings.get("user_agent") or "")
    name = account.external_id or account.handle.removeprefix("@").removeprefix("u/")
    words = chosen or f"server:replydesk:v1 (by /u/{name})"
    return "".join(c for c in words if c.isascii() and c.isprintable()) or "server:replydesk:v1"


def refusal(body: Any, now: datetime) -> ConnectorError | None:
    """The error in an answer whose status says all is well: `{"json": {"errors": [[code, words,
    field], …], "ratelimit": seconds}}`."""
    inner = body.get("json") if isinstance(body, dict) else None
    errors = inner.get("errors") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(errors, list) or not errors:
        return None
    first = errors[0] if isinstance(errors[0], list) else [errors[0]]
    code, words = (*(str(part) for part in first[:2]), "")[:2]
    if code == "RATELIMIT":
        return RateLimited(words or "Reddit asks to wait.", _until(inner, words, now))
    if code == "USER_REQUIRED":
        return AuthRevoked(SIGN_IN_AGAIN)
    return Refused(REASONS.get(code) or REFUSED.format(words=words or code))


def _until(inner: Json, words: str, now: datetime) -> datetime | None:
    """When a break is over: Reddit's number of seconds, else its words ("3 minutes")."""
    seconds = number(str(inner.get("ratelimit")))
    if seconds is None:
        found = _WAIT.search(words)
        if found is None:
            return None
        # the words round down: "3 minutes" may be nearly four
        seconds = (int(found[1]) + 1) * _UNITS_S[found[2].lower()]
    return now + timedelta(seconds=min(max(seconds, 0), LONGEST_WAIT_S))


def _refused_sign_in(reply: Reply) -> ConnectorError | None:
    body = reply.json()
    error = body.get("error") if isinstance(body, dict) else None
    return AuthRevoked(oauth.refusal(reply, "Reddit")) if error else None


def _detail(reply: Reply) -> str:
    """What an error answer says; Reddit has several forms."""
    if "insufficient_scope" in reply.headers.get("www-authenticate", ""):
        return word("The sign-in lacks a permission for this. Connect the account again.")
    body = reply.json()
    found = body if isinstance(body, dict) else {}
    words = [found.get(name) for name in ("explanation", "reason", "message")]
    said = next((w for w in words if isinstance(w, str) and w), "")
    return REFUSED.format(words=said) if said else ""
