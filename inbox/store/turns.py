"""The facts that turns are folded from, and their evidence. Read and written in bulk."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inbox.domain.conversation import Tag
from inbox.domain.turns import Answer, CustomerMessage, Excuse, Fact, Resolution
from inbox.store.sql import AnyRow, chunks, insert
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


@dataclass(slots=True)
class Story:
    """All that a conversation's turns and its row in the list are computed from."""

    row: AnyRow
    facts: list[Fact] = field(default_factory=list)
    tags: dict[int, Tag] = field(default_factory=dict)  # by customer's message
    openers: dict[int, int | None] = field(default_factory=dict)  # as stored now
    corrections: dict[int, AnyRow] = field(default_factory=dict)  # newest tagging by opener
    turns: dict[int, TurnRow] = field(default_factory=dict)  # current evidence by opener
    findings: list[Any] = field(default_factory=list)
    last: AnyRow | None = None
    resolved: bool = False
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
    return list(by_id.values())


def _add_messages(session: Session, by_id: Mapping[int, Story]) -> None:
    messages = session.execute(
        select(*Message.__table__.columns, Reply.shown, User.email)
        .outerjoin(Reply, Reply.id == Message.outbox_id)
        .outerjoin(User, User.id == Message.agent_id)
        .where(Message.conversation_id.in_(list(by_id)))
        .order_by(Message.sent_at, Message.id)
    )
    for row in messages:
        story = by_id[row.conversation_id]
        story.last = row
        if row.role == "customer":
            story.facts.append(CustomerMessage(row.id, row.sent_at, row.deleted_at))
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
                )
            )


def _add_steps(session: Session, by_id: Mapping[int, Story]) -> None:
    steps = session.execute(
        select(*Step.__table__.columns, User.email)
        .outerjoin(User, User.id == Step.agent_id)
        .where(Step.conversation_id.in_(list(by_id)))
        .order_by(Step.id)
    )
    for row in steps:
        story = by_id[row.conversation_id]
        if row.email is not None:
            story.people[row.email] = row.agent_id
        if row.kind == "resolve":
            story.facts.append(Resolution(row.seen, row.at, row.email))
            story.resolved = True
        else:
            reason = row.reason or ""
            story.facts.append(Excuse(row.seen, row.at, row.email, reason, row.seen))


def _tag(row: AnyRow) -> Tag:
    return Tag(
        row.category,
        row.category_confidence,
        row.urgency,
        row.urgency_confidence,
        row.lang,
        row.needs_review,
        row.alternatives,
    )


def append(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """New evidence."""
    if rows:
        session.execute(insert(session, TurnRow), list(rows))


def supersede(session: Session, turn_ids: Sequence[int], now: datetime) -> None:
    """Marks evidence that a newer evaluation replaced; it stays readable (law 4)."""
    for part in chunks(turn_ids):
        session.execute(update(TurnRow).where(TurnRow.id.in_(part)).values(superseded_at=now))


def set_openers(session: Session, openers: Mapping[int, int]) -> None:
    """Notes to which turn (by its opening message) each customer's message belongs."""
    grouped: dict[int, list[int]] = defaultdict(list)
    for message, opener in openers.items():
        grouped[opener].append(message)
    for opener, messages in grouped.items():
        for part in chunks(messages):
            session.execute(update(Message).where(Message.id.in_(part)).values(opener_id=opener))


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
