"""The first run's pages, from what is stored."""

from collections.abc import Sequence
from typing import Any

from inbox.domain.calendars import zones
from inbox.flows import demo, first_run
from inbox.flows.people import ROLES
from inbox.store import accounts, inbox_list
from inbox.store.tables import Account
from inbox.web import accounts_view, connect_view
from inbox.web.desk import Desk
from inbox.web.pages import Frame
from inbox.web.pages_welcome import WelcomePage
from inbox.web.people_view import people_page


def welcome_page(desk: Desk, frame: Frame, step: str, **more: Any) -> WelcomePage:
    """A step as it stands; `more` are fields that were entered, and what came of them."""
    with desk.store.read() as session:
        states = tuple(first_run.how_far(session).states.items())
    fill = {"brand": _brand, "accounts": _accounts, "people": _people, "done": _done}[step]
    return WelcomePage(frame, step, states, **{**fill(desk, frame), **more})


def _brand(desk: Desk, frame: Frame) -> dict[str, Any]:
    with desk.store.read() as session:
        brand = accounts.brand(session)
    return {
        "name": brand.name if brand else first_run.a_name(frame.me.email),
        "brand_zone": brand.zone if brand else "UTC",
        "locale": brand.locale if brand else frame.locale,
        "zones": tuple(sorted(zones())),
    }


def _accounts(desk: Desk, frame: Frame) -> dict[str, Any]:
    with desk.store.read() as session:
        rows = accounts.everyone(session)
    counts = {row.channel: sum(one.channel == row.channel for one in rows) for row in rows}
    return {"platforms": connect_view.connect_page(frame, counts).platforms, **_here(rows, frame)}


def _here(rows: Sequence[Account], frame: Frame) -> dict[str, Any]:
    return {
        "accounts": accounts_view.shown(rows, frame.now, {}),
        "demo": any(row.channel == demo.CHANNEL for row in rows),
    }


def _people(desk: Desk, frame: Frame) -> dict[str, Any]:
    page = people_page(desk.store, frame)
    here = tuple(one.person.name for one in page.members if one.signs_in)
    return {"invited": page.invited, "members": here, "roles": ROLES}


def _done(desk: Desk, frame: Frame) -> dict[str, Any]:
    with desk.store.read() as session:
        rows, _ = inbox_list.page(session, "due", frame.me.id, limit=1)
        here = accounts.everyone(session)
    waits = rows and rows[0].due_at is not None
    return {"name": frame.brand, **_here(here, frame), "first": rows[0].id if waits else 0}
