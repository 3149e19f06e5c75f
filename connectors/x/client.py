"""The line to X: tweepy and requests, our time limits, errors that say what now.

tweepy writes the host into its code, sets no time limit, and tells neither the quota nor a request
that never left from an answer that was lost. So `_Line` sits on its session, and errors are read
from the answers themselves. Rate-limit headers come with every answer (X's page "Rate limits", read
22 Nov 2026); the daily ones on posts, for some plans.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import requests
import tweepy
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from connectors.core.contract import Account, Budget, Downloaded, Json, word
from connectors.core.errors import (
    Answer,
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Row,
    Transient,
    error_for,
)
from connectors.core.http import MAX_BYTES
from connectors.core.limits import instant
from connectors.core.sdk import Capped, TooLong
from connectors.x.quotas import budgets_of, quota_resets_at

ORIGIN = "https://api.twitter.com"  # what tweepy calls, and what OAuth 1.0a signatures are made for
NEW_ORIGIN = "https://api.x.com"  # where OAuth 2.0 tokens are used
TON = "https://ton.twitter.com"  # keeps the pictures of direct messages
TIMEOUT_S = 30.0
MAX_TIMEOUT_S = 300.0
CONNECT_TIMEOUT_S = 5.0
BILLING_PAUSE = timedelta(hours=1)
BILLING = word("X’s credits or monthly cap are used up. Top them up in X’s developer console.")
UNREADABLE = word("X’s answer could not be read.")
GONE_FILE = {404: lambda a: Refused("X no longer has this file.")}
Rows = Mapping[int, Row]
Params = Mapping[str, str | int | None]
NO_ROWS: Rows = {}

_NAME = re.compile(r"(?:[A-Z][a-z]+){2,}")

for _name in ("tweepy", "oauthlib", "requests_oauthlib"):  # at DEBUG they log keys and texts
    logging.getLogger(_name).setLevel(logging.INFO)


class As(Enum):
    """In whose name a request goes out."""

    KEYS = "oauth1"  # the account, by OAuth 1.0a signatures
    TOKEN = "oauth2"  # the account, by an OAuth 2.0 token
    APP = "app"  # the app alone, by its bearer token

    @classmethod
    def account(cls, account: Account) -> "As":
        return cls.TOKEN if account.settings.get("sign_in") == "oauth2" else cls.KEYS


NEEDED = {
    As.KEYS: ("consumer_key", "consumer_secret", "access_token", "access_token_secret"),
    As.TOKEN: ("user_token",),
    As.APP: ("bearer_token",),
}
MISSING: Mapping[As, tuple[type[ConnectorError], str]] = {
    As.KEYS: (AuthRevoked, word("The account’s keys are missing. Enter them again.")),
    As.TOKEN: (AuthRevoked, word("The account is not signed in to X. Sign in again.")),
    As.APP: (Refused, word("The app’s bearer token is missing. Enter it with the account’s keys.")),
}
REFUSED: Mapping[As, Row] = {
    As.KEYS: lambda a: AuthRevoked(a.detail or "X refused the account’s keys."),
    As.TOKEN: lambda a: AuthExpired("X’s access token has run out."),
    As.APP: lambda a: Refused("X refused the app’s bearer token. Enter it again."),
}


class BadParameters(Refused):
    """X does not know a query parameter or its value; `names` are those it complains of."""

    def __init__(self, reason: str, names: frozenset[str]) -> None:
        super().__init__(reason)
        self.names = names


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer of X: its JSON object and, when the quota is used up, when it resets."""

    body: Json
    headers: Mapping[str, str]
    not_before: datetime | None = None


class _Line(Capped):
    """Carries requests for `origin` to the account's own address, each with a time limit."""

    def __init__(self, origin: str, base_url: str, timeout_s: float) -> None:
        super().__init__(timeout_s)  # no retries: a repeated POST would be a second answer
        self.origin, self._base_url = origin, base_url.rstrip("/")
        self._timeout = (min(CONNECT_TIMEOUT_S, timeout_s), timeout_s)

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        if self._base_url != self.origin and request.url is not None:
            request.url = self._base_url + request.url.removeprefix(self.origin)
            kw["proxies"] = requests.utils.get_environ_proxies(request.url)
        kw["timeout"] = self._timeout
        return super().send(request, *args, **kw)


