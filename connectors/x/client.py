"""The line to X: tweepy for OAuth 1.0a and requests, our time limits, errors that say what now.

tweepy writes the host into its code, sets no time limit, and tells neither the quota nor a request
that never left from an answer that was lost. So `_Line` sits on its session, and errors are read
from the answers themselves. Rate-limit headers come with every answer (X's page "Rate limits", read
22 Nov 2026); the daily ones on posts, for some plans.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import tweepy
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from connectors.core.contract import Account, Json
from connectors.core.errors import (
    Answer,
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Row,
    Transient,
    error_for,
)
from connectors.core.sdk import Capped

ORIGIN = "https://api.twitter.com"  # what tweepy calls, and what OAuth 1.0a signatures are made for
KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
TIMEOUT_S = 30.0
MAX_TIMEOUT_S = 300.0
CONNECT_TIMEOUT_S = 5.0
BILLING_PAUSE = timedelta(hours=1)
BILLING = "X's credits or monthly cap are used up. Top them up in X's developer console."
UNREADABLE = "X's answer could not be read."
Rows = Mapping[int, Row]
NO_ROWS: Rows = {}
QUOTAS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")

for _name in ("tweepy", "oauthlib", "requests_oauthlib"):  # at DEBUG they log keys and texts
    logging.getLogger(_name).setLevel(logging.INFO)


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
    """Carries tweepy's requests to the account's own address, each with a time limit."""

    def __init__(self, base_url: str | None, timeout_s: float) -> None:
        super().__init__(timeout_s)
        self._base_url = base_url.rstrip("/") if base_url else None
        self._timeout = (min(CONNECT_TIMEOUT_S, timeout_s), timeout_s)

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        if self._base_url is not None and request.url is not None:
            request.url = self._base_url + request.url.removeprefix(ORIGIN)
            kw["proxies"] = requests.utils.get_environ_proxies(request.url)
        kw["timeout"] = self._timeout
        return super().send(request, *args, **kw)


class Client:
    """Signed requests to X. Not for use by two threads at once (requests' sessions are not)."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        keys = {name: account.secrets.get(name) for name in KEYS}
        self._has_keys = all(keys.values())
        self._tweepy = tweepy.Client(**keys, return_type=dict, wait_on_rate_limit=False)
        timeout_s = _seconds(account.settings.get("timeout_s"))
        self._tweepy.session.mount(ORIGIN, _Line(account.base_url, timeout_s))
        self._tweepy.session.max_redirects = 0
        self._now = now

    def get(
        self, route: str, params: Mapping[str, str | int | None], rows: Rows = NO_ROWS
    ) -> Heard:
        """`rows` are the route's own answers to a status; a parameter that is None is left out."""
        given = {k: v for k, v in params.items() if v is not None}
        return self._ask("GET", route, rows, sending=False, params=given)

    def post(self, route: str, body: Json, rows: Rows = NO_ROWS) -> Heard:
        """Raises `OutcomeUnknown` when the request left and no clear answer came."""
        return self._ask("POST", route, rows, sending=True, json=body)

    def close(self) -> None:
        self._tweepy.session.close()

    def _ask(self, method: str, route: str, rows: Rows, *, sending: bool, **what: Any) -> Heard:
        if not self._has_keys:
            raise AuthRevoked("The account's keys are missing. Enter them again.")
        lost = OutcomeUnknown if sending else Transient
        try:
            response = self._tweepy.request(method, route, user_auth=True, **what)
            body = response.json()
        except tweepy.HTTPException as e:
            raise _error(e.response, sending, self._now(), rows) from e
        except requests.JSONDecodeError as e:
            raise lost(UNREADABLE) from e
        except requests.RequestException as e:
            if _never_left(e):
                raise Transient("X could not be reached.") from e
            raise lost("The line broke before X answered.") from e
        except (ValueError, TypeError, AttributeError) as e:
            # tweepy trips over error bodies and headers that are not what it expects
            raise lost(UNREADABLE) from e
        if not isinstance(body, dict):
            raise lost(UNREADABLE)
        return Heard(body, response.headers, quota_resets_at(response.headers))


def quota_resets_at(headers: Mapping[str, str]) -> datetime | None:
    """When the last used-up quota of an answer comes back; None while all have some left."""
    used_up = (q for q in QUOTAS if headers.get(f"{q}-remaining") == "0")
    resets = (_time(headers.get(f"{q}-reset")) for q in used_up)
    return max((r for r in resets if r is not None), default=None)


def _error(response: requests.Response, sending: bool, now: datetime, rows: Rows) -> ConnectorError:
    """What a status ≥ 300 means."""
    detail, kind, parameters = _complaint(response)
    status = response.status_code
    if status == 402 or kind.endswith(("usage-capped", "credits-depleted")):
        return Refused(BILLING) if sending else RateLimited(BILLING, now + BILLING_PAUSE)
    if status == 400 and parameters:
        return BadParameters(detail or "X refused a parameter.", parameters)
    if sending and status >= 500:
        return OutcomeUnknown(f"X answered {status}.")
    resets_at = quota_resets_at(response.headers)
    if resets_at is None:
        resets_at = _time(response.headers.get("x-rate-limit-reset"))
    return error_for(Answer(status, detail, resets_at=resets_at), rows)


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


def _time(seconds: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(seconds), UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
