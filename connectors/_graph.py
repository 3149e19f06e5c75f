"""What Meta's channels share: the line to the Graph API, its errors, its quotas, reading its items.

Facts: Meta's pages as read in November 2026 and the Graph API v26.0 of facebook_business 26.0.3.
The token travels in a header only, never in an address; `paging.next` holds it and is not followed.
Meta answers 400 to nearly everything, so what an error means is told by `error.code`.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

from connectors.core.contract import Account, Budget, Json, Message, Setting, word
from connectors.core.errors import (
    Answer,
    AuthRevoked,
    ConnectorError,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Row,
    Transient,
    WindowClosed,
    error_for,
)
from connectors.core.http import Http, Reply
from connectors.core.text import clean

HOST = "https://graph.facebook.com"
VERSION = "v26.0"
A_DAY_MIN = 1440
PAUSE = timedelta(minutes=15)  # where a full quota does not say when it has room again
USAGE = {
    "x-app-usage": word("Calls by the app (percent)"),
    "x-page-usage": word("Calls for the Page (percent)"),
}
BUSINESS = word("Calls for {name} (percent)")
BUSINESS_USAGE = "x-business-use-case-usage"
UNREADABLE = word("Meta’s answer could not be read.")
WINDOW_OVER = word(
    "Meta takes no message this long after the person last wrote. The person has to write again."
)

VERSION_SETTING = Setting(
    "version", word("Graph API version"), word("Change it when Meta retires this one."), (), VERSION
)


@dataclass(frozen=True, slots=True)
class Complaint(Answer):
    """An error answer with Meta's own words: `code`, `subcode` and whether it says "try again"."""

    code: int = 0
    subcode: int = 0
    again: bool = False


SIGN_IN_ENDED: Mapping[int, str] = {  # by error_subcode of code 190
    458: word("The app was removed from the account."),
    459: word("The person who gave the token must pass a check by Facebook first."),
    460: word("The password of the person who gave the token was changed."),
    463: word("The access token has run out."),
    464: word("The person who gave the token is not confirmed."),
    467: word("The access token is no longer valid."),
    492: word("The person who gave the token no longer has a role on the Page."),
}
_PERMISSION = re.compile(r"\b(?:pages|instagram|whatsapp|business)_[a-z]+(?:_[a-z]+)*\b")


def _ended(a: Answer) -> ConnectorError:
    subcode = a.subcode if isinstance(a, Complaint) else 0
    why = SIGN_IN_ENDED.get(subcode, a.detail or word("Meta refused the access token."))
    return AuthRevoked(word("{words} Make a new access token and enter it.").format(words=why))


class Invalid(Refused):
    """Meta can make nothing of what was asked: an old page token, an item without such a list."""


class Gone(Invalid):
    """Meta has no item of this id, or does not show it to this token."""


def _not_permitted(a: Answer) -> ConnectorError:
    named = ", ".join(dict.fromkeys(_PERMISSION.findall(a.detail)))
    if named:
        return Refused(
            word("The access token lacks the permission {name}. Make a new one with it.").format(
                name=named
            )
        )
    if not a.detail:
        return Refused("Meta does not permit this and gives no reason.")
    return Refused(word("Meta does not permit this: {words}").format(words=a.detail))


def _limited(a: Answer) -> ConnectorError:
    return RateLimited(a.detail or "Meta’s limit of calls is reached.", a.resets_at)


def _again(a: Answer) -> ConnectorError:
    return Transient(a.detail or "Meta is not available.", a.retry_after_s)


def _refused(words: str) -> Row:
    return lambda a: Refused(_with(words, a))


def _with(words: str, a: Answer) -> str:
    """Our words, with Meta's where it said any."""
    told = word("{words} Meta says: {detail}")
    return told.format(words=words, detail=a.detail) if a.detail else words


NO_ITEM = word("Meta has no such item, or hides it from this token.")
Codes = Mapping[int | tuple[int, int], Row]
"""By `error.code`, or by (code, error_subcode), which wins."""