class Client:
    """Requests to X in the account's name, or the app's (`by`).

    Not for use by two threads at once (requests' sessions are not).
    """

    def __init__(self, account: Account, now: Callable[[], datetime], by: As | None = None) -> None:
        self.by = by or As.account(account)
        given = {name: account.secrets.get(name) for name in NEEDED[self.by]}
        self._has_keys = all(given.values())
        keys = given if self.by is As.KEYS else {"bearer_token": next(iter(given.values()))}
        self._tweepy = tweepy.Client(**keys, return_type=dict, wait_on_rate_limit=False)
        timeout_s = _seconds(account.settings.get("timeout_s"))
        # OAuth 1.0a signatures hold for the host that they name, so these stay with the old one.
        home = ORIGIN if self.by is As.KEYS else NEW_ORIGIN
        self._lines = [
            _Line(origin, account.base_url or own, timeout_s)
            for origin, own in ((ORIGIN, home), (TON, TON))
        ]
        for line in self._lines:
            self._tweepy.session.mount(line.origin, line)
        self._tweepy.session.max_redirects = 0
        self._now = now
        self._budgets: dict[str, Budget] = {}

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The newest word on each quota."""
        return tuple(self._budgets.values())

    def get(self, route: str, params: Params, rows: Rows = NO_ROWS) -> Heard:
        """`rows` are the route's own answers to a status; a parameter that is None is left out."""
        given = {k: v for k, v in params.items() if v is not None}
        return self._ask("GET", route, rows, sending=False, params=given)

    def post(self, route: str, body: Json, rows: Rows = NO_ROWS) -> Heard:
        """Raises `OutcomeUnknown` when the request left and no clear answer came."""
        return self._ask("POST", route, rows, sending=True, json=body)

    def do(self, method: str, route: str, body: Json | None = None, rows: Rows = NO_ROWS) -> Heard:
        """A change that is safe to repeat: a lost answer is `Transient`."""
        return self._ask(method, route, rows, sending=False, json=body)

    def download(self, url: str, most: int) -> Downloaded:
        """A file at `ORIGIN` or `TON`, at most that many bytes."""
        self._check_keys()
        for line in self._lines:
            line.most = most
        try:
            response = self._tweepy.session.get(url, allow_redirects=False, **self._signature())
        except requests.RequestException as e:
            if e.args and isinstance(e.args[0], TooLong):
                raise Refused("The file is too long.") from e
            raise Transient("The line broke before X gave the file.") from e
        finally:
            for line in self._lines:
                line.most = MAX_BYTES
        if response.status_code >= 300:
            raise self._error(response, False, GONE_FILE)
        return Downloaded(response.content, response.headers.get("content-type"))

    def close(self) -> None:
        self._tweepy.session.close()

    def _ask(self, method: str, route: str, rows: Rows, *, sending: bool, **what: Any) -> Heard:
        self._check_keys()
        lost = OutcomeUnknown if sending else Transient
        try:
            response = self._tweepy.request(method, route, user_auth=self.by is As.KEYS, **what)
            self._hear(method, route, response.headers)
            body = response.json() if response.content or sending else {}
        except tweepy.HTTPException as e:
            self._hear(method, route, e.response.headers)
            raise self._error(e.response, sending, rows) from e
        except requests.JSONDecodeError as e:
            raise lost(UNREADABLE) from e
        except requests.RequestException as e:
            if _never_left(e):
                raise Transient("X could not be reached.") from e
            raise lost(word("The line broke before X answered.")) from e
        except (ValueError, TypeError, AttributeError) as e:
            # tweepy trips over error bodies and headers that are not what it expects
            raise lost(UNREADABLE) from e
        if not isinstance(body, dict):
            raise lost(UNREADABLE)
        return Heard(body, response.headers, quota_resets_at(response.headers, self._now()))

    def _check_keys(self) -> None:
        if not self._has_keys:
            error, reason = MISSING[self.by]
            raise error(reason)

    def _signature(self) -> dict[str, Any]:
        """How a request beside tweepy's own is signed."""
        own = self._tweepy
        if self.by is not As.KEYS:
            return {"headers": {"Authorization": f"Bearer {own.bearer_token}"}}
        keys = (own.consumer_key, own.consumer_secret, own.access_token, own.access_token_secret)
        return {"auth": tweepy.OAuth1UserHandler(*keys).apply_auth()}

    def _hear(self, method: str, route: str, headers: Mapping[str, str]) -> None:
        for budget in budgets_of(method, route, headers, self._now()):
            self._budgets[budget.name] = budget

    def _error(self, response: requests.Response, sending: bool, rows: Rows) -> ConnectorError:
        """What a status ≥ 300 means."""
        detail, kind, parameters = _complaint(response)
        status, now = response.status_code, self._now()
        if status == 402 or kind.endswith(("usage-capped", "credits-depleted")):
            return Refused(BILLING) if sending else RateLimited(BILLING, now + BILLING_PAUSE)
        if status == 400 and parameters:
            return BadParameters(detail or word("X refused a parameter."), parameters)
        if sending and status >= 500:
            return OutcomeUnknown(word("X answered {code}.").format(code=status))
        resets_at = quota_resets_at(response.headers, now)
        if resets_at is None:
            resets_at = instant(response.headers.get("x-rate-limit-reset"), now)
        answer = Answer(status, detail, resets_at=resets_at)
        return error_for(answer, {401: REFUSED[self.by], **rows})


def _complaint(response: requests.Response) -> tuple[str, str, frozenset[str]]:
    """(words for a person, problem type, names of refused parameters) of an error body.

    X has two forms: {"title", "detail", "type", "errors": [{"message", "parameters"}]} and
    {"errors": [{"code", "message"}]}; a gateway before it may answer anything.
    """
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return "", "", frozenset()
    if not isinstance(body, dict):
        return "", "", frozenset()
    listed = body.get("errors")
    errors = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    named = {str(n) for e in errors for n in (e.get("parameters") or ())}
    words = [body.get("detail"), *(e.get("message") for e in errors)]
    detail = next((w for w in words if isinstance(w, str) and w), "")
    title = body.get("title")
    if isinstance(title, str) and _NAME.fullmatch(title):  # a reason's name stands only there
        detail = f"{title}: {detail}"
    return detail, str(body.get("type", "")), frozenset(named)


def _never_left(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that X cannot have acted on the request."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, NewConnectionError | ConnectTimeoutError
    )


def _seconds(setting: Any) -> float:
    """The account's time limit; ours where it is none."""
    try:
        given = float(setting)
    except (TypeError, ValueError):
        return TIMEOUT_S
    return given if 0 < given <= MAX_TIMEOUT_S else TIMEOUT_S
