"""The web application: routes behind one gate, safe headers, and pages for errors.

Handlers that touch the database are plain functions (they run in threads); only the live stream is
async.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.exc import NoResultFound, SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inbox.config import Settings
from inbox.flows.people import Signed
from inbox.store.people import everyone
from inbox.store.session import Store
from inbox.web import objects, permissions
from inbox.web.api import problems
from inbox.web.api.call import admit, is_admitted
from inbox.web.api.limits import Limits
from inbox.web.api.routers import API_ROUTERS
from inbox.web.auth import (
    NotForRole,
    SecondStepNeeded,
    SignInNeeded,
    gate,
    sign_in_path,
    signed_in,
    still_signed_in,
)
from inbox.web.desk import Desk, Tags, desk_of, door, html, is_part
from inbox.web.live import Live
from inbox.web.pages_door import ErrorPage
from inbox.web.routes import ROUTERS, style
from inbox.web.watching import Watching

log = structlog.get_logger()

MAX_BODY = 1024 * 1024 + 16 * 1024
"""Bytes of a request: a webhook of 1 MiB and what a form adds."""
NAMED = 3
"""People who are named as those who may."""
CSP = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(
    store: Store,
    settings: Settings,
    *,
    now: Callable[[], datetime],
    classifier: Tags,
    development: bool = False,
) -> FastAPI:
    """The application on a migrated store. Raises `RouteWithoutPermission`.

    `app.state.desk.live.stop()` ends the open live streams; call it when the server stops.
    """
    app = FastAPI(
        title="Replydesk",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=MAX_BODY,
    )
    watching = Watching(now)
    live = Live(store, watching)
    app.state.desk = Desk(
        store, settings, now, classifier, classifier.explain, live, watching, Limits()
    )
    app.router.routes += _routes(development)
    app.add_middleware(SafeHeaders, https=settings.secure)
    app.add_exception_handler(SignInNeeded, _to_sign_in)
    app.add_exception_handler(SecondStepNeeded, _to_second_step)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(NoResultFound, _gone)
    app.add_exception_handler(Exception, _broken)
    return app


@cache
def _routes(development: bool) -> Sequence[BaseRoute]:
    """Every route, behind the gate; worked out once for all applications of a process."""
    site = APIRouter(dependencies=[Depends(gate)])
    for router in (*ROUTERS, *((style.router,) if development else ())):
        site.include_router(router, include_in_schema=False)
    for router in API_ROUTERS:
        site.include_router(router)
    permissions.check(routes_of(site))
    objects.check(routes_of(site))
    return site.routes


def routes_of(app: FastAPI | APIRouter) -> list[tuple[str, str]]:
    """(method, path template) of every route. Raises TypeError for what passes by the gate."""
    found = []
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute) or route.path is None:
            raise TypeError(f"{route!r} would pass by the gate")
        found += [(method, route.path) for method in route.methods or ()]
    return found


class SafeHeaders:
    """Gives every answer the headers that keep a page to itself; pages are never cached.

    A route may be stricter: a file brings a policy of its own."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                for name, value in scope.get("state", {}).get("limits", {}).items():
                    headers.setdefault(name, value)  # of a call of the API
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)


def _to_sign_in(request: Request, _: Exception) -> Response:
    path = sign_in_path(request)
    if request.url.path == "/events":
        return PlainTextResponse("Please sign in.", 401)
    if is_part(request):
        return PlainTextResponse("Please sign in.", 401, {"HX-Redirect": path})
    return RedirectResponse(path, 303)


def _to_second_step(request: Request, _: Exception) -> Response:
    if is_part(request) or request.url.path == "/events":
        return PlainTextResponse("A second step is needed.", 403, {"HX-Redirect": "/me/two-step"})
    return RedirectResponse("/me/two-step", 303)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, NotForRole):
        return _for_others(request, error.roles)
    if problems.is_api(request):
        if error.status_code == 405:  # the framework names the methods of one route only
            here = request.scope["route"].path
            allowed = sorted(method for method, path in permissions.API if path == here)
            error.headers = {"Allow": ", ".join(allowed)}
        return problems.of(error)
    plain = error.detail == HTTPStatus(error.status_code).phrase
    return _error(request, error.status_code, error.headers, why="" if plain else error.detail)


def _for_others(request: Request, roles: frozenset[str]) -> Response:
    """What a person's role may not do says so, and who may."""
    reader = signed_in(request)
    with desk_of(request).store.read() as session:
        people = [p.name for p in everyone(session) if p.role in roles and p.disabled_at is None]
    page = ErrorPage(
        door(request, reader), 404, role=reader.role, only_for=roles, who=tuple(people[:NAMED])
    )
    return html(page, 404)


def _malformed(request: Request, error: Exception) -> Response:
    """A path or query that no page of ours has is not found; a form that none sent is refused.

    A body that is no JSON fails before the gate is asked: who sent it is asked for first.
    """
    assert isinstance(error, RequestValidationError)
    if problems.is_api(request):
        try:
            if not is_admitted(request):
                admit(request)
        except problems.Problem as refused:
            return problems.of(refused)
        return problems.invalid(error)
    return _error(request, 404 if request.method == "GET" else 400)


def _gone(request: Request, _: Exception) -> Response:
    return _error(request, 404)


def _broken(request: Request, error: Exception) -> Response:
    """Runs outside the middleware, so it brings the headers itself. The server logs the error."""
    number = secrets.token_hex(4)
    route = request.scope.get("route")
    log.error("request failed", number=number, route=getattr(route, "path", None))
    response = _error(request, 500, number=number)
    response.headers.update({**HEADERS, "Cache-Control": "no-store"})
    return response


def _error(
    request: Request,
    status: int,
    headers: Mapping[str, str] | None = None,
    number: str = "",
    why: str = "",
) -> Response:
    if problems.is_api(request):
        return problems.plain(status, headers, number)
    if request.url.path.startswith(("/hooks/", "/healthz")):
        return JSONResponse({"error": status, "number": number}, status, headers)
    response = html(ErrorPage(door(request, _reader(request)), status, number, why), status)
    response.headers.update(headers or {})
    return response


def _reader(request: Request) -> Signed | None:
    """Who reads the error; a path that no route has was not asked for at the gate."""
    try:
        return still_signed_in(request, desk_of(request).now())
    except SQLAlchemyError:  # what broke may be the database
        return None
