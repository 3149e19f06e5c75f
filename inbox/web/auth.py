"""The one gate before every route: same site, signed in, permitted (laws 10 to 12).

Cross-site requests are told by the browser's own `Sec-Fetch-Site` and `Origin` (ADR 0020), so the
forms need no token. The session is a random token in an HttpOnly, SameSite=Lax cookie.
"""

import ipaddress
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request, Response
from modern_csrf.base import should_accept_request
from starlette.datastructures import URL

from inbox.config import Settings
from inbox.domain.browsers import browser_of
from inbox.flows import people
from inbox.flows.people import Signed
from inbox.web import permissions
from inbox.web.api.call import admit
from inbox.web.desk import Desk, desk_of, is_unwatched, let_in
from inbox.web.enrolling import needs_second_step


class SignInNeeded(Exception):
    """Nobody is signed in, and this route needs someone."""


class SecondStepNeeded(Exception):
    """Who is signed in must switch a second step on before anything else."""


class NotForRole(HTTPException):
    """Who is signed in has none of the `roles` that may call this route. It is decided before the
    object is looked at, so it tells nothing of any (ADR 55)."""

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__(404)
        self.roles = roles


def gate(request: Request) -> None:
    """Runs before every route; calls of the API have a gate of their own.

    Raises 403 (cross-site), `SignInNeeded`, `NotForRole`, `SecondStepNeeded`, 404 (an object of an
    account that only teams of others serve).
    """
    desk = desk_of(request)
    template = request.scope["route"].path
    if (request.method, template) in permissions.API:
        admit(request)
        return
    if not same_site(request, desk.settings):
        raise HTTPException(403)
    signed = _signed(request, desk)
    request.state.signed = signed
    role = signed.role if signed else permissions.ANONYMOUS
    if not permissions.allowed(role, request.method, template):
        if signed is None:
            raise SignInNeeded
        raise NotForRole(permissions.PERMISSIONS[request.method, template])
    if signed is None:
        return
    if signed.must_enrol and needs_second_step(request.method, template):
        raise SecondStepNeeded
    if not let_in(request, signed):
        raise HTTPException(404)


def signed_in(request: Request) -> Signed:
    """Who is signed in, for routes that need someone."""
    signed: Signed = request.state.signed
    return signed


async def given_agent(request: Request) -> Signed:
    """The same for a route, without a thread of its own: it asks nobody."""
    return signed_in(request)


Agent = Annotated[Signed, Depends(given_agent)]


def still_signed_in(request: Request, now: datetime) -> Signed | None:
    """Whose session it is while it lives on, for a stream that outlasts its request."""
    token = session_token(request)
    who = people.who(desk_of(request).store, token, now, used=False) if token else None
    return who if who is not None and not who.must_enrol else None


def same_site(request: Request, settings: Settings) -> bool:
    """Whether the browser says that the request comes from a page of ours (or is only a read)."""
    return should_accept_request(
        method=request.method,
        origin=request.headers.get("origin"),
        sec_fetch_site=request.headers.get("sec-fetch-site"),
        host=request.headers.get("host"),
        trusted_origins={settings.base_url},
    )


def cookie_name(settings: Settings) -> str:
    """`__Host-` pins the cookie to this host over https."""
    return "__Host-session" if settings.secure else "session"


def session_token(request: Request) -> str | None:
    """The session's token as the browser sent it."""
    return request.cookies.get(cookie_name(desk_of(request).settings))


def give_session(response: Response, token: str, settings: Settings) -> None:
    """Puts a fresh session's cookie into the answer."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(people.LASTS.total_seconds()),
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def take_session(response: Response, settings: Settings) -> None:
    """Deletes the cookie."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="lax"
    )


def caller(request: Request) -> str:
    """The caller's network address for the throttle; an IPv6 caller is its /64."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def browser_words(request: Request) -> str:
    """What the caller's browser calls itself, for the list of sessions."""
    return browser_of(request.headers.get("user-agent", ""))


def own_path(wanted: str, otherwise: str = "/") -> str:
    """`wanted` if it is a path on this host, so that nobody is led elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else otherwise


def sign_in_path(request: Request) -> str:
    """Where someone signs in and comes back to the page they wanted, or whose form they sent:
    a form is only on pages behind the sign-in, so that ended meanwhile."""
    asked = request.method == "GET"
    page = request.url if asked else URL(request.headers.get("referer", ""))
    wanted = page.path if asked or page.netloc == request.url.netloc else "/"
    wanted = own_path(f"{wanted}?{page.query}" if page.query else wanted)
    ended = "&ended=1" if session_token(request) or not asked else ""
    return f"/sign-in?next={quote(wanted, safe='/')}{ended}"


def _signed(request: Request, desk: Desk) -> Signed | None:
    """What an unwatched page asks for by itself does not keep a forgotten session alive."""
    token = session_token(request)
    used = not is_unwatched(request) and request.url.path != "/events"
    return people.who(desk.store, token, desk.now(), used=used) if token else None
