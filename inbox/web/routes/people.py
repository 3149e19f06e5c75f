"""The team, for admins: inviting, roles, shutting someone out, sessions, links to a password."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.flows import forgotten, profile, team, two_step
from inbox.flows.branding import BrandChange, BrandInvalid, change_brand
from inbox.flows.people import PersonInvalid
from inbox.flows.team import LastAdmin
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk, frame, html
from inbox.web.people_view import people_page, person_page

router = APIRouter(prefix="/people")

Field = Annotated[str, Form()]
DONE = frozenset({"mailed", "withdrawn", "two_step"})
DONE_ONE = frozenset({"role", "mailed", "ended", "two_step", "disabled", "enabled"})


@router.get("")
def everybody(request: Request, desk: TheDesk, done: str = "") -> Response:
    """The team and who is invited."""
    done = done if done in DONE else ""
    return html(people_page(desk.store, frame(request, "people"), done=done))


@router.post("/invite")
def invite(
    request: Request, desk: TheDesk, agent: Agent, email: Field = "", role: Field = "agent"
) -> Response:
    """Invites by mail; without a mail server the link is shown, this once."""
    try:
        link = team.invite(
            desk.store, desk.settings, email=email, role=role, actor=agent.email, now=desk.now()
        )
    except PersonInvalid as e:
        wrong = tuple(e.errors.items())
        where = frame(request, "people")
        return html(people_page(desk.store, where, email=email, role=role, errors=wrong), 422)
    return _invited(request, desk, link, email)


@router.post("/invitations/{id}/again")
def invite_again(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """A new link for another 7 days."""
    link = team.invite_again(
        desk.store, desk.settings, invitation_id=id, actor=agent.email, now=desk.now()
    )
    return _invited(request, desk, link, "")


@router.post("/invitations/{id}/withdraw")
def withdraw(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """The link stops working."""
    team.withdraw(desk.store, invitation_id=id, actor=agent.email, now=desk.now())
    return RedirectResponse("/people?done=withdrawn", 303)


@router.post("/two-step")
def require_two_step(
    desk: TheDesk, agent: Agent, roles: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Which roles must have a second step; who lacks one is led to it at the next click."""
    wanted = BrandChange(two_step_roles=roles or [])
    try:
        change_brand(desk.store, wanted, actor=agent.email, now=desk.now())
    except BrandInvalid:
        raise HTTPException(400) from None
    return RedirectResponse("/people?done=two_step", 303)


@router.get("/{id}")
def person(request: Request, desk: TheDesk, id: Number, done: str = "") -> Response:
    """One person."""
    done = done if done in DONE_ONE else ""
    return html(person_page(desk.store, frame(request, "people"), id, desk.now(), done=done))


@router.post("/{id}/role")
def change_role(
    request: Request, desk: TheDesk, agent: Agent, id: Number, role: Field = ""
) -> Response:
    """Another role, from the person's next click on."""
    try:
        team.change_role(desk.store, user_id=id, role=role, actor=agent.email, now=desk.now())
    except PersonInvalid:
        return _refused(request, desk, id, "")
    except LastAdmin:
        return _refused(request, desk, id, "last_admin")
    if id == agent.id and role != "admin":
        return RedirectResponse("/", 303)
    return _done(id, "role")


@router.post("/{id}/disable")
def disable(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Shuts the person out at once."""
    try:
        team.disable(desk.store, user_id=id, actor=agent.email, now=desk.now())
    except LastAdmin:
        return _refused(request, desk, id, "last_admin")
    return _done(id, "disabled")


@router.post("/{id}/enable")
def enable(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Lets the person in again."""
    team.enable(desk.store, user_id=id, actor=agent.email, now=desk.now())
    return _done(id, "enabled")


@router.post("/{id}/sign-out")
def sign_out(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Ends every session of the person."""
    profile.end_places(desk.store, user_id=id, actor=agent.email, now=desk.now())
    return _done(id, "ended")


@router.post("/{id}/two-step/reset")
def reset_two_step(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """For who lost phone and codes."""
    two_step.reset(desk.store, user_id=id, actor=agent.email, now=desk.now())
    return _done(id, "two_step")


@router.post("/{id}/password-link")
def password_link(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """A link to a new password, by mail; without a mail server it is shown, this once."""
    try:
        link = forgotten.new_link(
            desk.store, desk.settings, user_id=id, actor=agent.email, now=desk.now()
        )
    except PersonInvalid:
        return _refused(request, desk, id, "")
    if link is None:
        return _done(id, "mailed")
    where = frame(request, "people")
    return html(person_page(desk.store, where, id, desk.now(), link=link))


def _invited(request: Request, desk: TheDesk, link: str | None, email: str) -> Response:
    if link is None:
        return RedirectResponse("/people?done=mailed", 303)
    where = frame(request, "people")
    return html(people_page(desk.store, where, link=link, link_for=email))


def _refused(request: Request, desk: TheDesk, user_id: int, error: str) -> Response:
    where = frame(request, "people")
    return html(person_page(desk.store, where, user_id, desk.now(), error=error), 422)


def _done(user_id: int, done: str) -> Response:
    return RedirectResponse(f"/people/{user_id}?done={done}", 303)
