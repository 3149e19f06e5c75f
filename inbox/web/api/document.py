"""The OpenAPI document: FastAPI's, with what our gate and our errors add."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request

from inbox.web import permissions
from inbox.web.api.problems import MEDIA_TYPE

router = APIRouter(prefix="/api/v1")

ABOUT: Final = """\
Everything that a person does in Replydesk, for their programs.

Send `Authorization: Bearer <token>` (made on the page `/tokens`). Errors are
`application/problem+json` (RFC 9457). Lists go on with `cursor`. A `POST` with an
`Idempotency-Key` may be repeated. Each answer tells what is left of the minute
(`RateLimit-Remaining`)."""

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong, and what to do next (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:replydesk:problem:crossed"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Cause and next step."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "reason"],
                "properties": {"at": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
        "number": {"type": "string", "description": "Of a mistake of ours, as in the log."},
    },
}
KEYED: Final = ("/reply", "/macro", "/bulk", "/send")
"""How the paths end that want an `Idempotency-Key` (`Once.needs_key`)."""
_ALWAYS: Final = {
    "401": "No token, or one that does not work.",
    "403": "The token lacks the scope.",
    "404": "Not here, or the person may not see it.",
    "422": "What was sent does not fit.",
    "429": "Too many calls in this minute.",
}
_CHANGING: Final = {
    "400": "An `Idempotency-Key` is missing.",
    "409": "It cannot be done as things are now.",
}
TOO_LARGE: Final = {
    "description": "More than 1 MiB, refused before it is read.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """This document."""
    app: FastAPI = request.app
    known: dict[str, Any] | None = getattr(app.state, "api_document", None)
    if known is None:
        known = app.state.api_document = document(app)
    return known


def document(app: FastAPI) -> dict[str, Any]:
    """Each operation with its scope, its roles and its errors."""
    whole = app.openapi()
    whole["info"] = {"title": "Replydesk", "version": "1", "description": ABOUT}
    schemas = whole["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operations in whole["paths"].items():
        for method, operation in operations.items():
            entry = permissions.API[method.upper(), path]
            roles = ", ".join(sorted(entry.roles))
            scope = f"Scope `{entry.scope}`" if entry.scope else "Any token"
            operation["description"] = f"{operation['description']}\n\n{scope}; roles: {roles}."
            operation["operationId"] = f"{method}{path.removeprefix('/api/v1')}"
            if path.endswith(KEYED):
                for parameter in operation["parameters"]:
                    parameter["required"] = True
            errors = _ALWAYS | (_CHANGING if method == "post" else {})
            if path.endswith("/classify"):
                errors = errors | {"503": "The model is not built here."}
            for status, words in errors.items():
                operation["responses"][status] = _problem(words)
            if "requestBody" in operation:
                operation["responses"]["413"] = TOO_LARGE
    return whole


def _problem(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": words, "content": {MEDIA_TYPE: {"schema": schema}}}
