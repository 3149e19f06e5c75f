"""The neutral form: what every platform's messages become (DESIGN §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


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
    """Who wrote a message. `id` is the platform's, unique within the account; `also` are other ids
    of the same person there (WhatsApp: a phone number beside the business-scoped id)."""

    id: str
    handle: str | None = None
    name: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a message carries, as the platform names it; only the inbox fetches it.

    `ref` is the platform's own name of the file where it has no lasting address (`download` turns
    it into bytes).
    """

    url: str | None = None
    mime: str | None = None
    name: str | None = None
    size: int | None = None  # bytes
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message in the neutral form.

    `external_id` is unique within the account over all streams and both ways in; `conversation` is
    the platform's own thread: for public ones the root post (the inbox splits it by customer).
    `in_reply_to` is the message directly above. `sent_at` is the platform's time, aware UTC.
    `direction` is OUT for what the account itself said, however it was sent.
    `context` marks what is shown and nothing more: an author who neither writes to us nor under a
    post of ours, or our own post under which people comment. It opens and ends no turn.
    `automated` marks what no person wrote (auto-replies, other apps).
    `hidden` is True for what the platform holds back until somebody publishes it, False for what it
    shows, None where it does not tell.
    `message_id`, `references` and `address_token` serve e-mail threading: ids without brackets.
    `can_reply_publicly` False means the platform refuses a public answer to this item; `reply_note`
    says why in plain words. `platform` keeps what a reply needs (never secret; of it only `others`
    is shown: [address, name] of whom else the message was sent to).
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
    context: bool = False
    hidden: bool | None = None
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
class Deletion:
    """A message is gone on the platform, which tells no more of it than its id. It may be told
    before the message itself: the inbox remembers it."""

    external_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an answer that the platform had taken. `failed` takes it back (`reason` in
    plain words). It is named by `external_id`, else by the outbox `key` that the platform carried
    along: then `external_id` beside it also settles an answer whose outcome was unknown."""

    state: Literal["sent", "delivered", "read", "failed"]
    at: datetime
    external_id: str | None = None
    key: str | None = None
    reason: str = ""


Event = Deletion | Receipt
