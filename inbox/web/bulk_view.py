"""Jobs over many conversations as their pages show them."""

import secrets
from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import actions as rules
from inbox.domain.actions import NOTHING, Actions, BadActions
from inbox.domain.conversation import PARKS
from inbox.domain.search import BadSearch
from inbox.flows.bulk import MOST
from inbox.flows.finding import find
from inbox.store import acting as stored
from inbox.store import inbox_list
from inbox.store.tables import BulkJob, User
from inbox.web import acting_view, list_view, views_view
from inbox.web.pages import Frame
from inbox.web.pages_bulk import BulkPage, JobItem, JobPage
from inbox.web.pages_list import FIND

ROWS = 200
"""Conversations of a view to choose from."""


class ReasonMissing(BadActions):
    """Customers still wait in some of the conversations, and nothing says why that may end."""


def bulk_page(
    session: Session,
    frame: Frame,
    view: str,
    ids: Sequence[int] = (),
    actions: Actions = NOTHING,
    *,
    key: str = "",
    macro: int = 0,
    trouble: str = "",
    reason_missing: bool = False,
) -> BulkPage:
    """`/bulk/new`: those that were chosen, else the first of a view."""
    me = frame.me.id
    here, called, query = _opened(session, view, me)
    found = list(ids)[:MOST] or _conversations(session, here, query, frame, ROWS)
    by_id = {row.id: row for row in inbox_list.some(session, found)}
    return BulkPage(
        frame=frame,
        view=here,
        called=called,
        key=key or secrets.token_urlsafe(12),
        rows=tuple(list_view.row(by_id[id], frame.now, me) for id in found if id in by_id),
        chosen=frozenset(ids),
        choices=acting_view.choices(session),
        macros=acting_view.macro_rows(session),
        actions=actions,
        most=MOST,
        macro=macro,
        trouble=trouble,
        reason_missing=reason_missing,
    )


def whole_view(session: Session, frame: Frame, view: str) -> list[int]:
    """The first conversations of a view that one job can take."""
    key, _, query = _opened(session, view, frame.me.id)
    return _conversations(session, key, query, frame, MOST)


def check_reason(session: Session, ids: Sequence[int], actions: Actions) -> None:
    """Raises `ReasonMissing` for what each of these conversations whose customer waits would refuse
    by itself, once the job is under way."""
    if actions.move not in PARKS or actions.reason or "answer" in actions.verbs:
        return
    waits = sum(row.due_at is not None for row in inbox_list.some(session, ids))
    if waits:
        told = word("Of these customers {n} still wait: give the reason why no reply is needed.")
        raise ReasonMissing(told.format(n=waits))


def _opened(session: Session, view: str, me: int) -> tuple[str, str, str | None]:
    """(key, name, search) of a view of the list: a built-in one has neither name nor search. What
    is none is `due`."""
    if view.startswith(FIND):
        query = view.removeprefix(FIND).strip()
        return f"{FIND}{query}", query, query
    saved = views_view.opened(session, view, me)
    if saved is not None:
        return view, saved.name, saved.query
    return view if view in inbox_list.VIEWS else "due", "", None


def _conversations(
    session: Session, view: str, query: str | None, frame: Frame, most: int
) -> list[int]:
    """The first of a view, as the list shows them."""
    if query is None:
        rows, _ = inbox_list.page(session, view, frame.me.id, None, most)
        return [row.id for row in rows]
    try:
        page = find(session, query, now=frame.now, me=frame.me.id, limit=most)
    except BadSearch:  # the list says why
        return []
    return [one.conversation_id for one in page.found]


def job_page(session: Session, frame: Frame, job: BulkJob) -> JobPage:
    """`/bulk/{id}`: progress, and what became of each; what was refused first."""
    rows = stored.items(session, job.id, ROWS + 1)
    items = tuple(
        JobItem(
            run.conversation_id,
            name or handle or "?",
            run.state,
            acting_view.parts(run),
            run.why or "",
        )
        for run, name, handle in rows
    )
    return JobPage(
        frame=frame,
        id=job.id,
        name=job.name,
        by=session.get_one(User, job.agent_id).name,
        plan=acting_view.planned(session, rules.read(job.actions)),
        total=job.total,
        counts=stored.counts(session, job.id),
        items=items[:ROWS],
        working=job.finished_at is None,
        undoing=job.undo_at is not None,
        more=len(items) > ROWS,
    )
