"""Instagram: comments on our posts, mentions, and private messages of a professional account.

There are two ways to sign in: the Instagram account's own token (graph.instagram.com), or the token
of the Facebook Page that the account is linked to (graph.facebook.com). Facts: Meta's Instagram
Platform pages as read in November 2026.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from connectors._graph import (
    HOST,
    UNREADABLE,
    VERSION_SETTING,
    Gone,
    identifier,
    inner,
    node,
    text,
)
from connectors._graph_base import GraphBase
from connectors._graph_chats import (
    HUMAN_AGENT,
    REACH,
    UNASKED,
    WINDOW,
    Chats,
    answer_privately,
    handle,
    moderating,
)
from connectors._graph_events import parse_event
from connectors._graph_hooks import (
    APP_SECRET,
    INSTAGRAM_SECRET,
    VERIFY_TOKEN,
    Told,
    subscribe,
)
from connectors._graph_page import APP_ID, missing
from connectors._graph_posts import (
    MOVE_PRIVATE,
    POSTS,
    POSTS_SETTING,
    delete,
    fetch_each,
    watched,
)
from connectors.core.contract import (
    Account,
    Act,
    Author,
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
    Renewed,
    Secret,
    Sent,
    Visibility,
    Way,
    word,
)
from connectors.core.errors import OutcomeUnknown, Refused, Transient
from connectors.core.length import utf8
from connectors.core.oauth import expiry
from connectors.instagram.parse import Us, mentioned_in, parse_told_comment
from connectors.instagram.reading import Reader, top_of

INSTAGRAM_HOST = "https://graph.instagram.com"
TRY_AGAIN = timedelta(days=1)
FIELDS = {  # a linked Page lets all fields of the app through once it is subscribed to any
    "instagram": ("comments", "mentions", "messages", "messaging_postbacks", "messaging_seen"),
    "page": ("feed",),
}
FILES = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "video/mp4",
    "audio/mp4",
    "audio/wav",
    "application/pdf",
)
_COMMENTS, _MESSAGES = (Kind.COMMENT,), (Kind.DM,)
_BY_PAGE = ("page",)


def addressed(words: str, to: Author, visibility: Visibility) -> str:
    """A public answer names whom it answers: Instagram has two levels of comments only."""
    if visibility is not Visibility.PUBLIC or not to.handle or not words:
        return words
    named = {part.strip(".,:;!?()") for part in words.lower().split()}
    return words if to.handle.lower() in named else f"{to.handle} {words}"


CAPABILITIES = Capabilities(
    channel="instagram",
    family="meta",
    title="Instagram",
    kinds=(Kind.COMMENT, Kind.MENTION, Kind.DM),
    streams=("comments", "dms"),
    count=len,
    count_private=utf8,
    unit="characters",
    limit_public=2200,
    limit_private=1000,
    secrets=(
        Secret("access_token", word("Access token"), help=word("Of the account or of the Page.")),
        APP_SECRET,
        INSTAGRAM_SECRET,
        VERIFY_TOKEN,
    ),
    settings=(
        POSTS_SETTING,
        HUMAN_AGENT,
        APP_ID,
        VERSION_SETTING,
    ),
    ways=(
        Way(
            "instagram",
            word("Instagram’s own token"),
            help=word("Made in the app’s dashboard under Instagram. It is renewed here."),
        ),
        Way(
            "page",
            word("The linked Facebook Page’s token"),
            help=word("Can also send files and block people."),
        ),
    ),
    base_url=INSTAGRAM_HOST,
    receives=True,
    subscribes=True,
    renews=True,
    poll_interval_s=300,  # a pass makes one call for each post that is watched
    busy_interval_s=60,
    fetches=True,
    addressed=addressed,
    window=WINDOW,
    move_private=MOVE_PRIVATE,
    media_private=Media(FILES, 25 * 1024 * 1024, with_text=False, ways=_BY_PAGE),
    offers=(
        Offer(Act.HIDE, On.THEIRS, _COMMENTS, Act.UNHIDE),
        Offer(Act.UNHIDE, On.THEIRS, _COMMENTS, Act.HIDE),
        Offer(Act.DELETE, On.THEIRS, _COMMENTS, note=word("Instagram cannot bring it back.")),
        Offer(Act.DELETE, On.OURS, _COMMENTS, note=word("Instagram cannot bring it back.")),
        Offer(Act.BLOCK, On.PERSON, _MESSAGES, Act.UNBLOCK, ways=_BY_PAGE),
        Offer(Act.UNBLOCK, On.PERSON, _MESSAGES, Act.BLOCK, ways=_BY_PAGE),
    ),
    notes=(
        word("A private message takes 1,000 bytes; most letters beyond English take 2 to 4."),
        word("Mentions come by webhook only, and not those in stories’ pictures."),
        word("New answers to comments older than the latest 50 of a post come by webhook only."),
        word("Files in private messages, and blocking people, need the Page’s token."),
        UNASKED,
    ),
    reach={
        "comments": word("the comments under the latest posts"),
        "dms": REACH,
    },
)


class Connector(GraphBase):
    """One professional account. `/me` is it, or its Page, as the token says."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        way = CAPABILITIES.way(account.settings)
        self._by_page = way is not None and way.key == "page"
        super().__init__(account, now, prove=self._by_page)

    def base_url(self) -> str:
        own = HOST if self._by_page else INSTAGRAM_HOST
        return (self.account.base_url or own).rstrip("/")

    def check(self) -> Identity:
        if self._by_page:
            asked = "id,name,instagram_business_account{id,username,name}"
            me = inner(self._graph.get("/me", fields=asked), "instagram_business_account")
            if not me:
                raise Refused(
                    "No Instagram account is visible to this token. Link a professional account to"
                    " the Page, and enter the Page’s own token with instagram_basic."
                )
            found = identifier(me, "id")
        else:
            me = self._graph.get("/me", fields="user_id,username,name")
            found = identifier(me, "user_id")
        if not found:
            raise Transient(UNREADABLE)
        edges = (node(found, "media"), "/me/conversations?platform=instagram")
        lacks = tuple(missing(self._graph, self.account, edges))
        return Identity(
            found, handle(text(me, "username")) or found, text(me, "name") or None, lacks
        )

    def renew(self) -> Renewed:
        """A fresh token for 60 days, to be renewed again in half that time: one that has run out
        cannot be renewed any more. One younger than a day cannot be renewed yet; a Page's token
        need not be."""
        if self._by_page:
            return Renewed({})
        try:
            fresh = self._graph.get(
                f"{self.base_url()}/refresh_access_token", grant_type="ig_refresh_token"
            )
        except Refused:
            return Renewed({}, self.now() + TRY_AGAIN)
        token, ends = text(fresh, "access_token"), expiry(fresh, self.now())
        if not token or ends is None:
            raise Transient(UNREADABLE)
        return Renewed({"access_token": token}, self.now() + (ends - self.now()) / 2)

    def pull(self, stream: str, cursor: Json) -> Page:
        match stream:
            case "comments":
                return self._reader().comments(cursor)
            case "dms":
                return self._chats().pull(cursor)
        raise self.no_stream(stream)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        private = self._chats().fetch([r for r in refs if r.visibility is Visibility.PRIVATE])
        reader = self._reader()
        public = [r for r in refs if r.visibility is Visibility.PUBLIC]
        found = fetch_each(public, reader.single, reader.is_gone)
        return Fetched(
            private.messages + found.messages, private.gone + found.gone, found.malformed
        )

    def send(self, reply: Outgoing) -> Sent:
        if reply.visibility is Visibility.PUBLIC:
            return self._send_public(reply)
        if reply.moves_private:
            return answer_privately(self._graph, reply)
        if reply.files and not self._by_page:
            raise Refused("Files can be sent only by an account that signs in with its Page.")
        return self._chats().send(reply, self.now())

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among our answers to the comment, or in the conversation with the person."""
        if reply.visibility is Visibility.PUBLIC:
            return self._reader().look_up(reply)
        if not reply.moves_private:
            return self._chats().look_up(reply)
        found = self._chats().look_up(replace(reply, thread=reply.to.id))
        return replace(found, thread=reply.to.id) if found else None

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        match act:
            case Act.HIDE | Act.UNHIDE:
                self._graph.post(node(on.external_id), {"hide": act is Act.HIDE})
            case Act.DELETE:
                delete(self._graph, on, self._reader().is_gone)
            case Act.BLOCK | Act.UNBLOCK:
                if not self._by_page or on.author is None:
                    raise Refused("People can be blocked only with the Page’s token.")
                who = {"platform": "instagram", **moderating(act, on.author)}
                self._graph.post("/me/moderate_conversations", who)
            case _:
                super().act(act, on, note)

    def subscribe(self, url: str) -> str:
        fields = FIELDS["page" if self._by_page else "instagram"]
        return subscribe(self._graph, fields, url, self._app_id, FIELDS["instagram"])

    def _us(self, entry: str = "") -> Us:
        me = self.account.external_id or entry or self.check().external_id
        return Us(me, self.account.handle.removeprefix("@"))

    def _reader(self) -> Reader:
        return Reader(self._graph, self._us(), watched(self.account.settings.get("posts")))

    def _chats(self) -> Chats:
        us = self._us()
        human = self.account.settings.get("human_agent") == "yes"
        return Chats(self._graph, "instagram", us.id, human, us.username)

    def _send_public(self, reply: Outgoing) -> Sent:
        words = addressed(reply.text, reply.to, Visibility.PUBLIC)
        path, body = node(top_of(reply), "replies"), {"message": words}
        if reply.kind is Kind.MENTION:
            path = node(self._us().id, "mentions")
            body["media_id"] = reply.thread
            if reply.in_reply_to != reply.thread:
                body["comment_id"] = reply.in_reply_to
        made = identifier(self._graph.send(path, body), "id")
        if not made:
            raise OutcomeUnknown(UNREADABLE)
        return Sent(made)

    def _read(self, told: Told) -> Iterable[Message | Event]:
        us = self._us(told.entry)
        if told.entry != us.id:  # another account of the same app
            return ()
        match told.name:
            case "messaging" | "standby":
                return parse_event(told, us.id, self._app_id)
            case "comments" | "live_comments":
                return (parse_told_comment(told, us),)
            case "mentions":
                return self._mentioned(told, us)
        return ()

    def _mentioned(self, told: Told, us: Us) -> Iterable[Message]:
        """The call says where we were named, not in what words."""
        comment, media = mentioned_in(told)
        try:
            return (Reader(self._graph, us, POSTS).mentioned(comment, media),)
        except Gone:
            return ()
