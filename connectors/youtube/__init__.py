"""YouTube: comments under a channel's videos, those held for review, answers, moderation.

YouTube Data API v3 (see `client` for sources). There are no direct messages and no mentions.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Act,
    Author,
    Begun,
    Budget,
    Capabilities,
    Fetched,
    Identity,
    Json,
    Kind,
    Message,
    Offer,
    On,
    Outgoing,
    Page,
    Ref,
    Renewed,
    Secret,
    Sent,
    Setting,
    Visibility,
    Way,
    word,
)
from connectors.core.errors import (
    AuthRevoked,
    Malformed,
    OutcomeUnknown,
    Transient,
    Unsupported,
)
from connectors.core.looking import may_be, nearest, pages
from connectors.core.oauth import authorize_url, challenge
from connectors.youtube.client import (
    CONSENT,
    HOST,
    SCOPE,
    UNREADABLE,
    Gone,
    YouTube,
    address,
    sign_in,
)
from connectors.youtube.parse import Found, listed, parse_comment, read_comments, read_threads
from connectors.youtube.quota import DAILY, SHARES, Meter
from connectors.youtube.walk import BATCH, Place, Reader, all_threads, replies

REPLY_DAYS, HISTORY_DAYS = 7, 30
DAY_S = 86_400
STATUS = {"comments": "", "held": "heldForReview"}
NOT_PUBLIC = ("heldForReview", "likelySpam")
MODERATED = {
    Act.HIDE: {"moderationStatus": "heldForReview"},
    Act.UNHIDE: {"moderationStatus": "published"},
    Act.DELETE: {"moderationStatus": "rejected"},
    Act.BLOCK: {"moderationStatus": "rejected", "banAuthor": "true"},
}


def addressed(text: str, to: Author, visibility: Visibility) -> str:
    """An answer to an answer begins with whom it is for: YouTube has one level only. (Under a
    thread's first comment it is not needed, so such an answer is measured a little too long.)"""
    handle = to.handle or ""
    if not handle.startswith("@") or re.search(rf"{re.escape(handle)}(?![\w.-]*\w)", text):
        return text
    return f"{handle} {text}"


CAPABILITIES = Capabilities(
    channel="youtube",
    title="YouTube",
    kinds=(Kind.COMMENT,),
    streams=tuple(SHARES),
    count=len,
    unit="characters",
    limit_public=10_000,
    limit_private=None,
    addressed=addressed,
    ways=(Way("google", word("Sign in with Google"), oauth=True),),
    secrets=(
        Secret("client_secret", word("Client secret")),
        Secret("refresh_token", word("Refresh token"), obtained=True),
        Secret("access_token", word("Access token"), obtained=True),
        Secret("scope", word("What the sign-in permits"), obtained=True),
        Secret("signed_in_until", word("End of the sign-in"), obtained=True),
    ),
    settings=(
        Setting(
            "client_id",
            word("Client ID"),
            word("Of the OAuth client (web application) in Google Cloud."),
            required=True,
        ),
        Setting(
            "daily_quota",
            word("Units a day"),
            word("What the Google Cloud project may spend here. 80 % of it is for reading."),
            default=str(DAILY),
        ),
        Setting(
            "reply_days",
            word("Days to watch a thread"),
            word("Answers to threads that were quiet for longer are not seen."),
            default=str(REPLY_DAYS),
        ),
        Setting(
            "history_days",
            word("Days back at the first look"),
            word("Each 100 threads cost one unit."),
            default=str(HISTORY_DAYS),
        ),
    ),
    base_url=HOST,
    poll_interval_s=300,
    compares_daily=False,
    busy_interval_s=120,
    read_lag_s=120,
    fetches=True,
    renews=True,
    offers=(
        Offer(Act.HIDE, On.THEIRS, (), Act.UNHIDE, word("Holds the comment for review.")),
        Offer(Act.UNHIDE, On.THEIRS, (), Act.HIDE, word("Publishes the comment.")),
        Offer(
            Act.DELETE,
            On.THEIRS,
            note=word("Rejects the comment and hides the answers below it."),
        ),
        Offer(Act.DELETE, On.OURS, note=word("YouTube cannot bring it back.")),
        Offer(
            Act.BLOCK,
            On.PERSON,
            note=word("Rejects this comment and all later ones. Lift it in YouTube Studio."),
        ),
    ),
    notes=(
        word("YouTube has no direct messages, and does not tell apps of mentions."),
        word("A comment that is held for review is published before it is answered."),
        word("Answering and moderating cost 50 units of the day’s quota each."),
    ),
    reach={"comments": word("30 days, unless set otherwise")},
)


class Connector(Base):
    """One channel."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._youtube = YouTube(account, now, self.base_url())
        self._budgets: dict[str, Budget] = {}

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        """`prompt=consent`, because Google gives the refresh token with the consent only."""
        host, path = address(self.account, CONSENT)
        url = authorize_url(
            f"{host}{path}",
            client_id=str(self.account.settings.get("client_id") or ""),
            redirect_uri=redirect_uri,
            state=state,
            scope=SCOPE,
            access_type="offline",
            prompt="consent",
            **challenge(verifier),
        )
        return Begun(url)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        found = sign_in(self.account, self.now, {"grant_type": "authorization_code", **form})
        if not found.secrets.get("refresh_token"):
            raise AuthRevoked(
                "Google gave no lasting sign-in. Remove the app there, sign in again."
            )
        return found

    def renew(self) -> Renewed:
        token = self.account.secrets.get("refresh_token")
        if not token:
            raise AuthRevoked("Sign in with Google to connect the account.")
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return sign_in(self.account, self.now, form)

    def check(self) -> Identity:
        body = self._youtube.get("channels", part="snippet", mine="true")
        mine = next(listed(body), None)
        if mine is None:
            raise AuthRevoked("This Google account has no YouTube channel. Choose the brand’s own.")
        try:
            found, snippet = str(mine["id"]), mine["snippet"]
            name = str(snippet["title"])
            handle = str(snippet.get("customUrl") or name)
        except (KeyError, TypeError, AttributeError) as e:
            raise Transient(UNREADABLE) from e
        granted = self.account.secrets.get("scope", SCOPE).split()
        missing = () if SCOPE in granted else (word("permission to see and manage comments"),)
        until = self.account.secrets.get("signed_in_until")
        ends = datetime.fromisoformat(until) if until else None
        return Identity(found, handle, name, missing, ends)

    def pull(self, stream: str, cursor: Json) -> Page:
        if stream not in STATUS:
            raise self.no_stream(stream)
        daily = _number(self.account.settings.get("daily_quota"), DAILY)
        meter = Meter.read(cursor, stream, daily, self.now()).spend()
        found, place = self._reader(STATUS[stream]).step(Place.from_json(cursor))
        self._budgets[stream] = meter.budget(stream)
        kept = {**place.to_json(), **meter.to_json()}
        rest = meter.rests_until
        return Page(found.messages, kept, place.under_way, found.malformed, rest)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        """What is neither public nor waiting for review nor taken for spam is gone."""
        wanted = list(dict.fromkeys(r.external_id for r in refs))
        found = Found(())
        for at in range(0, len(wanted), BATCH):
            some = self._comments(wanted[at : at + BATCH])
            found = Found(found.messages + some.messages, found.malformed + some.malformed)
        seen = {m.external_id for m in found.messages}
        broken = {str(m.raw.get("id")) for m in found.malformed if isinstance(m.raw, dict)}
        missing = [name for name in wanted if name not in seen | broken]
        hidden, sure = self._not_public(missing)
        kept = {m.external_id for m in hidden}
        gone = tuple(name for name in missing if name not in kept) if sure else ()
        return Fetched((*found.messages, *hidden), gone, found.malformed)

    def send(self, reply: Outgoing) -> Sent:
        if reply.visibility is not Visibility.PUBLIC:
            raise Unsupported("YouTube has no private answers.")
        below = reply.in_reply_to != reply.thread
        text = addressed(reply.text, reply.to, reply.visibility) if below else reply.text
        body = {"snippet": {"parentId": reply.thread, "textOriginal": text}}
        made = self._youtube.insert("comments", body)
        try:
            sent = parse_comment(made, self._me())
            return Sent(sent.external_id, sent.sent_at)
        except Malformed as e:
            if not isinstance(made.get("id"), str):
                raise OutcomeUnknown(UNREADABLE) from e
            return Sent(made["id"])

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among our own answers in the thread since then, the nearest in time."""
        return nearest([m for m in self._answers(reply.thread) if may_be(m, reply)], reply)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        if act is Act.DELETE and on.ours:
            try:
                self._youtube.change("DELETE", "comments", id=on.external_id)
            except Gone:
                return  # deleted before
        elif act in MODERATED:
            how = MODERATED[act]
            self._youtube.change("POST", "comments/setModerationStatus", id=on.external_id, **how)
        else:
            super().act(act, on, note)

    def budgets(self) -> tuple[Budget, ...]:
        return tuple(self._budgets.values())

    def close(self) -> None:
        self._youtube.close()

    def _me(self) -> str:
        return self.account.external_id or self.check().external_id

    def _reader(self, status: str) -> Reader:
        now_s = int(self.now().timestamp())
        watch, back = (
            _number(self.account.settings.get(name), days) * DAY_S
            for name, days in (("reply_days", REPLY_DAYS), ("history_days", HISTORY_DAYS))
        )
        return Reader(self._youtube, self._me(), now_s, now_s - back, now_s - watch, status)

    def _comments(self, names: Sequence[str]) -> Found:
        """Those of `names` that are shown. One that is missing may spoil the whole answer: then
        each half is asked for."""
        about: dict[str, str | int] = {"part": "snippet", "textFormat": "plainText"}
        try:
            body = self._youtube.get("comments", **about, id=",".join(names))
        except Gone:
            if len(names) == 1:
                return Found(())
            half = len(names) // 2
            first, second = self._comments(names[:half]), self._comments(names[half:])
            return Found(first.messages + second.messages, first.malformed + second.malformed)
        return read_comments([*listed(body)], self._me())

    def _not_public(self, names: Sequence[str]) -> tuple[Sequence[Message], bool]:
        """Those of `names` that wait for review or are taken for spam, and whether both lists were
        read to their end."""
        if not names:
            return (), True
        found: list[Message] = []
        sure = True
        about = all_threads(self._me())
        for status in NOT_PUBLIC:
            body = self._youtube.get("commentThreads", **about, moderationStatus=status)
            some = read_threads([*listed(body)], self._me())
            found += [m for m in some.messages if m.external_id in names]
            sure = sure and not body.get("nextPageToken") and not some.malformed
        return found, sure

    def _answers(self, thread: str) -> Iterator[Message]:
        token: str | None = None
        for _ in pages():
            try:
                found, token = replies(self._youtube, self._me(), thread, token)
            except Gone:
                return
            if found.malformed:
                raise Transient("YouTube sent an answer that cannot be read; it may be ours.")
            yield from found.messages
            if token is None:
                return


def _number(setting: object, default: int) -> int:
    """A setting's number; the default where it is none."""
    text = str(setting or "")
    return int(text) if text.isdecimal() and int(text) > 0 else default
