"""Headers, cross-site requests, size and errors of the application."""

import re

import httpx2
import pytest

from inbox.config import Settings
from inbox.store.session import Store
from inbox.store.tables import User
from inbox.web.app import MAX_BODY, create_app
from tests.clock import Clock
from tests.factories import PASSWORD, make_account, make_conversation, make_user
from tests.web.serving import Site, Untagged, opened


def test_every_answer_has_the_headers_that_keep_a_page_to_itself(site: Site, ada: User) -> None:
    make_conversation(site.store)
    browser = site.signed_in(ada)
    for path in ("/", "/conversations/1", "/nothing", "/static/tokens.css", "/sign-in"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
    assert browser.get("/").headers["cache-control"] == "no-store"


def test_pages_need_nothing_that_the_policy_forbids(site: Site, ada: User) -> None:
    make_conversation(site.store)
    browser = site.signed_in(ada)
    for path in ("/", "/conversations/1", "/accounts", "/reports/2026-11-22", "/style"):
        page = browser.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r"(src|href)=\"(https?:)?//", page), path


def test_a_static_file_is_asked_for_again_only_when_it_changed(site: Site) -> None:
    browser = site.browser()
    first = browser.get("/static/tokens.css")
    assert first.status_code == 200
    tag = first.headers["etag"]
    again = browser.get("/static/tokens.css", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert browser.get("/static/../app.py").status_code == 404
    assert browser.get("/static/%2e%2e/app.py").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_a_cross_site_post_is_refused_and_changes_nothing(
    site: Site, ada: User, headers: dict[str, str]
) -> None:
    make_conversation(site.store)
    token = site.signed_in(ada).cookies["session"]
    headers = {name: value for name, value in headers.items() if value}
    with httpx2.Client(base_url=site.url, cookies={"session": token}) as elsewhere:
        for path in ("/me", "/sign-out", "/sign-in", "/conversations/1/assign"):
            assert elsewhere.post(path, headers=headers, data={"theme": "dark"}).status_code == 403
        assert elsewhere.get("/", headers=headers).status_code == 200
    assert 'data-theme="dark"' not in site.signed_in(ada).get("/").text


def test_a_plain_http_browser_is_known_by_its_origin(site: Site, ada: User) -> None:
    with httpx2.Client(base_url=site.url, headers={"Origin": site.url}) as browser:
        form = {"email": ada.email, "password": PASSWORD}
        assert browser.post("/sign-in", data=form).status_code == 303


def test_a_body_that_is_too_large_is_refused_before_it_is_read(site: Site) -> None:
    body = b"x" * (MAX_BODY + 1)
    with httpx2.Client(base_url=site.url) as client:
        assert client.post("/hooks/webhook/k", content=body).status_code == 413
        parts = (body[at : at + 65536] for at in range(0, len(body), 65536))
        assert client.post("/hooks/webhook/k", content=parts).status_code == 413
        assert client.post("/hooks/webhook/k", content=b"x" * 1024 * 1024).status_code == 404


def test_health_says_whether_the_database_answers(
    sqlite_store: Store, sqlite_url: str, clock: Clock
) -> None:
    app = create_app(sqlite_store, Settings(), now=clock, classifier=Untagged())
    with opened(app, sqlite_store, clock) as site:
        assert site.browser().get("/healthz").json() == {"status": "ok"}
        sqlite_store.reader.dispose()
        sqlite_store.reader = Store("sqlite:////nowhere/at/all.db").reader
        assert site.browser().get("/healthz").status_code == 500
        page = site.browser().get("/sign-in")
        assert page.status_code == 500
        assert re.search(r"<code>[0-9a-f]{8}</code>", page.text)
        assert "nowhere" not in page.text
        assert "unsafe" not in page.headers["content-security-policy"]


def test_what_is_not_there_is_one_page_that_tells_nothing(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    paths = ("/nothing", "/conversations/99", "/conversations/x", "/reports/today", "/a/b/c")
    pages = {path: browser.get(path) for path in paths}
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(paths, 404)
    assert len({page.text for page in pages.values()}) == 1


def test_the_settings_people_type_lead_to_a_page_that_each_of_them_may_see(site: Site) -> None:
    for role in ("agent", "lead", "admin", "auditor"):
        browser = site.signed_in(make_user(site.store, name=role, role=role))
        led = browser.get("/settings", follow_redirects=True)
        assert (led.status_code, led.url.path) == (200, "/accounts"), role


def test_an_error_speaks_the_language_of_who_is_signed_in(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    browser.post("/me", data={"locale": "zh_Hans_CN", "theme": "dark"})
    for path in ("/nothing", "/conversations/99"):
        page = browser.get(path).text
        assert "这里什么也没有" in page, path
        assert 'data-theme="dark"' in page, path
    assert "There is nothing here" in site.browser().get("/nothing").text


def test_a_form_that_no_page_has_is_refused(site: Site, ada: User) -> None:
    make_conversation(site.store, make_account(site.store))
    browser = site.signed_in(ada)
    assert browser.post("/conversations/1/reply", data={"text": "hello"}).status_code == 400
    assert browser.post("/conversations/1/excuse", data={"shown": "many"}).status_code == 400
    assert browser.post("/conversations/1/excuse", data={"shown": "1"}).status_code == 400
    assert browser.post("/conversations/1/tags", data={"category": "gossip"}).status_code == 400


def test_the_host_header_makes_no_link(site: Site) -> None:
    answer = site.browser().get("/", headers={"Host": "evil.example"})
    assert answer.headers["location"] == "/sign-in?next=/"
