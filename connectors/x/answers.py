"""Sending answers to X, and finding those of which nobody knows whether they arrived."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from connectors.core.contract import (
    Json,
    Kind,
    Message,
    Outgoing,
    Sent,
    Visibility,
    rewritten_alike,
    word,
)
from connectors.core.errors import OutcomeUnknown, Refused
from connectors.core.looking import SKEW, nearest
from connectors.x.client import UNREADABLE, Client, Rows
from connectors.x.lists import EVENT_FIELDS, READ_MESSAGES, SOURCES, Lists, Source
from connectors.x.media import upload
from connectors.x.parse import parse_direct_message, time_of_id

SEND_POST: Rows = {
    403: lambda a: Refused(
        word(
            "{words} Apps may answer only posts that mention or quote them,"
            " and not twice with the same words."
        ).format(words=a.detail)
    )
}
SEND_MESSAGE: Rows = {
    403: lambda a: Refused(
        word(
            "X refused the message: {words} The recipient may not accept messages from you."
        ).format(words=a.detail)
    )
}


def send(client: Client, reply: Outgoing, now: Callable[[], datetime]) -> Sent:
    """One answer; its files go first."""
    public = reply.visibility is Visibility.PUBLIC
    files = [upload(client, f, "tweet_image" if public else "dm_image") for f in reply.files]
    said: Json = {"text": reply.text} if reply.text else {}
    if public:
        target = reply.platform.get("post_id", reply.in_reply_to)
        media = {"media": {"media_ids": files}} if files else {}
        post = {**said, "reply": {"in_reply_to_tweet_id": target}, **media}
        body = client.post("/2/tweets", post, SEND_POST).body
    else:
        attached = {"attachments": [{"media_id": f} for f in files]} if files else {}
        body = client.post(
            f"{_conversation_route(reply)}/messages", {**said, **attached}, SEND_MESSAGE
        ).body
    told = body.get("data")
    made = told if isinstance(told, dict) else {}
    made_id = str(made.get("id") or made.get("dm_event_id"))
    if not made_id.isdecimal():
        raise OutcomeUnknown(UNREADABLE)
    thread = made.get("dm_conversation_id") if reply.moves_private else None
    return Sent(made_id, time_of_id(made_id, now()), thread=str(thread) if thread else None)


def look_up(lists: Lists, me: str, reply: Outgoing) -> Sent | None:
    """Among our own messages in that place and time with those words, the nearest in time."""
    public = reply.visibility is Visibility.PUBLIC
    targets = {reply.in_reply_to, reply.platform.get("post_id")}
    found = [
        m
        for m in _own_since(lists, me, reply)
        if (m.in_reply_to in targets or not public)
        and rewritten_alike(reply.text, m.text)
        and (reply.text or m.attachments)
    ]
    best = nearest(found, reply)
    return replace(best, thread=found[0].conversation) if best and reply.moves_private else best


def _own_since(lists: Lists, me: str, reply: Outgoing) -> Iterator[Message]:
    """Our own messages where `reply` went, newest first, back to before it left."""
    since, public = reply.started_at - SKEW, reply.visibility is Visibility.PUBLIC
    if public:
        source = SOURCES["replies"]
        start = {"start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    else:
        route = f"{_conversation_route(reply)}/dm_events"
        more = {"event_types": "MessageCreate"}
        source = Source(route, EVENT_FIELDS, parse_direct_message, more=more, rows=READ_MESSAGES)
        start = {}
    for message in lists.walk(source, start):
        if message.sent_at < since and not public:
            return  # posts are bounded by start_time, and an edited one keeps its early time
        if message.sent_at >= since and message.author and message.author.id == me:
            yield message


def _conversation_route(reply: Outgoing) -> str:
    """Where a direct message goes: its conversation, else (after a public post) its recipient."""
    parties = reply.thread.split("-")
    if reply.kind is Kind.DM and all(p.isdecimal() for p in parties):
        return f"/2/dm_conversations/{reply.thread}"
    return f"/2/dm_conversations/with/{reply.to.id}"
