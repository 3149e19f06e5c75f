"""One HTTP client for the platforms that need no SDK: timeouts always, no redirects, no retries."""

import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx2

from connectors.core.contract import Budget, Json, word
from connectors.core.deadline import Deadline, TimedBackend
from connectors.core.errors import Answer, ConnectorError, OutcomeUnknown, Row, Transient, error_for
from connectors.core.limits import ReadBudgets, instant, no_budgets, number

LONGEST_WAIT_S = 86_400.0  # whatever an answer says: an account is asked again within a day
TIMEOUT_S = 30.0  # for each wait, and for the whole body of an answer
WHOLE_S = 180.0  # for an exchange, a large file on its way out included
CONNECT_TIMEOUT_S = 5.0
MAX_BYTES = 8 * 1024 * 1024
BROKEN = word("The line broke before the platform answered.")
UNREADABLE = word("The platform’s answer could not be read.")

for _name in ("httpx2", "httpcore2"):  # they log addresses, and some hold a token
    logging.getLogger(_name).setLevel(logging.WARNING)

Explain = Callable[["Reply"], Answer]
Rows = Mapping[int, Row]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its whole body; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Http:
    """The line to one platform for one account.

    `rows` are the platform's own rows of the status table, `explain` reads what an error answer
    says (its words, when to come back), `failed` finds the error in an answer whose status says
    all is well. `budgets` holds the quotas told so far.
    """

    def __init__(
        self,
        base_url: str,
        now: Callable[[], datetime],
        *,
        headers: Mapping[str, str] | None = None,
        rows: Rows | None = None,
        explain: Explain | None = None,
        failed: Callable[[Reply], ConnectorError | None] | None = None,
        quotas: ReadBudgets = no_budgets,
        timeout_s: float = TIMEOUT_S,
        whole_s: float = WHOLE_S,
    ) -> None:
        self._client = httpx2.Client(
            base_url=base_url,
            headers=dict(headers or {}),
            timeout=httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            verify=_tls(),
            follow_redirects=False,
        )
        self._timeout_s, self._whole_s = timeout_s, whole_s
        self._deadline = Deadline(whole_s)
        _keep_to(self._deadline, self._client)
        self._now, self._rows, self._explain = now, rows, explain
        self._failed, self._quotas = failed, quotas
        self._budgets: dict[str, Budget] = {}

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The newest word on each quota."""
        return tuple(self._budgets.values())

    def call(
        self,
        method: str,
        path: str,
        *,
        sending: bool = False,
        rows: Rows | None = None,
        max_bytes: int = MAX_BYTES,
        **kwargs: Any,
    ) -> Reply:
        """One request; a status ≥ 300 or a broken line becomes a `ConnectorError`.

        `sending` marks a request that makes something: once it has left, a lost answer or a 5xx is
        `OutcomeUnknown`, never `Transient`. Other keywords are httpx2's (json, data, params …).
        """
        reply = self._request(method, path, sending, max_bytes, kwargs)
        for budget in self._quotas(path, reply.headers, self._now()):
            self._budgets[budget.name] = budget
        failed = self._failed(reply) if self._failed and reply.status < 300 else None
        if failed is not None:
            raise failed
        if reply.status < 300:
            return reply
        if sending and reply.status >= 500:
            raise OutcomeUnknown(word("The platform answered {code}.").format(code=reply.status))
        raise error_for(self._answer(reply), {**(self._rows or {}), **(rows or {})})

    def json(self, method: str, path: str, *, sending: bool = False, **kwargs: Any) -> Json:
        """The same, with the answer's JSON object. What is none: `Transient`, or `OutcomeUnknown`
        while `sending`."""
        found = self.call(method, path, sending=sending, **kwargs).json()
        if isinstance(found, dict):
            return found
        if sending:
            raise OutcomeUnknown(UNREADABLE)
        raise Transient(UNREADABLE)

    def close(self) -> None:
        self._client.close()

    def _request(
        self, method: str, path: str, sending: bool, max_bytes: int, kwargs: dict[str, Any]
    ) -> Reply:
        self._deadline.set(self._whole_s)
        try:
            with self._client.stream(method, path, **kwargs) as answer:
                read = bytearray()
                deadline = time.monotonic() + self._timeout_s  # a drop now and then is no answer
                for chunk in answer.iter_bytes():
                    read += chunk
                    if len(read) > max_bytes or time.monotonic() > deadline:
                        lost = OutcomeUnknown if sending else Transient
                        raise lost(word("The platform’s answer is too long."))
                told = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status_code, told, bytes(read))
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as e:
            raise Transient("The platform could not be reached.") from hidden(e)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as e:
            raise (OutcomeUnknown if sending else Transient)(BROKEN) from hidden(e)

    def _answer(self, reply: Reply) -> Answer:
        if self._explain is not None:
            return self._explain(reply)
        return standard_answer(reply, self._now())


def _keep_to(deadline: Deadline, client: httpx2.Client) -> None:
    """httpx2 limits each wait but no exchange, and has no argument for connections that do; those
    through a proxy of the environment keep to the deadline, too."""
    for line in (client._transport, *client._mounts.values()):
        if isinstance(line, httpx2.HTTPTransport):
            line._pool._network_backend = TimedBackend(deadline)


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than many a call."""
    return httpx2.create_ssl_context()


def hidden(error: Exception) -> Exception:
    """The kind of a client's error without its words: these may show an address with a token."""
    return type(error)("(not shown)") if isinstance(error, httpx2.HTTPError) else ValueError()


def standard_answer(reply: Reply, now: datetime, detail: str = "", wait_s: object = None) -> Answer:
    """An error answer as the common headers tell it; `detail` are the platform's words, `wait_s`
    is how long its body says to wait, which goes before the headers."""
    told = reply.headers.get("retry-after")
    said = _wait(str(wait_s or ""))
    if said is not None:
        return Answer(reply.status, detail, said, now + timedelta(seconds=said))
    return Answer(reply.status, detail, _wait(told), instant(told, now))


def _wait(told: str | None) -> float | None:
    """Seconds to wait, as far as one can count with them."""
    seconds = number(told)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_S)
