"""The facts that turns are folded from, and their evidence. Read and written in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inbox.domain.conversation import ENDS_EPISODE, TAG_COLUMNS, Tag
from inbox.domain.promises import Choice
from inbox.domain.states import Move
from inbox.domain.turns import Answer, CustomerMessage, Excuse, Fact, Reopening, Resolution
from inbox.store import outbox, persons, ruling
from inbox.store.sql import AnyRow, chunks, insert, update_many
from inbox.store.tables import (
    Account,
    Conversation,
    Message,
    Reply,
    Step,
    Tagging,
    TurnRow,
    User,
)

OF_A_MESSAGE = (
    Message.id,
    Message.conversation_id,
    Message.role,
    Message.kind,
    Message.visibility,
    Message.subject,
    Message.text,
    Message.attachments,
    Message.sent_at,
    Message.deleted_at,
    Message.failed_at,
    Message.agent_id,
    Message.outbox_id,
    Message.automated,
    Message.opener_id,
    Message.findings,
    *(getattr(Message, name) for name in TAG_COLUMNS),
)
"""What a story needs of its messages: reading the rest made half of a refold's reads."""


@dataclass(slots=True)
class Story:
    """All that a conversation's turns and its row in the list are computed from."""

    row: AnyRow
    facts: list[Fact] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    tags: dict[int, Tag] = field(default_factory=dict)  # by customer's message
    openers: dict[int, int | None] = field(default_factory=dict)  # as stored now
    corrections: dict[int, AnyRow] = field(default_factory=dict)  # newest tagging by opener
    turns: dict[int, TurnRow] = field(default_factory=dict)  # current evidence by opener
    findings: list[Any] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)  # by customer's message
    first: AnyRow | None = None  # the customer's
    last: AnyRow | None = None
    said: AnyRow | None = None
    contact_tags: frozenset[str] = frozenset()
    choices: dict[int, Choice] = field(default_factory=dict)  # by customer's message
    people: dict[str, int] = field(default_factory=dict)  # agent id by e-mail, as used in facts


def stories(session: Session, conversation_ids: Sequence[int]) -> list[Story]:
    """The stories of these conversations, in order of id; rows are locked on PostgreSQL."""
    found: list[Story] = []
    for part in chunks(sorted(set(conversation_ids))):
        found += _stories(session, part)
    return found


def _stories(session: Session, ids: Sequence[int]) -> list[Story]:
    rows = session.execute(
        select(
            *Conversation.__table__.columns,
            Account.channel,
            Account.handle.label("account_handle"),
            Account.outside_counts,
            Account.settings.label("account_settings"),
            Account.state.label("account_state"),
            Account.created_at.label("account_since"),
        )
        .join(Account, Account.id == Conversation.account_id)
        .where(Conversation.id.in_(ids))
        .order_by(Conversation.id)
        .with_for_update(of=Conversation)
    ).all()
    by_id = {row.id: Story(row) for row in rows}
    _add_messages(session, by_id)
    _add_steps(session, by_id)
    for tagging in session.execute(
        select(Tagging.__table__).where(Tagging.conversation_id.in_(ids)).order_by(Tagging.id)
    ):
        by_id[tagging.conversation_id].corrections[tagging.opener_id] = tagging
    current = select(TurnRow).where(
        TurnRow.conversation_id.in_(ids), TurnRow.superseded_at.is_(None)
    )
    for turn in session.scalars(current):
        by_id[turn.conversation_id].turns[turn.opened_by] = turn
    tags = persons.tags_of_people(session, {row.contact_id for row in rows})
    choices = ruling.choices(session, ids)
    for story in by_id.values():
        story.choices = choices.get(story.row.id, {})
        story.contact_tags = tags.get(story.row.contact_id, frozenset())
    return list(by_id.values())


