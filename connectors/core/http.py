"""One HTTP client for the platforms that need no SDK: timeouts always, no redirects, no retries."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2

from connectors.core.errors import Answer, OutcomeUnknown, Row, Transient, error_for

TIMEOUT_S = 30.0
MAX_BYTES = 8 * 1024 * 1024


def client(base_url: str, headers: Mapping[str, str] | None = None) -> httpx2.Client:
    """A client whose every call has a time limit and follows no redirect (law 13)."""
    return httpx2.Client(
        base_url=base_url,
        headers=dict(headers or {}),
        timeout=httpx2.Timeout(TIMEOUT_S, connect=5.0),
        follow_redirects=False,
    )


def call(
    http: httpx2.Client,
    method: str,
    path: str,
    *,
    sending: bool = False,
    rows: Mapping[int, Row] | None = None,
    **kwargs: Any,
) -> httpx2.Response:
    """One request; a status ≥ 300 or a broken line becomes a `ConnectorError`.

    `sending` marks a request that makes something: once it has left, a lost answer or a 5xx is
    `OutcomeUnknown`, never `Transient`.
    """
    try:
        response = http.request(method, path, **kwargs)
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as e:
        raise Transient("The platform could not be reached.") from e
    except httpx2.HTTPError as e:
        if sending:
            raise OutcomeUnknown("The line broke before the platform answered.") from e
        raise Transient("The line broke before the platform answered.") from e
    if response.status_code < 300:
        return response
    if sending and response.status_code >= 500:
        raise OutcomeUnknown(f"The platform answered {response.status_code}.")
    raise error_for(answer_of(response), rows)


def answer_of(response: httpx2.Response) -> Answer:
    """The parts of a failed answer that say what to do next."""
    after = _seconds(response.headers.get("retry-after"))
    reset = _seconds(response.headers.get("x-rate-limit-reset"))
    resets_at = datetime.fromtimestamp(reset, UTC) if reset is not None else None
    return Answer(response.status_code, retry_after_s=after, resets_at=resets_at)


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
