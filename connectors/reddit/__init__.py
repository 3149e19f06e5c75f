"""Reddit: mentions, replies, the brand's own subreddit, modmail, and what is left of messages.

`oauth.reddit.com` as described in November 2026 (see `client`). Private messages are moving to
Reddit's chat, which has no API; apps have seen few of them since summer 2025 (praw #2077, #2081).
So they are read and answered where Reddit still shows them, and nothing is moved to private:
the customer's answer would not come back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Act,
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
    OutcomeUnknown,
    Refused,
    Transient,
    Unsupported,
)
from connectors.core.looking import SKEW, may_be, nearest, pages
from connectors.core.oauth import authorize_url
from connectors.reddit import modmail
from connectors.reddit.client import HOST, SCOPES, SIGN_IN, UNREADABLE, Reddit, sign_in
from connectors.reddit.parse import View, parse_thing
from connectors.reddit.walk import PAGE, Parse, Place, children, page, read, seconds

PUBLIC = (Kind.COMMENT, Kind.MENTION)
MODERATOR = word("Only in a subreddit that the account moderates.")
NO_NAME = word("“{name}” is no name of a subreddit. Correct the account’s settings.")
CLOSED = word("access to r/{name}: it does not exist, or is closed to this account")
NO_MODERATOR = word("moderator of r/{name}: without it nothing can be removed or approved")
VOTE = word("Reddit wants every vote to be a person’s own: one click here is one vote.")

LISTS: Mapping[str, str] = {
    "inbox": "/message/inbox",
    "posts": "/r/{subreddit}/new",
    "subreddit": "/r/{subreddit}/comments",
    "own": "/user/{me}/comments",
}
ACTS: Mapping[Act, tuple[str, Mapping[str, str]]] = {
    Act.HIDE: ("/api/remove", {"spam": "false"}),
    Act.UNHIDE: ("/api/approve", {}),
    Act.LIKE: ("/api/vote", {"dir": "1"}),
    Act.UNLIKE: ("/api/vote", {"dir": "0"}),
    Act.DELETE: ("/api/del", {}),
    Act.BLOCK: ("/api/block", {}),
}
_HOLDS = word("the newest 1,000")

CAPABILITIES = Capabilities(
    channel="reddit",
    title="Reddit",
    kinds=(Kind.COMMENT, Kind.MENTION, Kind.DM),
    streams=("inbox", "posts", "subreddit", "modmail", "own"),
    count=len,
    unit="characters",
    limit_public=10_000,
    limit_private=10_000,
    ways=(
        Way("web", word("Sign in on Reddit"), oauth=True, help=word("For an app of type “web”.")),
        Way("script", word("Password"), help=word("For an app of type “script”.")),
    ),
    secrets=(
        Secret("client_secret", word("Secret of the app")),
        Secret("username", word("User name on Reddit"), ways=("script",), plain=True),
        Secret("password", word("Password on Reddit"), ways=("script",)),
        Secret("refresh_token", word("Refresh token"), ways=("web",), obtained=True),
        Secret("access_token", word("Access token"), obtained=True),
        Secret("scope", word("What the sign-in permits"), obtained=True),
    ),
    settings=(
        Setting(
            "client_id",
            word("ID of the app"),
            word("Below the app’s name on reddit.com/prefs/apps."),
            required=True,
        ),
        Setting(
            "subreddit",
            word("The brand’s own subreddit"),
            word("All who write there are customers. Empty: none."),
        ),
        Setting(
            "modmail",
            word("Read the subreddit’s modmail"),
            word("Needs a moderator with the permission for mail."),
            choices=(("", word("No")), ("yes", word("Yes"))),
        ),
        Setting(
            "user_agent",
            word("How we introduce ourselves to Reddit"),
            word("In the form platform:app:version (by /u/name)."),
        ),
    ),
    base_url=HOST,
    read_lag_s=120,
    fetches=True,
    renews=True,
    offers=(
        Offer(Act.HIDE, On.THEIRS, PUBLIC, Act.UNHIDE, MODERATOR),
        Offer(Act.UNHIDE, On.THEIRS, PUBLIC, Act.HIDE, MODERATOR),
        Offer(Act.LIKE, On.THEIRS, PUBLIC, Act.UNLIKE, VOTE),
        Offer(Act.UNLIKE, On.THEIRS, PUBLIC, Act.LIKE, VOTE),
        Offer(Act.REPORT, On.THEIRS, PUBLIC),
        Offer(Act.DELETE, On.OURS, PUBLIC, note=word("Reddit cannot bring it back.")),
        Offer(Act.BLOCK, On.PERSON, (), Act.UNBLOCK, not_in=modmail.PREFIX),
        Offer(Act.UNBLOCK, On.PERSON, (), Act.BLOCK, not_in=modmail.PREFIX),
    ),
    notes=(
        word("Private messages are best effort: Reddit replaces them by chat, which has no API."),
        word("Reddit must approve new apps (Responsible Builder Policy, 2025)."),
    ),
    reach=dict.fromkeys(LISTS, _HOLDS),
)


class Connector(Base):
    """One account on Reddit. Its id is its name: all lists name people so."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._reddit = Reddit(account, now, self.base_url())

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        """Reddit has no PKCE; the app's secret proves who asks for the token."""
        url = authorize_url(
            f"{(self.account.base_url or SIGN_IN).rstrip('/')}/api/v1/authorize",
            client_id=str(self.account.settings.get("client_id") or ""),
            redirect_uri=redirect_uri,
            state=state,
            duration="permanent",
            scope=" ".join(SCOPES),
        )
        return Begun(url)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return sign_in(self.account, self.now, form)

    def renew(self) -> Renewed:
        secrets, way = self.account.secrets, CAPABILITIES.way(self.account.settings)
        if way is not None and way.key == "script":
            names = {name: secrets.get(name, "") for name in ("username", "password")}
            if not all(names.values()):
                raise AuthRevoked("The user name and password are needed. Enter them again.")
            form = {"grant_type": "password", "scope": " ".join(SCOPES), **names}
            return sign_in(self.account, self.now, form)
        if not secrets.get("refresh_token"):
            raise AuthRevoked("Sign in on Reddit’s own page to connect the account.")
        form = {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
        return sign_in(self.account, self.now, form)

    def check(self) -> Identity:
        name = self._reddit.get("/api/v1/me").get("name")
        if not isinstance(name, str) or not name:
            raise Transient(UNREADABLE)
        return Identity(name, f"u/{name}", name, tuple(self._missing()))

    def pull(self, stream: str, cursor: Json) -> Page:
        found = self._page(stream, cursor)
        return replace(found, not_before=self._reddit.rests_until)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        """Reddit shows single comments and posts, and conversations of modmail; no messages."""
        public = [r.external_id for r in refs if r.external_id.startswith(("t1_", "t3_"))]
        things = [t for some in _batches(public, PAGE) for t in self._things(some)]
        messages, events, malformed = read(things, self._parse())
        mail = modmail.fetch(self._reddit, refs)
        return Fetched(
            (*messages, *mail.messages),
            (*(e.external_id for e in events), *mail.gone),
            (*malformed, *mail.malformed),
        )

    def send(self, reply: Outgoing) -> Sent:
        if reply.moves_private:
            raise Unsupported("On Reddit a public matter cannot be answered privately.")
        if reply.thread.startswith(modmail.PREFIX):
            return Sent(*modmail.send(self._reddit, reply.thread, reply.text))
        form = {"thing_id": reply.in_reply_to, "text": reply.text}
        body = self._reddit.post("/api/comment", form, sending=True)
        name, at = _made(body)
        if name is None:
            raise OutcomeUnknown(UNREADABLE)
        return Sent(name, at)

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among our own words in that place since then, the nearest in time."""
        found = [
            m
            for m in self._own_since(reply, reply.started_at - SKEW)
            if (m.in_reply_to == reply.in_reply_to or reply.visibility is Visibility.PRIVATE)
            and m.conversation == reply.thread
            and may_be(m, reply)
        ]
        return nearest(found, reply)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        if on.thread.startswith(modmail.PREFIX):
            raise Refused("Reddit moderates modmail on its own page only.")
        if act is Act.REPORT:
            form = {"thing_id": on.external_id, "reason": note[:100]}
            self._reddit.post("/api/report", form)
        elif act is Act.UNBLOCK:
            self._unblock(on)
        elif act in ACTS:
            path, how = ACTS[act]
            self._reddit.post(path, {"id": on.external_id, **how})
        else:
            super().act(act, on, note)

    def budgets(self) -> tuple[Budget, ...]:
        return self._reddit.budgets

    def close(self) -> None:
        self._reddit.close()

    def _page(self, stream: str, cursor: Json) -> Page:
        if stream == "modmail":
            wanted = self.account.settings.get("modmail") == "yes" and self._subreddit()
            return modmail.pull(self._reddit, wanted, cursor) if wanted else Page((), cursor)
        route = LISTS.get(stream)
        if route is None:
            raise self.no_stream(stream)
        if "{subreddit}" in route and not self._subreddit():
            return Page((), cursor)
        path = route.format(subreddit=self._subreddit(), me=self._me())
        params = Place.from_json(cursor).params()
        if stream == "inbox":
            params["mark"] = "false"  # what a person has not read on Reddit stays unread there
        return page(self._reddit.get(path, **params), cursor, self._parse())

    def _me(self) -> str:
        return self.account.external_id or self.check().external_id

    def _parse(self) -> Parse:
        view = View(self._me(), self._subreddit(), self.now())
        return lambda thing: parse_thing(thing, view)

    def _subreddit(self) -> str:
        """The name without r/; "" when none is set."""
        given = str(self.account.settings.get("subreddit") or "").strip().strip("/")
        name = given.removeprefix("r/")
        if name and not re.fullmatch(r"\w{2,21}", name, re.ASCII):
            raise Refused(NO_NAME.format(name=name))
        return name

    def _missing(self) -> Iterator[str]:
        granted = set(re.split(r"[ ,]+", self.account.secrets.get("scope", "*")))
        if "*" not in granted:
            yield from (
                word("permission “{name}”: {what}").format(name=scope, what=what)
                for scope, what in SCOPES.items()
                if scope not in granted
            )
        subreddit = self._subreddit()
        if not subreddit and self.account.settings.get("modmail") == "yes":
            yield word("the subreddit’s name (setting): without it there is no modmail")
        if subreddit:
            try:
                about = self._reddit.get(f"/r/{subreddit}/about").get("data")
            except Refused:
                yield CLOSED.format(name=subreddit)
                return
            if not (isinstance(about, dict) and about.get("user_is_moderator") is True):
                yield NO_MODERATOR.format(name=subreddit)

    def _things(self, some: Sequence[str]) -> list[object]:
        return children(self._reddit.get("/api/info", id=",".join(some)))[0]

    def _unblock(self, on: Ref) -> None:
        if on.author is None:
            raise Refused("Reddit does not say who wrote this.")
        my_id = self._reddit.get("/api/v1/me").get("id")
        form = {"container": f"t2_{my_id}", "name": on.author.id, "type": "enemy"}
        self._reddit.post("/r/all/api/unfriend", form)

    def _own_since(self, reply: Outgoing, since: datetime) -> Iterable[Message]:
        """Our own messages where `reply` went, newest first, back to `since`."""
        if reply.thread.startswith(modmail.PREFIX):
            yield from modmail.conversation(self._reddit, reply.thread)
            return
        public = reply.visibility is Visibility.PUBLIC
        path = f"/user/{self._me()}/comments" if public else "/message/sent"
        place = Place(floor=since.timestamp())
        cursor = place.to_json()
        for _ in pages():
            body = self._reddit.get(path, **Place.from_json(cursor).params())
            found = page(body, cursor, self._parse())
            if found.malformed:
                raise Transient("Reddit sent an item that cannot be read; the answer may be in it.")
            yield from found.messages
            cursor = found.cursor
            if not found.more:
                return


def _batches(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[i : i + size] for i in range(0, len(names), size))


def _made(body: Json) -> tuple[str | None, datetime | None]:
    """The name and time of the comment or message that an answer became."""
    try:
        data = body["json"]["data"]["things"][0]["data"]
        named = [data.get("name"), data.get("id")]
    except (KeyError, IndexError, TypeError, AttributeError):
        return None, None
    name = next((n for n in named if isinstance(n, str) and n.startswith(("t1_", "t4_"))), None)
    at = seconds(data.get("created_utc"))
    return name, datetime.fromtimestamp(at, UTC) if at else None
