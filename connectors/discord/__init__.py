"""Discord: support channels, threads and forum posts of a server, read by asking.

Discord tells bots of private messages, deletions and edits through a permanent connection only,
which this is not: edits and deletions are found by looking at messages again, private messages not
at all. Facts: Discord's API documentation, Aug 2026.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from connectors.core.base import DO_THIS, Base
from connectors.core.contract import (
    Account,
    Act,
    Attachment,
    Budget,
    Capabilities,
    Downloaded,
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
    Secret,
    Sent,
    Setting,
    word,
)
from connectors.core.errors import (
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
)
from connectors.core.http import UNREADABLE
from connectors.core.looking import SKEW, may_be, nearest
from connectors.core.text import clean
from connectors.discord.channels import PAGE, Channels, above, numbered
from connectors.discord.client import LISTING, Client, Gone
from connectors.discord.compose import compose
from connectors.discord.parse import (
    ODD,
    SAID,
    Around,
    Key,
    RootOf,
    as_malformed,
    files_of,
    parse_message,
    read_items,
    snowflake,
)
from connectors.discord.position import Walk

UPLOAD_BYTES = 10 * 1024 * 1024
CONTENT_FLAGS = (1 << 18) | (1 << 19)  # the Message Content intent, for large bots and for small
THUMB = "%F0%9F%91%8D"

CAPABILITIES = Capabilities(
    channel="discord",
    title="Discord",
    kinds=(Kind.COMMENT, Kind.MENTION),
    streams=("messages",),
    count=len,
    unit="characters",
    limit_public=2_000,
    limit_private=None,
    secrets=(
        Secret(
            "token",
            word("Bot token"),
            help=word("Discord Developer Portal, your application, Bot, Reset Token."),
        ),
    ),
    settings=(
        Setting(
            "channels",
            word("Channels"),
            help=word("IDs of the support channels and forums, with commas between."),
        ),
        Setting(
            "guild",
            word("Server"),
            help=word("Its ID, to read threads and forum posts of these channels (or of all)."),
        ),
        Setting(
            "customers",
            word("Customers’ matters"),
            help=word("What is none is shown beside those that are."),
            choices=(
                ("all", word("Every message that a person writes")),
                ("mentions", word("Those that mention or answer the bot")),
            ),
            default="all",
        ),
        Setting(
            "team",
            word("Team"),
            help=word("IDs of people who answer on Discord itself, with commas between."),
        ),
        Setting("history_days", word("Days of history at the first connection"), default="30"),
        Setting("page_size", word("Messages per request (1 to 100)"), default="100"),
    ),
    base_url="https://discord.com/api/v10",
    poll_interval_s=60,
    busy_interval_s=15,
    read_lag_s=10,
    fetches=True,
    media_public=Media(
        ("image/*", "video/*", "audio/*", "text/*", "application/*"), UPLOAD_BYTES, 10
    ),
    offers=(
        Offer(Act.LIKE, On.THEIRS, undo=Act.UNLIKE, note=word("A 👍 that everybody there sees.")),
        Offer(Act.UNLIKE, On.THEIRS),
        Offer(Act.DELETE, On.OURS),
        Offer(Act.DELETE, On.THEIRS, note=word("The bot needs Manage Messages.")),
        Offer(
            Act.BLOCK,
            On.PERSON,
            undo=Act.UNBLOCK,
            note=word("Bans the person from the whole server; the bot needs Ban Members."),
        ),
        Offer(Act.UNBLOCK, On.PERSON),
    ),
    notes=(
        word("Private messages to the bot are not visible without a permanent connection."),
        word("Everybody in the channel sees the answer."),
    ),
)


class Connector(Base):
    """One bot on one server."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._client = Client(account, self.base_url(), now)
        self._read = Channels(self._client)
        self._channels = _ids(account.settings.get("channels"))
        self._guild = next(iter(_ids(account.settings.get("guild"))), "")

    def check(self) -> Identity:
        me, app = self._client.get("/users/@me"), self._client.get("/applications/@me")
        try:
            external_id, handle = str(int(me["id"])), str(me["username"])
            sees_text = bool(int(app.get("flags") or 0) & CONTENT_FLAGS)
        except ODD as e:
            raise Transient(UNREADABLE) from e
        missing = [] if sees_text else [word("Message Content intent (Developer Portal, Bot)")]
        if not self._channels and not self._guild:
            missing.append(word("the setting `channels` or `guild`"))
        missing += map(self._read.missing_in, self._channels)
        missing += [self._read.missing_on(self._guild)] if self._guild else []
        name, told = me.get("global_name"), tuple(m for m in missing if m)
        return Identity(external_id, f"@{handle}", clean(str(name)) if name else None, told)

    def pull(self, stream: str, cursor: Json) -> Page:
        """One page of one channel. What the bot may not see is passed over; `check` names it."""
        if stream not in CAPABILITIES.streams:
            raise self.no_stream(stream)
        walk, me = Walk.from_json(cursor), self._my_id()
        if not walk.todo:
            walk = walk.begun(self._channels, self._threads(walk), self._start())
        if not walk.todo:
            return Page((), walk.to_json())
        channel = walk.todo[0]
        kept = channel in walk.threads or channel in self._channels
        place, size = walk.places[channel], self._page_size()
        try:
            items = self._read.page(channel, size, place.question)
        except Refused:
            if self._channels == (channel,) and not self._guild:
                raise  # there is nothing else to read
            walk = walk.without(channel, kept)
            return Page((), walk.to_json(), bool(walk.todo))
        ids, odd = numbered(items)
        full = len(items) >= size
        if full and not ids:
            raise Transient(UNREADABLE)
        new = [i for i in items if above(i, place.floor)]
        messages, malformed = read_items(new, self._around(me), self._root_of(channel, items))
        walk = walk.moved(channel, place.read(ids, full))
        if place.is_done(full):
            walk = walk.without(channel, kept)
        rest = self._rest() if walk.todo[:1] == (channel,) else None
        return Page(messages, walk.to_json(), bool(walk.todo), (*malformed, *odd), rest)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        """One request each; when the quota ends, the rest is for another time."""
        around = self._around(self._my_id())
        messages: list[Message] = []
        gone: list[str] = []
        malformed: list[Malformed] = []
        for ref in refs:
            try:
                item = self._read.message(_key(ref.external_id))
            except Gone:
                gone.append(ref.external_id)
                continue
            except RateLimited:
                if not messages and not gone:
                    raise
                break
            except Refused:
                continue
            try:
                messages.append(parse_message(item, ref.thread, around))
            except ODD:
                malformed.append(as_malformed(item))
        return Fetched(tuple(messages), tuple(gone), tuple(malformed))

    def send(self, reply: Outgoing) -> Sent:
        """Once. Discord also knows the nonce for a few minutes; no more is made of that, since a
        repeat may come later."""
        key = _key(reply.in_reply_to)
        told, files = compose(reply, key)
        made = self._client.post(f"/channels/{key.channel}/messages", told, files)
        try:
            sent = parse_message(made, reply.thread, Around(""))
        except ODD as e:
            raise OutcomeUnknown(UNREADABLE) from e
        return Sent(sent.external_id, sent.sent_at)

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among our messages in that channel since the first try, those that answer the same
        message with the same words (and as many files)."""
        key, me = _key(reply.in_reply_to), self._my_id()
        self._may_read(key)
        since = snowflake(reply.started_at - SKEW)
        try:
            listed = [parse_message(i, reply.thread, Around(me)) for i in self._said(key, since)]
        except ODD as e:
            raise Transient("Discord sent a message that cannot be read.") from e
        return nearest((m for m in listed if _is_copy(m, reply)), reply)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        """What is gone already counts as done."""
        key = _key(on.external_id)
        message = f"/channels/{key.channel}/messages/{key.message}"
        paths = {
            Act.LIKE: ("PUT", f"{message}/reactions/{THUMB}/@me"),
            Act.UNLIKE: ("DELETE", f"{message}/reactions/{THUMB}/@me"),
            Act.DELETE: ("DELETE", message),
        }
        if act in (Act.BLOCK, Act.UNBLOCK):
            path = self._ban_path(key, on)
            paths |= {Act.BLOCK: ("PUT", path), Act.UNBLOCK: ("DELETE", path)}
        if act not in paths:
            raise self._no(DO_THIS)
        try:
            self._client.do(*paths[act], note)
        except Gone:
            if act in (Act.LIKE, Act.BLOCK):
                raise

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        """Addresses are signed for a day; one that ran out is asked for anew."""
        if attachment.ref and not _is_fresh(attachment.url, self.now()):
            attachment = Attachment(url=self._fresh_address(attachment.ref))
        return self.fetch_file(attachment, most)

    def budgets(self) -> tuple[Budget, ...]:
        return self._client.budgets

    def close(self) -> None:
        self._client.close()

    def _rest(self) -> datetime | None:
        """When the channel just read may be asked again, if that was its last call for now."""
        used = (b for b in self.budgets() if b.name == LISTING and b.remaining < 1)
        return next((b.resets_at for b in used), None)

    def _my_id(self) -> str:
        """As stored, else asked for."""
        if self.account.external_id:
            return self.account.external_id
        try:
            return str(int(self._client.get("/users/@me")["id"]))
        except ODD as e:
            raise Transient(UNREADABLE) from e

    def _around(self, me: str) -> Around:
        team = frozenset(_ids(self.account.settings.get("team")))
        return Around(me, team, self.account.settings.get("customers") == "mentions")

    def _threads(self, walk: Walk) -> Mapping[str, int]:
        """The open threads; those known, as quiet, while Discord does not show them."""
        try:
            return self._read.threads(self._guild, self._channels) if self._guild else {}
        except Refused:
            return dict.fromkeys(walk.threads, 0)

    def _root_of(self, channel: str, items: Sequence[Any]) -> RootOf:
        """In a thread everything belongs to the thread."""
        if channel in self._channels:
            return self._read.root_finder(channel, items)
        return lambda item: channel

    def _start(self) -> int:
        """Where the reading of an unknown channel begins."""
        days = _number(self.account.settings.get("history_days"), 30, 3_650)
        return snowflake(self.now() - timedelta(days=days))

    def _page_size(self) -> int:
        return max(_number(self.account.settings.get("page_size"), PAGE, PAGE), 1)

    def _may_read(self, key: Key) -> None:
        """A list without the right to read is empty, not refused; a single message is refused."""
        try:
            self._read.message(key)
        except Gone:
            return

    def _said(self, key: Key, since: int) -> Sequence[Json]:
        """What people and bots said in that channel; Discord's own notes are left out."""
        return [i for i in self._read.down_to(key.channel, since) if i["type"] in SAID]

    def _ban_path(self, key: Key, on: Ref) -> str:
        guild = self._guild or self._read.guild_of(key.channel)
        if not guild or on.author is None:
            raise Refused("Discord does not say of which server this person is.")
        return f"/guilds/{guild}/bans/{on.author.id}"

    def _fresh_address(self, ref: str) -> str | None:
        channel, message, file = ref.split("/")
        try:
            item = self._read.message(Key(channel, message))
        except Gone as e:
            raise Refused("The message of this file was deleted on Discord.") from e
        held = [f for f in files_of(item) if str(f.get("id")) == file]
        return str(held[0]["url"]) if held else None


def _key(external_id: str) -> Key:
    try:
        return Key.of(external_id)
    except ValueError as e:
        raise Refused("This message did not come from Discord.") from e


def _is_copy(message: Message, reply: Outgoing) -> bool:
    """Whether one of our messages is this reply."""
    same = message.in_reply_to in (reply.in_reply_to, None)  # None: what it answered had gone
    files = len(message.attachments) == len(reply.files)
    return same and files and may_be(message, reply)


def _is_fresh(url: str | None, now: datetime) -> bool:
    """Whether a signed address is still good: `ex` is when it ends, in hexadecimal seconds."""
    ends = parse_qs(urlsplit(url or "").query).get("ex", [""])[0]
    try:
        return bool(url) and (not ends or int(ends, 16) > now.timestamp())
    except ValueError:
        return True


def _ids(told: object) -> tuple[str, ...]:
    """Ids as people enter them: commas, spaces or lines between."""
    return tuple(i for i in str(told or "").replace(",", " ").split() if i.isdecimal())


def _number(told: object, usual: int, most: int) -> int:
    text = str(told or "")
    return min(int(text), most) if text.isdecimal() else usual
