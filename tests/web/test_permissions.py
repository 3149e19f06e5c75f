"""The permission table against the real application: every route, every role."""

import re
from datetime import date, timedelta

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from inbox.store import team, views
from inbox.store.tables import AbsenceRow, ContactNote, RosterImport, SwapRow, User
from inbox.web import permissions
from inbox.web.app import routes_of
from inbox.web.pages import STATIC
from inbox.web.permissions import ANONYMOUS, API, PERMISSIONS, READERS, RouteWithoutPermission
from tests.clock import MONDAY
from tests.factories import (
    PASSWORD,
    first_message,
    make_account,
    make_canned,
    make_conversation,
    make_delivery,
    make_endpoint,
    make_export,
    make_file,
    make_reply,
    make_run,
    make_surge,
    make_team,
    make_user,
)
from tests.mailed import make_report_mail
from tests.pictures import picture
from tests.report_links import make_report_link
from tests.web.serving import Site

FORMS: dict[str, dict[str, str]] = {
    "/sign-in": {"email": "x@lumenpay.example", "password": PASSWORD},
    "/conversations/{id}/reply": {
        "idempotency_key": "0123456789",
        "shown": "1000000",
        "text": "hello",
        "mode": "private",
    },
    "/conversations/{id}/excuse": {"reason": "thanks"},
    "/conversations/{id}/resolve": {"reason": "thanks"},
    "/conversations/{id}/state": {"to": "spam", "reason": "spam"},
    "/conversations/{id}/tags": {"category": "refund", "urgency": "high"},
    "/conversations/{id}/draft": {"idempotency_key": "0123456789", "text": "We", "mode": "note"},
    "/outbox/{id}/send-back": {"words": "Name the day."},
    "/welcome/skip": {"step": "people"},
    "/classifier/use": {"version": "shipped"},
    "/classifier/accept": {"tagging": "1"},
    "/notices/read": {"up_to": "1"},
    "/me/notices": {"part": "90"},
    "/me/presence": {"state": "away"},
    "/assignment/people/{id}": {"capacity": "5"},
    "/rules/edit": {"name": "Night", "hide": "1", "do": "save"},
    "/rules/order": {"id": "night", "do": "on"},
    "/conversations/{id}/give": {"to": "1"},
    "/webhooks": {"name": "Chat", "url": "https://chat.example", "event": "reply.sent"},
    "/webhooks/{id}/events": {"event": "reply.sent"},
    "/roster/swaps/{id}": {"event": "accept"},
    "/reports/recipients/{id}": {"address": "desk@lumenpay.example", "kind": "day"},
    "/contacts/{id}/tags": {"add": "press"},
    "/contacts/{id}/notes": {"text": "calls"},
    "/contact-notes/{id}": {"text": "calls"},
    "/bulk/new": {"id": "1", "assign": "me", "key": "k"},
    "/surges/{id}/send": {"id": "1.1", "text.en": "hello", "key": "k"},
    "/macros/new": {"name": "Mine", "assign": "me"},
    "/macros/{id}": {"name": "Mine", "assign": "me"},
    "/conversations/{id}/macro": {"macro": "1", "shown": "1000000"},
    "/conversations/{id}/macro/undo": {"run": "1"},
    "/answers/new": {"name": "Hi", "shortcut": "hi", "text.en": "hello"},
    "/answers/{id}": {"name": "Hi", "shortcut": "hey", "text.en": "hello"},
    "/playbooks/edit": {"place": "refund", "text.en.check": "Look", "version": "1"},
    "/conversations/{id}/playbook": {"place": "refund", "version": "1", "tick": "check.0"},
    "/conversations/{id}/answers": {"idempotency_key": "0123456789", "shown": "1"},
    "/teams/new": {"name": "Shops"},
    "/teams/{id}": {"name": "Cards", "member": "1"},
    "/tokens": {"name": "Shop", "scope": "reports:read", "days": "30"},
}
SIGN_OUT = "/sign-out"
_both = {"gives_id": 1, "takes_id": 1}
_span = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(days=1)}


@pytest.fixture
def filled(site: Site) -> Site:
    """Everything that a path can name has the id 1."""
    agent = make_user(site.store, "Ada Voss", "admin")
    conversation = make_conversation(site.store, make_account(site.store))
    reply = make_reply(site.store, conversation, agent, state="unknown")
    file = make_file(site.store, first_message(site.store), picture())
    with site.store.write() as session:
        invitation = team.invite(
            session, "dee@lumenpay.example", "agent", "cli", site.clock(), timedelta(days=7)
        )
        made = {"made_by": "cli", "made_at": site.clock()}
        session.add(SwapRow(shift="a", day=date(2026, 11, 24), state="offered", **_both, **made))
        session.add(AbsenceRow(user_id=1, reason="", **_span, **made))
        note = ContactNote(
            contact_id=conversation.contact_id,
            author_id=agent.id,
            text="calls",
            search_text=" calls ",
            created_at=site.clock(),
        )
        session.add(note)
        session.add(RosterImport(file="x.ics", added=0, changed=0, ended=0, **made))
        views.add(session, 0, agent.id, "Open", "is:open", site.clock())
    make_canned(site.store)
    make_team(site.store)
    make_run(site.store, agent, job=True)
    make_surge(site.store, conversation)
    make_report_mail(site.store)
    make_report_link(site.store)
    make_delivery(site.store, make_endpoint(site.store))
    make_endpoint(site.store)  # the second is removed
    make_export(site.store, site.app.state.desk.settings.folder)
    assert conversation.contact_id == note.id == 1
    assert conversation.id == reply.id == file.id == invitation == 1
    return site


