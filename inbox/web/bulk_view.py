"""Jobs over many conversations as their pages show them."""

import secrets
from collections.abc import Sequence

from sqlalchemy.orm import Session

from inbox.domain import actions as rules
from inbox.domain.actions import NOTHING, Actions
from inbox.flows.bulk import MOST
from inbox.store import acting as stored
from inbox.store import inbox_list
from inbox.store.tables import BulkJob, User
from inbox.web import acting_view, list_view
from inbox.web.pages import Frame
from inbox.web.pages_bulk import BulkPage, JobItem, JobPage

ROWS = 200
"""Conversations of a view to choose from."""


def bulk_page(
    session: Session,
    frame: Frame,
    view: str,
    ids: Sequence[int] = (),
    actions: Actions = NOTHING,
    trouble: str = "",
    key: str = "",
) -> BulkPage:
    """`/bulk/new`: those that were chosen, else the first of a view."""
    me = frame.me.id
    if ids:
        found, more = list(inbox_list.some(session, list(ids)[:MOST])), None
        found.sort(key=lambda row: list(ids).index(row.id))
    else:
        found, more = inbox_list.page(session, view, me, None, ROWS)
    return BulkPage(
        frame=frame,
        view=view,
        key=key or secrets.token_urlsafe(12),
        rows=tuple(list_view.row(row, frame.now, me) for row in found),
        chosen=frozenset(ids),
        choices=acting_view.choices(session),
        macros=acting_view.macro_rows(session),
        actions=actions,
        more=more is not None,
        most=MOST,
        trouble=trouble,
    )


def whole_view(session: Session, view: str, user_id: int) -> list[int]:
    """The first conversations of a view that one job can take."""
    rows, _ = inbox_list.page(session, view, user_id, None, MOST)
    return [row.id for row in rows]


def job_page(session: Session, frame: Frame, job: BulkJob) -> JobPage:
    """`/bulk/{id}`: progress, and what became of each; what was refused first."""
    rows = stored.items(session, job.id, 0, MOST)
    items = [
        JobItem(
            run.conversation_id,
            name or handle or "?",
            run.state,
            acting_view.parts(run),
            run.why or "",
        )
        for run, name, handle in rows
    ]
    items.sort(key=lambda item: item.state != stored.REFUSED)
    return JobPage(
        frame=frame,
        id=job.id,
        name=job.name,
        by=session.get_one(User, job.agent_id).name,
        plan=acting_view.planned(session, rules.read(job.actions)),
        total=job.total,
        counts=stored.counts(session, job.id),
        items=tuple(items[:ROWS]),
        working=job.finished_at is None,
        undoing=job.undo_at is not None,
        more=len(items) > ROWS,
    )
