"""Private messages of Messenger and Instagram, which share their lists and their Send API.

A conversation's name here is the other person's id (page- or Instagram-scoped): webhooks tell
nothing else, and lists tell both. Facts: Meta's pages "Conversations API" and "Send API", read in
November 2026. Meta shows the 20 latest messages of a conversation and says of older ones that they
were deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors._graph import (
    UNREADABLE,
    Graph,
    Listing,
    identifier,
    inner,
    items,
    needed,
    needed_time,
    read_all,
    text,
)
from connectors._graph_walk import Found, descend
from connectors.core.contract import (
    Act,
    Attachment,
    Author,
    Direction,
    Fetched,
    Json,
    Message,
    Outgoing,
    Page,
    Ref,
    Sent,
    Setting,
    Upload,
    Window,
    word,
)
from connectors.core.errors import Malformed, OutcomeUnknown, Transient
from connectors.core.looking import SKEW, may_be, nearest

SHOWN = 20  # messages of a conversation
CONVERSATIONS = 20  # a page; each brings its messages along
WINDOW = Window(standard=timedelta(hours=24), human=timedelta(days=7), human_setting="human_agent")
MESSAGE_FIELDS = "id,created_time,from,to,message,attachments,shares,sticker,reply_to"
REACH = word("the latest 20 messages of each conversation")
UNASKED = word("Meta shows no message requests that were left alone for 30 days.")
HUMAN_AGENT = Setting(
    "human_agent",
    word("Answer later than 24 hours"),
    word("Needs the Human Agent feature, which Meta grants to the app."),
    (
        ("no", word("No: 24 hours after the person last wrote")),
        ("yes", word("Yes: what a person writes, for 7 days")),
    ),
    "no",
)
ACTIONS: Mapping[Act, str] = {Act.BLOCK: "block_user", Act.UNBLOCK: "unblock_user"}
FILE_KINDS: Mapping[str, str] = {"image": "image", "video": "video", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Chats:
    """The conversations of the account `me` on a `platform` ("messenger" or "instagram").
    `username` (Instagram) tells our own words too."""

    graph: Graph
    platform: str
    me: str
    human_agent: bool = False
    username: str = ""

    def pull(self, cursor: Json) -> Page:
        """A page of conversations, the latest first, each with its latest messages."""
        given: Json = {"platform": self.platform, "limit": CONVERSATIONS}
        given["fields"] = _conversation_fields("updated_time")
        return descend(
            self.graph,
            cursor,
            lambda after: self.graph.listing("/me/conversations", **given, after=after),
            self._read,
        )

    def _read(self, listed: Listing) -> Found:
        """The messages of a page of conversations, and when each had its latest one."""
        messages: list[Message] = []
        malformed: list[Malformed] = []
        times: list[datetime] = []
        for conversation in listed.items:
            try:
                times.append(_updated(conversation))
            except Malformed as e:
                malformed.append(e)
                continue
            good, bad = self._messages(conversation)
            messages += good
            malformed += bad
        return messages, malformed, times

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        """Single messages, among the latest of their conversations. A message is gone where the
        whole conversation is shown without it; older ones cannot be told."""
        messages: list[Message] = []
        gone: list[str] = []
        for thread in dict.fromkeys(ref.thread for ref in refs):
            asked = [ref.external_id for ref in refs if ref.thread == thread]
            conversation = self._with(thread)
            if conversation is None:
                continue
            found, malformed = self._messages(conversation)
            messages += [m for m in found if m.external_id in asked]
            if not malformed and _is_whole(conversation):
                gone += sorted(set(asked) - {m.external_id for m in found})
        return Fetched(tuple(messages), tuple(gone))

    def send(self, reply: Outgoing, now: datetime) -> Sent:
        """A text, or one file. Late answers carry the tag HUMAN_AGENT where Meta allows that."""
        message: Json = {"text": reply.text}
        if reply.files:
            message = {"attachment": self._uploaded(reply.files[0])}
        body = {"recipient": {"id": reply.thread}, "message": message, **self._type(reply, now)}
        return _sent(self.graph.send("/me/messages", body))

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Among the conversation's latest messages; in doubt where these do not reach back."""
        return self.find(self._with(reply.thread), reply)

    def find(self, conversation: Json | None, reply: Outgoing) -> Sent | None:
        """The answer in its conversation. Raises `Transient` where it may be there unseen."""
        if conversation is None:
            raise Transient("Meta does not show the conversation.")
        since = reply.started_at - SKEW
        messages, malformed = self._messages(conversation)
        found = nearest((m for m in messages if _is_answer(m, reply)), reply)
        if found is not None:
            return found
        reaches = _is_whole(conversation) or any(m.sent_at < since for m in messages)
        if malformed or not reaches:
            raise Transient("Meta does not show the messages of that time.")
        return None

    def _with(self, person: str) -> Json | None:
        """The conversation with a person, or None."""
        listed = self.graph.listing(
            "/me/conversations",
            platform=self.platform,
            user_id=person,
            fields=_conversation_fields("participants"),
        )
        return next((c for c in listed.items if isinstance(c, dict)), None)

    def _messages(self, conversation: Json) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
        return read_all(items(conversation, "messages"), self.parse)

    def parse(self, item: Json) -> Message:
        """A message as lists give it."""
        sender = inner(item, "from")
        author = needed(sender, "id") if sender else needed(item, "from")
        name = text(sender, "username")
        ours = author == self.me or bool(name and name == self.username)
        to = next((identifier(t, "id") for t in items(item, "to") if isinstance(t, dict)), "")
        person = to if ours else author
        if not person:
            raise Malformed("It does not say to whom it was sent.", item)
        reply_to = inner(item, "reply_to")
        return Message(
            external_id=needed(item, "id"),
            conversation=person,
            direction=Direction.OUT if ours else Direction.IN,
            text=text(item, "message"),
            sent_at=needed_time(item, "created_time"),
            author=Author(author, handle(name), text(sender, "name") or None),
            in_reply_to=identifier(reply_to, "mid") or identifier(reply_to, "id") or None,
            attachments=_files(item),
        )

    def _type(self, reply: Outgoing, now: datetime) -> Json:
        late = reply.wrote_at is not None and now - reply.wrote_at > WINDOW.standard
        if late and self.human_agent and reply.by_person:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        return {"messaging_type": "RESPONSE"}

    def _uploaded(self, file: Upload) -> Json:
        """The attachment of a file, left with Meta."""
        kind = FILE_KINDS.get(file.mime.partition("/")[0], "file")
        message = f'{{"attachment":{{"type":"{kind}","payload":{{"is_reusable":true}}}}}}'
        fields = {"message": message, "platform": self.platform}
        given = (file.name, file.data, file.mime)
        made = self.graph.upload("/me/message_attachments", fields, "filedata", given)
        found = identifier(made, "attachment_id")
        if not found:
            raise Transient(UNREADABLE)
        return {"type": kind, "payload": {"attachment_id": found}}


