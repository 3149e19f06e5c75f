"""What the API says of conversations, and what it takes: the schema of its OpenAPI document.

Instants are ISO 8601 in UTC. Words that a caller sends come through the one door of texts.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from classifier.labels import Category, Urgency
from connectors.core.text import clean
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.outbox import MOVES, WAITING


def _written(value: object) -> object:
    """Else a number is taken for seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError("not written as 2026-11-23 or 2026-11-23T09:00:00Z")


Instant = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A time that a call sends."""
Day = Annotated[date, BeforeValidator(_written)]
Whole = Annotated[int, Field(strict=True)]
"""A number that a call sends: no word that reads like one, nor a yes."""
RowId = Annotated[Whole, Field(ge=1, le=BIGGEST_ID)]
Words = Annotated[str, AfterValidator(clean)]
Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(clean)]
ReplyState = Literal[
    "queued",
    "sending",
    "sent",
    "refused",
    "failed",
    "unknown",
    "dropped",
    "stopped",
    "withdrawn",
    "waiting",
    "returned",
]
assert {WAITING, *MOVES.values()} == set(get_args(ReplyState))


class Taken(BaseModel):
    """What a call sends: a misspelt field is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class OfDays(Taken):
    """Whose report: from the first of its days to the last."""

    model_config = ConfigDict(populate_by_name=True)

    first: Day = Field(alias="from", description="First day.")
    to: Day = Field(description="Last day, included.")


class Nothing(Taken):
    """A call that needs no content."""


class Customer(BaseModel):
    """The other party, as their platform knows them."""

    id: str = Field(examples=["u9"])
    handle: str | None = Field(examples=["@lin"])
    name: str | None = Field(examples=["Lin Yue"])


class Conversation(BaseModel):
    """One customer's matter on one account."""

    id: int = Field(examples=[12])
    channel: str = Field(examples=["x"])
    account: str = Field(description="The account's name.", examples=["@lumenpay"])
    customer: Customer
    subject: str | None
    assignee: str | None = Field(description="E-mail address of whose it is.")
    team: str | None = Field(description="The team that it was left to, by name.")
    category: str | None = Field(examples=["refund"])
    category_confidence: float | None
    urgency: str | None = Field(examples=["high"])
    urgency_confidence: float | None
    labels: list[str] = Field(description="The categories it may be, at nine in ten.")
    outside: bool = Field(description="Unlike anything that the model was trained on.")
    topic: str | None = Field(description="The sub-topic within the category.")
    tone: str | None = Field(description="praise, angry, neutral.")
    lang: str | None = Field(examples=["zh"])
    status: str = Field(
        description="open, waiting (on the customer), third, snoozed, resolved, spam."
    )
    due_at: datetime | None = Field(description="When the answer is due; null when nobody waits.")
    internal_due_at: datetime | None = Field(description="The team's own target beside it.")
    window_closes_at: datetime | None = Field(description="When the platform's own time is over.")
    back_at: datetime | None = Field(description="When a snooze ends.")
    last_message_at: datetime
    preview: str
    complaint_due_at: datetime | None = Field(
        description="The next deadline of a complaint that has no final response."
    )


class Conversations(BaseModel):
    """A page of conversations."""

    conversations: list[Conversation]
    next_cursor: str | None = Field(description="Of the next page; null at the end.")


class FileOfMessage(BaseModel):
    """A file of a message. `/files/{id}` gives the bytes while `state` is `stored`."""

    id: int
    name: str
    mime: str | None
    size: int | None = Field(description="Bytes.")
    state: str = Field(description="waiting, stored, refused.")


class Addressee(BaseModel):
    """An address, with the name that the mail gave it (or none)."""

    address: str
    name: str


class Message(BaseModel):
    """One message. A deleted one keeps its place, not its words."""

    id: int
    external_id: str = Field(description="The platform's id.")
    direction: str = Field(description="in, out.")
    role: str = Field(description="customer, ours, third.")
    kind: str = Field(examples=["dm"])
    visibility: str = Field(description="public, private.")
    text: str
    sent_at: datetime = Field(description="The platform's time.")
    stored_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    automated: bool
    agent: str | None = Field(description="E-mail address of who wrote it here.")
    category: str | None
    urgency: str | None
    topic: str | None
    tone: str | None
    lang: str | None
    author: Customer | None
    others: list[Addressee] = Field([], description="Who else got this mail.")
    files: list[FileOfMessage]


class Messages(BaseModel):
    """The newest messages in order of time; `next_cursor` leads to those before them."""

    messages: list[Message]
    next_cursor: str | None


class Reply(BaseModel):
    """An answer in the outbox. `unknown`: the platform's confirmation was lost; it is looked up,
    never sent again by itself. `dropped`: a person gave it up. `after_id`: the part of the same
    answer that goes before this one."""

    id: int
    conversation_id: int
    state: ReplyState
    text: str
    visibility: str
    agent: str = Field(description="E-mail address of its author.")
    created_at: datetime
    not_before: datetime | None = Field(description="When the next try is.")
    send_at: datetime | None = Field(description="The time that somebody chose for it.")
    finished_at: datetime | None
    reason: str | None = Field(description="Why it did not go, or not yet.")
    also_to: list[str] = Field([], description="Addresses of others who get it, too.")
    external_id: str | None = Field(description="The platform's id, once it is sent.")
    after_id: int | None = None


