"""The pages of people outside the team: everybody who wrote, and one person on all channels."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.web.pages import Channel, Frame, initials


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person in the list. `channels` are those of their identities."""

    id: int
    name: str
    handle: str
    channels: tuple[Channel, ...]
    tags: tuple[str, ...] = ()
    vip: bool = False
    muted: bool = False
    blocked: bool = False
    wrote_at: datetime | None = None

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """`/contacts`. `only` is a mark or empty; `more` leads to the next page."""

    TEMPLATE: ClassVar[str] = "pages/contacts.html"

    frame: Frame
    rows: tuple[ContactRow, ...]
    query: str = ""
    only: str = ""
    tag: str = ""
    tags: tuple[str, ...] = ()
    more: str | None = None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """One identity. `joined_at` is None for the one that the person is named after."""

    id: int
    channel: Channel
    account: str
    name: str
    handle: str
    external_id: str
    joined_at: datetime | None = None
    joined_by: str = ""


@dataclass(frozen=True, slots=True)
class ContactConversation:
    """One of the person's conversations; `due_at` while an answer is due."""

    id: int
    channel: Channel
    kind: str
    status: str
    category: str
    at: datetime
    due_at: datetime | None
    preview: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note; its author may change it."""

    id: int
    text: str
    by: str
    at: datetime
    edited_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who may be the same person, and why: id, email, handle, name."""

    row: ContactRow
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactPage:
    """`/contacts/{id}`. done: "" | joined | separated. `wrong` says what could not be done."""

    TEMPLATE: ClassVar[str] = "pages/contact.html"

    frame: Frame
    row: ContactRow
    identities: tuple[IdentityRow, ...]
    conversations: tuple[ContactConversation, ...]
    notes: tuple[NoteRow, ...]
    alike: tuple[Alike, ...]
    since: datetime | None = None
    done: str = ""
    wrong: str = ""
