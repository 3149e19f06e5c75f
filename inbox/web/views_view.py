"""Saved views as pages show them."""

from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain.views import COUNT_TO
from inbox.flows import views as flow
from inbox.flows.people import Signed
from inbox.flows.views import Who
from inbox.store import views as stored
from inbox.store.tables import SavedView
from inbox.store.tables.views import TEAM
from inbox.web.pages_list import SAVED, View
from inbox.web.pages_views import Kept
from inbox.web.permissions import LEADS
from inbox.web.view_counts import Counts


def who(person: Signed) -> Who:
    """The person as the one who keeps views."""
    return Who(person.id, person.email, person.role in LEADS)


def number_of(view: str) -> int | None:
    """Which saved view a tab's key names."""
    number = view.removeprefix(SAVED)
    named = view.startswith(SAVED) and number.isascii() and number.isdecimal() and len(number) < 19
    return int(number) if named else None


def opened(session: Session, view: str, me: int) -> SavedView | None:
    """The saved view that a tab's key names, if this person sees it."""
    number = number_of(view)
    found = None if number is None else stored.one(session, number, me)
    return found if found is not None and found.removed_at is None else None


def tabs(session: Session, counts: Counts, me: int, now: datetime, active: str) -> tuple[View, ...]:
    """The saved views beside the built-in ones."""
    views = stored.visible(session, me)
    counted = counts.of(session, views, me, now)
    return tuple(_tab(view, counted.get(view.id), active) for view in views)


def kept(session: Session, counts: Counts, person: Signed, now: datetime) -> tuple[Kept, ...]:
    """All of them as the page about them shows them."""
    me = person.id
    views = stored.visible(session, me)
    counted = counts.of(session, views, me, now)
    shown = []
    for whose in (TEAM, me):
        some = [view for view in views if view.whose == whose]
        for at, view in enumerate(some, 1):
            tab = _tab(view, counted.get(view.id), "")
            changes = flow.may_change(who(person), view)
            shown.append(Kept(tab, view.id, view.query, changes, at == 1, at == len(some)))
    return tuple(shown)


def _tab(view: SavedView, count: int | None, active: str) -> View:
    key = f"{SAVED}{view.id}"
    more = count is not None and count > COUNT_TO
    shown = COUNT_TO if more else count
    return View(key, shown, key == active, more, view.name, view.whose == TEAM)
