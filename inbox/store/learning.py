"""Corrections, trainings and versions of the classifier's model."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from inbox.store import scope
from inbox.store.sql import AnyRow
from inbox.store.tables import Conversation, Message, ModelVersion, Tagging, Training, User

QUEUED, RUNNING = "queued", "running"
ACTIVATED, KEPT, REFUSED, FAILED = "activated", "kept", "refused", "failed"
UNDER_WAY = (QUEUED, RUNNING)
CANDIDATE, SERVING, EARLIER = "candidate", "serving", "earlier"
MOST = 20_000
"""So many corrections, the newest, are learned from."""


def corrections(session: Session, most: int = MOST) -> Sequence[AnyRow]:
    """The last word of an agent on each turn, oldest first, with its opening message's text.

    Columns: id, text, category, urgency, topic, at, contact_id, agent (e-mail), role (of the
    agent, now). What a customer deleted is left out, and so is what has no words.
    """
    found = (
        select(
            Tagging.id,
            Message.text,
            Tagging.category,
            Tagging.urgency,
            Tagging.topic,
            Tagging.at,
            Conversation.contact_id,
            User.email.label("agent"),
            User.role,
        )
        .join(Message, Message.id == Tagging.opener_id)
        .join(Conversation, Conversation.id == Tagging.conversation_id)
        .join(User, User.id == Tagging.agent_id)
        .where(
            _given(Tagging),
            Tagging.category.is_not(None),
            Tagging.urgency.is_not(None),
            Message.deleted_at.is_(None),
            Message.text != "",
            _last_word(),
        )
        .order_by(Tagging.id.desc())
        .limit(most)
    )
    return list(reversed(session.execute(found).all()))


def held_back(session: Session, tagging_ids: Collection[int]) -> Sequence[AnyRow]:
    """Those of these corrections that are still the last word on their turn, newest first.

    Columns: id, conversation_id, text, category, urgency, before_category, before_urgency, at,
    agent (e-mail).
    """
    columns = (Tagging.id, Tagging.conversation_id, Message.text, Tagging.category, Tagging.urgency)
    seen = (Tagging.before_category, Tagging.before_urgency, Tagging.at, User.email.label("agent"))
    found = (
        select(*columns, *seen)
        .join(Message, Message.id == Tagging.opener_id)
        .join(Conversation, Conversation.id == Tagging.conversation_id)
        .join(User, User.id == Tagging.agent_id)
        .where(
            Tagging.id.in_(tagging_ids),
            Message.deleted_at.is_(None),
            _last_word(),
            *scope.seen(session),
        )
        .order_by(Tagging.id.desc())
    )
    return session.execute(found).all()


def corrections_since(session: Session, tagging_id: int) -> int:
    """How many turns agents tagged after that tagging."""
    turns = (
        select(Tagging.conversation_id, Tagging.opener_id)
        .where(_given(Tagging), Tagging.id > tagging_id)
        .distinct()
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(turns)) or 0


def _given(tagging: Any) -> Any:
    """An agent gave this tag: neither the classifier, nor a copy to another opener."""
    return and_(tagging.agent_id.is_not(None), tagging.repeats.is_(None))


def _last_word() -> ColumnElement[bool]:
    """Whether no agent has tagged the turn of a tagging later."""
    later = aliased(Tagging)
    words = select(later.id).where(_given(later), _same_turn(later, Tagging), later.id > Tagging.id)
    return ~words.exists()


def _same_turn(one: Any, other: Any) -> Any:
    return and_(
        one.conversation_id == other.conversation_id,
        one.opener_id == other.opener_id,
    )


@dataclass(frozen=True, slots=True)
class Week:
    """What the classifier said in a span of time, and what agents made of it.

    `labels`: messages by category; `confidence` sums over them. `turns` were tagged by the
    classifier, agents changed the category or the urgency of `corrected` of them.
    """

    start: datetime
    messages: int
    confidence: float
    asked: int
    labels: dict[str, int]
    turns: int
    corrected: int


def week(session: Session, start: datetime, end: datetime) -> Week:
    """Figures over customers' messages sent in [start, end)."""
    said = (Message.role == "customer", Message.category.is_not(None))
    within = (Message.sent_at >= start, Message.sent_at < end)
    asked = func.sum(cast(Message.needs_review, Integer))
    rows = session.execute(
        select(Message.category, func.count(), func.sum(Message.category_confidence), asked)
        .where(*within, *said)
        .group_by(Message.category)
    ).all()
    opening = (*within, *said, Message.opener_id == Message.id)
    corrected = (
        select(func.count(Message.id.distinct()))
        .join(Tagging, Tagging.opener_id == Message.id)
        .where(*opening, changed_by_agent())
    )
    return Week(
        start=start,
        messages=sum(row[1] for row in rows),
        confidence=float(sum(row[2] or 0 for row in rows)),
        asked=sum(int(row[3] or 0) for row in rows),
        labels={str(row[0]): row[1] for row in rows},
        turns=session.scalar(select(func.count()).select_from(Message).where(*opening)) or 0,
        corrected=session.scalar(corrected) or 0,
    )


def changed_by_agent() -> ColumnElement[bool]:
    """Whether a tagging is an agent's word against what stood before: another category or
    urgency."""
    changed = or_(
        Tagging.before_category.is_distinct_from(Tagging.category),
        Tagging.before_urgency.is_distinct_from(Tagging.urgency),
    )
    return and_(_given(Tagging), changed)


def under_way(session: Session) -> Training | None:
    """The training that is queued or running."""
    return session.scalars(
        select(Training).where(Training.state.in_(UNDER_WAY)).order_by(Training.id).limit(1)
    ).first()


def last_training(session: Session) -> Training | None:
    """The newest training, whatever became of it."""
    return session.scalars(select(Training).order_by(Training.id.desc()).limit(1)).first()


def last_learned(session: Session) -> Training | None:
    """The newest training that came to an end with a verdict."""
    ended = Training.state.in_((ACTIVATED, KEPT, REFUSED))
    return session.scalars(
        select(Training).where(ended).order_by(Training.id.desc()).limit(1)
    ).first()


def serving(session: Session) -> str | None:
    """The version that serves; None is the shipped model."""
    return session.scalar(select(ModelVersion.version).where(ModelVersion.state == SERVING))


def versions(session: Session) -> Sequence[ModelVersion]:
    """Every version known, newest first."""
    return session.scalars(
        select(ModelVersion).order_by(ModelVersion.made_at.desc(), ModelVersion.version)
    ).all()


def serve(session: Session, version: str | None) -> None:
    """This version serves from now on; None is the shipped model."""
    session.execute(update(ModelVersion).where(ModelVersion.state == SERVING).values(state=EARLIER))
    if version is not None:
        session.execute(
            update(ModelVersion).where(ModelVersion.version == version).values(state=SERVING)
        )


def forget(session: Session, keep: int) -> set[str]:
    """Deletes the oldest versions beyond `keep`, never the one that serves; returns their names."""
    beyond = [row.version for row in versions(session)[keep:] if row.state != SERVING]
    session.execute(delete(ModelVersion).where(ModelVersion.version.in_(beyond)))
    return set(beyond)
