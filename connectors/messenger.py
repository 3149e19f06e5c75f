"""Messenger: private messages to a Facebook Page.

Facts: Meta's Messenger Platform pages as read in November 2026. Comments are a channel of their own
(`facebook`).
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from connectors._graph import HOST, VERSION_SETTING
from connectors._graph_base import GraphBase
from connectors._graph_chats import HUMAN_AGENT, REACH, UNASKED, WINDOW, Chats, moderating
from connectors._graph_events import parse_event
from connectors._graph_hooks import APP_SECRET, VERIFY_TOKEN, Told, subscribe
from connectors._graph_page import APP_ID, PAGE_TOKEN, identity
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
    Visibility,
    word,
)
from connectors.core.errors import Refused, Unsupported

FIELDS = (
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_edits",
    "message_deliveries",
    "message_reads",
)
FILES = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "video/mp4",
    "audio/mpeg",
    "audio/mp4",
    "application/pdf",
)

CAPABILITIES = Capabilities(
    channel="messenger",
    family="meta",
    title="Messenger",
    kinds=(Kind.DM,),
    streams=("conversations",),
    count=len,
    unit="characters",
    limit_public=None,
    limit_private=2000,
    secrets=(PAGE_TOKEN, APP_SECRET, VERIFY_TOKEN),
    settings=(HUMAN_AGENT, APP_ID, VERSION_SETTING),
    base_url=HOST,
    receives=True,
    subscribes=True,
    poll_interval_s=120,
    busy_interval_s=30,  # Meta takes 2 calls a second for conversations
    fetches=True,
    window=WINDOW,
    media_private=Media(FILES, 25 * 1024 * 1024, with_text=False),
    offers=(
        Offer(
            Act.BLOCK,
            On.PERSON,
            undo=Act.UNBLOCK,
            note=word("The person can no longer write to the Page."),
        ),
        Offer(Act.UNBLOCK, On.PERSON, undo=Act.BLOCK),
    ),
    notes=(
        word("Edits and deliveries are told by webhook only."),
        word("An advertisement that opens a conversation may give a longer window: Meta decides."),
        UNASKED,
    ),
    reach={"conversations": REACH},
)


class Connector(GraphBase):
    """One Page's messages. `/me` is the Page, because the token is the Page's."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def check(self) -> Identity:
        return identity(self._graph, self.account, ("/me/conversations?platform=messenger",))

    def pull(self, stream: str, cursor: Json) -> Page:
        if stream != "conversations":
            raise self.no_stream(stream)
        return self._chats().pull(cursor)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        return self._chats().fetch(refs)

    def send(self, reply: Outgoing) -> Sent:
        if reply.visibility is not Visibility.PRIVATE:
            raise Unsupported("Messenger has no public answers.")
        return self._chats().send(reply, self.now())

    def look_up(self, reply: Outgoing) -> Sent | None:
        return self._chats().look_up(reply)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        if act not in (Act.BLOCK, Act.UNBLOCK):
            super().act(act, on, note)
        if on.author is None:
            raise Refused("It is not known who wrote this.")
        self._graph.post("/me/moderate_conversations", moderating(act, on.author))

    def subscribe(self, url: str) -> str:
        return subscribe(self._graph, FIELDS, url, self._app_id)

    def _chats(self) -> Chats:
        me = self.account.external_id or self.check().external_id
        human = self.account.settings.get("human_agent") == "yes"
        return Chats(self._graph, "messenger", me, human)

    def _read(self, told: Told) -> Iterable[Message | Event]:
        me = self.account.external_id or told.entry
        if told.entry != me or told.name not in ("messaging", "standby"):
            return ()
        return parse_event(told, me, self._app_id)
