"""What every connector is: capabilities, pages in, replies out. The one import for a platform.

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
from typing import Any, ClassVar, Protocol

from connectors.core.capabilities import (
    Act,
    Capabilities,
    Media,
    MovePrivate,
    Offer,
    On,
    Price,
    Secret,
    Setting,
    Way,
    Window,
    word,
)
from connectors.core.errors import Malformed
from connectors.core.messages import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Event,
    Kind,
    Message,
    Receipt,
    Visibility,
)

__all__ = [
    "Account",
    "Act",
    "Attachment",
    "Author",
    "Begun",
    "Budget",
    "Capabilities",
    "ConnectorContract",
    "Deletion",
    "Direction",
    "Downloaded",
    "Event",
    "Fetched",
    "HookAnswer",
    "HookRequest",
    "Identity",
    "Json",
    "Kind",
    "Media",
    "Message",
    "MovePrivate",
    "Offer",
    "On",
    "Outgoing",
    "Page",
    "Price",
    "Receipt",
    "Ref",
    "Renewed",
    "Secret",
    "Sent",
    "Setting",
    "Upload",
    "Visibility",
    "Way",
    "Window",
    "rewritten_alike",
    "word",
]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a stream: commit `messages` and `cursor` together, then ask again while `more`.

    `malformed` items go to quarantine. `not_before` (aware UTC) is set when the platform's quota
    asks to wait although the page itself came. `events` are what happened to earlier messages.
    """

    messages: tuple[Message, ...]
    cursor: Json
    more: bool = False
    malformed: tuple[Malformed, ...] = ()
    not_before: datetime | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way out: sniffed type, bytes, and words for those who cannot see it."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file as the platform gave it; what it claims to be is not believed."""

    data: bytes = field(repr=False)
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out.

    `key` is the outbox row's stable idempotency key (a UUID hex): a connector derives from it
    whatever the platform offers (Message-ID, nonce). `thread` is the platform's conversation,
    `in_reply_to` the external id of the customer's message, `to` its author, `platform` that
    message's own extras. `references` are the thread's Message-IDs, oldest first (e-mail).
    `started_at` is when the first try left; a look-up searches from there. `wrote_at` is when the
    customer last wrote (what a reply window counts from), `by_person` that a person wrote this
    answer. `text` may be empty when `files` are there. `answers_visibility` is that of the
    customer's message: a private answer to a public one is a move to private. `copies` are the
    others who get it, too.
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
    wrote_at: datetime | None = None
    by_person: bool = True
    files: tuple[Upload, ...] = ()
    answers_visibility: Visibility | None = None
    copies: tuple[Author, ...] = ()

    @property
    def moves_private(self) -> bool:
        """Whether this takes a public matter into private."""
        public = self.answers_visibility is Visibility.PUBLIC
        return public and self.visibility is Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took a reply. `sent_at` None when it told no time: ours is used, marked so.

    `message_id` is the e-mail Message-ID under which the reply went out. `thread` is the platform's
    private thread that a move to private began, so that both can be one case.
    """

    external_id: str
    sent_at: datetime | None = None
    message_id: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What `check` learned: the account's own id and name on the platform, what is missing (scopes,
    settings of the platform) in plain words, and when the credentials run out for good."""

    external_id: str
    handle: str
    name: str | None = None
    missing: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A stored message, as `fetch` and `act` need it."""

    external_id: str
    thread: str
    kind: Kind
    visibility: Visibility
    ours: bool = False
    author: Author | None = None
    platform: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the platform says now of messages asked for by id. `gone`: it surely has them no more.
    An id in neither could not be told."""

    messages: tuple[Message, ...] = ()
    gone: tuple[str, ...] = ()
    malformed: tuple[Malformed, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewed:
    """Fresh credentials: those named replace the stored ones in one transaction, before they are
    used. `expires_at` is when they run out, None for never."""

    secrets: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on the platform's own page: where to send the browser, and credentials learned on
    the way (an app registered with that server)."""

    url: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a platform's quota is left, as its headers told it last. `name` in plain words.
    `limit` and `remaining` in the platform's own units (calls, points, percent)."""

    name: str
    limit: float
    remaining: float
    resets_at: datetime | None = None


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
    `body_hash` lets the inbox refuse one id with two bodies (`conflict_status`). A `body` of text
    is answered as plain text.
    """

    status: int
    body: Json | str = ""
    messages: tuple[Message, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    event_id: str | None = None
    body_hash: str | None = None
    repeat_status: int = 200
    conflict_status: int = 409
    events: tuple[Event, ...] = ()


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
    """The class `Connector` of a platform module. Every call may raise `ConnectorError`.

    `connectors.core.base.Base` says no to all that a platform may lack; a connector inherits it and
    writes what its platform has.
    """

    capabilities: ClassVar[Capabilities]

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None: ...

    def check(self) -> Identity:
        """Signs in and says who we are. Raises `AuthRevoked` when the credentials do not work."""
        ...

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        """Starts a sign-in on the platform's page. `verifier` is the PKCE code verifier."""
        ...

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        """Turns the code that came back into credentials."""
        ...

    def renew(self) -> Renewed:
        """Makes fresh credentials. The inbox calls it before they run out and after `AuthExpired`,
        one caller at a time. Raises `AuthRevoked` when a person must sign in again, `Unsupported`
        where this account's credentials do not run out."""
        ...

    def subscribe(self, url: str) -> str:
        """Tells the platform to call `url`; returns what was done, in plain words."""
        ...

    def pull(self, stream: str, cursor: Json) -> Page:
        """The next page of a stream after `cursor` ({} the first time). Reads only."""
        ...

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        """What the platform says now of single messages; parents of comments are asked for too."""
        ...

    def send(self, reply: Outgoing) -> Sent:
        """Sends once. Raises `OutcomeUnknown` when the request left and no answer came."""
        ...

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Searches the platform for a reply whose outcome is unknown; None = surely not there."""
        ...

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        """Moderates; safe to repeat. `note` is the reason of a report."""
        ...

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        """The bytes of a message's file. `Refused` when it is longer than `most` bytes."""
        ...

    def receive(self, request: HookRequest) -> HookAnswer:
        """Verifies and reads a webhook call. Raises `Unsupported` where the channel has none."""
        ...

    def budgets(self) -> tuple[Budget, ...]:
        """The quotas that this connector has heard of since it was made."""
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
