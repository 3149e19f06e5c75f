"""Errors that answer "what now?" (law 7).

ConnectorError
├── Transient          try again later; `retry_after_s` when the platform said how long
├── RateLimited        try again at `resets_at`
├── AuthExpired        nothing was done; `renew` the credentials, then try again
├── AuthRevoked        stop polling the account; a person must reconnect it
├── Refused            the platform will not take this one item; `reason` is shown
│   ├── WindowClosed   refused because the reply window has passed
│   └── Unsupported    refused because the channel has no such operation
├── Malformed          one item could not be read; it goes to quarantine, the page goes on
└── OutcomeUnknown     the request left, its answer was lost: look it up, never repeat it blind

`STATUS_ERRORS` maps HTTP statuses to these; a platform passes its own rows to `error_for`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.core.capabilities import word

SAYS = word("{name} says: {words}")


class ConnectorError(Exception):
    """Base of everything a connector may raise. `reason` is fit for a person's eyes."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Transient(ConnectorError):
    """The platform or the line failed; nothing was done."""

    def __init__(self, reason: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class RateLimited(ConnectorError):
    """A quota is used up until `resets_at` (aware UTC); None when the platform did not say."""

    def __init__(self, reason: str = "", resets_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.resets_at = resets_at


class AuthExpired(ConnectorError):
    """The credentials ran out; fresh ones can be made without a person."""


class AuthRevoked(ConnectorError):
    """The credentials no longer work."""


class Refused(ConnectorError):
    """The platform refuses this item for good."""


class WindowClosed(Refused):
    """The platform's own time limit for an answer has passed."""


class Unsupported(Refused):
    """The channel cannot do this."""


class Malformed(ConnectorError):
    """One item of a page could not be read. `raw` is the item as it came."""

    def __init__(self, reason: str, raw: Any) -> None:
        super().__init__(reason)
        self.raw = raw


class OutcomeUnknown(ConnectorError):
    """A send may or may not have happened."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform's HTTP answer says about a failure, as the status table needs it."""

    status: int
    detail: str = ""
    retry_after_s: float | None = None
    resets_at: datetime | None = None


Row = Callable[[Answer], ConnectorError]

STATUS_ERRORS: Mapping[int, Row] = {
    401: lambda a: AuthRevoked(a.detail or "The credentials were refused."),
    403: lambda a: Refused(a.detail or "The platform does not permit this."),
    404: lambda a: Refused(a.detail or "The platform no longer has this item."),
    408: lambda a: Transient(a.detail or "The platform timed out.", a.retry_after_s),
    429: lambda a: RateLimited(a.detail or "Too many requests.", a.resets_at),
}


def error_for(answer: Answer, rows: Mapping[int, Row] | None = None) -> ConnectorError:
    """The error of an HTTP status ≥ 400: the platform's own `rows` first, then the common table.

    Other 4xx are final refusals, 5xx are transient.
    """
    row = (rows or {}).get(answer.status) or STATUS_ERRORS.get(answer.status)
    if row is not None:
        return row(answer)
    detail = answer.detail or word("The platform answered {code}.").format(code=answer.status)
    if answer.status >= 500:
        return Transient(detail, answer.retry_after_s)
    return Refused(detail)
