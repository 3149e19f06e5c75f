"""Invitations, and what admins change about people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import Conversation, Invitation, Letter, User, UserSession

UNRESOLVED = ("open", "waiting", "third", "snoozed")


def invite(
    session: Session, email: str, role: str, by: str, now: datetime, lasts: timedelta
) -> int:
    """The id of an invitation that has no link yet; an earlier one to this address is replaced."""
    row = {
        "email": email,
        "role": role,
        "token_hash": None,
        "invited_by": by,
        "created_at": now,
        "expires_at": now + lasts,
    }
    statement = insert(session, Invitation).values(**row)
    statement = statement.on_conflict_do_update(
        index_elements=["email"], set_={column: statement.excluded[column] for column in row}
    ).returning(Invitation.id)
    found: int = session.scalars(statement).one()
    return found


def give_link(session: Session, invitation_id: int, token_hash: str) -> None:
    """The invitation's link; one from before stops working."""
    session.execute(
        update(Invitation).where(Invitation.id == invitation_id).values(token_hash=token_hash)
    )


def invitations(session: Session) -> Sequence[tuple[Invitation, Letter | None]]:
    """Everyone who has not joined yet, with the mail that still waits or was refused."""
    found = select(Invitation, Letter).outerjoin(Letter, Letter.invitation_id == Invitation.id)
    rows = session.execute(found.order_by(Invitation.created_at, Invitation.id))
    return [(row[0], row[1]) for row in rows]


def invited(session: Session, token_hash: str, now: datetime) -> Invitation | None:
    """The invitation of this link, unless it is too old."""
    found = select(Invitation).where(
        Invitation.token_hash == token_hash, Invitation.expires_at > now
    )
    return session.scalar(found)


def drop_invitation(session: Session, invitation_id: int) -> bool:
    """Accepted or withdrawn; False if that has happened before. Its letter goes with it."""
    session.execute(delete(Letter).where(Letter.invitation_id == invitation_id))
    gone = session.execute(delete(Invitation).where(Invitation.id == invitation_id))
    return isinstance(gone, CursorResult) and gone.rowcount == 1


def admins(session: Session) -> set[int]:
    """Who can sign in as admin; locked, so that two admins cannot shut each other out at once."""
    found = select(User.id).where(
        User.role == "admin", User.password_hash.is_not(None), User.disabled_at.is_(None)
    )
    return set(session.scalars(found.order_by(User.id).with_for_update()))


def change(session: Session, user_id: int, **values: Any) -> None:
    """`role` or `disabled_at` of a person."""
    session.execute(update(User).where(User.id == user_id).values(**values))


def release(session: Session, user_id: int) -> list[int]:
    """Takes what is not resolved from a person; the conversations that have nobody now."""
    moved = session.scalars(
        update(Conversation)
        .where(Conversation.assignee_id == user_id, Conversation.status.in_(UNRESOLVED))
        .values(assignee_id=None)
        .returning(Conversation.id)
    )
    return sorted(moved)


def has_now(session: Session, user_ids: Sequence[int]) -> dict[int, int]:
    """User → conversations that are assigned and not resolved; by index, those alone are read."""
    found = (
        select(Conversation.assignee_id, func.count())
        .where(Conversation.assignee_id.in_(user_ids), Conversation.status.in_(UNRESOLVED))
        .group_by(Conversation.assignee_id)
    )
    return {user: count for user, count in session.execute(found) if user is not None}


def last_seen(session: Session) -> dict[int, datetime]:
    """User → when one of the sessions that are left was used last."""
    found = select(UserSession.user_id, func.max(UserSession.seen_at)).group_by(UserSession.user_id)
    return {user: seen for user, seen in session.execute(found)}