def answer_privately(graph: Graph, reply: Outgoing, kind: str = "comment_id") -> Sent:
    """A private answer to something public (`kind` of its id), which opens the conversation."""
    body = {"recipient": {kind: reply.in_reply_to}, "message": {"text": reply.text}}
    made = graph.send("/me/messages", body)
    return replace(_sent(made), thread=identifier(made, "recipient_id") or None)


def _sent(made: Json) -> Sent:
    """The Send API's answer."""
    found = identifier(made, "message_id")
    if not found:
        raise OutcomeUnknown(UNREADABLE)
    return Sent(found)


def moderating(act: Act, person: Author) -> Json:
    """What `/me/moderate_conversations` is told."""
    return {"user_ids": [{"id": person.id}], "actions": [ACTIONS[act]]}


def handle(username: str) -> str | None:
    return f"@{username}" if username else None


def _is_answer(m: Message, reply: Outgoing) -> bool:
    return bool(m.attachments) >= bool(reply.files) and may_be(m, reply)


def _is_whole(conversation: Json) -> bool:
    """Whether all messages of the conversation are shown."""
    return not inner(inner(conversation, "messages"), "paging").get("next")


def _updated(conversation: object) -> datetime:
    if not isinstance(conversation, dict):
        raise Malformed("A conversation is no object.", conversation)
    return needed_time(conversation, "updated_time")


def _conversation_fields(more: str) -> str:
    return f"id,{more},messages.limit({SHOWN}){{{MESSAGE_FIELDS}}}"


def _files(item: Json) -> tuple[Attachment, ...]:
    files = [_file(a) for a in items(item, "attachments") if isinstance(a, dict)]
    shares = [
        Attachment(text(s, "link"), None, text(s, "name") or None)
        for s in items(item, "shares")
        if isinstance(s, dict) and text(s, "link")
    ]
    sticker = text(item, "sticker")
    stickers = [Attachment(sticker, "image/png")] if sticker and not files else []
    return (*(f for f in files if f), *shares, *stickers)


def _file(item: Json) -> Attachment | None:
    urls = [text(inner(item, name), "url") for name in ("image_data", "video_data", "audio_data")]
    url = next((u for u in [*urls, text(item, "file_url")] if u), None)
    size = item.get("size")
    known = size if isinstance(size, int) and size > 0 else None
    names = (text(item, "mime_type") or None, text(item, "name") or None)
    return Attachment(url, *names, known) if url else None
