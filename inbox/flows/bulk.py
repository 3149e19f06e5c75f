"""The same actions on many conversations: a job that does one after the other, each by itself.

Each is a transaction of its own that looks at its run again, so a process that dies between two of
them, or two that work on one job, do each once. What was refused says why; the rest goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import actions as rules
from inbox.domain.actions import Actions, BadActions
from inbox.flows import acting
from inbox.flows.acting import Asked, Refused
from inbox.flows.answers import By
from inbox.guard.secrets import mask_all
from inbox.store import acting as stored
from inbox.store import audit
from inbox.store import steps as stored_steps
from inbox.store.session import Store
from inbox.store.tables import ActionRun, BulkJob, User

MOST: Final = 1_000
"""Conversations of one job."""
AT_ONCE: Final = 100
"""So many are looked for at a time."""


def begin(
    store: Store,
    conversation_ids: Sequence[int],
    actions: Actions,
    *,
    name: str,
    by: By,
    key: str,
    now: datetime,
    shown: Mapping[int, int] | None = None,
) -> int:
    """A job's number; the same `key` again is the same job. `shown` is the last message that was
    seen in each conversation; without it, what each customer wrote so far counts as seen. Raises
    `BadActions`."""
    wanted = rules.checked(actions)
    ids = list(dict.fromkeys(conversation_ids))
    if not ids:
        raise BadActions(word("Choose at least one conversation."))
    if len(ids) > MOST:
        raise BadActions(word("Choose at most {n} conversations at a time.").format(n=MOST))
    with store.read() as session:  # what the asker does not see is not there
        seen = stored.last_messages(session, ids)
    with store.write() as session:
        job_id, new = stored.add_job(
            session,
            {
                "key": key,
                "agent_id": by.id,
                "name": name,
                "actions": mask_all(rules.document(wanted)),
                "total": 0,
                "made_at": now,
            },
        )
        if not new:
            return job_id
        rows = [
            {
                "key": f"job:{job_id}:{id}",
                "job_id": job_id,
                "conversation_id": id,
                "agent_id": by.id,
                "name": name,
                "shown": (shown or seen)[id],
                "state": stored.WAITING,
                "at": now,
                "did": [],
                "undone": [],
            }
            for id in ids
            if id in seen
        ]
        stored.add_runs(session, rows)
        stored.change_job(session, job_id, total=len(rows))
        audit.record(session, by.email, "bulk", f"job:{job_id}", now, total=len(rows))
    return job_id


def undo(store: Store, job_id: int, *, by: By, now: datetime) -> None:
    """Asks for the whole to be taken back; what waits still is not done. Raises `NoResultFound`."""
    with store.write() as session:
        job = session.get_one(BulkJob, job_id)
        if job.undo_at is not None:
            return
        stored.change_job(session, job_id, undo_at=now, undo_by=by.id, finished_at=None)
        stored.drop_waiting(session, job_id, now)
        audit.record(session, by.email, "bulk_undo", f"job:{job_id}", now)


def work(store: Store, now: Callable[[], datetime]) -> int:
    """Goes on with every job until nothing is left to do; how many conversations that were."""
    with store.read() as session:
        jobs = stored.unfinished(session)
    return sum(_work(store, job, now) for job in jobs)


def work_on(
    store: Store, job_id: int, now: Callable[[], datetime], step: Callable[[], None]
) -> int:
    """Goes on with this one alone; `step` is told after each conversation."""
    with store.read() as session:
        job = session.get_one(BulkJob, job_id)
    return _work(store, job, now, step) if job.finished_at is None else 0


def _nothing() -> None:
    """Nobody watches."""


def _work(
    store: Store, job: BulkJob, now: Callable[[], datetime], step: Callable[[], None] = _nothing
) -> int:
    """One of them; each conversation at its own time, so that each answer can be taken back."""
    undoing = job.undo_at is not None
    wanted = stored.DONE if undoing else stored.WAITING
    actions, done = rules.read(job.actions), 0
    while True:
        with store.read() as session:
            runs = stored.runs_in(session, job.id, wanted, AT_ONCE)
            by = _by(session, job.undo_by if undoing else job.agent_id)
        for run in runs:
            if undoing:
                acting.undo(store, run_id=run.id, by=by, now=now())
            else:
                _one(store, run, Asked(actions, by, run.shown, run.key, now()))
            step()
        done += len(runs)
        if not runs:
            break
    with store.write() as session:
        stored.finish(session, job.id, job.undo_at, now())
    return done


def _one(store: Store, run: ActionRun, asked: Asked) -> None:
    try:
        with store.write() as session:
            conversation = stored_steps.locked(session, run.conversation_id)
            if stored.move(session, run.id, stored.WAITING, stored.DONE, at=asked.now):
                stored.told(session, run.id, did=acting.perform(session, conversation, asked))
            # else another process was first, or the job was taken back
    except Refused as e:
        why, at = str(e), asked.now
        with store.write() as session:
            stored.move(session, run.id, stored.WAITING, stored.REFUSED, why=why, at=at)


def _by(session: Session, user_id: int | None) -> By:
    """Who asked for it, as they are now. Raises `NoResultFound`."""
    return By.of(session.get_one(User, user_id))
