"""The first run: each step a page that can be passed over, and gone back to."""

from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.calendars import zones
from inbox.flows import demo, first_run, team
from inbox.flows.first_run import NotABrand
from inbox.flows.people import PersonInvalid
from inbox.web.auth import Agent
from inbox.web.desk import Desk, TheDesk, frame, html
from inbox.web.welcome_view import welcome_page

router = APIRouter()

Field = Annotated[str, Form()]


@router.get("/welcome")
def go_on(desk: TheDesk) -> Response:
    """The step to go on with; the inbox once all are behind."""
    step = _next(desk)
    return RedirectResponse(f"/welcome/{step}" if step else "/", 303)


@router.get("/welcome/{step}")
def step(
    request: Request,
    desk: TheDesk,
    step: Literal["brand", "accounts", "people", "done"],
    done: Literal["", "mailed"] = "",
) -> Response:
    """One step. Without a brand there is only its own."""
    if step != "brand" and _next(desk) == "brand":
        return RedirectResponse("/welcome/brand", 303)
    return html(welcome_page(desk, frame(request, "welcome"), step, done=done))


@router.post("/welcome/brand")
def name_brand(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    name: Field = "",
    brand_zone: Field = "",
    locale: Field = "",
    skip: Field = "",
) -> Response:
    """Names the brand; passed over, it is called after the admin's address."""
    given = {"name": name, "zone": brand_zone, "locale": locale}
    if skip:
        given["name"] = name.strip() or first_run.a_name(agent.email) or "Our brand"
        given["zone"] = brand_zone if brand_zone in zones() else "UTC"
    try:
        first_run.name_brand(desk.store, **given, actor=agent.email, now=desk.now())
    except NotABrand as e:
        page = welcome_page(
            desk,
            frame(request, "welcome"),
            "brand",
            name=name,
            brand_zone=brand_zone,
            locale=locale,
            errors=tuple(e.errors.items()),
        )
        return html(page, 422)
    return _on(desk)


@router.post("/welcome/skip")
def skip(
    desk: TheDesk, agent: Agent, step: Annotated[Literal["accounts", "people"], Form()]
) -> Response:
    """This step is behind us, done or not; the brand comes before it."""
    if _next(desk) != "brand":
        first_run.pass_over(desk.store, step, actor=agent.email, now=desk.now())
    return _on(desk)


@router.post("/welcome/people")
def invite(
    request: Request, desk: TheDesk, agent: Agent, email: Field = "", role: Field = "agent"
) -> Response:
    """Invites by mail; without a mail server the link is shown, this once."""
    around = frame(request, "welcome")
    try:
        link = team.invite(
            desk.store, desk.settings, email=email, role=role, actor=agent.email, now=desk.now()
        )
    except PersonInvalid as e:
        wrong = tuple(e.errors.items())
        page = welcome_page(desk, around, "people", email=email, role=role, errors=wrong)
        return html(page, 422)
    if link is None:
        return RedirectResponse("/welcome/people?done=mailed", 303)
    return html(welcome_page(desk, around, "people", link=link, link_for=email, role=role))


@router.post("/demo")
def try_demo(desk: TheDesk, agent: Agent) -> Response:
    """Invented customers move in: whoever looks around answers them first, and invites later."""
    demo.prepare(desk.store, desk.now(), agent.email)
    return RedirectResponse("/welcome/done", 303)


@router.post("/demo/remove")
def remove_demo(desk: TheDesk, agent: Agent) -> Response:
    """They move out, with all that came of them."""
    said = "demo_busy"
    with suppress(demo.DemoBusy):
        demo.remove(desk.store, desk.settings, actor=agent.email, now=desk.now())
        said = "demo_removed"
    return RedirectResponse(f"/accounts?done={said}", 303)


def _on(desk: Desk) -> Response:
    """To the step that is open, else to the last page."""
    return RedirectResponse(f"/welcome/{_next(desk) or 'done'}", 303)


def _next(desk: Desk) -> str:
    with desk.store.read() as session:
        return first_run.how_far(session).next or ""
