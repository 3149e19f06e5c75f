"""Saved views: kept, changed, put in order, removed, and brought back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.search import BadSearch
from inbox.domain.views import COUNT_TO, MOST, BadView, key_of, moved, name_of
from inbox.flows.finding import count, read
from inbox.store import audit, inbox_list, views
from inbox.store.session import Store
from inbox.store.tables import SavedView
from inbox.store.tables.views import TEAM

BUILT_IN = frozenset(inbox_list.VIEWS) | {"third"}
"""Names that are views already."""


class NoSuchView(LookupError):
    """There is no such view that they see."""


class NotTheirs(BadView):
    """A view of the team, which its author and leads change."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who keeps views: `leads` may change those of the team. None as id is the operator."""

    id: int | None
    actor: str
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view as it is to be."""

    name: str
    query: str
    shared: bool = False


def add(store: Store, who: Who, wanted: Wanted, now: datetime) -> int:
    """Keeps a search under a name. Raises `BadView` and `BadSearch`."""
    with _writing(store, wanted.name) as session:
        whose = _whose(who, wanted.shared)
        name, query = _checked(session, who, whose, wanted, now)
        if len(views.of(session, whose)) >= MOST:
            raise BadView(word("There are {most} views: remove one first.").format(most=MOST))
        made = views.add(session, whose, who.id, name, query, now)
        _note(session, who, "add_view", made, now)
        return made.id


def change(store: Store, who: Who, id: int, wanted: Wanted, now: datetime) -> None:
    """Another name, search, or audience. Raises `NoSuchView`, `BadView` (`NotTheirs`) and
    `BadSearch`."""
    with _writing(store, wanted.name) as session:
        view = _standing(session, who, id)
        author = view.author_id if wanted.shared else who.id
        whose = _whose(who, wanted.shared)
        view.name, view.query = _checked(session, who, whose, wanted, now, view.id)
        if whose != view.whose:
            view.position = views.next_position(session, whose)
        view.whose, view.author_id, view.name_key = whose, author, key_of(view.name)
        _note(session, who, "change_view", view, now)


def move(store: Store, who: Who, id: int, by: int, now: datetime) -> None:
    """Changes places with the view before (-1) or after it (1). Raises `NoSuchView`."""
    with store.write() as session:
        view = _standing(session, who, id)
        order = [one.id for one in views.of(session, view.whose)]
        views.put_in_order(session, moved(order, view.id, by))
        _note(session, who, "move_view", view, now)


def remove(store: Store, who: Who, id: int, now: datetime) -> None:
    """Nobody sees it any more; `restore` brings it back. Raises `NoSuchView` and `NotTheirs`."""
    with store.write() as session:
        view = _theirs(session, who, id)
        if view.removed_at is None:
            view.removed_at = now
            _note(session, who, "remove_view", view, now)


def restore(store: Store, who: Who, id: int, now: datetime) -> None:
    """Undoes `remove`. Raises `NoSuchView`, and `BadView` when its name is another view's now."""
    with store.read() as session:
        name = _theirs(session, who, id).name
    with _writing(store, name) as session:
        view = _theirs(session, who, id)
        if view.removed_at is None:
            return
        name_of(view.name, _taken(session, view.whose))
        view.removed_at = None
        _note(session, who, "restore_view", view, now)


def holds(session: Session, view: SavedView, me: int | None, now: datetime) -> int | None:
    """How many conversations it shows, one above `COUNT_TO` for any more; None when its search fits
    no more."""
    try:
        return count(session, view.query, now=now, me=me, most=COUNT_TO + 1)
    except BadSearch:  # an account or a person that it names is gone
        return None


def may_change(who: Who, view: SavedView) -> bool:
    """One's own, and as a lead the team's."""
    if not is_shared(view):
        return view.whose == who.id
    return who.leads or (who.id is not None and view.author_id == who.id)


def is_shared(view: SavedView) -> bool:
    """Whether the whole team sees it."""
    return view.whose == TEAM


def told(view: SavedView) -> dict[str, object]:
    """A view for programs."""
    return {
        "id": view.id,
        "name": view.name,
        "query": view.query,
        "shared": is_shared(view),
        "position": view.position,
    }


@contextmanager
def _writing(store: Store, name: str) -> Iterator[Session]:
    """A transaction in which another one may give the same name away first."""
    try:
        with store.write() as session:
            yield session
    except IntegrityError as e:
        raise BadView(word("There is a view {name} already.").format(name=name)) from e


def _checked(
    session: Session, who: Who, whose: int, wanted: Wanted, now: datetime, but: int | None = None
) -> tuple[str, str]:
    """Name and search as they are kept."""
    name = name_of(wanted.name, _taken(session, whose, but))
    query = " ".join(clean(wanted.query).split())
    # `is:mine` of the team's views is whoever looks.
    read(session, query, now=now, me=who.id or 0)
    return name, query


def _taken(session: Session, whose: int, but: int | None = None) -> set[str]:
    others = {one.name_key for one in views.of(session, whose) if one.id != but}
    return others | BUILT_IN


def _whose(who: Who, shared: bool) -> int:
    if not shared and who.id is None:
        raise BadView(word("Only the team’s views are kept from here."))
    return TEAM if shared else who.id or TEAM


def _theirs(session: Session, who: Who, id: int) -> SavedView:
    view = views.one(session, id, who.id)
    if view is None:
        raise NoSuchView(f"There is no view {id}.")
    if not may_change(who, view):
        raise NotTheirs(word("Only a lead and who made it change a view of the team."))
    return view


def _standing(session: Session, who: Who, id: int) -> SavedView:
    """The same, unless it was removed: what is changed then, nobody would see."""
    view = _theirs(session, who, id)
    if view.removed_at is not None:
        raise NoSuchView(f"There is no view {id}.")
    return view


def _note(session: Session, who: Who, act: str, view: SavedView, now: datetime) -> None:
    audit.record(session, who.actor, act, f"view:{view.id}", now, name=view.name, query=view.query)
