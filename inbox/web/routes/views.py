"""Saved views: kept, changed, put in order, removed, and brought back."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.ids import BIGGEST_ID
from inbox.domain.search import BadSearch
from inbox.domain.views import BadView
from inbox.flows import views as flow
from inbox.flows.people import Signed
from inbox.store import views as stored
from inbox.web import views_view
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Number, TheDesk, frame, html
from inbox.web.pages_list import SAVED
from inbox.web.pages_views import ViewForm, ViewsPage

router = APIRouter(prefix="/views")

Field = Annotated[str, Form()]
Asked = Annotated[int, Query(ge=0, le=BIGGEST_ID)]


@router.get("")
def views(
    request: Request, desk: TheDesk, agent: Agent, q: str = "", edit: Asked = 0, removed: Asked = 0
) -> Response:
    """All views, and the form for another (`q`: its search) or for a change of one (`edit`)."""
    form = ViewForm(query=q)
    who = views_view.who(agent)
    with desk.store.read() as session:
        gone = stored.one(session, removed, agent.id) if removed else None
        view = stored.one(session, edit, agent.id) if edit else None
    if view is not None and view.removed_at is None and flow.may_change(who, view):
        form = ViewForm(view.id, view.name, view.query, flow.is_shared(view))
    told = (gone.id, gone.name) if gone is not None and gone.removed_at is not None else None
    return _page(request, desk, agent, form, removed=told)


@router.post("")
def add(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    name: Field = "",
    query: Field = "",
    shared: Field = "",
) -> Response:
    """Keeps a search under a name, and opens it."""
    wanted = flow.Wanted(name, query, shared == "yes")
    try:
        id_ = flow.add(desk.store, views_view.who(agent), wanted, desk.now())
    except (BadView, BadSearch) as e:
        return _page(request, desk, agent, _wrong(0, wanted, e))
    return RedirectResponse(f"/?view={SAVED}{id_}", 303)


@router.post("/{id}")
def change(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    name: Field = "",
    query: Field = "",
    shared: Field = "",
) -> Response:
    """Another name, search, or audience."""
    wanted = flow.Wanted(name, query, shared == "yes")
    try:
        flow.change(desk.store, views_view.who(agent), id, wanted, desk.now())
    except flow.NoSuchView:
        raise HTTPException(404) from None
    except (BadView, BadSearch) as e:
        return _page(request, desk, agent, _wrong(id, wanted, e))
    return RedirectResponse("/views", 303)


@router.post("/{id}/move")
def move(request: Request, desk: TheDesk, agent: Agent, id: Number, to: Field = "") -> Response:
    """Before its neighbour (`up`), or behind it."""
    try:
        by = -1 if to == "up" else 1
        flow.move(desk.store, views_view.who(agent), id, by, desk.now())
    except flow.NoSuchView:
        raise HTTPException(404) from None
    except BadView as e:
        return _page(request, desk, agent, ViewForm(wrong="name", reason=str(e)))
    return RedirectResponse("/views", 303)


@router.post("/{id}/remove")
def remove(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Takes it out of sight; the page that follows offers to bring it back."""
    try:
        flow.remove(desk.store, views_view.who(agent), id, desk.now())
    except flow.NoSuchView:
        raise HTTPException(404) from None
    except BadView as e:
        return _page(request, desk, agent, ViewForm(wrong="name", reason=str(e)))
    return RedirectResponse(f"/views?removed={id}", 303)


@router.post("/{id}/restore")
def restore(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Brings it back."""
    try:
        flow.restore(desk.store, views_view.who(agent), id, desk.now())
    except flow.NoSuchView:
        raise HTTPException(404) from None
    except BadView as e:
        return _page(request, desk, agent, ViewForm(wrong="name", reason=str(e)))
    return RedirectResponse("/views", 303)


def _wrong(id: int, wanted: flow.Wanted, e: BadView | BadSearch) -> ViewForm:
    field = "name" if isinstance(e, BadView) else "query"
    return ViewForm(id, wanted.name, wanted.query, wanted.shared, field, str(e))


def _page(
    request: Request,
    desk: Desk,
    agent: Signed,
    form: ViewForm,
    removed: tuple[int, str] | None = None,
) -> Response:
    around = frame(request)
    with desk.store.read() as session:
        kept = views_view.kept(session, desk.counts, agent, around.now)
    return html(ViewsPage(around, kept, form, removed), 422 if form.wrong else 200)
