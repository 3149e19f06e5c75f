"""What every connector is: capabilities, pages in, replies out.

A platform is one module in `connectors/` with two names: `CAPABILITIES` and `Connector`. A
connector knows its account's settings and secrets, speaks to the platform, and turns what it hears
into the neutral `Message`. It keeps nothing between calls: what it must remember is the cursor of a
stream, handed in and given back, committed by the inbox with the messages it covers (law 1).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from connectors.core.errors import Malformed

Json = dict[str, Any]


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Kind(StrEnum):
    DM = "dm"
    MENTION = "mention"
    COMMENT = "comment"
    EMAIL = "email"
    FORM = "form"
    INAPP = "inapp"
    CALL = "call"
    WEBHOOK = "webhook"


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message. `id` is the platform's, unique within the account."""

    id: str
    handle: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a message carries, as the platform names it; only the inbox fetches it."""

    url: str | None = None
    mime: str | None = None
    name: str | None = None
    size: int | None = None  # bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message in the neutral form.

    `external_id` is unique within the account over all streams and both ways in; `conversation` is
    the platform's own thread (the inbox splits it by customer). `sent_at` is the platform's time,
    aware UTC. `direction` is OUT for what the account itself said, however it was sent.
    `third_party` marks an author who neither writes to us nor under a post of ours: context only.
    `automated` marks what no person wrote (auto-replies, other apps).
    `message_id`, `references` and `address_token` serve e-mail threading: ids without brackets.
    `can_reply_publicly` False means the platform refuses a public answer to this item; `reply_note`
    says why in plain words. `platform` keeps what a reply needs (never shown, never secret).
    """

    external_id: str
    conversation: str
    direction: Direction
    text: str
    sent_at: datetime
    author: Author | None = None
    kind: Kind = Kind.DM
    visibility: Visibility = Visibility.PRIVATE
    in_reply_to: str | None = None
    automated: bool = False
    third_party: bool = False
    agent: str | None = None
    subject: str | None = None
    attachments: tuple[Attachment, ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    message_id: str | None = None
    references: tuple[str, ...] = ()
    address_token: str | None = None
    can_reply_publicly: bool = True
    reply_note: str | None = None
    platform: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a stream: commit `messages` and `cursor` together, then ask again while `more`.

    `malformed` items go to quarantine. `not_before` (aware UTC) is set when the platform's quota
    asks to wait although the page itself came.
    """

    messages: tuple[Message, ...]
    cursor: Json
    more: bool = False
    malformed: tuple[Malformed, ...] = ()
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out.

    `key` is the outbox row's stable idempotency key (a UUID hex): a connector derives from it
    whatever the platform offers (Message-ID, nonce). `thread` is the platform's conversation,
    `in_reply_to` the external id of the customer's message, `to` its author, `platform` that
    message's own extras. `references` are the thread's Message-IDs, oldest first (e-mail).
    `started_at` is when the first try left; a look-up searches from there.
    """

    key: str
    thread: str
    in_reply_to: str
    to: Author
    text: str
    visibility: Visibility
    kind: Kind
    started_at: datetime
    subject: str | None = None
    message_id: str | None = None
    references: tuple[str, ...] = ()
    address_token: str | None = None
    platform: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took a reply. `sent_at` None when it told no time: ours is used, marked so.

    `message_id` is the e-mail Message-ID under which the reply went out.
    """

    external_id: str
    sent_at: datetime | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What `check` learned: the account's own id and name on the platform, and what is missing."""

    external_id: str
    handle: str
    name: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A webhook call as it came: raw body, headers with lower-case names, query, arrival time."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What to answer a webhook, and what it brought. Messages are stored before the answer leaves.

    `repeat_status` is answered instead when every message was known before. `event_id` with
    `body_hash` lets the inbox refuse one id with two bodies (`conflict_status`).
    """

    status: int
    body: Json | str = ""
    messages: tuple[Message, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    event_id: str | None = None
    body_hash: str | None = None
    repeat_status: int = 200
    conflict_status: int = 409


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential that `accounts add` asks for: prompt text, and whether it may stay empty."""

    name: str
    prompt: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform offers. The docs' capability table and the UI's menus come from here.

    `count` measures a text in the platform's own units against `limit_public` / `limit_private`
    (None = the channel has no such answer); `count_private` where private messages are measured
    otherwise. Callers use `measure`. `poll_interval_s` is the quiet interval.
    `read_lag_s` is how long the platform may hide a fresh own message from its lists: a look-up of
    an unknown send waits longer than that. `can_look_up` False sends it straight to a person.
    `idempotent_send`: repeating a send with the same key cannot make a second message.
    """

    channel: str
    title: str
    kinds: tuple[Kind, ...]
    streams: tuple[str, ...]
    count: Callable[[str], int]
    unit: str
    limit_public: int | None
    limit_private: int | None
    secrets: tuple[Secret, ...]
    settings: tuple[str, ...] = ()
    base_url: str | None = None
    polls: bool = True
    receives: bool = False
    poll_interval_s: int = 60
    read_lag_s: int = 60
    can_look_up: bool = True
    idempotent_send: bool = False
    social: bool = True
    notes: tuple[str, ...] = ()
    count_private: Callable[[str], int] | None = None

    def measure(self, text: str, visibility: Visibility) -> int:
        """The length of a text as the platform counts it for a public or a private answer."""
        if visibility is Visibility.PRIVATE and self.count_private is not None:
            return self.count_private(text)
        return self.count(text)


@dataclass(frozen=True, slots=True)
class Account:
    """What a connector is given: never the database row, never another account's secrets."""

    channel: str
    handle: str
    external_id: str | None
    base_url: str | None
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)


class ConnectorContract(Protocol):
    """The class `Connector` of a platform module. Every call may raise `ConnectorError`."""

    capabilities: ClassVar[Capabilities]

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None: ...

    def check(self) -> Identity:
        """Signs in and says who we are. Raises `AuthRevoked` when the credentials do not work."""
        ...

    def pull(self, stream: str, cursor: Json) -> Page:
        """The next page of a stream after `cursor` ({} the first time). Reads only."""
        ...

    def send(self, reply: Outgoing) -> Sent:
        """Sends once. Raises `OutcomeUnknown` when the request left and no answer came."""
        ...

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Searches the platform for a reply whose outcome is unknown; None = surely not there."""
        ...

    def receive(self, request: HookRequest) -> HookAnswer:
        """Verifies and reads a webhook call. Raises `Unsupported` where the channel has none."""
        ...

    def close(self) -> None:
        """Releases connections."""
        ...


def rewritten_alike(ours: str, theirs: str) -> bool:
    """Whether a platform's copy of a reply is ours after its rewriting.

    Platforms shorten links (and give bare domains a scheme), trim ends, fold white space, compose
    characters (NFC) and prepend mentions; the words stay.
    """
    return _words(ours) == _words(theirs)


_LINK = re.compile(r"(https?://|([\w-]+\.)+[a-z]{2,}([/?#:]|[.,;:!?)\]]*$))", re.IGNORECASE)


def _words(text: str) -> Sequence[str]:
    words = [w for w in unicodedata.normalize("NFC", text).split() if not _LINK.match(w)]
    while words and words[0].startswith("@"):
        words = words[1:]
    return words
