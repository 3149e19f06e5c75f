"""What the API says of people outside the team, and what it takes."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from inbox.domain.contacts import MOST_NOTE, Why
from inbox.web.api.models import Conversation, RowId, Taken, Words


class Identity(BaseModel):
    """A person as one account knows them."""

    id: int
    channel: str = Field(examples=["x"])
    account: str = Field(examples=["@lumenpay"])
    external_id: str = Field(description="The platform's id.")
    handle: str | None
    name: str | None
    joined_at: datetime | None = Field(description="Null for who was not joined to another one.")
    joined_by: str | None


class Contact(BaseModel):
    """One person; `id` is that of the identity that the others were joined to."""

    id: int
    name: str
    vip: bool
    muted: bool = Field(description="Nobody is told of what they write.")
    blocked: bool = Field(description="Their conversations stand in no queue.")
    tags: list[str]
    identities: list[Identity]


class Contacts(BaseModel):
    """A page of people, the newest first."""

    contacts: list[Contact]
    next_cursor: str | None = Field(description="Of the next page; null at the end.")


class Note(BaseModel):
    """What somebody of the team wrote down."""

    id: int
    text: str
    author: str = Field(description="E-mail address.")
    at: datetime
    edited_at: datetime | None


class MayBe(BaseModel):
    """Somebody who may be the same person, and what speaks for it."""

    id: int
    why: list[Why]


class ContactWhole(Contact):
    """A person with notes, the newest 50 conversations, and who may be the same."""

    notes: list[Note]
    conversations: list[Conversation]
    may_be: list[MayBe]


class Join(Taken):
    """Who joins the person."""

    other: RowId


class Separate(Taken):
    """The identity that is taken out."""

    identity: RowId


class Marks(Taken):
    """What is left out stays as it is. `blocked`: leads and admins only."""

    vip: StrictBool | None = None
    muted: StrictBool | None = None
    blocked: StrictBool | None = None


class Tags(Taken):
    """Tags to add and to remove."""

    add: list[Annotated[Words, Field(max_length=100)]] = Field([], max_length=50)
    remove: list[Annotated[Words, Field(max_length=100)]] = Field([], max_length=50)


class NewNote(Taken):
    """A note's words."""

    text: Annotated[Words, Field(max_length=MOST_NOTE)]
