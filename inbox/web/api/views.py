"""Saved views by program: the team's, and those of the token's person."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field, StrictBool
from sqlalchemy.orm import Session

from connectors.core.text import clean
from inbox.domain.search import MOST_QUERY, BadSearch
from inbox.domain.views import COUNT_TO, MOST_NAME, BadView
from inbox.flows import views as flow
from inbox.flows.people import Signed
from inbox.store import views as stored
from inbox.store.tables import SavedView
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.conversations import Cursor, Limit, searched
from inbox.web.api.models import Conversations, Nothing, Taken
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.views_view import who

router = APIRouter(prefix="/api/v1/views", tags=["Views"])


class View(BaseModel):
    """A saved view. `shared`: the whole team sees it."""

    id: int
    name: str
    query: str
    shared: bool
    position: int
    count: int | None = Field(
        description=f"Up to {COUNT_TO}, at most a minute old; null: not counted yet, or its search "
        "names what is gone."
    )
    more: bool = Field(description="There are more than `count`.")


class Views(BaseModel):
    """The team's views, then one's own, each in their order."""

    views: list[View]


class NewView(Taken):
    """A search to keep."""

    name: Annotated[str, Field(min_length=1, max_length=MOST_NAME), AfterValidator(clean)]
    query: Annotated[str, Field(min_length=1, max_length=MOST_QUERY), AfterValidator(clean)]
    shared: StrictBool = False


class Moved(Taken):
    """Before its neighbour, or behind it."""

    to: Literal["up", "down"]


@router.get("")
def views(desk: TheDesk, call: TheCall) -> Views:
    """The team's views, and one's own."""
    with desk.store.read() as session:
        rows = stored.visible(session, call.person.id)
        return Views(views=_told(session, desk, call.person.id, rows))


@router.get("/{id}/conversations")
def conversations(
    desk: TheDesk, call: TheCall, id: Number, limit: Limit = 50, cursor: Cursor = None
) -> Conversations:
    """What a view shows, newest first."""
    with desk.store.read() as session:
        view = stored.one(session, id, call.person.id)
    if view is None or view.removed_at is not None:
        raise not_found("view")
    return searched(desk, call, view.query, limit, cursor)


@router.post("", response_model=View)
def add(once: TheOnce, desk: TheDesk, body: NewView) -> Response:
    """Keeps a search under a name."""

    def work() -> View:
        with _problems():
            id_ = flow.add(desk.store, who(once.person), _wanted(body), desk.now())
        return _one(desk, once.person, id_)

    return once.answer(body, work)


@router.post("/{id}", response_model=View)
def change(once: TheOnce, desk: TheDesk, id: Number, body: NewView) -> Response:
    """Another name, search, or audience. Views of the team: their author and leads."""
    person = who(once.person)
    wanted = _wanted(body)
    return _done(
        once, desk, id, body, lambda: flow.change(desk.store, person, id, wanted, desk.now())
    )


@router.post("/{id}/move", response_model=View)
def move(once: TheOnce, desk: TheDesk, id: Number, body: Moved) -> Response:
    """Changes places with its neighbour."""
    person, by = who(once.person), -1 if body.to == "up" else 1
    return _done(once, desk, id, body, lambda: flow.move(desk.store, person, id, by, desk.now()))


@router.post("/{id}/remove", response_model=View)
def remove(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes it out of sight."""
    person = who(once.person)
    return _done(once, desk, id, body, lambda: flow.remove(desk.store, person, id, desk.now()))


@router.post("/{id}/restore", response_model=View)
def restore(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Undoes `remove`."""
    person = who(once.person)
    return _done(once, desk, id, body, lambda: flow.restore(desk.store, person, id, desk.now()))


def _done(
    once: Once, desk: Desk, id: int, body: BaseModel | None, act: Callable[[], None]
) -> Response:
    def work() -> View:
        with _problems():
            act()
        return _one(desk, once.person, id)

    return once.answer(body or Nothing(), work)


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except flow.NoSuchView:
        raise not_found("view") from None
    except BadSearch as e:
        raise Problem(422, "search", "Not a search", str(e)) from None
    except flow.NotTheirs as e:
        raise Problem(409, "not_permitted", "Not yours", str(e)) from None
    except BadView as e:
        raise Problem(422, "view", "Not a view", str(e)) from None


def _one(desk: Desk, person: Signed, id: int) -> View:
    with desk.store.read() as session:
        view = stored.one(session, id, person.id)
        if view is None:
            raise not_found("view")
        return _told(session, desk, person.id, [view])[0]


def _told(session: Session, desk: Desk, me: int, views: Sequence[SavedView]) -> list[View]:
    counted = desk.counts.of(session, views, me, desk.now())
    shown = []
    for view in views:
        count = counted.get(view.id)
        more = count is not None and count > COUNT_TO
        known = {"count": COUNT_TO if more else count, "more": more}
        shown.append(View.model_validate(flow.told(view) | known))
    return shown


def _wanted(body: NewView) -> flow.Wanted:
    return flow.Wanted(body.name, body.query, body.shared)
