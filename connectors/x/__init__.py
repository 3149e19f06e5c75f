"""X (formerly Twitter): mentions, direct messages, and our own replies made elsewhere.

Needs an app with OAuth 1.0a keys whose access tokens were made after the app was given "read, write
and direct messages". Facts: X's documentation of August 2026. Ids of posts and messages come from
one scheme and are unique together.

X renamed its parameters in August 2026. Each list is asked for with the names that worked last time
(kept in the cursor), and once more with the others when the server refuses or ignores those.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Capabilities,
    Identity,
    Json,
    Kind,
    Message,
    Outgoing,
    Page,
    Secret,
    Sent,
    Setting,
    Visibility,
    rewritten_alike,
    word,
)
from connectors.core.cursor import Descent
from connectors.core.errors import OutcomeUnknown, Refused, Transient, Unsupported
from connectors.x.client import UNREADABLE, BadParameters, Client, Heard, Rows
from connectors.x.length import weighted
from connectors.x.parse import (
    Parse,
    Surroundings,
    ids_of,
    items_of,
    parse_direct_message,
    parse_own_reply,
    parse_post,
    read_items,
    time_of_id,
)

PAGE = 100
FIRST_LOOK = 20  # events read at the top of the direct messages: old ones cost again each UTC day
LATE_MS = 60_000  # a post may become visible this long after newer ones did
SKEW = timedelta(minutes=5)  # between our clock and X's

_USER = {"user.fields": "username,name", "media.fields": "url,preview_image_url,type,variants"}
POST_FIELDS: Mapping[str, Mapping[str, str]] = {
    "tweet": {
        "tweet.fields": "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,"
        "entities,in_reply_to_user_id,note_tweet,referenced_tweets",
        "expansions": "author_id,attachments.media_keys,referenced_tweets.id",
        **_USER,
    },
    "post": {
        "post.fields": "attachments,author_id,conversation_id,created_at,edit_history_post_ids,"
        "entities,in_reply_to_user_id,note_post,referenced_posts",
        "expansions": "author_id,attachments.media_keys,referenced_posts.id",
        **_USER,
    },
}
_EVENT = "attachments,created_at,dm_conversation_id,entities,event_type,text"
_EVENT_MORE = {"event_types": "MessageCreate", "expansions": "sender_id,attachments.media_keys"}
EVENT_FIELDS: Mapping[str, Mapping[str, str]] = {
    "tweet": {"dm_event.fields": f"{_EVENT},sender_id", **_EVENT_MORE, **_USER},
    "post": {"dm_event.fields": _EVENT, **_EVENT_MORE, **_USER},
}
READ_MESSAGES: Rows = {
    403: lambda a: Refused(
        f"X refused to show direct messages: {a.detail} Give the app “read, write and direct"
        " messages”, then make new access tokens."
    )
}
SEND_POST: Rows = {
    403: lambda a: Refused(
        f"{a.detail} Apps may answer only posts that mention or quote them,"
        " and not twice with the same words."
    )
}
SEND_MESSAGE: Rows = {
    403: lambda a: Refused(
        f"X refused the message: {a.detail} The recipient may not accept messages from you."
    )
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream is listed; `{me}` in the route is our id."""

    route: str
    fields: Mapping[str, Mapping[str, str]]
    parse: Parse
    since: bool = True  # the list takes since_id
    exclude: str | None = None
    rows: Rows | None = None


SOURCES: Mapping[str, Source] = {  # the scarcest quota last, so that it holds up no other list
    "mentions": Source("/2/users/{me}/mentions", POST_FIELDS, parse_post),
    "replies": Source("/2/users/{me}/tweets", POST_FIELDS, parse_own_reply, exclude="retweets"),
    "dms": Source(
        "/2/dm_events", EVENT_FIELDS, parse_direct_message, since=False, rows=READ_MESSAGES
    ),
}

CAPABILITIES = Capabilities(
    channel="x",
    title="X",
    kinds=(Kind.MENTION, Kind.DM),
    streams=tuple(SOURCES),
    count=weighted,
    count_private=len,
    unit="weighted characters",
    limit_public=280,
    limit_private=10_000,
    secrets=(
        Secret("consumer_key", word("API key")),
        Secret("consumer_secret", word("API key secret")),
        Secret("access_token", word("Access token")),
        Secret("access_token_secret", word("Access token secret")),
    ),
    settings=(Setting("timeout_s", word("Seconds to wait for an answer"), default="30"),),
    base_url="https://api.twitter.com",
    poll_interval_s=60,  # direct messages may be listed 15 times in 15 minutes
    read_lag_s=90,  # own posts appear in lists up to about 30 s late
    notes=(
        word("Encrypted X Chat messages are not visible to apps."),
        word("The first connection brings the last 30 days of direct messages and 800 mentions."),
        word("Public answers only where the customer mentioned or quoted the account (X's rule)."),
    ),
)


