"""The API's gate against the real application: every route, every role, every scope."""

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from inbox.domain.scopes import SCOPES
from inbox.store.tables import User
from inbox.web.api.limits import Limits
from inbox.web.app import routes_of
from inbox.web.permissions import ANONYMOUS, API, PERMISSIONS, READERS, Entry
from tests.clock import MONDAY
from tests.factories import make_user
from tests.web.api.calling import V1, bearing, code, program
from tests.web.api.everything import BODIES, KEYED, fill, path_of
from tests.web.serving import Site

OPEN = ("GET", f"{V1}/openapi.json")
CLOSED = sorted(set(API) - {OPEN})


@pytest.fixture
def filled(site: Site) -> Site:
    ada = make_user(site.store, "Ada Voss", "admin")
    fill(site.store, ada, site.app.state.desk.settings.folder)
    return site


def call(client: httpx2.Client, method: str, template: str) -> httpx2.Response:
    path = path_of(template)
    body = BODIES.get(template.removeprefix(V1)) if method == "POST" else None
    headers = {"Idempotency-Key": path} if path.endswith(KEYED) else {}
    return client.request(method, path, json=body, headers=headers)


def expected(entry: Entry, role: str, scopes: set[str]) -> set[int]:
    """503: these tests have no model. 422: whose shift or answer it is, the
    work itself asks."""
    if role not in entry.roles:
        return {404}
    if entry.scope and entry.scope not in scopes:
        return {403}
    own = entry.scope in ("roster:write", "answers:write")
    return {200, 202, 409, 503} | ({422} if own else set())


@pytest.mark.parametrize("role", sorted(READERS))
def test_every_route_answers_each_role_and_scope_as_the_table_says(filled: Site, role: str) -> None:
    person = make_user(filled.store, f"Some {role}", role)
    wrong = {}
    limited = [["reports:read"], ["conversations:read"]] if role == "admin" else []
    for scopes in (None, *limited):
        client = program(filled, person, scopes)
        may = set(SCOPES if scopes is None else scopes)
        for method, template in CLOSED:
            status = call(client, method, template).status_code
            if status not in expected(API[method, template], role, may):
                wrong[f"{method} {template} with {scopes}"] = status
    assert wrong == {}


@pytest.mark.parametrize("token", ["", "rd_guess", "rd_ä"])
def test_without_a_working_token_every_route_is_401(filled: Site, token: str) -> None:
    client = bearing(filled, token)
    for method, template in CLOSED:
        answer = call(client, method, template)
        assert answer.status_code == 401, template
        assert code(answer) in {"token_missing", "token_void"}
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["cache-control"] == "no-store"


def test_a_cookie_lets_nobody_into_the_api(filled: Site) -> None:
    browser = filled.signed_in(make_user(filled.store, "Some admin", "admin"))
    assert browser.get("/accounts").status_code == 200
    for method, template in CLOSED:
        assert code(call(browser, method, template)) == "token_missing"


def test_a_token_lets_nobody_into_the_pages(filled: Site) -> None:
    client = program(filled, make_user(filled.store, "Some admin", "admin"))
    assert client.get("/accounts").headers["location"].startswith("/sign-in")


def test_a_malformed_body_of_a_stranger_is_401_too(site: Site) -> None:
    answer = bearing(site, "rd_guess").post(f"{V1}/classifier/classify", content=b"{")
    assert code(answer) == "token_void"


def test_every_route_of_the_api_has_an_entry_and_stands_in_one_table(site: Site) -> None:
    app: FastAPI = site.app
    assert {one for one in routes_of(app) if one[1].startswith("/api/")} == set(API)
    assert not set(API) & set(PERMISSIONS)
    assert [one for one, entry in API.items() if ANONYMOUS in entry.roles] == [OPEN]


