"""What every route is given, and the frame and door around its page."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData

from inbox.config import Settings
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.presence import choice
from inbox.flows import first_run
from inbox.flows.people import Signed
from inbox.store import accounts, events, inbox_list, notices, presence
from inbox.store.session import Store
from inbox.web import objects, render
from inbox.web.alone import Alone
from inbox.web.api.limits import STRANGERS, Limits
from inbox.web.live import Live
from inbox.web.pages import Frame, Me, initials
from inbox.web.pages_door import Door
from inbox.web.permissions import LEADS, WRITERS
from inbox.web.view_counts import Counts
from inbox.web.watching import Watching
from templates import closest_locale


class Tags(Protocol):
    """The classifier as the web uses it: it tags what a webhook brings, and explains a tag."""

    def tag(self, texts: Any) -> Any: ...

    def explain(self, text: str, n: int = 6) -> Any: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The application's parts."""

    store: Store
    settings: Settings
    now: Callable[[], datetime]
    classifier: Tags
    explain: Callable[[str], Any]
    live: Live
    watching: Watching
    limits: Limits
    counts: Counts = field(default_factory=Counts)
    alone: Alone = field(default_factory=Alone)
    strangers: Limits = field(default_factory=lambda: Limits(STRANGERS))


def desk_of(request: Request) -> Desk:
    """The parts, as whoever the gate let in sees them."""
    desk: Desk = getattr(request.state, "desk", None) or request.app.state.desk
    return desk


def let_in(request: Request, signed: Signed) -> bool:
    """From now on the request reads what this person sees; False where its address names an object
    that they do not."""
    desk, template = desk_of(request), request.scope["route"].path
    if not objects.may_see(desk.store, template, _number(request), signed.hidden):
        return False
    request.state.desk = replace(desk, store=desk.store.seen_by(signed.hidden))
    return True


async def given_desk(request: Request) -> Desk:
    """The same for a route, without a thread of its own: it asks nobody."""
    return desk_of(request)


TheDesk = Annotated[Desk, Depends(given_desk)]


Number = Annotated[int, Path(ge=0, le=BIGGEST_ID)]
"""A row's number in an address: what the databases can hold; anything else is not found."""
_NUMBER: TypeAdapter[int] = TypeAdapter(Number)


def _number(request: Request) -> int | None:
    """The number in the address as the route reads it, to which `+2` and `2.0` are 2, too; None
    where there is none that it takes."""
    try:
        return _NUMBER.validate_python(request.path_params.get("id"))
    except ValidationError:
        return None


async def form_of(request: Request) -> FormData:
    """The form as it was sent."""
    return await request.form()


Given = Annotated[FormData, Depends(form_of)]


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page; without it a whole page or a redirect is due."""
    return request.headers.get("hx-request") == "true"


def is_unwatched(request: Request) -> bool:
    """Whether the page refreshes itself while nobody looks at it (`static/live.js`)."""
    return request.headers.get("replydesk-live") == "1"


def frame(request: Request, place: str = "inbox") -> Frame:
    """What surrounds a page of the person who is signed in."""
    desk = desk_of(request)
    signed: Signed = request.state.signed
    now = desk.now()
    with desk.store.read() as session:
        brand = accounts.brand(session)
        event = events.newest_id(session)
        badges = inbox_list.badges(session, now)
        told = notices.unread(session, signed.id)
        signs = presence.signs(session, [signed.id], now)[signed.id]
        setup = "" if signed.role != "admin" else first_run.next_step(session, brand)
    query = f"?{request.url.query}" if request.url.query else ""
    return Frame(
        brand=brand.name if brand else "",
        me=Me(
            id=signed.id,
            name=signed.name,
            initials=initials(signed.name),
            email=signed.email,
            role=signed.role,
            writes=signed.role in WRITERS,
            admin=signed.role == "admin",
            leads=signed.role in LEADS,
            presence=choice(signs) if signed.role in WRITERS else "",
            desktop=signed.desktop,
        ),
        now=now,
        zone=accounts.zone_of(brand),
        locale=closest_locale(signed.locale or (brand.locale if brand else _asked_for(request))),
        theme=signed.theme or "system",
        density=signed.density or "comfortable",
        place=place,
        path=request.url.path + query if request.method == "GET" else "/",
        overdue=badges.overdue,
        unread=badges.unread,
        notices=told,
        event=event,
        setup=setup,
    )


def door(request: Request, reader: Signed | None = None) -> Door:
    """What surrounds a page outside the desk, as its reader chose it, if somebody is signed in;
    without the brand if need be."""
    desk = desk_of(request)
    try:
        with desk.store.read() as session:
            brand = accounts.brand(session)
    except SQLAlchemyError:  # the page that says so must not fail as well
        brand = None
    return Door(
        brand=brand.name if brand else "",
        now=desk.now(),
        zone=accounts.zone_of(brand),
        locale=closest_locale((reader and reader.locale) or _asked_for(request)),
        theme=(reader and reader.theme) or "system",
    )


def _asked_for(request: Request) -> str:
    """The languages that the browser asks for."""
    return request.headers.get("accept-language", "")


def html(context: render.Context, status: int = 200) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(render.page(context), status)
