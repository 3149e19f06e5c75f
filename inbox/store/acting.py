"""Macros, what was done by them, and jobs over many conversations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import ActionRun, Macro, User

WAITING, DONE, REFUSED, UNDONE = "waiting", "done", "refused", "undone"
MOST: Final = 500
"""Macros that a list has."""


def macros(session: Session) -> list[Macro]:
    """Those that stand, by name."""
    found = select(Macro).where(Macro.removed_at.is_(None)).order_by(Macro.name, Macro.id)
    return list(session.scalars(found.limit(MOST)))


def macro(session: Session, macro_id: int) -> Macro | None:
    """One, removed or not."""
    return session.get(Macro, macro_id)


def macro_used(session: Session, macro_id: int) -> None:
    session.execute(update(Macro).where(Macro.id == macro_id).values(uses=Macro.uses + 1))


def user(session: Session, email: str) -> User | None:
    """Who signs in with this address and is not shut out."""
    found = select(User).where(User.email == email.lower(), User.disabled_at.is_(None))
    return session.scalar(found.where(User.password_hash.is_not(None)))


def add_runs(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """New runs; one whose key is there already stays as it is."""
    if rows:
        new = insert(session, ActionRun).on_conflict_do_nothing(index_elements=["key"])
        session.execute(new, list(rows))


def run_by_key(session: Session, key: str) -> ActionRun | None:
    return session.scalar(select(ActionRun).where(ActionRun.key == key))


def run(session: Session, run_id: int) -> ActionRun | None:
    return session.get(ActionRun, run_id)


def move(session: Session, run_id: int, before: str, after: str, **values: Any) -> bool:
    """One step of a run as compare-and-set."""
    held = update(ActionRun).where(ActionRun.id == run_id, ActionRun.state == before)
    done = session.execute(held.values(state=after, **values))
    return isinstance(done, CursorResult) and done.rowcount == 1


def last_run(
    session: Session, conversation_id: int, since: datetime
) -> tuple[ActionRun, str] | None:
    """What a macro or a job did last to a conversation since then, and who ran it."""
    found = (
        select(ActionRun, User.name)
        .join(User, User.id == ActionRun.agent_id)
        .where(
            ActionRun.conversation_id == conversation_id,
            ActionRun.state.in_((DONE, UNDONE)),
            ActionRun.at >= since,
        )
        .order_by(ActionRun.id.desc())
    )
    row = session.execute(found.limit(1)).first()
    return (row[0], row[1]) if row else None


def people(session: Session, roles: Sequence[str]) -> list[User]:
    """Who signs in with one of these roles, by name."""
    found = select(User).where(
        User.role.in_(roles), User.disabled_at.is_(None), User.password_hash.is_not(None)
    )
    return list(session.scalars(found.order_by(User.name, User.id).limit(MOST)))
