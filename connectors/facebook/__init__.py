"""A Facebook Page: comments under its posts, visitors' posts, and posts that name the Page.

Messenger is a channel of its own (`messenger`). Facts: Meta's pages on comments, private replies
and Page webhooks as read in November 2026, and the Graph API v26.0 of facebook_business 26.0.3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from connectors._graph import HOST, UNREADABLE, VERSION_SETTING, Gone, identifier, node
from connectors._graph_base import GraphBase
from connectors._graph_hooks import APP_SECRET, VERIFY_TOKEN, Told, subscribe
from connectors._graph_page import APP_ID, PAGE_TOKEN, identity
from connectors._graph_posts import (
    MOVE_PRIVATE,
    POSTS,
    POSTS_SETTING,
    delete,
    fetch_each,
    watched,
)
from connectors.core.contract import (
    Act,
    Capabilities,
    Event,
    Fetched,
    Identity,
    Json,
    Kind,
    Media,
    Message,
    Offer,
    On,
    Outgoing,
    Page,
    Ref,
    Sent,
    Upload,
    Visibility,
    word,
)
from connectors.core.errors import (
    OutcomeUnknown,
    Refused,
    Transient,
)
from connectors.core.looking import SKEW, may_be, nearest
from connectors.facebook import private
from connectors.facebook.parse import UNNAMED, mentioned, parse_change
from connectors.facebook.reading import Reader

FIELDS = ("feed", "mention")

_COMMENTS = (Kind.COMMENT,)
CAPABILITIES = Capabilities(
    channel="facebook",
    family="meta",
    title="Facebook Page",
    kinds=(Kind.COMMENT, Kind.MENTION),
    streams=("comments", "mentions"),
    count=len,
    unit="characters",
    limit_public=8000,
    limit_private=2000,
    secrets=(PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN),
    settings=(
        POSTS_SETTING,
        APP_ID,
        VERSION_SETTING,
    ),
    base_url=HOST,
    receives=True,
    subscribes=True,
    poll_interval_s=300,  # a pass makes one call for each post that is watched
    busy_interval_s=60,
    fetches=True,
    move_private=MOVE_PRIVATE,
    media_public=Media(("image/jpeg", "image/png", "image/gif"), 4 * 1024 * 1024),
    offers=(
        Offer(Act.HIDE, On.THEIRS, _COMMENTS, Act.UNHIDE),
        Offer(Act.UNHIDE, On.THEIRS, _COMMENTS, Act.HIDE),
        Offer(Act.LIKE, On.THEIRS, (), Act.UNLIKE),
        Offer(Act.UNLIKE, On.THEIRS, (), Act.LIKE),
        Offer(Act.DELETE, On.THEIRS, _COMMENTS, note=word("Facebook cannot bring it back.")),
        Offer(Act.DELETE, On.OURS, _COMMENTS, note=word("Facebook cannot bring it back.")),
        Offer(Act.BLOCK, On.PERSON, (), Act.UNBLOCK, word("Bans the person from the Page.")),
        Offer(Act.UNBLOCK, On.PERSON, (), Act.BLOCK),
    ),
    notes=(
        word("Facebook does not always tell who wrote a comment."),
        word("Edits and deletions are told by webhook only."),
        word("How many of the latest posts are read is a setting."),
        word("What follows a private answer arrives in Messenger, a channel of its own."),
    ),
    reach={"comments": word("the comments under the latest posts")},
)


class Connector(GraphBase):
    """One Page. `/me` is the Page, because the token is the Page's."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def check(self) -> Identity:
        return identity(self._graph, self.account, ("/me/feed", "/me/tagged"))

    def pull(self, stream: str, cursor: Json) -> Page:
        match stream:
            case "comments":
                return self._reader().comments(cursor)
            case "mentions":
                return self._reader().mentions(cursor)
        raise self.no_stream(stream)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        reader = self._reader()
        return fetch_each(refs, lambda r: reader.single(r.external_id, r.thread), reader.is_gone)

    def send(self, reply: Outgoing) -> Sent:
        if reply.visibility is Visibility.PRIVATE:
            return private.send(self._graph, reply)
        body: Json = {"message": reply.text} if reply.text else {}
        if reply.files:
            body["attachment_id"] = self._uploaded(reply.files[0])
        made = self._graph.send(node(reply.in_reply_to, "comments"), body)
        found = identifier(made, "id")
        if not found:
            raise OutcomeUnknown(UNREADABLE)
        return Sent(found)

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among our own comments under the post since then, or in the comment's private thread."""
        if reply.visibility is Visibility.PRIVATE:
            return private.look_up(self._graph, reply)
        above = {reply.in_reply_to, reply.platform.get("top")}
        found = [
            m
            for m in self._reader().comments_since(reply.thread, reply.started_at - SKEW)
            if m.in_reply_to in above
            and bool(m.attachments) >= bool(reply.files)
            and may_be(m, reply)
        ]
        return nearest(found, reply)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        item = node(on.external_id)
        match act:
            case Act.HIDE | Act.UNHIDE:
                self._graph.post(item, {"is_hidden": act is Act.HIDE})
            case Act.LIKE:
                self._graph.post(f"{item}/likes", {})
            case Act.UNLIKE:
                self._graph.delete(f"{item}/likes")
            case Act.DELETE:
                delete(self._graph, on, self._reader().is_gone)
            case Act.BLOCK:
                self._graph.post("/me/blocked", {"psid": [_person(on)]})
            case Act.UNBLOCK:
                self._graph.delete("/me/blocked", psid=_person(on))
            case _:
                super().act(act, on, note)

    def subscribe(self, url: str) -> str:
        return subscribe(self._graph, FIELDS, url, self._app_id)

    def _reader(self) -> Reader:
        me = self.account.external_id or self.check().external_id
        return Reader(self._graph, me, watched(self.account.settings.get("posts")))

    def _read(self, told: Told) -> Iterable[Message | Event]:
        me = self.account.external_id or told.entry
        if told.entry != me:  # another Page of the same app
            return ()
        if told.name == "feed":
            return parse_change(told, me)
        return self._mentioned(told, me) if told.name == "mention" else ()

    def _mentioned(self, told: Told, me: str) -> Iterable[Message]:
        """The call says where the Page was named, and not always in what words."""
        place = mentioned(told)
        if place is None:
            return ()
        try:
            message = Reader(self._graph, me, POSTS).single(*place)
        except Gone:
            return ()
        return (replace(message, kind=Kind.MENTION),)

    def _uploaded(self, file: Upload) -> str:
        """The id of a picture that no post shows yet."""
        fields = {"published": "false"}
        made = self._graph.upload("/me/photos", fields, "source", (file.name, file.data, file.mime))
        found = identifier(made, "id")
        if not found:
            raise Transient(UNREADABLE)
        return found


def _person(on: Ref) -> str:
    if on.author is None or on.author.id.startswith(UNNAMED):
        raise Refused("Facebook does not say who wrote this, so nobody can be banned for it.")
    return on.author.id
