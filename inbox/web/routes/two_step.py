"""The second step: switching it on and off for oneself, and giving a code at the sign-in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from inbox.flows import two_step
from inbox.flows.keys import TooManyTries
from inbox.flows.people import WrongPassword
from inbox.flows.two_step import WrongCode
from inbox.web.auth import Agent, give_session, own_path, session_token
from inbox.web.desk import TheDesk, door, frame, html
from inbox.web.pages_door import CodePage
from inbox.web.pages_people import TwoStepPage

router = APIRouter()

Field = Annotated[str, Form()]


@router.get("/me/two-step")
def two_step_page(request: Request, desk: TheDesk, agent: Agent) -> Response:
    """What the second step is, and whether it is on."""
    return html(_page(request, desk, agent))


@router.post("/me/two-step/begin")
def begin(request: Request, desk: TheDesk, agent: Agent) -> Response:
    """Shows a fresh secret."""
    if agent.two_step:
        return RedirectResponse("/me/two-step", 303)
    made = two_step.begin(desk.store, desk.settings.cipher, user_id=agent.id)
    return html(_page(request, desk, agent, made))


@router.post("/me/two-step/confirm")
def confirm(request: Request, desk: TheDesk, agent: Agent, code: Field = "") -> Response:
    """Switches it on by a first code, and shows the recovery codes, this once."""
    cipher = desk.settings.cipher
    try:
        made = two_step.offer(desk.store, cipher, agent.id)
    except WrongCode:
        return html(_page(request, desk, agent), 422)
    try:
        codes = two_step.confirm(
            desk.store,
            cipher,
            user_id=agent.id,
            code=code,
            token=session_token(request) or "",
            now=desk.now(),
        )
    except WrongCode:
        return html(_page(request, desk, agent, made, error="code"), 422)
    except TooManyTries:
        return html(_page(request, desk, agent, made, error="slow"), 429)
    return html(_page(request, desk, agent, codes=codes))


@router.post("/me/two-step/codes")
def new_codes(request: Request, desk: TheDesk, agent: Agent, password: Field = "") -> Response:
    """Fresh recovery codes, shown this once."""
    if not agent.two_step:
        return html(_page(request, desk, agent), 422)
    try:
        codes = two_step.new_codes(desk.store, user_id=agent.id, password=password, now=desk.now())
    except WrongPassword:
        return html(_page(request, desk, agent, error="password"), 422)
    except TooManyTries:
        return html(_page(request, desk, agent, error="slow"), 429)
    return html(_page(request, desk, agent, codes=codes))


@router.post("/me/two-step/off")
def turn_off(request: Request, desk: TheDesk, agent: Agent, password: Field = "") -> Response:
    """Switches it off."""
    try:
        two_step.turn_off(desk.store, user_id=agent.id, password=password, now=desk.now())
    except WrongPassword:
        return html(_page(request, desk, agent, error="password"), 422)
    except TooManyTries:
        return html(_page(request, desk, agent, error="slow"), 429)
    return RedirectResponse("/me?done=two_step_off", 303)


@router.get("/sign-in/code")
def code_page(request: Request, desk: TheDesk, next: str = "/") -> Response:
    """Asks for the code, of who gave the right password in this browser."""
    if not two_step.waits(desk.store, session_token(request) or "", desk.now()):
        return RedirectResponse("/sign-in", 303)
    return html(CodePage(door(request), own_path(next)))


@router.post("/sign-in/code")
def give_code(request: Request, desk: TheDesk, code: Field = "", next: Field = "/") -> Response:
    """Signs in whole."""
    where, wanted = door(request), own_path(next)
    try:
        token = two_step.finish(
            desk.store,
            desk.settings.cipher,
            token=session_token(request) or "",
            code=code,
            now=desk.now(),
        )
    except WrongCode:
        return html(CodePage(where, wanted, "wrong"), 422)
    except TooManyTries as e:
        return html(CodePage(where, wanted, "slow", e.retry_at), 429)
    if token is None:
        return RedirectResponse("/sign-in", 303)
    response = RedirectResponse(wanted, 303)
    give_session(response, token, desk.settings)
    return response


def _page(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    made: two_step.Offer | None = None,
    *,
    codes: tuple[str, ...] = (),
    error: str = "",
) -> TwoStepPage:
    on = agent.two_step or bool(codes)
    left = two_step.codes_left(desk.store, agent.id) if on else 0
    secret, uri = (made.secret, made.uri) if made else ("", "")
    required = agent.must_enrol and not on
    return TwoStepPage(frame(request, "me"), on, required, secret, uri, codes, left, error)
