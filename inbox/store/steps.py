"""What people did with conversations besides answering, and the snoozes that are over."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from inbox.domain.conversation import SNOOZED
from inbox.store.session import lock_account
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import Conversation, Step, User

BATCH = 200


def add_step(
    session: Session,
    kind: str,
    conversation_id: int,
    agent_id: int | None,
    reason: str | None,
    seen: int,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Stores a step; who folds the conversation afterwards sees it."""
    locked(session, conversation_id)
    row = {
        "conversation_id": conversation_id,
        "kind": kind,
        "at": now,
        "agent_id": agent_id,
        "reason": reason,
        "seen": seen,
        "until": until,
    }
    session.execute(insert(session, Step), [row])


def locked(session: Session, conversation_id: int) -> Conversation:
    """The conversation as it is, and stays until the transaction ends."""
    conversation = session.get_one(Conversation, conversation_id)
    lock_account(session, conversation.account_id)
    session.refresh(conversation)
    return conversation


def newest(session: Session, conversation_id: int) -> AnyRow | None:
    """The newest step that was not undone, with the `name` and `email` of who made it."""
    found = (
        select(*Step.__table__.columns, User.name, User.email)
        .outerjoin(User, User.id == Step.agent_id)
        .where(Step.conversation_id == conversation_id, Step.undone_at.is_(None))
        .order_by(Step.at.desc(), Step.id.desc())
        .limit(1)
    )
    return session.execute(found).first()


def made_at(session: Session, conversation_id: int, kind: str, at: datetime) -> int | None:
    """The step of this kind that was made at this instant and was not undone."""
    found = select(Step.id).where(
        Step.conversation_id == conversation_id,
        Step.kind == kind,
        Step.at == at,
        Step.undone_at.is_(None),
    )
    return session.scalar(found.order_by(Step.id.desc()).limit(1))


def take_back(session: Session, step: AnyRow, actor: str, now: datetime) -> bool:
    """Undoes a step and what was done with the same press. False: somebody else did."""
    undone = session.execute(
        update(Step)
        .where(
            Step.conversation_id == step.conversation_id,
            Step.at == step.at,
            Step.agent_id == step.agent_id,
            Step.undone_at.is_(None),
        )
        .values(undone_at=now, undone_by=actor),
        execution_options={"synchronize_session": False},
    )
    return isinstance(undone, CursorResult) and undone.rowcount > 0


def over(session: Session, now: datetime) -> Sequence[int]:
    """Conversations whose snooze is over, the longest over first."""
    return session.scalars(
        select(Conversation.id)
        .where(Conversation.back_at <= now, Conversation.status == SNOOZED)
        .order_by(Conversation.back_at)
        .limit(BATCH)
    ).all()