class Connector(Base):
    """One account on X. See `ConnectorContract`."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._client = Client(account, now)

    def check(self) -> Identity:
        heard = self._client.get("/2/users/me", {})
        me = heard.body.get("data")
        if not isinstance(me, dict) or not {"id", "username"} <= me.keys():
            raise Transient(UNREADABLE)
        level = heard.headers.get("x-access-level", "directmessages")
        missing = () if "directmessages" in level else ("direct messages",)
        return Identity(str(me["id"]), f"@{me['username']}", me.get("name"), missing)

    def pull(self, stream: str, cursor: Json) -> Page:
        source = SOURCES.get(stream)
        if source is None:
            raise Unsupported(f"X has no stream '{stream}'.")
        at, me = Descent.from_json(cursor), self._my_id()
        names = cursor.get("names", "tweet")
        try:
            heard, names = self._list(source, me, _window(source, at), names)
        except BadParameters as e:
            if not at.under_way or "pagination_token" not in e.names:
                raise
            return Page((), {**at.restarted().to_json(), "names": names})
        around = Surroundings.of(heard.body, me, self.now())
        messages, malformed = read_items(heard.body, around, source.parse, _known_up_to(at))
        stop_at = None if source.since else at.floor
        after = at.after(ids_of(heard.body), _next_token(heard.body), stop_at)
        kept = {**after.to_json(), "names": names}
        return Page(messages, kept, after.under_way, malformed, heard.not_before)

    def send(self, reply: Outgoing) -> Sent:
        if reply.visibility is Visibility.PUBLIC:
            target = reply.platform.get("post_id", reply.in_reply_to)
            post = {"text": reply.text, "reply": {"in_reply_to_tweet_id": target}}
            body = self._client.post("/2/tweets", post, SEND_POST).body
        else:
            route = f"{_conversation_route(reply)}/messages"
            body = self._client.post(route, {"text": reply.text}, SEND_MESSAGE).body
        made = body.get("data")
        made_id = (made.get("id") or made.get("dm_event_id")) if isinstance(made, dict) else None
        if not str(made_id).isdecimal():
            raise OutcomeUnknown(UNREADABLE)
        return Sent(str(made_id), time_of_id(str(made_id), self.now()))

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among our own messages in that place and time with those words, the nearest in time."""
        public = reply.visibility is Visibility.PUBLIC
        targets = {reply.in_reply_to, reply.platform.get("post_id")}
        found = [
            m
            for m in self._own_since(reply, reply.started_at - SKEW)
            if (m.in_reply_to in targets or not public) and rewritten_alike(reply.text, m.text)
        ]
        best = min(found, key=lambda m: abs(m.sent_at - reply.started_at), default=None)
        return Sent(best.external_id, best.sent_at) if best else None

    def close(self) -> None:
        self._client.close()

    def _my_id(self) -> str:
        """Our user id: as stored, else the head of the access token, else asked for."""
        token = self.account.secrets.get("access_token", "")
        for known in (self.account.external_id, token.partition("-")[0]):
            if known and known.isdecimal():
                return known
        return self.check().external_id

    def _list(
        self, source: Source, me: str, params: Mapping[str, str | int | None], names: str
    ) -> tuple[Heard, str]:
        """A page of a list, and the names in which X understood the question."""
        route = source.route.format(me=me)
        first: Heard | BadParameters
        try:
            first = self._ask(source, route, {**source.fields[names], **params})
            if _understood(source, first.body):
                return first, names
        except BadParameters as e:
            if "pagination_token" in e.names:
                raise
            first = e
        other = "post" if names == "tweet" else "tweet"
        try:
            return self._ask(source, route, {**source.fields[other], **params}), other
        except BadParameters:
            if isinstance(first, BadParameters):
                raise
            return first, names

    def _ask(self, source: Source, route: str, params: Mapping[str, str | int | None]) -> Heard:
        heard = self._client.get(route, params, source.rows or {})
        if "data" not in heard.body and "meta" not in heard.body:  # only complaints, no list
            raise Transient(UNREADABLE)
        return heard

    def _own_since(self, reply: Outgoing, since: datetime) -> Iterator[Message]:
        """Our own messages where `reply` went, newest first, back to `since`."""
        if reply.visibility is Visibility.PUBLIC:
            source = SOURCES["replies"]
            start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        else:
            route = f"{_conversation_route(reply)}/dm_events"
            source = Source(route, EVENT_FIELDS, parse_direct_message, rows=READ_MESSAGES)
            start = None
        me, token, names = self._my_id(), None, "tweet"
        while True:
            window = {"max_results": PAGE, "start_time": start, "pagination_token": token}
            heard, names = self._list(source, me, window, names)
            around = Surroundings.of(heard.body, me, self.now())
            messages, malformed = read_items(heard.body, around, source.parse)
            if malformed:
                raise Transient("X sent an item that cannot be read; the reply may be in it.")
            own = [m for m in messages if m.author and m.author.id == me and m.sent_at >= since]
            yield from own
            token = _next_token(heard.body)
            if token is None or any(m.sent_at < since for m in messages):
                return


def _window(source: Source, at: Descent) -> Mapping[str, str | int | None]:
    """Which part of a list to ask for."""
    top = not source.since and at.floor is not None and not at.under_way
    known = _known_up_to(at)
    return {
        "max_results": FIRST_LOOK if top else PAGE,
        "since_id": str(known) if source.since and known else None,
        "pagination_token": at.next,
        "exclude": source.exclude,
    }


def _known_up_to(at: Descent) -> int:
    """Up to this id nothing new can show up any more. (What was erased here stays away, too.)"""
    return max((at.floor or 0) - (LATE_MS << 22), 0)


def _understood(source: Source, body: Json) -> bool:
    """Whether X knew the fields' names: posts that came carry fields beside the default ones."""
    items = [i for i in items_of(body) if isinstance(i, dict)]
    asked_for = {"conversation_id", "created_at"}
    return source.fields is EVENT_FIELDS or not items or any(asked_for & i.keys() for i in items)


def _next_token(body: Json) -> str | None:
    meta = body.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None


def _conversation_route(reply: Outgoing) -> str:
    """Where a direct message goes: its conversation, else (after a public post) its recipient."""
    parties = reply.thread.split("-")
    if reply.kind is Kind.DM and all(p.isdecimal() for p in parties):
        return f"/2/dm_conversations/{reply.thread}"
    return f"/2/dm_conversations/with/{reply.to.id}"
