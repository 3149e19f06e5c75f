"""Telegram: people who write to a bot, to a business account lent to it, or in its groups.

One list of updates, asked for by polling or sent by webhook, never both. Asking with an offset
makes Telegram forget what lies below it, so the offset of a stored page is told with the next call
only. Telegram has no history and no search: an answer whose outcome is unknown goes to a person.
Facts: Bot API 10.1, read Nov 2026.
"""

import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.core.base import DO_THIS, Base
from connectors.core.contract import (
    Account,
    Act,
    Attachment,
    Capabilities,
    Downloaded,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Media,
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
    AuthRevoked,
    Malformed,
    OutcomeUnknown,
    Refused,
    Transient,
    Unsupported,
)
from connectors.core.http import UNREADABLE
from connectors.core.length import utf16
from connectors.core.text import clean
from connectors.telegram.client import ROWS, Client, Moved
from connectors.telegram.compose import FILES_MOST, TEXT, UPLOAD_BYTES, compose
from connectors.telegram.parse import ODD, UPDATES, Around, Key, read_updates, sent_message

PAGE = 100
RESTARTS = timedelta(days=6)  # after a week without updates their numbers begin anywhere
TOKEN_HEADER = "x-telegram-bot-api-secret-token"
THUMB = {"type": "emoji", "emoji": "👍"}
GROUP_KINDS = (Kind.MENTION, Kind.COMMENT)
ANY_FILE = Media(
    ("image/*", "video/*", "audio/*", "text/*", "application/*"),
    UPLOAD_BYTES,
    FILES_MOST,
    text_limit=1024,
)

CAPABILITIES = Capabilities(
    channel="telegram",
    title="Telegram",
    kinds=(Kind.DM, *GROUP_KINDS),
    streams=("updates",),
    count=utf16,
    unit=word("UTF-16 characters"),
    limit_public=TEXT,
    limit_private=TEXT,
    secrets=(
        Secret("token", word("Bot token"), help=word("From @BotFather, such as 123456:ABC-DEF.")),
        Secret(
            "webhook_secret",
            word("Webhook secret"),
            optional=True,
            help=word("Left empty, one is made. Letters, digits, _ and - only."),
            made=True,
            shown=False,
        ),
    ),
    settings=(
        Setting(
            "way_in",
            word("How messages come"),
            help=word("Calls need an address that the internet reaches by https."),
            choices=(
                ("poll", word("Replydesk asks Telegram")),
                ("webhook", word("Telegram calls Replydesk")),
            ),
            default="poll",
        ),
        Setting(
            "groups",
            word("Groups"),
            help=word(
                "Which messages of the bot’s groups are customers’ matters; others are context."
            ),
            choices=(
                ("mentions", word("Those that mention or answer the bot")),
                ("all", word("Every message that a person writes")),
                ("none", word("None; groups are not stored")),
            ),
            default="mentions",
        ),
        Setting(
            "username",
            word("The bot’s user name"),
            help=word("What groups mention. Needed where the account is named otherwise here."),
        ),
    ),
    base_url="https://api.telegram.org",
    receives=True,
    either_way=True,
    subscribes=True,
    poll_interval_s=10,
    can_look_up=False,
    media_public=ANY_FILE,
    media_private=ANY_FILE,
    offers=(
        Offer(Act.LIKE, On.THEIRS, undo=Act.UNLIKE, note=word("A 👍 that everybody there sees.")),
        Offer(Act.UNLIKE, On.THEIRS),
        Offer(Act.DELETE, On.OURS, note=word("Within 48 hours.")),
        Offer(
            Act.DELETE,
            On.THEIRS,
            note=word("Within 48 hours; in groups the bot must be an administrator."),
        ),
        Offer(
            Act.BLOCK,
            On.PERSON,
            GROUP_KINDS,
            undo=Act.UNBLOCK,
            note=word("Bans the person from the group; the bot must be an administrator."),
        ),
        Offer(Act.UNBLOCK, On.PERSON, GROUP_KINDS),
    ),
    notes=(
        word("A group is public here: everybody in it sees the answer."),
        word("With files an answer may have 1,024 characters."),
        word("Deletions are told in business chats only."),
    ),
    reach={"updates": word("the last 24 hours")},
)


