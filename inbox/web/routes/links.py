"""Before the sign-in: asking for a one-time link, and the pages behind one."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from inbox.flows import forgotten, people, team
from inbox.flows.keys import TooManyTries
from inbox.flows.people import LinkUsed, PersonInvalid
from inbox.web.auth import browser_words, caller, give_session
from inbox.web.desk import TheDesk, door, html
from inbox.web.pages_door import ForgotPage, JoinPage, ResetPage

router = APIRouter()

Field = Annotated[str, Form()]


@router.get("/forgot")
def forgot_page(request: Request, desk: TheDesk, email: str = "") -> Response:
    """Asks for the address; without a mail server it says whom to ask instead."""
    state = "" if desk.settings.smtp_url else "no_mail"
    return html(ForgotPage(door(request), email, state))


@router.post("/forgot")
def forgot(request: Request, desk: TheDesk, email: Field = "") -> Response:
    """The same answer whether somebody has this address or not."""
    where = door(request)
    if desk.settings.smtp_url is None:
        return html(ForgotPage(where, email, "no_mail"), 422)
    try:
        forgotten.ask(desk.store, email=email, address=caller(request), now=desk.now())
    except TooManyTries as e:
        return html(ForgotPage(where, email, "slow", e.retry_at), 429)
    return html(ForgotPage(where, email, "sent"))


@router.get("/reset/{token}")
def reset_page(request: Request, desk: TheDesk, token: str) -> Response:
    """The form of a new password. Looking at it does not use the link up."""
    where = door(request)
    if not forgotten.link_works(desk.store, token, desk.now()):
        return html(ResetPage(where, error="used"), 422)
    return html(ResetPage(where, token, min_password=people.MIN_PASSWORD))


@router.post("/reset/{token}")
def reset(request: Request, desk: TheDesk, token: str, password: Field = "") -> Response:
    """Sets the password and leads to the sign-in, where a second step is asked for as ever."""
    where = door(request)
    try:
        forgotten.set_password(desk.store, token=token, password=password, now=desk.now())
    except LinkUsed:
        return html(ResetPage(where, error="used"), 422)
    except PersonInvalid:
        return html(ResetPage(where, token, "short", people.MIN_PASSWORD), 422)
    return RedirectResponse("/sign-in?done=reset", 303)


@router.get("/join/{token}")
def join_page(request: Request, desk: TheDesk, token: str) -> Response:
    """The form of whoever is invited."""
    where = door(request)
    invitation = team.invitation_of(desk.store, token, desk.now())
    if invitation is None:
        return html(JoinPage(where), 422)
    page = JoinPage(where, token, invitation.email, invitation.role, "", (), people.MIN_PASSWORD)
    return html(page)


@router.post("/join/{token}")
def join(
    request: Request, desk: TheDesk, token: str, name: Field = "", password: Field = ""
) -> Response:
    """Makes the person and signs in."""
    where = door(request)
    try:
        session = team.join(
            desk.store,
            token=token,
            name=name,
            password=password,
            now=desk.now(),
            browser=browser_words(request),
        )
    except LinkUsed:
        return html(JoinPage(where), 422)
    except PersonInvalid as e:
        invitation = team.invitation_of(desk.store, token, desk.now())
        if invitation is None:
            return html(JoinPage(where), 422)
        wrong = tuple(e.errors.items())
        page = JoinPage(
            where, token, invitation.email, invitation.role, name, wrong, people.MIN_PASSWORD
        )
        return html(page, 422)
    response = RedirectResponse("/", 303)
    give_session(response, session, desk.settings)
    return response
