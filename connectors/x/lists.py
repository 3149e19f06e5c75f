"""Reading X's lists: which ones there are, page after page, and single items by id.

X renamed its parameters in August 2026. Each list is asked for with the names that worked last time
(kept in the cursor), and once more with the others when the server refuses or ignores those.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.core.contract import Fetched, Json, Kind, Message, Page, Ref, word
from connectors.core.cursor import Descent
from connectors.core.errors import RateLimited, Refused, Transient
from connectors.core.looking import pages
from connectors.x.client import UNREADABLE, BadParameters, Client, Heard, Params, Rows
from connectors.x.parse import (
    Parse,
    Surroundings,
    context_of,
    ids_of,
    items_of,
    parse_direct_message,
    parse_mention,
    parse_post,
    read_items,
    time_of_id,
    versions_of,
)

PAGE = 100
FIRST_LOOK = 20  # events read at the top of the direct messages: old ones cost again each UTC day
LATE_MS = 60_000  # a post may become visible this long after newer ones did
SEARCHED = timedelta(days=7) - timedelta(hours=1)  # how far back search reaches, safely
SHOWN = timedelta(days=29)  # direct messages can be asked for until they are 30 days old
WATCHED = 10  # threads of ours that one search names: it may have 512 characters

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
_EVENT_MORE = {"expansions": "sender_id,attachments.media_keys", **_USER}
EVENT_FIELDS: Mapping[str, Mapping[str, str]] = {
    "tweet": {"dm_event.fields": f"{_EVENT},sender_id", **_EVENT_MORE},
    "post": {"dm_event.fields": _EVENT, **_EVENT_MORE},
}
READ_MESSAGES: Rows = {
    403: lambda a: Refused(
        word(
            "X refused to show direct messages: {words} Give the app “read, write and direct"
            " messages”, then make new access tokens or sign in again."
        ).format(words=a.detail)
    )
}


class Gone(Refused):
    """X surely has this item no more."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream is listed; `{me}` in the route is our id. `token` names the parameter that
    asks for a further page. `single`: asked for by id, so that complaints alone are an answer."""

    route: str
    fields: Mapping[str, Mapping[str, str]]
    parse: Parse
    since: bool = True  # the list takes since_id
    more: Mapping[str, str] | None = None
    rows: Rows | None = None
    token: str = "pagination_token"
    single: bool = False


_CREATED = {"event_types": "MessageCreate"}
SOURCES: Mapping[str, Source] = {  # the scarcest quota last, so that it holds up no other list
    "mentions": Source("/2/users/{me}/mentions", POST_FIELDS, parse_mention),
    "search": Source("/2/tweets/search/recent", POST_FIELDS, parse_post, token="next_token"),
    "replies": Source(
        "/2/users/{me}/tweets", POST_FIELDS, parse_post, more={"exclude": "retweets"}
    ),
    "dms": Source(
        "/2/dm_events",
        EVENT_FIELDS,
        parse_direct_message,
        since=False,
        more=_CREATED,
        rows=READ_MESSAGES,
    ),
}
SINGLE_POSTS = Source("/2/tweets", POST_FIELDS, parse_post, single=True)


class Lists:
    """X's lists for one account."""

    def __init__(self, client: Client, me: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._client, self._me, self._now = client, me, now

    def pull(self, stream: str, cursor: Json) -> Page:
        source, me, at = SOURCES[stream], self._me(), Descent.from_json(cursor)
        known = {"names": cursor.get("names", "tweet")}
        window = self._window(source, at)
        if stream == "search":
            threads = self._recent(cursor.get("threads", ()))
            query = cursor.get("query") if at.under_way else None
            known |= {"threads": threads, "query": query or query_for(me, threads)}
            window["query"] = known["query"]
        try:
            heard, known["names"] = self.page(source, window, known["names"])
        except BadParameters as e:
            if not at.under_way or source.token not in e.names:
                raise
            return Page((), {**at.restarted().to_json(), **known})
        around = Surroundings.of(heard.body, me, self._now())
        messages, malformed = read_items(heard.body, around, source.parse, _known_up_to(at))
        if stream == "search":
            known["threads"] = self._recent((*known["threads"], *_begun_by_us(messages, me)))
        stop_at = None if source.since else at.floor
        after = at.after(ids_of(heard.body), next_token(heard.body), stop_at)
        kept = {**after.to_json(), **known}
        shown = (*messages, *_others(context_of(around), messages))
        return Page(shown, kept, after.under_way, malformed, heard.not_before)

    def page(self, source: Source, params: Params, names: str) -> tuple[Heard, str]:
        """A page of a list, and the names in which X understood the question."""
        route = source.route.format(me=self._me())
        given = {**(source.more or {}), **params}
        first: Heard | BadParameters
        try:
            first = self._ask(source, route, {**source.fields[names], **given})
            if _understood(source, first.body):
                return first, names
        except BadParameters as e:
            if source.token in e.names:
                raise
            first = e
        other = "post" if names == "tweet" else "tweet"
        try:
            return self._ask(source, route, {**source.fields[other], **given}), other
        except BadParameters:
            if isinstance(first, BadParameters):
                raise
            return first, names

    def walk(self, source: Source, params: Params) -> Iterator[Message]:
        """All messages of a list, newest first. Raises `Transient` for an item that is unreadable,
        as what is looked for may be in it."""
        token, names = None, "tweet"
        for _ in pages():
            window = {"max_results": PAGE, **params, source.token: token}
            heard, names = self.page(source, window, names)
            around = Surroundings.of(heard.body, self._me(), self._now())
            messages, malformed = read_items(heard.body, around, source.parse)
            if malformed:
                raise Transient("X sent an item that cannot be read; the reply may be in it.")
            yield from messages
            token = next_token(heard.body)
            if token is None:
                return

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        """Posts by the hundred, direct messages one by one while the quota lasts."""
        posts = {str(r.platform.get("post_id", r.external_id)): r for r in refs if not _is_dm(r)}
        found = self._events([r for r in refs if _is_dm(r)])
        for chunk in _chunks(list(posts), PAGE):
            told = self._posts(chunk)
            gone = tuple(posts[i].external_id for i in told.gone)
            found = _both(found, Fetched(told.messages, gone, told.malformed))
        return found

    def _posts(self, ids: Sequence[str], newest: bool = False) -> Fetched:
        """Posts by id; an edited one is asked for once more under its newest id."""
        heard, _ = self.page(SINGLE_POSTS, {"ids": ",".join(ids)}, "tweet")
        around = Surroundings.of(heard.body, self._me(), self._now())
        messages, malformed = read_items(heard.body, around, parse_post)
        later = () if newest else _later_versions(heard.body)
        if later:
            again = self._posts(later, newest=True)
            renewed = {m.external_id for m in again.messages}
            messages = (*(m for m in messages if m.external_id not in renewed), *again.messages)
            malformed += again.malformed
        return Fetched(messages, tuple(i for i in _gone(heard.body) if i in ids), malformed)

    def _events(self, refs: Sequence[Ref]) -> Fetched:
        found = Fetched()
        for ref in refs:
            at = time_of_id(ref.external_id, self._now())
            if at is not None and self._now() - at > SHOWN:
                continue  # X shows it no more, which does not mean that it is gone
            try:
                told, spent = self._event(ref.external_id)
            except RateLimited:
                if found == Fetched():
                    raise
                break
            found = _both(found, told)
            if spent:
                break
        return found

    def _event(self, event_id: str) -> tuple[Fetched, bool]:
        """A direct message, and whether the quota is used up by asking."""
        rows: Rows = {**READ_MESSAGES, 404: lambda a: Gone(word("X no longer has this message."))}
        route = f"/2/dm_events/{event_id}"
        source = Source(route, EVENT_FIELDS, parse_direct_message, rows=rows, single=True)
        try:
            heard, _ = self.page(source, {}, "tweet")
        except Gone:
            return Fetched(gone=(event_id,)), False
        around = Surroundings.of(heard.body, self._me(), self._now())
        item = heard.body.get("data")
        listed = {"data": [] if item is None else [item]}
        messages, malformed = read_items(listed, around, source.parse)
        gone = tuple(i for i in _gone(heard.body) if i == event_id)
        return Fetched(messages, gone, malformed), heard.not_before is not None

    def _ask(self, source: Source, route: str, params: Params) -> Heard:
        heard = self._client.get(route, params, source.rows or {})
        expected = {"data", "meta"} | ({"errors"} if source.single else set())
        if not expected & heard.body.keys():  # only complaints, no list
            raise Transient(UNREADABLE)
        return heard

    def _window(self, source: Source, at: Descent) -> dict[str, str | int | None]:
        """Which part of a list to ask for."""
        top = not source.since and at.floor is not None and not at.under_way
        known = _known_up_to(at) if source.since else 0
        since = time_of_id(str(known), self._now())
        if source is SOURCES["search"] and since and self._now() - since > SEARCHED:
            known = 0  # search refuses to be asked from before its reach
        return {
            "max_results": FIRST_LOOK if top else PAGE,
            "since_id": str(known) if known else None,
            source.token: at.next,
        }

    def _recent(self, threads: Sequence[str]) -> list[str]:
        """The newest of our threads that search still reaches."""
        since = self._now() - SEARCHED
        times = {t: time_of_id(t, self._now()) for t in dict.fromkeys(threads)}
        return [t for t, at in times.items() if at and at > since][-WATCHED:]


def query_for(me: str, threads: Sequence[str]) -> str:
    """What to search for: answers to us, our posts, and what else is said under them."""
    wanted = (f"to:{me}", f"from:{me}", *(f"conversation_id:{t}" for t in threads))
    return f"({' OR '.join(wanted)}) -is:retweet"


def next_token(body: Json) -> str | None:
    meta = body.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None


def _both(a: Fetched, b: Fetched) -> Fetched:
    return Fetched(a.messages + b.messages, a.gone + b.gone, a.malformed + b.malformed)


def _is_dm(ref: Ref) -> bool:
    return ref.kind is Kind.DM


def _begun_by_us(messages: Sequence[Message], me: str) -> Iterator[str]:
    """The threads that we began, oldest first."""
    ours = (m for m in messages if m.author and m.author.id == me)
    begun = (m.conversation for m in ours if m.conversation == m.external_id)
    return iter(sorted(begun, key=int))


def _others(found: Sequence[Message], listed: Sequence[Message]) -> Iterator[Message]:
    """Those that the page does not list itself."""
    known = {m.external_id for m in listed}
    return (m for m in found if m.external_id not in known)


def _known_up_to(at: Descent) -> int:
    """Up to this id nothing new can show up any more. (What was erased here stays away, too.)"""
    return max((at.floor or 0) - (LATE_MS << 22), 0)


def _understood(source: Source, body: Json) -> bool:
    """Whether X knew the fields' names: posts that came carry fields beside the default ones."""
    items = [i for i in items_of(body) if isinstance(i, dict)]
    asked_for = {"conversation_id", "created_at"}
    return source.fields is EVENT_FIELDS or not items or any(asked_for & i.keys() for i in items)


def _later_versions(body: Json) -> tuple[str, ...]:
    """The newest ids of those posts of which an older version came."""
    found = []
    for item in items_of(body):
        try:
            newest = versions_of(item)[-1]
        except (LookupError, TypeError, ValueError, AttributeError):
            continue
        if newest != str(item.get("id")):
            found.append(newest)
    return tuple(found)


def _gone(body: Json) -> Iterator[str]:
    """The ids of which X says that it found nothing; a hidden or locked post is another thing."""
    listed = body.get("errors")
    for error in listed if isinstance(listed, list) else ():
        if isinstance(error, dict) and str(error.get("type")).endswith("resource-not-found"):
            yield str(error.get("resource_id", error.get("value")))


def _chunks(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[at : at + size] for at in range(0, len(ids), size)]
