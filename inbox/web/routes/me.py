"""One's own profile: name, password, and where one is signed in."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.quiet import NoQuiet, quiet_hours
from inbox.flows import people, profile
from inbox.flows.keys import TooManyTries
from inbox.flows.people import PersonInvalid, WrongPassword
from inbox.store import notices
from inbox.web.auth import Agent, session_token
from inbox.web.desk import TheDesk, frame, html
from inbox.web.pages_people import MePage

router = APIRouter(prefix="/me")

Field = Annotated[str, Form()]
DONE = frozenset({"name", "password", "ended", "notices", "desktop", "two_step_off"})


@router.get("")
def me(request: Request, desk: TheDesk, agent: Agent, done: str = "") -> Response:
    """The profile."""
    return html(_page(request, desk, agent, done=done if done in DONE else ""))


@router.post("/name")
def rename(request: Request, desk: TheDesk, agent: Agent, name: Field = "") -> Response:
    """A new name, as the team and the reports show it."""
    try:
        profile.rename(desk.store, user_id=agent.id, name=name, actor=agent.email, now=desk.now())
    except PersonInvalid as e:
        return html(_page(request, desk, agent, e.errors, name=name), 422)
    return _back("name")


@router.post("/password")
def change_password(
    request: Request, desk: TheDesk, agent: Agent, old: Field = "", password: Field = ""
) -> Response:
    """A new password; the other browsers are signed out."""
    try:
        profile.change_password(
            desk.store,
            user_id=agent.id,
            old=old,
            new=password,
            token=session_token(request) or "",
            now=desk.now(),
        )
    except PersonInvalid as e:
        return html(_page(request, desk, agent, e.errors), 422)
    except WrongPassword:
        return html(_page(request, desk, agent, {"old": "wrong"}), 422)
    except TooManyTries:
        return html(_page(request, desk, agent, {"old": "slow"}), 429)
    return _back("password")


@router.post("/desktop")
def on_desktop(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    on: Field = "",
    quiet_from: Field = "",
    quiet_to: Field = "",
) -> Response:
    """Whether notices stand on the desktop, too, and in which hours none does."""
    try:
        hours = quiet_hours(quiet_from, quiet_to)
    except NoQuiet:
        return html(_page(request, desk, agent, {"quiet": "times"}), 422)
    profile.set_desktop(desk.store, user_id=agent.id, desktop=hours if on else None)
    return _back("desktop")


@router.post("/sessions/end")
def end_place(desk: TheDesk, agent: Agent, key: Field = "") -> Response:
    """Signs one browser out."""
    profile.end_place(desk.store, user_id=agent.id, key=key, actor=agent.email, now=desk.now())
    return _back("ended")


@router.post("/sessions/end-others")
def end_others(request: Request, desk: TheDesk, agent: Agent) -> Response:
    """Signs every browser out but this one."""
    profile.end_places(
        desk.store,
        user_id=agent.id,
        actor=agent.email,
        now=desk.now(),
        but=session_token(request) or "",
    )
    return _back("ended")


def _page(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    errors: Mapping[str, str] | None = None,
    *,
    name: str | None = None,
    done: str = "",
) -> MePage:
    token = session_token(request) or ""
    with desk.store.read() as session:
        mail_from = notices.mail_from(session, [agent.id])[agent.id]
    return MePage(
        frame(request, "me"),
        tuple(profile.places(desk.store, agent.id, desk.now(), token)),
        agent.name if name is None else name,
        agent.two_step,
        done,
        tuple((errors or {}).items()),
        people.MIN_PASSWORD,
        mail_from,
    )


def _back(done: str) -> Response:
    return RedirectResponse(f"/me?done={done}", 303)