class Settle(Taken):
    """What becomes of an answer that did not simply arrive: `look` for it on the platform now; it
    `arrived`; `resend` it; `skip` it and send the rest of the answer; `drop` it with the rest."""

    to: Literal["look", "arrived", "resend", "skip", "drop"]


class Replies(BaseModel):
    """A page of the outbox, newest first."""

    replies: list[Reply]
    next_cursor: str | None


class Pause(BaseModel):
    """A stretch in which a matter was not on us. `why`: answered, excused, withdrawn, customer,
    third."""

    on: str = Field(description="customer, third.")
    since: datetime
    until: datetime | None = Field(description="null while it lasts.")
    why: str
    by: str | None
    reason: str


class CaseClock(BaseModel):
    """A clock of a whole matter: its resolution, or a complaint's deadline."""

    target: str = Field(description="`resolution:<policy>` or `complaint:<id>:<deadline>`.")
    kind: str = Field(description="resolution, complaint.")
    name: str
    episode: int | None
    opened_by: int
    opened_at: datetime
    due_at: datetime | None = Field(description="null while it stands still with time left.")
    end: str | None = Field(description="resolved, answered, excused, withdrawn.")
    ended_by: int | None
    ended_at: datetime | None
    reason: str | None
    verdict: str = Field(description="running, paused, overdue, kept, breached, excused, withdrawn")
    budget_s: float = Field(description="What may run until it is due.")
    used_s: float
    left_s: float | None
    paused_s: float
    pauses: list[Pause]
    policy: dict[str, Any]
    calendar: dict[str, Any]
    evaluated_at: datetime
    superseded_at: datetime | None


class Turn(BaseModel):
    """One wait of the customer with its evidence; `opened_by`, `ended_by` are numbers of
    messages."""

    seq: int
    episode: int
    first: bool = Field(description="The first wait of its episode.")
    opened_by: int
    opened_at: datetime
    due_at: datetime
    ended_by: int | None
    ended_at: datetime | None
    end: str | None = Field(description="answered, excused, withdrawn; null while it runs.")
    reason: str | None
    outside: bool = Field(description="The answer was written outside Replydesk.")
    verdict: str = Field(description="The outcome now, from timestamps alone.")
    used_s: float
    internal_due_at: datetime | None
    policy: dict[str, Any]
    calendar: dict[str, Any]
    evaluated_at: datetime
    clocks: list[CaseClock] = Field([], description="Of the whole matter, from this turn on.")


class ConversationWhole(Conversation):
    """A conversation with its newest messages, its outbox, and its clock."""

    messages: list[Message]
    messages_cursor: str | None = Field(description="For `…/messages`: those before them.")
    replies: list[Reply] = Field(description="The outbox, sent ones too, oldest first.")
    turns: list[Turn]


class NewReply(Taken):
    """An answer. `shown` is the number of the newest message that its author has read: when the
    customer has written since, the answer is refused (`crossed`), and nothing goes out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "Your refund is on its way.", "shown": 190}]},
    )

    text: Annotated[Words, Field(max_length=100_000)]
    shown: RowId
    visibility: Literal["public", "private"] | None = Field(
        None, description="As the conversation's, if left out. It is never widened."
    )
    split: StrictBool = Field(False, description="Several messages, where the words are too long.")
    seen_reply: RowId | None = Field(
        None,
        description="The newest row of the outbox that its author has seen: a colleague's newer "
        "answer to the same message stops this one (`answered`).",
    )
    insist: StrictBool = Field(False, description="Send it although a colleague has answered.")
    canned: RowId | None = Field(None, description="The canned answer from which it was made.")
    send_at: Instant | None = Field(
        None, description="When it is to leave. It is stopped when the customer writes before."
    )
    late: StrictBool = Field(False, description="Also after the due time, where `send_at` is.")
    also_to: list[str] = Field(
        [],
        max_length=50,
        description="Addresses of `others` of the customer's newest mail who get the answer, too. "
        "If left out, the customer alone gets it.",
    )


class Leave(Taken):
    """Another time for an answer that has not left. `shown` is the newest message that was read."""

    shown: RowId
    send_at: Instant
    late: StrictBool = False


class LeaveNow(Taken):
    """An answer leaves at once. `shown` is the newest message that was read."""

    shown: RowId


class Assign(Taken):
    """Who takes it. `from` guards against a race: refused (409) unless it is theirs now."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    to: RowId | None = Field(
        None, description="A person's number; oneself if left out. Others: leads and admins only."
    )
    team: str | None = Field(
        None,
        max_length=60,
        description="Instead of `to`, by name: leaves it to a team, and so to nobody yet. Leads.",
    )
    held_by: RowId | None = Field(
        None, alias="from", description="Whose it must be now, by number; null: nobody's."
    )

    @property
    def is_guarded(self) -> bool:
        return "held_by" in self.model_fields_set


class Excuse(Taken):
    """No reply needed: why, and the newest message that was read."""

    reason: Reason = Field(examples=["thanks"])
    shown: RowId


class Resolve(Taken):
    """Ends the matter. While the customer waits it needs a reason."""

    shown: RowId
    reason: Reason | None = None


class Correction(Taken):
    """The right tag; what is left out stays as it is."""

    category: Category | None = Field(None, examples=["payment"])
    urgency: Urgency | None = Field(None, examples=["high"])
    topic: str | None = Field(
        None, min_length=1, max_length=60, description="One of the category's topics."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Correction":
        if self.category is None and self.urgency is None and self.topic is None:
            raise ValueError("name a category, an urgency, or a topic")
        return self
