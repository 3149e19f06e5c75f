"""Notes for the team, and who follows a conversation."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.orm import Session

from inbox.store import scope, search
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask, insert
from inbox.store.tables import Follower, Note, User


def by_form(session: Session, form_key: str) -> Note | None:
    """The note that this form wrote before."""
    return session.scalar(select(Note).where(Note.form_key == form_key))


def add(session: Session, row: dict[str, Any]) -> int | None:
    """A new note's id; None when its form wrote one before."""
    statement = insert(session, Note).on_conflict_do_nothing(index_elements=["form_key"])
    id_: int | None = session.execute(statement.values(**row).returning(Note.id)).scalar()
    if id_ is not None:
        search.add_note(session, id_, row["at"], row["text"])
    return id_


def of_conversation(session: Session, conversation_id: int) -> Sequence[AnyRow]:
    """Its notes with `agent` (e-mail) and `agent_name`, oldest first."""
    found = (
        select(*Note.__table__.columns, User.email.label("agent"), User.name.label("agent_name"))
        .join(User, User.id == Note.agent_id)
        .where(Note.conversation_id == conversation_id)
    )
    return session.execute(found.order_by(Note.id)).all()


@kept
def team(session: Session, conversation_id: int) -> Sequence[AnyRow]:
    """(id, email, name) of who can be named in a note: who signs in, may write and sees it."""
    return ask(session, _team(), {"id": conversation_id}).all()


@cache
def _team() -> Select[Any]:
    """Built once: every conversation's page asks."""
    columns: list[Any] = [User.id, User.email, User.name]
    found = select(*columns).where(
        User.password_hash.is_not(None),
        User.disabled_at.is_(None),
        User.role != "auditor",
        scope.sees(User.id, bindparam("id")),
    )
    return found.order_by(User.name, User.id)


def follow(
    session: Session, conversation_id: int, user_ids: Collection[int], why: str, now: datetime
) -> None:
    """From now on they are told of new messages; who follows already goes on."""
    rows = [
        {"conversation_id": conversation_id, "user_id": u, "why": why, "since": now}
        for u in sorted(user_ids)
    ]
    if rows:
        session.execute(insert(session, Follower).on_conflict_do_nothing(), rows)


def unfollow(session: Session, conversation_id: int, user_id: int) -> None:
    session.execute(
        delete(Follower).where(
            Follower.conversation_id == conversation_id, Follower.user_id == user_id
        )
    )


def followers(session: Session, conversation_ids: Collection[int]) -> Sequence[AnyRow]:
    """(conversation_id, user_id, why, email, name) of who follows these, by name."""
    found = (
        select(Follower.conversation_id, Follower.user_id, Follower.why, User.email, User.name)
        .join(User, User.id == Follower.user_id)
        .where(Follower.conversation_id.in_(list(conversation_ids)), User.disabled_at.is_(None))
    )
    return session.execute(found.order_by(User.name, User.id)).all()