def test_what_an_auditors_token_may_call_changes_nothing() -> None:
    changing = {p for (method, p), e in API.items() if method != "GET" and "auditor" in e.roles}
    assert changing == {f"{V1}/classifier/classify"}  # stores nothing


def test_a_void_token_is_401_at_once(site: Site, clock: Any) -> None:
    bo = make_user(site.store, "Bo Narin", "agent")
    client = program(site, bo)
    assert client.get(f"{V1}/me").json()["email"] == bo.email
    with site.store.write() as session:
        session.get_one(User, bo.id).disabled_at = site.clock()
    assert client.get(f"{V1}/me").status_code == 401


def test_calls_are_counted_per_token_and_minute(site: Site, ada: User) -> None:
    site.app.state.desk = replace(site.app.state.desk, limits=Limits(a_minute=2))
    one, other = program(site, ada), program(site, ada)
    left = [one.get(f"{V1}/me").headers["ratelimit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    over = one.get(f"{V1}/me")
    assert (over.status_code, code(over)) == (429, "too_many_calls")
    assert over.headers["retry-after"] == over.headers["ratelimit-reset"] == "60"
    assert other.get(f"{V1}/me").status_code == 200
    site.clock.forward(minutes=1)
    assert one.get(f"{V1}/me").status_code == 200


def test_the_minute_resets_when_it_ends() -> None:
    limits = Limits(a_minute=1)
    start = datetime(2026, 11, 23, 9, 0, 20, tzinfo=UTC)
    assert limits.take(1, start).resets_in_s == 40
    assert not limits.take(1, start + timedelta(seconds=39)).fits
    assert limits.take(1, start + timedelta(seconds=40)).fits


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", f"{V1}/nothing", 404, "not_found"),
        ("DELETE", f"{V1}/me", 405, "method"),
        ("GET", f"{V1}/conversations/99", 404, "not_found"),
        ("GET", f"{V1}/conversations?view=mine", 422, "invalid"),
        ("GET", f"{V1}/conversations?cursor=x", 422, "cursor"),
        ("GET", f"{V1}/conversations/{2**63}", 422, "invalid"),
    ],
)
def test_what_is_refused_is_a_problem_that_says_what_now(
    site: Site, ada: User, method: str, path: str, status: int, name: str
) -> None:
    answer = program(site, ada).request(method, path)
    assert (answer.status_code, code(answer)) == (status, name)


@pytest.mark.parametrize("place", [["2026-11-20", 1], ["2026-11-20T09:00:00Z", 2**63], [1], 7])
def test_a_forged_cursor_is_refused_and_breaks_nothing(any_site: Site, place: object) -> None:
    client = program(any_site, make_user(any_site.store, "Ada Voss", "admin"))
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    answer = client.get(f"{V1}/conversations", params={"cursor": cursor})
    assert (answer.status_code, code(answer)) == (422, "cursor")


def test_an_unforeseen_error_is_a_problem_with_a_number(
    site: Site, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def tag(self, texts: object) -> None:
            raise RuntimeError("broken")

    client = program(site, ada)
    site.app.state.desk = replace(site.app.state.desk, classifier=Broken())
    answer = client.post(f"{V1}/classifier/classify", json={"text": "x"})
    assert (answer.status_code, code(answer)) == (500, "broken")
    assert re.fullmatch("[0-9a-f]{8}", answer.json()["number"])
    assert "broken" not in answer.json()["detail"]


def test_the_message_of_monday_is_in_the_list(filled: Site) -> None:
    client = program(filled, make_user(filled.store, "Some auditor", "auditor"))
    row, _ = client.get(f"{V1}/conversations").json()["conversations"]
    assert row["last_message_at"] == MONDAY.isoformat().replace("+00:00", "Z")


def test_a_method_that_is_none_of_an_address_is_refused_with_all_that_are(filled: Site) -> None:
    client = program(filled, make_user(filled.store, "Some admin", "admin"))
    answer = client.request("OPTIONS", f"{V1}/webhooks")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
