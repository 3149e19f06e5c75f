"""Bluesky: mentions, replies, quotes and direct messages of one account, and its own posts.

Facts: bsky-docs, Apr 2026, and the lexicons of bluesky-social/atproto. A public answer's record key
is made from the reply's own key, so that it is found again, and never made twice. Direct messages
have nothing of the kind.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.bluesky import chat
from connectors.bluesky.client import PASSWORD, Client, Exists, Gone, claims, expiry, server_in
from connectors.bluesky.moderation import ACTS
from connectors.bluesky.offers import CAPABILITIES
from connectors.bluesky.parse import UNREADABLE_ITEM, above, parse_post, time_of
from connectors.bluesky.richtext import facets, tid
from connectors.core.base import DO_THIS, Base
from connectors.core.contract import (
    Account,
    Act,
    Budget,
    Capabilities,
    Direction,
    Fetched,
    Identity,
    Json,
    Kind,
    Message,
    Outgoing,
    Page,
    Ref,
    Renewed,
    Sent,
    Upload,
    Visibility,
    word,
)
from connectors.core.cursor import Descent
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    Malformed,
    OutcomeUnknown,
    Refused,
    Transient,
)
from connectors.core.http import UNREADABLE

__all__ = ["CAPABILITIES", "Connector"]

POST = "app.bsky.feed.post"
NO_MESSAGES_READ = word("direct messages (make an app password with them)")
PAGE = 50
POSTS = 25  # that may be asked for at once
LATE = timedelta(minutes=5)  # a post may show up this long after newer ones


class Connector(Base):
    """One account on Bluesky. See `ConnectorContract`."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        own_server = account.base_url or account.secrets.get("pds") or self.base_url()
        self._client = Client(own_server.rstrip("/"), account, now)
        self._learned = account.external_id or account.secrets.get("did", "")

    def check(self) -> Identity:
        token = self.account.secrets.get("access_jwt", "")
        if token:
            me = self._client.get("com.atproto.server.getSession")
        else:
            me = self._with_password()
            token = str(me.get("accessJwt"))
        if not {"did", "handle"} <= me.keys():
            raise Transient(UNREADABLE)
        reads_messages = claims(token).get("scope") != "com.atproto.appPass"
        missing = () if reads_messages else (NO_MESSAGES_READ,)
        return Identity(str(me["did"]), f"@{me['handle']}", missing=missing)

    def renew(self) -> Renewed:
        """A new session from the old one, else from the app password; both tokens change."""
        token = self.account.secrets.get("refresh_jwt", "")
        try:
            told = self._client.session("refreshSession", token) if token else None
        except (AuthExpired, AuthRevoked):
            told = None
        told = told or self._with_password()
        if not all(isinstance(told.get(n), str) for n in ("accessJwt", "refreshJwt", "did")):
            raise Transient(UNREADABLE)
        server = server_in(told.get("didDoc")) or self.account.secrets.get("pds", "")
        fresh = {
            "access_jwt": told["accessJwt"],
            "refresh_jwt": told["refreshJwt"],
            "did": told["did"],
            "pds": server,
        }
        return Renewed(fresh, expiry(told["accessJwt"]))

    def pull(self, stream: str, cursor: Json) -> Page:
        if stream == "dms":
            return chat.pull(self._client, self._me, cursor, self.now())
        if stream not in self.capabilities.streams:
            raise self.no_stream(stream)
        at = Descent.from_json(cursor)
        own = stream == "replies"
        try:
            items, next_page = self._own(at.next) if own else self._notifications(at.next)
        except Refused:
            if not at.under_way:
                raise
            return Page((), at.restarted().to_json())
        messages, malformed = self._read(items, told=not own)
        if own and at.floor is None:
            next_page = None  # older posts of ours are of no use here
        settled = _micros(self.now() - LATE)  # above it, the next look reads again
        ids = [min(n, settled) for n in map(_position, items) if n is not None]
        after = at.after(ids, next_page, at.floor)
        return Page(messages, after.to_json(), after.under_way, malformed, self._not_before())

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        posts = [r.external_id for r in refs if r.kind is not Kind.DM]
        views = {str(v.get("uri")): v for v in self._views(posts)}
        found, malformed = self._parsed(views.values())
        gone = [p for p in posts if p not in views]
        told = chat.fetch(self._client, self._me, [r for r in refs if r.kind is Kind.DM])
        return Fetched((*found, *told.messages), (*gone, *told.gone), (*malformed, *told.malformed))

    def send(self, reply: Outgoing) -> Sent:
        if reply.visibility is Visibility.PRIVATE:
            return chat.send(self._client, reply, self._facets(reply))
        record = self._record(reply)
        body = {"repo": self._me(), "collection": POST, "rkey": _key(reply), "record": record}
        try:
            # null = only where there is none; the very same record once more is no error
            made = self._client.post(
                "com.atproto.repo.putRecord", {**body, "swapRecord": None}, sending=True
            )
        except Exists:
            return Sent(self._uri(reply))
        if not isinstance(made.get("uri"), str):
            raise OutcomeUnknown(UNREADABLE)
        return Sent(made["uri"])

    def look_up(self, reply: Outgoing) -> Sent | None:
        if reply.visibility is Visibility.PRIVATE:
            return chat.look_up(self._client, self._me(), reply)
        place = {"repo": self._me(), "collection": POST, "rkey": _key(reply)}
        try:
            self._client.get("com.atproto.repo.getRecord", **place)
        except Gone:
            return None
        return Sent(self._uri(reply))

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        do = ACTS.get(act)
        if do is None:
            raise self._no(DO_THIS)
        do(self._client, self._me(), on, note, self.now())

    def budgets(self) -> tuple[Budget, ...]:
        return self._client.http.budgets

    def close(self) -> None:
        self._client.http.close()

    def _me(self) -> str:
        """Our DID: as stored, else asked for once."""
        if not self._learned:
            self._learned = self.check().external_id
        return self._learned

    def _with_password(self) -> Json:
        password = self.account.secrets.get("app_password", "")
        if not password:
            raise AuthRevoked("The account’s app password is missing. Enter it again.")
        name = self._learned or self.account.handle.removeprefix("@")
        try:
            return self._client.session("createSession", identifier=name, password=password)
        except (AuthRevoked, AuthExpired):
            raise AuthRevoked(PASSWORD) from None

    def _notifications(self, page: str | None) -> tuple[list[Any], str | None]:
        told = self._client.get(
            "app.bsky.notification.listNotifications",
            reasons=["mention", "reply", "quote"],
            limit=PAGE,
            cursor=page,
        )
        return _listed(told, "notifications"), _token(told)

    def _own(self, page: str | None) -> tuple[list[Any], str | None]:
        """Our own posts with the posts above them; not what we passed on."""
        told = self._client.get(
            "app.bsky.feed.getAuthorFeed",
            actor=self._me(),
            filter="posts_with_replies",
            limit=PAGE,
            cursor=page,
        )
        entries = [e for e in _listed(told, "feed") if not (isinstance(e, dict) and "reason" in e)]
        return [e.get("post") if isinstance(e, dict) else e for e in entries], _token(told)

    def _read(
        self, items: list[Any], *, told: bool
    ) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
        """The page's posts after those above them, which are asked for, as are the pictures that a
        notification leaves out."""
        known = {i["uri"] for i in items if isinstance(i, dict) and isinstance(i.get("uri"), str)}
        wanted = list(dict.fromkeys(_needed(items, known)))
        try:
            views = {str(v.get("uri")): v for v in self._views(wanted)}
        except Refused:  # a strange address must not hold up the page
            views = {}
        whole = [_with_view(i, views) for i in items]
        parents, _ = self._parsed(v for uri, v in views.items() if uri not in known)
        messages, malformed = self._parsed(whole, told=told)
        return (*filter(_is_certain, parents), *messages), malformed

    def _parsed(
        self, items: Iterable[Any], *, told: bool = False
    ) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
        found, malformed = {}, []
        for item in items:
            try:
                message = parse_post(item, self._me(), told=told)
            except UNREADABLE_ITEM as e:
                malformed.append(Malformed(f"Bluesky sent a post that cannot be read: {e!r}", item))
            else:
                found[message.external_id] = message
        return tuple(found.values()), tuple(malformed)

    def _views(self, uris: Sequence[str]) -> Iterator[Json]:
        for start in range(0, len(uris), POSTS):
            part = list(uris[start : start + POSTS])
            told = self._client.get("app.bsky.feed.getPosts", uris=part)
            yield from (v for v in _listed(told, "posts") if isinstance(v, dict))

    def _record(self, reply: Outgoing) -> Json:
        """The post to be made; the same for every try."""
        parent, root = self._refs(reply)
        record: Json = {
            "$type": POST,
            "text": reply.text,
            "createdAt": reply.started_at.isoformat().replace("+00:00", "Z"),
            "reply": {"root": root, "parent": parent},
        }
        if langs := reply.platform.get("langs"):
            record["langs"] = list(langs)
        if marks := self._facets(reply):
            record["facets"] = marks
        if reply.files:
            images = [self._uploaded(f) for f in reply.files]
            record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
        return record

    def _refs(self, reply: Outgoing) -> tuple[Json, Json]:
        """(parent, root) with the hashes that Bluesky wants; asked for where we kept none."""
        seen = reply.platform
        if "cid" not in seen:
            found, _ = self._parsed(self._views([reply.in_reply_to]))
            if not found:
                raise Gone(word("The post that is answered is no longer there."))
            seen = found[0].platform
        parent = {"uri": reply.in_reply_to, "cid": seen["cid"]}
        return parent, dict(seen.get("root") or parent)

    def _facets(self, reply: Outgoing) -> list[Json]:
        def did_of(handle: str) -> str | None:
            if handle == (reply.to.handle or "").lower():
                return reply.to.id
            try:
                told = self._client.get("com.atproto.identity.resolveHandle", handle=handle)
            except Refused:
                return None
            did = told.get("did")
            return did if isinstance(did, str) else None

        return facets(reply.text, did_of)

    def _uploaded(self, file: Upload) -> Json:
        told = self._client.post("com.atproto.repo.uploadBlob", file.data, mime=file.mime)
        if not isinstance(told.get("blob"), dict):
            raise Transient(UNREADABLE)
        return {"image": told["blob"], "alt": file.description}

    def _uri(self, reply: Outgoing) -> str:
        return f"at://{self._me()}/{POST}/{_key(reply)}"

    def _not_before(self) -> datetime | None:
        return next((b.resets_at for b in self.budgets() if b.remaining <= 0), None)


