"""Macros, what was done by them, and jobs over many conversations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from inbox.store import scope
from inbox.store.sql import AnyRow, chunks, insert
from inbox.store.tables import ActionRun, BulkJob, Contact, Conversation, Macro, User

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


def add_job(session: Session, row: dict[str, Any]) -> tuple[int, bool]:
    """A job's number, and whether it is new: the same `key` again is the first one."""
    new = insert(session, BulkJob).on_conflict_do_nothing(index_elements=["key"])
    made: int | None = session.scalar(new.returning(BulkJob.id), row)
    number = session.scalars(select(BulkJob.id).where(BulkJob.key == row["key"])).one()
    return number, made is not None


def job_by_key(session: Session, key: str) -> int | None:
    return session.scalar(select(BulkJob.id).where(BulkJob.key == key))


def last_messages(session: Session, conversation_ids: Sequence[int]) -> dict[int, int]:
    """The newest message of each of these conversations that there is."""
    found: dict[int, int] = {}
    for some in chunks(conversation_ids):
        rows = session.execute(
            select(Conversation.id, Conversation.last_message_id).where(
                Conversation.id.in_(some), *scope.seen(session)
            )
        )
        found |= {row.id: row.last_message_id or 0 for row in rows}
    return found


def change_job(session: Session, job_id: int, **values: Any) -> None:
    session.execute(update(BulkJob).where(BulkJob.id == job_id).values(**values))


def job(session: Session, job_id: int) -> BulkJob | None:
    return session.get(BulkJob, job_id)


def unfinished(session: Session) -> list[BulkJob]:
    """Jobs with something left to do, oldest first."""
    found = select(BulkJob).where(BulkJob.finished_at.is_(None)).order_by(BulkJob.id)
    return list(session.scalars(found))


def runs_in(session: Session, job_id: int, state: str, most: int) -> list[ActionRun]:
    """A job's runs in a state, in their order."""
    found = select(ActionRun).where(ActionRun.job_id == job_id, ActionRun.state == state)
    return list(session.scalars(found.order_by(ActionRun.id).limit(most)))


def drop_waiting(session: Session, job_id: int, now: datetime) -> None:
    """What a job has not done yet is not done any more."""
    waiting = update(ActionRun).where(ActionRun.job_id == job_id, ActionRun.state == WAITING)
    session.execute(waiting.values(state=UNDONE, undone_at=now))


def finish(session: Session, job_id: int, undo_at: datetime | None, now: datetime) -> None:
    """Ends a job, unless it was asked meanwhile to take all back."""
    session.execute(
        update(BulkJob)
        .where(BulkJob.id == job_id, BulkJob.undo_at.is_not_distinct_from(undo_at))
        .values(finished_at=now)
    )


def told(session: Session, run_id: int, **account: list[dict[str, Any]]) -> None:
    """The account of a run: what it `did`, or what of that was `undone`."""
    session.execute(update(ActionRun).where(ActionRun.id == run_id).values(**account))


def counts(session: Session, job_id: int) -> dict[str, int]:
    """How many of a job's runs are in each state."""
    found = select(ActionRun.state, func.count()).where(ActionRun.job_id == job_id)
    return {state: n for state, n in session.execute(found.group_by(ActionRun.state))}


def items(session: Session, job_id: int, most: int) -> Sequence[AnyRow]:
    """(run, customer's name, handle) of a job's runs: what was refused, then the others, each in
    their order."""
    found = (
        select(ActionRun, Contact.name, Contact.handle)
        .join(Conversation, Conversation.id == ActionRun.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(ActionRun.job_id == job_id)
        .order_by(ActionRun.state != REFUSED, ActionRun.id)
        .limit(most)
    )
    return session.execute(found).all()
