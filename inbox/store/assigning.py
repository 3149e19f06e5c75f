"""Who can take conversations, what waits for somebody, and what people hold."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, not_, or_, select, text, update
from sqlalchemy.orm import Session

from inbox.domain.assignment import Waiting
from inbox.domain.conversation import OPEN
from inbox.domain.outbox import QUEUED, SENDING, WAITING
from inbox.store import scope
from inbox.store.persons import marked
from inbox.store.sql import AnyRow
from inbox.store.tables import Brand, Contact, Conversation, Draft, Reply, User
from inbox.store.tables.conversations import QUEUE

JUST = timedelta(minutes=15)
"""What was written so long ago was written just now."""


def is_on(session: Session) -> bool:
    """Whether conversations are assigned by rule; by hand alone before the brand says so."""
    return bool(session.scalar(select(Brand.assigns).where(Brand.id == 1)))


def switch(session: Session, on: bool) -> None:
    session.execute(update(Brand).where(Brand.id == 1).values(assigns=on))


def set_work(
    session: Session, user_id: int, languages: Sequence[str], skills: Sequence[str], capacity: int
) -> None:
    """What a person takes."""
    values = {"languages": list(languages), "skills": list(skills), "capacity": capacity}
    session.execute(update(User).where(User.id == user_id).values(**values))


def open_counts(session: Session, user_ids: Collection[int]) -> dict[int, int]:
    """User → how many open conversations they have; nobody without any."""
    found = (
        select(Conversation.assignee_id, func.count())
        .where(Conversation.assignee_id.in_(user_ids), Conversation.status == OPEN)
        .group_by(Conversation.assignee_id)
    )
    return {user: count for user, count in session.execute(found) if user is not None}


def waiting(session: Session, limit: int, teams: Collection[int] | None = None) -> list[Waiting]:
    """What waits for somebody to take it, oldest due first; of nobody muted or blocked. With
    `teams` nothing that is left to another team than these."""
    columns = (Conversation.id, Conversation.due_at, Conversation.lang, Conversation.category)
    found = _queue(*columns, Conversation.account_id, Conversation.team_id)
    found = found.where(*scope.seen(session))
    if teams is not None:
        theirs = Conversation.team_id.is_(None) | Conversation.team_id.in_(teams)
        found = found.where(theirs)
    found = found.order_by(Conversation.due_at, Conversation.id)
    rows: Sequence[AnyRow] = list(session.execute(found.limit(limit)))
    return [Waiting(*row) for row in rows]


def count_waiting(session: Session, most: int) -> int:
    """How many conversations `waiting` has; counted up to `most`."""
    some = _queue(Conversation.id).where(*scope.seen(session)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def held(session: Session, now: datetime, but: Collection[str]) -> Sequence[AnyRow]:
    """(id, assignee_id, email, assigned_at, busy) of open conversations in which a customer waits,
    of everybody but these people (by e-mail address). `busy`: they are writing there, or an answer
    of theirs is on its way, or was written just now; what a rule wrote is not theirs."""
    answers = exists().where(
        Reply.conversation_id == Conversation.id,
        Reply.agent_id == Conversation.assignee_id,
        ~Reply.automated,
        or_(Reply.state.in_((WAITING, QUEUED, SENDING)), Reply.created_at > now - JUST),
    )
    drafts = exists().where(
        Draft.conversation_id == Conversation.id,
        Draft.user_id == Conversation.assignee_id,
        Draft.at > now - JUST,
    )
    found = (
        select(
            Conversation.id,
            Conversation.assignee_id,
            User.email,
            Conversation.assigned_at,
            or_(answers, drafts).label("busy"),
        )
        .join(User, User.id == Conversation.assignee_id)
        .where(
            Conversation.status == OPEN,
            Conversation.due_at.is_not(None),
            Conversation.assigned_at.is_not(None),
            User.email.not_in(but),
        )
        .order_by(Conversation.due_at, Conversation.id)
    )
    return session.execute(found).all()


def _queue(*columns: Any) -> Select[Any]:
    """Of the conversations that wait for somebody; of nobody muted or blocked."""
    found: Select[Any] = select(*columns).join(Contact, Contact.id == Conversation.contact_id)
    return found.where(text(QUEUE), not_(or_(marked("muted"), marked("blocked"))))
