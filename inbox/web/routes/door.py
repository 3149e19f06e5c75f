"""Before the sign-in: the first admin, signing in, signing out."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.flows import people, two_step
from inbox.flows.keys import TooManyTries
from inbox.flows.people import LinkUsed, NewAdmin, PersonInvalid, Signed, WrongPassword
from inbox.web.auth import (
    browser_words,
    caller,
    give_session,
    own_path,
    session_token,
    take_session,
)
from inbox.web.desk import TheDesk, door, html
from inbox.web.pages_door import SetupPage, SignInPage

router = APIRouter()

Field = Annotated[str, Form()]


@router.get("/setup")
def first_run(request: Request, desk: TheDesk) -> Response:
    """Asks for the terminal's code while there is no admin."""
    _open_or_404(desk)
    return html(SetupPage(door(request), min_password=people.MIN_PASSWORD))


@router.post("/setup")
def enter_code(request: Request, desk: TheDesk, code: Field = "") -> Response:
    """Leads from the code to the link's page."""
    _open_or_404(desk)
    try:
        token = people.setup_code(desk.store, code=code, address=caller(request), now=desk.now())
    except TooManyTries:
        raise HTTPException(429) from None
    if token is None:
        page = SetupPage(door(request), errors=(("code", "wrong"),))
        return html(page, 422)
    return RedirectResponse(f"/setup/{token}", 303)


@router.get("/setup/{token}")
def setup(request: Request, desk: TheDesk, token: str) -> Response:
    """The form of the first admin."""
    _open_or_404(desk)
    if not people.link_is_open(desk.store, token, desk.now()):
        return html(SetupPage(door(request), errors=(("code", "used"),)), 422)
    return html(SetupPage(door(request), token, min_password=people.MIN_PASSWORD))


@router.post("/setup/{token}")
def create(
    request: Request,
    desk: TheDesk,
    token: str,
    name: Field = "",
    email: Field = "",
    password: Field = "",
) -> Response:
    """Makes the admin, signs in, and leads to the first run."""
    _open_or_404(desk)
    where = door(request)
    admin = NewAdmin(name, email, password)
    try:
        session = people.create_first_admin(
            desk.store, token=token, admin=admin, now=desk.now(), browser=browser_words(request)
        )
    except LinkUsed:
        return html(SetupPage(where, errors=(("code", "used"),)), 422)
    except PersonInvalid as e:
        page = SetupPage(
            where,
            token,
            name,
            email,
            tuple(e.errors.items()),
            people.MIN_PASSWORD,
        )
        return html(page, 422)
    response = RedirectResponse("/welcome", 303)
    give_session(response, session, desk.settings)
    return response


@router.get("/sign-in")
def sign_in_page(
    request: Request, desk: TheDesk, next: str = "/", ended: bool = False, done: str = ""
) -> Response:
    """The form; whoever is signed in already goes on, and before the set-up there is the set-up."""
    signed: Signed | None = request.state.signed
    if signed is not None:
        return RedirectResponse(own_path(next), 303)
    if people.setup_is_open(desk.store):
        return RedirectResponse("/setup", 303)
    state = "ended" if ended else "reset" if done == "reset" else ""
    return html(SignInPage(door(request), next=own_path(next), error=state))


@router.post("/sign-in")
def sign_in(
    request: Request, desk: TheDesk, email: Field = "", password: Field = "", next: Field = "/"
) -> Response:
    """Signs in and leads to the wanted page. The session is new, whatever cookie came."""
    where, wanted = door(request), own_path(next)
    try:
        token = people.sign_in(
            desk.store,
            email=email,
            password=password,
            address=caller(request),
            now=desk.now(),
            browser=browser_words(request),
        )
    except WrongPassword:
        return html(SignInPage(where, email, wanted, "wrong"), 422)
    except TooManyTries as e:
        response = html(SignInPage(where, email, wanted, "slow", e.retry_at), 429)
        wait_s = int((e.retry_at - desk.now()).total_seconds()) + 1
        response.headers["Retry-After"] = str(wait_s)
        return response
    _forget(request, desk)
    if two_step.waits(desk.store, token, desk.now()):
        wanted = f"/sign-in/code?next={quote(wanted, safe='/')}"
    response_ = RedirectResponse(wanted, 303)
    give_session(response_, token, desk.settings)
    return response_


@router.post("/sign-out")
def sign_out(request: Request, desk: TheDesk) -> Response:
    """Ends the session, here and in the database."""
    _forget(request, desk)
    response = RedirectResponse("/sign-in?ended=1", 303)
    take_session(response, desk.settings)
    return response


def _forget(request: Request, desk: TheDesk) -> None:
    old = session_token(request)
    if old is not None:
        people.sign_out(desk.store, old, desk.now())


def _open_or_404(desk: TheDesk) -> None:
    if not people.setup_is_open(desk.store):
        raise HTTPException(404)
