"""The same actions on many conversations: a job that does one after the other, each by itself.

Each is a transaction of its own that looks at its run again, so a process that dies between two of
them, or two that work on one job, do each once. What was refused says why; the rest goes on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import actions as rules
from inbox.domain.actions import Actions, BadActions
from inbox.flows import acting
from inbox.flows.acting import Refused
from inbox.flows.answers import By
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
) -> int:
    """A job's number; the same `key` again is the same job. What each customer wrote so far counts
    as seen. Raises `BadActions`."""
    wanted = rules.checked(actions)
    ids = list(dict.fromkeys(conversation_ids))
    if not ids:
        raise BadActions(word("Choose at least one conversation."))
    if len(ids) > MOST:
        raise BadActions(word("Choose at most {n} conversations at a time.").format(n=MOST))
    with store.write() as session:
        job_id, new = stored.add_job(
            session,
            {
                "key": key,
                "agent_id": by.id,
                "name": name,
                "actions": rules.document(wanted),
                "total": 0,
                "made_at": now,
            },
        )
        if not new:
            return job_id
        seen = stored.last_messages(session, ids)
        rows = [
            {
                "key": f"job:{job_id}:{id}",
                "job_id": job_id,
                "conversation_id": id,
                "agent_id": by.id,
                "name": name,
                "shown": seen[id],
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


def work(store: Store, now: datetime) -> int:
    """Goes on with every job until nothing is left to do; how many conversations that were."""
    done = 0
    with store.read() as session:
        jobs = stored.unfinished(session)
    for job in jobs:
        while True:
            wanted = stored.DONE if job.undo_at is not None else stored.WAITING
            with store.read() as session:
                runs = stored.runs_in(session, job.id, wanted, AT_ONCE)
            for run in runs:
                if job.undo_at is not None:
                    acting.undo(store, run_id=run.id, by=_by(store, job.undo_by or 0), now=now)
                else:
                    _one(store, run.id, job, now)
                done += 1
            if not runs:
                break
        with store.write() as session:
            stored.finish(session, job.id, job.undo_at, now)
    return done


def _one(store: Store, run_id: int, job: BulkJob, now: datetime) -> None:
    try:
        with store.write() as session:
            _do(session, run_id, job, _by(store, job.agent_id), now)
    except Refused as e:
        with store.write() as session:
            stored.move(session, run_id, stored.WAITING, stored.REFUSED, why=str(e), at=now)


def _do(session: Session, run_id: int, job: BulkJob, by: By, now: datetime) -> None:
    row = session.get_one(ActionRun, run_id)
    conversation = stored_steps.locked(session, row.conversation_id)
    if not stored.move(session, run_id, stored.WAITING, stored.DONE, at=now):
        return  # another process was first, or the job was taken back
    did = acting.perform(
        session, conversation, rules.read(job.actions), by, row.shown, row.key, now
    )
    stored.told(session, run_id, did)


def _by(store: Store, user_id: int) -> By:
    """Who asked for it, as they are now. Raises `NoResultFound`."""
    with store.read() as session:
        row = session.get(User, user_id)
    if row is None:
        raise NoResultFound
    return By(row.id, row.email, row.name, leads=row.role in ("lead", "admin"))