CODES: Codes = {
    **dict.fromkeys((102, 190), _ended),
    **dict.fromkeys((3, 10, *range(200, 300)), _not_permitted),
    **dict.fromkeys((4, 17, 32, 613, *range(80001, 80015)), _limited),
    **dict.fromkeys((1, 2), _again),
    **dict.fromkeys(((10, 2018278), (10, 2534022)), lambda a: WindowClosed(WINDOW_OVER)),
    100: lambda a: Invalid(a.detail or word("Meta can make nothing of this.")),
    (100, 33): lambda a: Gone(_with(NO_ITEM, a)),
    368: _refused(word("Meta has blocked this account from doing this for a while.")),
    551: _refused(word("The person cannot be reached now; perhaps they blocked the account.")),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list: its raw items, and what to give as `after` for the next one."""

    items: tuple[Any, ...]
    after: str | None = None


class Graph:
    """The line to the Graph API for one account. Paths have no version (`/me/feed`).

    `codes` are the channel's own rows of the error table. `token` names the secret that holds the
    access token, `prove` adds the app secret's proof. A call without a token is `AuthRevoked`.
    """

    def __init__(
        self,
        account: Account,
        now: Callable[[], datetime],
        base_url: str,
        *,
        codes: Codes | None = None,
        token: str = "access_token",
        prove: bool = True,
    ) -> None:
        version = str(account.settings.get("version") or VERSION).strip(" /")
        self._token = (account.secrets.get(token) or "").strip()
        self._now, self._codes = now, {**CODES, **(codes or {})}
        app_secret = account.secrets.get("app_secret") or ""
        self._proof = proof(self._token, app_secret) if prove else ""
        self._http = Http(
            f"{base_url}/{version}",
            now,
            headers={"Authorization": f"Bearer {self._token}"} if self._is_token() else {},
            explain=lambda reply: read_complaint(reply, now()),
            failed=self._unsuccessful,
            quotas=lambda _, headers, at: read_usage(headers, at),
        )

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return self._http.budgets

    @property
    def not_before(self) -> datetime | None:
        """When to call again although the last call went well; None while there is quota left."""
        full = [b for b in self.budgets if b.remaining <= 0]
        return max((b.resets_at or self._now() + PAUSE for b in full), default=None)

    def get(self, path: str, **params: Any) -> Json:
        return self._ask("GET", path, params=params)

    def listing(self, path: str, **params: Any) -> Listing:
        """A page of an edge; parameters that are None are left out."""
        return read_listing(self.get(path, **params))

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """A change that may safely be repeated."""
        return self._ask("POST", path, json=dict(body))

    def delete(self, path: str, body: Mapping[str, Any] | None = None, **params: Any) -> Json:
        return self._ask("DELETE", path, params=params, json=body and dict(body))

    def send(self, path: str, body: Mapping[str, Any]) -> Json:
        """Makes something visible. What may have happened all the same is `OutcomeUnknown`."""
        return self._ask("POST", path, sending=True, json=dict(body))

    def upload(self, path: str, fields: Mapping[str, str], name: str, file: Any) -> Json:
        """Leaves a file (name, bytes, MIME type) with Meta, which nobody sees yet."""
        return self._ask("POST", path, data=dict(fields), files={name: file})

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, *, sending: bool = False, **kwargs: Any) -> Json:
        if not self._is_token():
            raise AuthRevoked("The access token is missing or cut. Enter it again.")
        params = {k: v for k, v in (kwargs.pop("params", None) or {}).items() if v is not None}
        if self._proof:
            params["appsecret_proof"] = self._proof
        rows = dict.fromkeys(range(400, 600), lambda a: self._error(a, sending))
        return self._http.json(method, path, sending=sending, rows=rows, params=params, **kwargs)

    def _is_token(self) -> bool:
        return bool(self._token) and self._token.isascii() and self._token.isprintable()

    def _error(self, answer: Answer, sending: bool) -> ConnectorError:
        if not isinstance(answer, Complaint) or not answer.code:
            return error_for(answer)
        if sending and (answer.again or answer.code in (1, 2)):
            # such an answer was seen although the message had been made
            return OutcomeUnknown(answer.detail or "Meta did not say whether it was done.")
        pair = (answer.code, answer.subcode)
        row = self._codes.get(pair) or (_again if answer.again else self._codes.get(answer.code))
        return row(answer) if row else error_for(answer)

    def _unsuccessful(self, reply: Reply) -> ConnectorError | None:
        """The error in an answer 200: `{"error": …}` or `{"success": false}`."""
        body = reply.json()
        if not isinstance(body, dict):
            return None
        if isinstance(body.get("error"), dict):
            return self._error(read_complaint(reply, self._now()), sending=False)
        refused = body.get("success") is False
        return Refused("Meta did not do it and gave no reason.") if refused else None


def proof(token: str, app_secret: str) -> str:
    """`appsecret_proof`: shows that the caller knows the app's secret; "" without one."""
    if not (token and app_secret):
        return ""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def read_complaint(reply: Reply, now: datetime) -> Complaint:
    """What an error answer says; `error_user_msg` is meant for people and goes before `message`."""
    body = reply.json()
    error = inner(body if isinstance(body, dict) else {}, "error")
    detail = text(error, "error_user_msg") or text(error, "message")
    waits = [b.resets_at for b in read_usage(reply.headers, now) if b.resets_at]
    return Complaint(
        reply.status,
        detail,
        resets_at=max(waits, default=None),
        code=_whole(error.get("code")),
        subcode=_whole(error.get("error_subcode")),
        again=error.get("is_transient") is True,
    )


def read_usage(headers: Mapping[str, str], now: datetime) -> Sequence[Budget]:
    """The quotas in the headers, in percent; the fullest of Meta's three counts holds."""
    found = [
        Budget(name, 100, _left(usage))
        for header, name in USAGE.items()
        if (usage := _object(headers.get(header)))
    ]
    for uses in _object(headers.get(BUSINESS_USAGE)).values():
        for use in uses if isinstance(uses, list) else ():
            if isinstance(use, dict):
                name = BUSINESS.format(name=text(use, "type").replace("_", " ").title() or "Meta")
                minutes = min(_whole(use.get("estimated_time_to_regain_access")), A_DAY_MIN)
                back = now + timedelta(minutes=minutes) if minutes > 0 else None
                found.append(Budget(name, 100, 0 if back else _left(use), back))
    return found


def _left(usage: Json) -> float:
    used = [_whole(usage.get(n)) for n in ("call_count", "total_time", "total_cputime")]
    return max(0, 100 - max(used))


def _object(header: str | None) -> Json:
    try:
        found = json.loads(header or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and abs(value) < 1e12 else 0


def read_listing(body: Json) -> Listing:
    """A list with `paging`; there is another page where `next` says so, even after an empty one.

    What holds no list is `Transient`: taken for an empty page, it would end a list too early.
    """
    if not isinstance(body.get("data"), list):
        raise Transient("Meta’s answer holds no list.")
    paging = inner(body, "paging")
    following = text(paging, "next")
    told = dict(parse_qsl(following.partition("?")[2])).get("after")
    after = text(inner(paging, "cursors"), "after") or told
    return Listing(items(body, "data"), after if following else None)


def read_all(
    found: Sequence[Any], parse: Callable[[Json], Message]
) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
    """The messages of a list, and the items that could not be read."""
    messages: list[Message] = []
    malformed: list[Malformed] = []
    for item in found:
        try:
            if not isinstance(item, dict):
                raise Malformed("It is no object.", item)
            messages.append(parse(item))
        except Malformed as e:
            malformed.append(e)
    return tuple(messages), tuple(malformed)


def node(*parts: str) -> str:
    """The path of an item or of one of its lists; ids may hold any letter."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def inner(item: Json, name: str) -> Json:
    """The object in a field; {} where there is none."""
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def items(item: Json, name: str) -> tuple[Any, ...]:
    """The list in a field, also one wrapped as `{"data": […]}`; () where there is none."""
    found = item.get(name)
    if isinstance(found, dict):
        found = found.get("data")
    return tuple(found) if isinstance(found, list) else ()


def text(item: Json, name: str) -> str:
    """The text of a field, cleaned; "" where there is none."""
    found = item.get(name)
    return clean(found) if isinstance(found, str) else ""


def identifier(item: Json, name: str) -> str:
    """An id, which some of Meta's lists write as a number; "" where there is none."""
    found = item.get(name)
    is_number = isinstance(found, int) and not isinstance(found, bool)
    return str(found) if is_number else text(item, name)


def needed(item: Json, name: str) -> str:
    """An id without which the item cannot be read. Raises `Malformed`."""
    found = identifier(item, name)
    if not found:
        raise Malformed(f"It has no {name}.", item)
    return found


def instant(value: Any) -> datetime | None:
    """A time: ISO with `+0000`, or unix seconds or milliseconds, told apart by their size."""
    try:
        if isinstance(value, str) and not value.isdecimal():
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else None
        if isinstance(value, bool) or value is None:
            return None
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e11 else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def needed_time(item: Json, name: str) -> datetime:
    """A time without which the item cannot be read. Raises `Malformed`."""
    at = instant(item.get(name))
    if at is None:
        raise Malformed(f"Its {name} is no time.", item)
    return at