@pytest.mark.parametrize("role", [ANONYMOUS, *sorted(READERS)])
def test_every_route_answers_each_role_as_the_table_says(filled: Site, role: str) -> None:
    browser = filled.browser()
    if role != ANONYMOUS:
        browser = filled.signed_in(make_user(filled.store, f"Some {role}", role))
    pages = set(routes_of(filled.app)) - set(API)  # tests/web/api asks the API
    routes = sorted(sorted(pages), key=lambda one: one[1] == SIGN_OUT)  # signing out last
    wrong = {
        f"{method} {template}": status
        for method, template in routes
        if (status := ask(browser, method, template)) is not None
        and not fits(status, role, method, template)
    }
    assert wrong == {}


def numbered(template: str) -> str:
    return template.replace("/webhooks/{id}/remove", "/webhooks/2/remove")


def ask(browser: httpx2.Client, method: str, template: str) -> int | None:
    """The status; None for a sign-in's own redirect, which has no body to tell."""
    path = re.sub(r"\{day\}", "2026-11-22", re.sub(r"\{id\}", "1", numbered(template)))
    path = path.replace("{path:path}", "tokens.css").replace("{token}", "t").replace("{key}", "k")
    path = path.replace("{channel}", "webhook").replace("{act}", "hide")
    path = path.replace("{step}", "people").replace("{icon}", "192.png")
    if template == "/events":
        with browser.stream("GET", path) as answer:
            return answer.status_code
    answer = browser.request(method, path, data=FORMS.get(template))
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next="):
        return 401
    return answer.status_code


def fits(status: int, role: str, method: str, template: str) -> bool:
    """401: led to the sign-in. The set-up is over; no webhook `k`, no calendar and no report `t` is
    there: 404 for all."""
    if template.startswith(("/setup", "/hooks/", "/calendar/", "/shared/")):
        return status == 404
    if role in PERMISSIONS[method, template]:
        return status in {200, 204, 303, 422}
    return status == (401 if role == ANONYMOUS else 404)


def test_a_page_for_another_role_says_for_whom_and_tells_of_no_object(filled: Site) -> None:
    agent = filled.signed_in(make_user(filled.store, "Bo Narin"))
    there, nowhere = agent.get("/people/1"), agent.get("/people/999999")
    assert there.status_code == nowhere.status_code == 404
    assert there.text == nowhere.text
    assert "This is for admins" in there.text
    assert 'Ask somebody who can: <bdi class="nowrap">Ada Voss</bdi>.' in there.text
    assert "This is for leads and admins" in agent.get("/rules/edit").text
    auditor = filled.signed_in(make_user(filled.store, "Cy Okoro", "auditor"))
    assert "This is for those who answer customers" in auditor.get("/answers/new").text
    assert "This is for" not in agent.get("/conversations/999999").text


def test_what_an_auditor_may_call_changes_nothing() -> None:
    changing = {
        path
        for (method, path), roles in PERMISSIONS.items()
        if method != "GET" and "auditor" in roles and ANONYMOUS not in roles
    }
    own = {path for path in changing if path.startswith("/me/")}  # name, password, sessions
    assert changing - own == {
        "/me",
        "/notices/read",  # their own
        "/sign-out",
        "/tokens",
        "/tokens/{id}/revoke",
    }


def test_every_entry_of_the_table_is_a_route(site: Site) -> None:
    assert set(routes_of(site.app)) == set(PERMISSIONS) | set(API)


def test_a_route_without_an_entry_stops_the_start() -> None:
    with pytest.raises(RouteWithoutPermission, match="GET /secret"):
        permissions.check([("GET", "/"), ("GET", "/secret")])


def test_a_route_that_would_pass_by_the_gate_stops_the_start() -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(APIRouter(routes=[Mount("/files", StaticFiles(directory=STATIC))]))
    with pytest.raises(TypeError, match="pass by the gate"):
        routes_of(app)


def test_an_unknown_topic_is_told_to_nobody() -> None:
    assert not any(permissions.hears(role, "unheard") for role in READERS)
    assert permissions.hears("auditor", "conversation")
    assert not permissions.hears(ANONYMOUS, "conversation")


def test_an_auditor_sees_no_form_that_changes_something(filled: Site) -> None:
    auditor: User = make_user(filled.store, "Cy Okoro", "auditor")
    page = filled.signed_in(auditor).get("/conversations/1").text
    forms = re.findall(r"<form[^>]*>", page)
    changing = [form for form in forms if 'method="post"' in form or "hx-post" in form]
    assert {re.findall(r' action="([^"]+)"', form)[0] for form in changing} == {"/me", "/sign-out"}
    assert [form for form in forms if form not in changing and 'role="search"' not in form] == []
