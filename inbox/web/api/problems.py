"""Errors of the API as RFC 9457 has them: each names its cause, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "urn:replydesk:problem:"

_PLAIN: Final[Mapping[int, tuple[str, str, str]]] = {
    404: ("not_found", "Not found", "Nothing here has this address, or its person may not see it."),
    405: ("method", "Method not allowed", "This address takes other methods: see Allow."),
    413: ("too_large", "Too large", "Send less in one call."),
    500: ("broken", "Our mistake", "Send the call again; if it fails again, tell us the number."),
}
"""What the framework refuses: status → (code, title, next step)."""


class Problem(HTTPException):
    """An error with its code. `detail` names cause and next step."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.title = title


def not_found(what: str) -> Problem:
    """There is no such row, or its person may not see it."""
    return Problem(404, "not_found", "Not found", f"There is no such {what}.")


def of(error: HTTPException) -> Response:
    """The answer to a refused call."""
    if isinstance(error, Problem):
        return _answer(error.status_code, error.code, error.title, error.detail, error.headers)
    return plain(error.status_code, error.headers)


def plain(status: int, headers: Mapping[str, str] | None = None, number: str = "") -> Response:
    """The answer to what the framework itself refuses; `number` stands in the log."""
    code, title, detail = _PLAIN.get(status, ("refused", "Refused", "The call was refused."))
    more = {"number": number} if number else {}
    return _answer(status, code, title, detail, headers, **more)


def invalid(error: RequestValidationError) -> Response:
    """422: what was sent does not fit; each fault with its place. What was sent is not repeated."""
    faults = [{"at": _place(one["loc"]), "reason": str(one["msg"])} for one in error.errors()]
    detail = "Correct what `errors` names and send the call again."
    return _answer(422, "invalid", "Not valid", detail, errors=faults)


def is_api(request: Request) -> bool:
    """Whether a program called, so that it is answered as one."""
    return request.url.path.startswith("/api/")


def _place(loc: Sequence[Any]) -> str:
    return ".".join(str(part) for part in loc)


def _answer(
    status: int,
    code: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    body = {"type": PREFIX + code, "title": title, "status": status, "detail": detail} | more
    return JSONResponse(body, status, headers, MEDIA_TYPE)
