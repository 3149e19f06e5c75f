"""Bluesky's direct messages: a log of changes, and what was there before the log was followed.

The log begins where it is first asked for. So its cursor is taken first, then every conversation is
read once from its newest message down, and then the log from that cursor on: what both bring is the
same message. Conversations are all listed before any is read, and the top of that list once more at
the end, for a new message moves a conversation there, past the page that would have shown it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from connectors.bluesky.client import Client, Gone
from connectors.bluesky.parse import (
    UNREADABLE_ITEM,
    message_id,
    parse_deletion,
    parse_message,
    people_of,
    time_of,
)
from connectors.core.contract import (
    Author,
    Event,
    Fetched,
    Json,
    Message,
    Outgoing,
    Page,
    Ref,
    Sent,
)
from connectors.core.errors import Malformed, OutcomeUnknown, Refused, Transient
from connectors.core.http import UNREADABLE
from connectors.core.looking import SKEW, may_be, nearest, pages

PAGE = 100
PROFILES = 25  # that may be asked for at once
LOGGED = ("chat.bsky.convo.defs#logCreateMessage", "chat.bsky.convo.defs#logDeleteMessage")
DEEP = 10  # pages of a conversation that a re-check reads at most


@dataclass(frozen=True, slots=True)
class At:
    """Where reading stands. `log`: the change log's cursor. `listing`: the next page of the list of
    conversations ("" = its top, None = listed), `again`: its top was reached the second time.
    `todo`: conversations still to be read, the first from `page` on."""

    log: str | None = None
    listing: str | None = ""
    again: bool = False
    todo: tuple[str, ...] = ()
    page: str | None = None

    @classmethod
    def from_json(cls, cursor: Json) -> "At":
        return cls(**{**cursor, "todo": tuple(cursor.get("todo", ()))})

    def to_json(self) -> Json:
        return {**asdict(self), "todo": list(self.todo)}


def pull(client: Client, me: Callable[[], str], cursor: Json, now: datetime) -> Page:
    at = At.from_json(cursor)
    if at.log is None:
        at = replace(at, log=_text(client.get("chat.bsky.convo.getLog"), "cursor"))
    if at.listing is not None:
        at = _list(client, at)
        return Page((), at.to_json(), more=True)
    if at.todo:
        return _read_back(client, me(), at)
    return _follow(client, me(), at, now)


def fetch(client: Client, me: Callable[[], str], refs: Sequence[Ref]) -> Fetched:
    """Messages asked for by id, which Bluesky has not: their conversations are read."""
    found: list[Message] = []
    gone: list[str] = []
    for thread in dict.fromkeys(r.thread for r in refs):
        wanted = {r.external_id for r in refs if r.thread == thread}
        here, whole = _find(client, me(), thread, wanted)
        found += here
        missing = wanted - {m.external_id for m in here}
        gone += [r.external_id for r in refs if whole and r.external_id in missing]
    return Fetched(tuple(found), tuple(gone))


def send(client: Client, reply: Outgoing, marks: list[Json]) -> Sent:
    convo = _convo(client, reply)
    client.do("chat.bsky.convo.acceptConvo", {"convoId": convo})  # a second time does nothing
    message: Json = {"text": reply.text, **({"facets": marks} if marks else {})}
    body = {"convoId": convo, "message": message}
    made = client.post("chat.bsky.convo.sendMessage", body, sending=True)
    try:
        sent = Sent(message_id(convo, made["id"]), time_of(made["sentAt"]))
    except UNREADABLE_ITEM:
        raise OutcomeUnknown(UNREADABLE) from None
    return replace(sent, thread=convo) if reply.moves_private else sent


def look_up(client: Client, me: str, reply: Outgoing) -> Sent | None:
    convo, since = _convo(client, reply), reply.started_at - SKEW
    found: list[Message] = []
    for page in _pages(client, convo):
        messages, malformed = _parsed(page, convo, me, {})
        if malformed:
            raise Transient("A message cannot be read; the reply may be in it.")
        found += [m for m in messages if may_be(m, reply)]
        if any(m.sent_at < since for m in messages):
            break
    best = nearest(found, reply)
    return replace(best, thread=convo) if best and reply.moves_private else best


def _list(client: Client, at: At) -> At:
    told = client.get("chat.bsky.convo.listConvos", limit=PAGE, cursor=at.listing or None)
    convos = [c.get("id") for c in _objects(told, "convos")]
    todo = tuple(dict.fromkeys([*at.todo, *(c for c in convos if isinstance(c, str))]))
    following = told.get("cursor") if convos and not at.again else None
    if isinstance(following, str):
        return replace(at, todo=todo, listing=following)
    return replace(at, todo=todo, listing=None if at.again else "", again=True)


def _read_back(client: Client, me: str, at: At) -> Page:
    """One page of the first conversation to be read."""
    convo, *rest = at.todo
    after = replace(at, todo=tuple(rest), page=None)
    try:
        told = client.get("chat.bsky.convo.getMessages", convoId=convo, limit=PAGE, cursor=at.page)
    except Gone:
        return Page((), after.to_json(), more=True)
    items = _objects(told, "messages")
    messages, malformed = _parsed(items, convo, me, _people(client, items, told))
    following = told.get("cursor")
    if isinstance(following, str) and items:
        after = replace(at, page=following)
    return Page(messages, after.to_json(), True, malformed)


def _follow(client: Client, me: str, at: At, now: datetime) -> Page:
    """The next page of the log; entries of other kinds than messages are for others."""
    told = client.get("chat.bsky.convo.getLog", cursor=at.log)
    entries = [e for e in _objects(told, "logs") if e.get("$type") in LOGGED]
    people = _people(client, [e.get("message") for e in entries], *entries)
    messages: list[Message] = []
    events: list[Event] = []
    malformed = []
    for entry in entries:
        try:
            deletion = parse_deletion(entry, now)
            message = parse_message(entry["message"], str(entry["convoId"]), me, people)
        except UNREADABLE_ITEM as e:
            malformed.append(_unreadable(e, entry))
            continue
        if deletion is not None:
            events.append(deletion)
        elif message is not None:
            messages.append(message)
    log = _text(told, "cursor") if told.get("cursor") else at.log
    more = log != at.log and bool(told["logs"])
    after = replace(at, log=log).to_json()
    return Page(tuple(messages), after, more, tuple(malformed), events=tuple(events))


def _find(client: Client, me: str, convo: str, wanted: set[str]) -> tuple[list[Message], bool]:
    """(those of `wanted` that are in a conversation, whether all of it was read or all found)."""
    found: list[Message] = []
    try:
        for number, page in enumerate(_pages(client, convo)):
            messages, malformed = _parsed(page, convo, me, _people(client, page))
            found += [m for m in messages if m.external_id in wanted]
            if len(found) == len(wanted):
                return found, True
            if malformed or number + 1 >= DEEP:
                return found, False
    except Gone:
        return found, False  # we left the conversation: its messages are still the customer's
    return found, True


def _pages(client: Client, convo: str) -> Iterator[list[Json]]:
    """The messages of a conversation, newest first."""
    cursor = None
    for _ in pages():
        told = client.get("chat.bsky.convo.getMessages", convoId=convo, limit=PAGE, cursor=cursor)
        items = _objects(told, "messages")
        yield items
        following = told.get("cursor")
        if not isinstance(following, str) or not items or following == cursor:
            return
        cursor = following


def _convo(client: Client, reply: Outgoing) -> str:
    """The conversation that a private answer goes to: its own, else the one with the author."""
    if not reply.moves_private:
        return reply.thread
    told = client.get("chat.bsky.convo.getConvoForMembers", members=[reply.to.id])
    convo = told.get("convo")
    found = convo.get("id") if isinstance(convo, dict) else None
    if not isinstance(found, str):
        raise Transient(UNREADABLE)
    return found


def _people(client: Client, items: Iterable[Any], *told: Json) -> dict[str, Author]:
    """Who wrote messages: these name their authors by DID only, and answers may bring profiles."""
    people = people_of(*(t.get("relatedProfiles") for t in told))
    senders = [i.get("sender") for i in items if isinstance(i, dict)]
    dids = dict.fromkeys(str(s["did"]) for s in senders if isinstance(s, dict) and "did" in s)
    nameless = [d for d in dids if d not in people and d.startswith("did:")]
    for start in range(0, len(nameless), PROFILES):
        part = nameless[start : start + PROFILES]
        try:
            people |= people_of(
                client.get("app.bsky.actor.getProfiles", actors=part).get("profiles")
            )
        except Refused:
            continue  # without a name, but not without the message
    return people


def _parsed(
    items: Iterable[Json], convo: str, me: str, people: dict[str, Author]
) -> tuple[tuple[Message, ...], tuple[Malformed, ...]]:
    found, malformed = [], []
    for item in items:
        try:
            message = parse_message(item, convo, me, people)
        except UNREADABLE_ITEM as e:
            malformed.append(_unreadable(e, item))
        else:
            found += [message] if message is not None else []
    return tuple(found), tuple(malformed)


def _unreadable(error: Exception, item: Any) -> Malformed:
    return Malformed(f"Bluesky sent a message that cannot be read: {error!r}", item)


def _objects(body: Json, name: str) -> list[Json]:
    found = body.get(name)
    if not isinstance(found, list):
        raise Transient(UNREADABLE)
    return [x for x in found if isinstance(x, dict)]


def _text(body: Json, name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str):
        raise Transient(UNREADABLE)
    return found