class Connector(Base):
    """One bot."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._client = Client(account, self.base_url(), now)

    def check(self) -> Identity:
        me, hook = self._client.call("getMe"), self._client.call("getWebhookInfo")
        try:
            external_id, username = str(me["id"]), str(me["username"])
            hooked = bool(hook["url"])
        except ODD as e:
            raise Transient(UNREADABLE) from e
        missing = (
            (self._hooked() and not hooked, word("webhook (Telegram has no address to call yet)")),
            (hooked and not self._hooked(), word("polling (a webhook is set at Telegram)")),
            (
                self._groups() != "none" and username.lower() != self._username(),
                word("the setting `username`: {name}").format(name=username),
            ),
            (
                self._groups() == "all" and me.get("can_read_all_group_messages") is False,
                word("every message of groups (switch off the bot’s privacy mode at @BotFather)"),
            ),
        )
        name = clean(str(me.get("first_name") or "")) or None
        return Identity(external_id, f"@{username}", name, tuple(m for on, m in missing if on))

    def subscribe(self, url: str) -> str:
        """Gives Telegram our address, or takes it away where the account polls."""
        if not self._hooked():
            self._client.call("deleteWebhook")
            return word("Telegram keeps the messages until Replydesk asks for them.")
        secret = self.account.secrets.get("webhook_secret")
        if not secret:
            raise AuthRevoked("The webhook secret is missing. Enter one.")
        told = {"url": url, "secret_token": secret, "allowed_updates": list(UPDATES)}
        self._client.call("setWebhook", told)
        return word("Telegram now calls this address.")

    def pull(self, stream: str, cursor: Json) -> Page:
        if stream not in CAPABILITIES.streams:
            raise self.no_stream(stream)
        if self._hooked():
            self._client.signed_in()
            return Page((), cursor)
        asked = {"limit": PAGE, "timeout": 0, "allowed_updates": list(UPDATES)}
        updates = self._client.call("getUpdates", asked | self._offset(cursor))
        if not isinstance(updates, list):
            raise Transient(UNREADABLE)
        if not updates:
            return Page((), cursor)
        numbers = [u.get("update_id") if isinstance(u, dict) else None for u in updates]
        known = [n for n in numbers if isinstance(n, int)]
        if not known:
            raise Transient(UNREADABLE)
        read = read_updates(updates, self._around(self.now()))
        after = {"offset": max(known) + 1, "at": self.now().isoformat()}
        told = (tuple(read.messages), after, True, tuple(read.malformed))
        return Page(*told, events=tuple(read.deletions))

    def send(self, reply: Outgoing) -> Sent:
        """One message, or one album. A group that moved has refused it: it goes to the new id."""
        try:
            key = Key.of(reply.in_reply_to)
            int(key.chat)
        except ValueError as e:
            raise Refused("The message to answer did not come from Telegram.") from e
        try:
            said = self._send(reply, key)
        except Moved as moved:
            said = self._send(reply, Key(moved.chat, 0))
        try:
            first = said[0] if isinstance(said, list) else said
            external_id, sent_at = sent_message(first, key.connection)
        except ODD as e:
            raise OutcomeUnknown(UNREADABLE) from e
        return Sent(external_id, sent_at)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        """What is gone counts as deleted; Telegram repeats the rest without complaint."""
        try:
            key, person = Key.of(on.external_id), int(on.author.id) if on.author else 0
            chat = int(key.chat)
        except ValueError as e:
            raise Refused("This did not come from Telegram.") from e
        if act is Act.DELETE:
            self._delete(key)
        elif act in (Act.LIKE, Act.UNLIKE):
            if key.connection:
                raise Unsupported("Telegram lets no bot react in a business chat.")
            reaction = [THUMB] if act is Act.LIKE else []
            where = {"chat_id": chat, "message_id": key.message}
            self._client.call("setMessageReaction", {**where, "reaction": reaction})
        elif act in (Act.BLOCK, Act.UNBLOCK) and on.kind in GROUP_KINDS:
            method, who = _banning(act, person)
            self._client.call(method, {"chat_id": chat, **who})
        else:
            raise self._no(DO_THIS)

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        """By its id; its address lives an hour and holds the token, so it is asked for each time.
        Telegram gives files of up to 20 MB."""
        found = self._client.call("getFile", {"file_id": attachment.ref or ""})
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or not path:
            raise Refused("Telegram no longer has this file.")
        url = f"{self.base_url()}/file/bot{self._client.path_token}/{quote(path)}"
        return self.fetch_own(url, most, rows=ROWS)

    def receive(self, request: HookRequest) -> HookAnswer:
        secret = self.account.secrets.get("webhook_secret") or ""
        told = request.headers.get(TOKEN_HEADER, "")
        same = hmac.compare_digest(secret.encode(), told.encode("utf-8", "replace"))
        if not secret or not same:
            return HookAnswer(401, "The secret token is wrong.")
        try:
            update = json.loads(request.body)
        except (ValueError, RecursionError):
            raw = request.body.decode("utf-8", "replace")
            return HookAnswer(200, malformed=(Malformed("This is not JSON.", raw),))
        read = read_updates([update], self._around(request.received_at))
        told_us = (tuple(read.messages), tuple(read.malformed))
        return HookAnswer(200, "", *told_us, events=tuple(read.deletions))

    def close(self) -> None:
        self._client.close()

    def _hooked(self) -> bool:
        return self.account.settings.get("way_in") == "webhook"

    def _groups(self) -> str:
        return str(self.account.settings.get("groups") or "mentions")

    def _username(self) -> str:
        named = str(self.account.settings.get("username") or self.account.handle)
        return named.strip().removeprefix("@").lower()

    def _around(self, heard_at: datetime) -> Around:
        """A token begins with the bot's id."""
        me = self._client.token.partition(":")[0] or self.account.external_id or ""
        return Around(me, self._username(), self._groups(), heard_at)

    def _offset(self, cursor: Json) -> Json:
        """What confirms the last page; nothing when the numbers may have begun anew, for an old
        offset would make Telegram forget messages that nobody has read."""
        if not cursor:
            return {}
        idle = self.now() - datetime.fromisoformat(cursor["at"])
        return {"offset": cursor["offset"]} if idle < RESTARTS else {}

    def _send(self, reply: Outgoing, key: Key) -> Any:
        method, params, files = compose(reply, key)
        return self._client.call(method, params, files, sending=True)

    def _delete(self, key: Key) -> None:
        method = "deleteMessage"
        params: Json = {"chat_id": int(key.chat), "message_id": key.message}
        if key.connection:
            method = "deleteBusinessMessages"
            params = {"business_connection_id": key.connection, "message_ids": [key.message]}
        try:
            self._client.call(method, params)
        except Refused as e:
            if "message to delete not found" not in e.reason:
                raise


def _banning(act: Act, person: int) -> tuple[str, Json]:
    """People have positive ids; channels that write under their own name have negative ones."""
    if person < 0:
        verb = "ban" if act is Act.BLOCK else "unban"
        return f"{verb}ChatSenderChat", {"sender_chat_id": person}
    if act is Act.BLOCK:
        return "banChatMember", {"user_id": person}
    return "unbanChatMember", {"user_id": person, "only_if_banned": True}
