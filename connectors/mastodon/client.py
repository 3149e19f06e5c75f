"""The line to a Mastodon server: Mastodon.py, with errors and quotas read from the answers.

Mastodon.py's errors tell neither when a quota resets nor a request that never left from an answer
that was lost; `_Line`, under its session, does. Posts are read as plain JSON over the same session:
the SDK cannot ask for filtered notifications, and its types cannot be kept for quarantine. Files go
that way too, for the SDK would ask the server for its version before each.
Rate limits: Mastodon's documentation, Jul 2026 (the reset is an ISO time; some forks send numbers).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from connectors.core.contract import Budget, Json, word
from connectors.core.errors import (
    Answer,
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    Refused,
    Row,
    Transient,
    error_for,
)
from connectors.core.http import BROKEN, CONNECT_TIMEOUT_S, TIMEOUT_S, UNREADABLE
from connectors.core.limits import instant, prefixed
from connectors.core.sdk import Capped

T = TypeVar("T")
SIGN_IN_AGAIN = ("outside the authorized scopes", "your login is currently")  # theirs
QUOTAS = {"/api/v2/media": word("Uploads")}  # everything else counts as requests
ODD_FORM = (ValueError, TypeError, LookupError, AttributeError, RecursionError)  # of an answer


class Gone(Refused):
    """The server does not have this item (any more), or does not show it to us."""


def _not_permitted(answer: Answer) -> ConnectorError:
    if any(words in answer.detail.lower() for words in SIGN_IN_AGAIN):
        return AuthRevoked(
            word("{words} Sign in again and grant all that is asked for.").format(
                words=answer.detail
            )
        )
    return Refused(answer.detail or "The server does not permit this.")


ROWS: Mapping[int, Row] = {
    403: _not_permitted,
    404: lambda a: Gone(a.detail or word("The server no longer has this item.")),
    410: lambda a: Gone(a.detail or word("The server no longer has this item.")),
}


class _Line(Capped):
    """Gives every request its time limit and remembers how the last one went."""

    heard: requests.Response | None = None
    broken: requests.RequestException | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        self.heard = self.broken = None
        kw["timeout"] = (CONNECT_TIMEOUT_S, TIMEOUT_S)
        try:
            self.heard = super().send(request, *args, **kw)
        except requests.RequestException as e:
            self.broken = e
            raise
        return self.heard


class Client:
    """Requests of one account. Not for use by two threads at once (requests' sessions are not)."""

    def __init__(self, base_url: str, token: str, now: Callable[[], datetime]) -> None:
        from mastodon import Mastodon  # slow to import, so not where channels are only listed
        from mastodon.errors import MastodonError

        self._failed = (MastodonError, requests.RequestException, *ODD_FORM)
        self._base_url, self._has_token, self._now = base_url, bool(token), now
        self._line, self._session = _Line(TIMEOUT_S), requests.Session()
        self._session.max_redirects = 0
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._line)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._budgets: dict[str, Budget] = {}
        self.api = Mastodon(
            api_base_url=base_url or "https://server.invalid",
            session=self._session,
            ratelimit_method="throw",
            version_check_mode="none",
            user_agent="Replydesk",
        )
        self.api.access_token = token or None  # an argument of the constructor may name a file

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return tuple(self._budgets.values())

    def ask(self, request: Callable[[], T], *, sending: bool = False) -> T:
        """What `request` brings, which uses `api` once. `sending`: it makes something, so that an
        unclear end is `OutcomeUnknown`."""
        if not self._has_token:
            raise AuthRevoked("The account is not signed in. Sign in again.")
        if not self._base_url:
            raise AuthRevoked("The server’s address is missing. Enter it as the base URL.")
        self._line.heard = self._line.broken = None
        try:
            return request()
        except self._failed:
            raise self._error(sending) from None
        finally:
            self._note_quota()

    def object(self, path: str, method: str = "GET", **kwargs: Any) -> Json:
        """The JSON object at a path, as it came; other keywords are requests'."""
        found = self.ask(lambda: self._request(method, path, **kwargs).json())
        if not isinstance(found, dict):
            raise Transient(UNREADABLE)
        return found

    def page(self, path: str, **params: Any) -> tuple[list[Any], str | None]:
        """A list as it came, newest first, and the id from which to read on (`min_id`)."""
        answer = self.ask(lambda: self._request("GET", path, params=params))
        found = self.ask(answer.json)
        if not isinstance(found, list):
            raise Transient(UNREADABLE)
        newer = urlsplit(answer.links.get("prev", {}).get("url", ""))
        return found, dict(parse_qsl(newer.query)).get("min_id")

    def close(self) -> None:
        self._session.close()

    def _request(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        answer = self._session.request(
            method,
            self._base_url + path,
            headers=self._headers,
            auth=lambda request: request,  # else a .netrc of this machine would win
            **kwargs,
        )
        answer.raise_for_status()
        return answer

    def _error(self, sending: bool) -> ConnectorError:
        """What went wrong with the last request."""
        lost = OutcomeUnknown if sending else Transient
        if self._line.broken is not None:
            if _never_left(self._line.broken):
                return Transient("The server could not be reached.")
            return lost(BROKEN)
        heard = self._line.heard
        if heard is None or heard.status_code < 300:
            return lost(UNREADABLE)
        status = heard.status_code
        if sending and status >= 500:
            return OutcomeUnknown(word("The server answered {code}.").format(code=status))
        resets_at = instant(heard.headers.get("x-ratelimit-reset"), self._now())
        return error_for(Answer(status, _complaint(heard), resets_at=resets_at), ROWS)

    def _note_quota(self) -> None:
        heard = self._line.heard
        if heard is not None:
            path = urlsplit(heard.url).path
            told = {name.lower(): value for name, value in heard.headers.items()}
            read = prefixed("x-ratelimit", QUOTAS.get(path, word("Requests")))
            self._budgets |= {b.name: b for b in read(path, told, self._now())}


def _never_left(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that the server cannot have acted on the request."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _complaint(answer: requests.Response) -> str:
    """The server's words: {"error": …, "error_description": …}; a proxy may answer anything."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return ""
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) else ""