def _add_messages(session: Session, by_id: Mapping[int, Story]) -> None:
    messages = session.execute(
        select(*OF_A_MESSAGE, Reply.shown, User.email)
        .outerjoin(Reply, Reply.id == Message.outbox_id)
        .outerjoin(User, User.id == Message.agent_id)
        .where(Message.conversation_id.in_(list(by_id)))
        .order_by(Message.sent_at, Message.id)
    )
    begun = outbox.unfinished(session, list(by_id))
    for row in messages:
        story = by_id[row.conversation_id]
        story.last = row
        if row.deleted_at is None:
            story.said = row
        if row.role == "customer":
            story.facts.append(CustomerMessage(row.id, row.sent_at, row.deleted_at))
            story.first = story.first or row
            story.kinds[row.id] = row.kind
            story.tags[row.id] = _tag(row)
            story.openers[row.id] = row.opener_id
            story.findings += [f for f in row.findings if f not in story.findings]
        elif row.role == "ours":
            if row.email is not None:
                story.people[row.email] = row.agent_id
            story.facts.append(
                Answer(
                    row.id,
                    row.sent_at,
                    agent=row.email,
                    seen=row.shown,
                    automated=row.automated,
                    counts=story.row.outside_counts,
                    failed_at=row.failed_at,
                    whole=row.outbox_id not in begun,
                )
            )


def _add_steps(session: Session, by_id: Mapping[int, Story]) -> None:
    steps = session.execute(
        select(*Step.__table__.columns, User.email)
        .outerjoin(User, User.id == Step.agent_id)
        .where(Step.conversation_id.in_(list(by_id)), Step.undone_at.is_(None))
        .order_by(Step.id)
    )
    for row in steps:
        story = by_id[row.conversation_id]
        if row.email is not None:
            story.people[row.email] = row.agent_id
        reason = row.reason or ""
        if row.kind == "excuse":
            story.facts.append(Excuse(row.seen, row.at, row.email, reason, row.seen))
            continue
        story.moves.append(Move(row.id, row.at, row.kind, row.email, reason, row.seen, row.until))
        if row.kind in ENDS_EPISODE:
            story.facts.append(Resolution(row.seen, row.at, row.email))
        else:
            story.facts.append(Reopening(row.seen, row.at))


def _tag(row: AnyRow) -> Tag:
    return Tag(*(getattr(row, name) for name in TAG_COLUMNS))


@dataclass(slots=True)
class Outcome:
    """What an evaluation of some conversations found new; `write` stores it in few statements.

    `rows` are values of `conversations` by column, all with the same columns; `superseded` are ids
    of evidence that newer rows in `turns` replace; `openers`: opening message by message.
    """

    now: datetime
    openers: dict[int, int] = field(default_factory=dict)
    taggings: list[dict[str, Any]] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def tag(
        self,
        conversation_id: int,
        opener_id: int,
        category: str | None,
        urgency: str | None,
        said: AnyRow | None = None,
    ) -> None:
        """Adds a new tag of a turn; `said` is the person's tagging that it repeats, if any."""
        self.taggings.append(
            {
                "conversation_id": conversation_id,
                "opener_id": opener_id,
                "category": category,
                "urgency": urgency,
                "topic": said.topic if said else None,
                "agent_id": said.agent_id if said else None,
                "repeats": (said.repeats or said.id) if said else None,
                "at": self.now,
            }
        )


def write(session: Session, outcome: Outcome) -> None:
    """Stores an evaluation. Evidence is appended; of what it replaces only `superseded_at` is
    written, and it stays readable (law 4)."""
    for part in chunks(outcome.superseded):
        replaced = update(TurnRow).where(TurnRow.id.in_(part)).values(superseded_at=outcome.now)
        session.execute(replaced, execution_options={"synchronize_session": False})
    if outcome.turns:
        session.execute(insert(session, TurnRow), outcome.turns)
    add_taggings(session, outcome.taggings)
    openers = [{"key": message, "opener_id": o} for message, o in outcome.openers.items()]
    update_many(session, Message, openers)
    update_many(session, Conversation, [{"key": row["id"], **row} for row in outcome.rows])


def add_taggings(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """New tags of turns."""
    if rows:
        session.execute(insert(session, Tagging), list(rows))


def evidence(session: Session, conversation_id: int, *, history: bool = False) -> list[TurnRow]:
    """A conversation's turns in order; with `history`, superseded evaluations too."""
    found = select(TurnRow).where(TurnRow.conversation_id == conversation_id)
    if not history:
        found = found.where(TurnRow.superseded_at.is_(None))
    return list(session.scalars(found.order_by(TurnRow.seq, TurnRow.id)))
