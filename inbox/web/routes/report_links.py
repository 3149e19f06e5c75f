"""Links to a report for somebody without an account: made and ended by a lead, opened by anyone."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.flows import report_links as flow
from inbox.store import report_links as stored
from inbox.store.report_links import WORKS, state_of
from inbox.web.auth import Agent, caller
from inbox.web.desk import Desk, Number, TheDesk, desk_of, door, frame, html
from inbox.web.pages_report_links import EndedLinkPage, Link, LinksPage, SharedReportPage
from inbox.web.routes.reports import Question, days_of
from reports.sharing import frozen, shown
from templates.periods import Days

router = APIRouter()

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


@router.get("/shared/reports/{token}")
def shared(request: Request, desk: TheDesk, token: str) -> Response:
    """The report of a link, in the language that the browser asks for."""
    room = desk.strangers.take(caller(request), desk.now())
    if not room.fits:
        raise HTTPException(429, headers={"Retry-After": str(room.resets_in_s)})
    link = flow.opened(desk.store, token, desk.now())
    if link is None:
        raise HTTPException(404, headers=HEADERS)
    where = door(request)
    state = state_of(link, where.now)
    if state != WORKS:
        answer = html(EndedLinkPage(where, state, link.expires_at), 410)
    else:
        report = shown(link.document, link.edition)
        answer = html(SharedReportPage(replace(where, zone=report.zone), report, link.expires_at))
    answer.headers.update(HEADERS)
    return answer


@router.get("/reports/links")
def links(request: Request, revoked: int = 0) -> Response:
    """Every link to a report, and who made it."""
    return _page(request, revoked=revoked)


@router.post("/reports/links")
def make(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    what: Question,
    days: Annotated[int, Form()] = flow.DAYS,
) -> Response:
    """A link to the report of these days. It is shown in this answer and never again, so no
    redirect follows."""
    whole, now = desk.store.seen_by(frozenset()), desk.now()
    report = frozen(whole, days_of(desk, what), None, what.as_of or now, what.edition, what.only)
    if report is None:
        raise HTTPException(404)
    about = {"base_url": desk.settings.base_url, "actor": agent.email}
    try:
        made = flow.make(desk.store, report, days, **about, now=now)
    except flow.LinkInvalid as e:
        raise HTTPException(422, str(e)) from None
    return _page(request, made=made.url)


@router.post("/reports/links/{id}/renew")
def renew(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Another address for the same report and as long; shown once, too."""
    about = {"base_url": desk.settings.base_url, "actor": agent.email}
    try:
        made = flow.renew(desk.store, id, None, **about, now=desk.now())
    except flow.NoSuchLink:
        raise HTTPException(404) from None
    return _page(request, made=made.url)


@router.post("/reports/links/{id}/revoke")
def revoke(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Ends a link; the page that follows offers to undo it."""
    try:
        flow.revoke(desk.store, id, actor=agent.email, now=desk.now())
    except flow.NoSuchLink:
        return RedirectResponse("/reports/links", 303)
    return RedirectResponse(f"/reports/links?revoked={id}", 303)


@router.post("/reports/links/{id}/restore")
def restore(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Lets a revoked link work again."""
    try:
        flow.restore(desk.store, id, actor=agent.email, now=desk.now())
    except flow.NoSuchLink:
        raise HTTPException(404) from None
    return RedirectResponse("/reports/links", 303)


def _page(request: Request, made: str = "", revoked: int = 0) -> Response:
    desk, around = desk_of(request), frame(request, "reports")
    with desk.store.read() as session:
        found = stored.listed(session)
    page = LinksPage(around, tuple(_link(one, desk) for one in found), made, revoked)
    return html(page)


def _link(one: stored.Listed, desk: Desk) -> Link:
    link = one.link
    return Link(
        id=link.id,
        days=Days(link.first_day, link.last_day),
        edition=link.edition,
        state=state_of(link, desk.now()),
        person=one.person or link.made_by,
        made_at=link.made_at,
        expires_at=link.expires_at,
        opened=link.opened,
        opened_at=link.opened_at,
    )
