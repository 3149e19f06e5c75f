"""`docs/api.md` lists exactly the calls of the API, with their scopes and roles."""

import re

from fastapi.routing import APIRoute

from inbox.domain.scopes import SCOPES
from inbox.web.api.routers import API_ROUTERS
from inbox.web.permissions import API, READERS
from tests.house.tree import ROOT

ROW = re.compile(r"^\| `(GET|POST) (/api/v1/[^`]*)` \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
PUBLIC = ("GET", "/api/v1/openapi.json")


def test_every_call_is_documented_as_the_table_of_permissions_has_it() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    told = {(method, path): (scope, roles) for method, path, scope, roles, _ in ROW.findall(text)}
    assert told == {
        one: (f"`{entry.scope}`" if entry.scope else "any", roles_of(entry.roles))
        for one, entry in API.items()
        if one != PUBLIC
    }


def test_every_call_is_told_in_the_words_of_its_code() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    told = {(method, path): words for method, path, _, _, words in ROW.findall(text)}
    assert told == summaries()


def test_every_scope_is_documented() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z]+:[a-z]+)` \|", text, re.MULTILINE) == list(SCOPES)


def summaries() -> dict[tuple[str, str], str]:
    """The first paragraph of each handler's docstring, on one line."""
    return {
        (method, route.path): " ".join(str(route.endpoint.__doc__).split("\n\n")[0].split())
        for router in API_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if (method, route.path) != PUBLIC
    }


def roles_of(roles: frozenset[str]) -> str:
    return "all" if roles == READERS else ", ".join(sorted(roles))
