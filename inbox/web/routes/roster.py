"""The roster: shifts by leads; absences and swaps by whoever they concern."""

from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from connectors.core.contract import word
from inbox.domain.swaps import EVENTS
from inbox.domain.written import Document, Unclear
from inbox.flows import rostering
from inbox.flows.people import Signed
from inbox.flows.rostering import By
from inbox.store import accounts
from inbox.store import roster as stored
from inbox.web import roster_again as again
from inbox.web import roster_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, desk_of, frame, html
from inbox.web.pages_roster import Again
from inbox.web.permissions import LEADS

router = APIRouter()

DONE = frozenset(
    {
        *("shifts", "absence", "back", "withdrawn", "swap", "offer", "settled", "zone"),
        *("unlinked", "taken", "shifts-taken", "untaken"),
    }
)
NO_MORE = word("That is settled already. Look at the roster again.")


Field = Annotated[str, Form()]


@router.get("/roster")
def roster(
    request: Request, desk: TheDesk, week: str = "", done: str = "", n: str = ""
) -> Response:
    """The week, who is on now, and holes in cover."""
    more = {
        "done": done if done in DONE else "",
        "undo": view.number(n) or 0,
    }
    page = view.roster_page(desk.store, frame(request, "roster"), view.week_of(week), **more)
    return html(page)


@router.post("/roster/shifts")
def change_shift(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Adds, changes or ends a shift."""
    with desk.store.read() as session:
        zone = accounts.brand_zone(session)
    today = desk.now().astimezone(ZoneInfo(zone)).date()
    document, _ = view.shift_document(desk.store, given, zone, today)
    return _changed(request, desk, agent, given, document, again.shift(given))


@router.post("/roster/cover")
def ask_cover(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """How many people are asked to be on duty, and when."""
    with desk.store.read() as session:
        zone = accounts.brand_zone(session)
    document = view.asked_document(desk.store, given, zone)
    return _changed(request, desk, agent, given, document, again.asked(given))


@router.post("/roster/undo")
def undo(request: Request, desk: TheDesk, agent: Agent, version: Field = "") -> Response:
    """Takes the newest change of shifts back."""
    try:
        rostering.undo(desk.store, view.number(version) or 0, actor=agent.email, now=desk.now())
    except Unclear as e:
        return refused(request, str(e))
    return RedirectResponse("/roster", 303)


@router.post("/roster/absences")
def enter_absence(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Says that somebody will not be there."""
    with desk.store.read() as session:
        zone = stored.zone_of(session, agent.id) or accounts.brand_zone(session)
    span = view.absence_span(given, zone)
    if span is None:
        trouble = word("Give the first and the last day of the absence.")
        return refused(request, trouble, again.absence(given))
    try:
        made = rostering.enter_absence(
            desk.store,
            person=str(given.get("person") or agent.email),
            starts_at=span[0],
            ends_at=span[1],
            reason=str(given.get("reason", "")),
            by=by_of(agent),
            now=desk.now(),
        )
    except Unclear as e:
        return refused(request, str(e), again.absence(given))
    return _done("absence", made)


@router.post("/roster/absences/{id}/withdraw")
def withdraw_absence(
    request: Request, desk: TheDesk, agent: Agent, id: Number, back: Field = ""
) -> Response:
    """The person is there after all; with `back` that is taken back."""
    undoing = back == "1"
    try:
        rostering.withdraw_absence(desk.store, id, by=by_of(agent), now=desk.now(), back=undoing)
    except Unclear as e:
        return refused(request, str(e))
    return _done("back" if undoing else "withdrawn", id)


@router.post("/roster/swaps")
def offer_swap(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Asks somebody to take a shift; a lead decides it at once."""
    duty, takes = again.said(given, "duty", "takes").values()
    shift, day, gives = (*duty.split("|"), "", "", "")[:3]
    begins = view.week_of(day)
    if begins is None:
        return refused(request, word("Choose the shift and who takes it."), again.swap(given))
    by = by_of(agent)
    try:
        made = rostering.offer_swap(
            desk.store, shift=shift, day=begins, gives=gives, takes=takes, by=by, now=desk.now()
        )
    except Unclear as e:
        return refused(request, str(e), again.swap(given))
    return _done("swap" if by.leads else "offer", made)


@router.post("/roster/swaps/{id}")
def settle_swap(
    request: Request, desk: TheDesk, agent: Agent, id: Number, event: Field = ""
) -> Response:
    """Accepts, declines or withdraws a swap."""
    try:
        known = event in EVENTS
        done = rostering.settle_swap(
            desk.store, id, event if known else "", by=by_of(agent), now=desk.now()
        )
    except Unclear as e:
        return refused(request, str(e))
    return _done("settled", id) if done else refused(request, NO_MORE)


@router.post("/me/zone")
def set_zone(request: Request, desk: TheDesk, agent: Agent, zone: Field = "") -> Response:
    """The time zone in which one reads the roster; empty is the brand's."""
    try:
        rostering.set_zone(desk.store, user_id=agent.id, zone=zone)
    except Unclear as e:
        return refused(request, str(e), own_zone=zone)
    return _done("zone", 0)


def _changed(
    request: Request,
    desk: Desk,
    agent: Signed,
    given: FormData,
    document: Document,
    typed: Again | None,
) -> Response:
    """The roster as the form says, if its version is still the newest."""
    after = view.number(str(given.get("version", "")))
    try:
        made = rostering.change_shifts(
            desk.store, document, actor=agent.email, now=desk.now(), after=after
        )
    except Unclear as e:
        return refused(request, str(e), typed)
    return _done("shifts", made)


def by_of(agent: Signed) -> By:
    """Who changes something of the roster."""
    return By(agent.email, agent.role in LEADS)


def _done(done: str, number: int) -> Response:
    return RedirectResponse(f"/roster?done={done}&n={number}", 303)


def refused(
    request: Request, trouble: str, typed: Again | None = None, own_zone: str | None = None
) -> Response:
    """The page, with what was wrong and the form as it was typed."""
    desk = desk_of(request)
    page = view.roster_page(desk.store, frame(request, "roster"), trouble=trouble, again=typed)
    if own_zone is not None:
        page = replace(page, own_zone=own_zone)
    return html(page, 422)