def _key(reply: Outgoing) -> str:
    return tid(reply.started_at, reply.key)


def _needed(items: Iterable[Any], known: set[str]) -> Iterator[str]:
    """The addresses of posts above those of a page, and of those that show pictures."""
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("record"), dict):
            continue
        try:
            yield from (uri for uri in above(item) if uri not in known)
        except UNREADABLE_ITEM:
            continue
        if "embed" in item["record"] and "embed" not in item and item.get("uri") in known:
            yield item["uri"]


def _is_certain(parent: Message) -> bool:
    """Whether a post's own notification cannot say that it is for us after all: one that stands
    deep below a comment of ours, in a stranger's thread, does not show it."""
    stranger = parent.direction is Direction.IN and parent.context
    return not (stranger and parent.in_reply_to)


def _with_view(item: Any, views: dict[str, Json]) -> Any:
    view = views.get(str(item.get("uri"))) if isinstance(item, dict) else None
    return {**item, "embed": view.get("embed")} if view else item


def _position(item: Any) -> int | None:
    """Where an item stands in its list."""
    try:
        return _micros(time_of(item["indexedAt"]))
    except UNREADABLE_ITEM:
        return None


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _listed(body: Json, name: str) -> list[Any]:
    found = body.get(name)
    if not isinstance(found, list):
        raise Transient(UNREADABLE)
    return found


def _token(body: Json) -> str | None:
    token = body.get("cursor")
    return token if isinstance(token, str) and token else None
