"""The line to YouTube: Google's sign-in, the Data API v3, and what its errors ask for.

Facts: the discovery document youtube.v3 of 4 Nov 2026, and Google's pages on errors, quota cost and
OAuth as read in November 2026.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core import oauth
from connectors.core.contract import Account, Json, Renewed, word
from connectors.core.errors import (
    Answer,
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    RateLimited,
    Refused,
    Row,
)
from connectors.core.http import Http, Reply, standard_answer

HOST = "https://youtube.googleapis.com"
CONSENT = ("https://accounts.google.com", "/o/oauth2/v2/auth")
TOKENS = ("https://oauth2.googleapis.com", "/token")
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
PACIFIC = ZoneInfo("America/Los_Angeles")
UNREADABLE = word("YouTube’s answer could not be read.")
MINUTE = timedelta(minutes=1)


class Gone(Refused):
    """YouTube has no such comment, or no more."""


class StalePage(Refused):
    """The token of the next page ran out."""


@dataclass(frozen=True, slots=True)
class Told(Answer):
    """An error answer with Google's own word for its reason."""

    reason: str = ""


def next_midnight(now: datetime) -> datetime:
    """When the day's quota begins anew: midnight in California, whatever its clocks do."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)


def _quota(answer: Answer) -> ConnectorError:
    return RateLimited(
        "YouTube’s quota for today is used up; it begins anew at midnight Pacific time.",
        answer.resets_at,
    )


def _refused(words: str) -> Row:
    return lambda answer: Refused(words)


REASONS: Mapping[str, Row] = {
    "quotaExceeded": _quota,
    "dailyLimitExceeded": _quota,
    "rateLimitExceeded": lambda a: RateLimited("YouTube asks for fewer calls.", a.resets_at),
    "userRateLimitExceeded": lambda a: RateLimited("YouTube asks for fewer calls.", a.resets_at),
    "commentsDisabled": _refused(word("Comments are switched off for this video.")),
    "commentNotFound": lambda a: Gone(word("YouTube no longer has this comment.")),
    "parentCommentNotFound": lambda a: Gone(word("The comment to answer is no longer there.")),
    "commentThreadNotFound": lambda a: Gone(word("YouTube no longer has this thread.")),
    "invalidPageToken": lambda a: StalePage(word("The list has moved on.")),
    "insufficientPermissions": _refused(
        word(
            "The sign-in does not permit this. Connect the account again and tick every permission."
        )
    ),
    "ineligibleAccount": _refused(word("This Google account may not comment on YouTube.")),
    "commentTextTooLong": _refused(word("The answer is too long for YouTube.")),
    "accessNotConfigured": _refused(
        word("The YouTube Data API is not switched on in the Google Cloud project.")
    ),
    "authenticatedUserAccountSuspended": lambda a: AuthRevoked("YouTube suspended the account."),
}
BY_THE_MINUTE = ("rateLimitExceeded", "userRateLimitExceeded")


def _by_reason(answer: Answer) -> ConnectorError:
    reason = answer.reason if isinstance(answer, Told) else ""
    if reason in REASONS:
        return REASONS[reason](answer)
    said = answer.detail or word("The platform answered {code}.").format(code=answer.status)
    return Refused(said)


ROWS: Mapping[int, Row] = {
    400: _by_reason,
    401: lambda a: AuthExpired(a.detail or "The access token ran out."),
    403: _by_reason,
    404: _by_reason,  # without Google's reason it may be anybody's 404, and proves nothing
    429: lambda a: RateLimited(a.detail or "YouTube asks for fewer calls.", a.resets_at),
}


class YouTube:
    """One channel's line. Every call costs units of the day's quota: lists 1, changes 50."""

    def __init__(self, account: Account, now: Callable[[], datetime], base_url: str) -> None:
        self._account, self._now = account, now
        token = account.secrets.get("access_token", "")
        self._http = Http(
            base_url,
            now,
            headers={"authorization": f"Bearer {token}"},
            rows=ROWS,
            explain=self._explain,
        )

    def get(self, what: str, **params: str | int) -> Json:
        self._need_token()
        return self._http.json("GET", f"/youtube/v3/{what}", params=params)

    def insert(self, what: str, body: Json) -> Json:
        """Makes something: a lost answer is `OutcomeUnknown`."""
        self._need_token()
        path = f"/youtube/v3/{what}"
        return self._http.json("POST", path, params={"part": "snippet"}, json=body, sending=True)

    def change(self, method: str, what: str, **params: str) -> None:
        self._need_token()
        self._http.call(method, f"/youtube/v3/{what}", params=params)

    def close(self) -> None:
        self._http.close()

    def _need_token(self) -> None:
        oauth.need_token(self._account.secrets, "refresh_token")

    def _explain(self, reply: Reply) -> Answer:
        told = standard_answer(reply, self._now())
        reason, words = reason_of(reply.json())
        resets = told.resets_at
        if resets is None:
            by_minute = reason in BY_THE_MINUTE or reply.status == 429
            resets = self._now() + MINUTE if by_minute else next_midnight(self._now())
        return Told(reply.status, words, told.retry_after_s, resets, reason)


def sign_in(account: Account, now: Callable[[], datetime], form: Mapping[str, str]) -> Renewed:
    """Asks Google for tokens. `AuthRevoked` when it refuses: a person must sign in again."""
    client_id = str(account.settings.get("client_id") or "")
    secret = account.secrets.get("client_secret", "")
    if not client_id or not secret:
        raise AuthRevoked("The client ID and secret are needed. Enter them again.")
    host, path = address(account, TOKENS)
    http = Http(host, now, explain=lambda r: Answer(r.status, oauth.refusal(r, "Google")))
    app = {"client_id": client_id, "client_secret": secret}
    with closing(http):
        answer = oauth.token(http, path, {**form, **app})
    secrets = oauth.kept(answer, "access_token", "refresh_token", "scope")
    until = oauth.expiry(answer, now(), "refresh_token_expires_in")  # in testing: seven days
    if until is not None:
        secrets["signed_in_until"] = until.isoformat()
    return Renewed(secrets, oauth.expiry(answer, now()))


def address(account: Account, place: tuple[str, str]) -> tuple[str, str]:
    """Host and path of one of Google's pages; an account's own address stands for all of them."""
    host, path = place
    return (account.base_url or host).rstrip("/"), path


def reason_of(body: Any) -> tuple[str, str]:
    """Google's reason and words, from any of the forms of its errors."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return (error, "") if isinstance(error, str) else ("", "")
    listed = [e for e in error.get("errors") or () if isinstance(e, dict)]
    reasons = [str(e["reason"]) for e in listed if e.get("reason")]
    words = error.get("message")
    return next(iter(reasons), ""), words if isinstance(words, str) else ""
