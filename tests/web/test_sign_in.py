"""Set-up, sign-in and sign-out over a real socket."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from inbox.config import Settings
from inbox.flows.people import setup_link
from inbox.store.tables import User, UserSession
from inbox.web.app import create_app
from tests.factories import PASSWORD, make_user
from tests.web.api.calling import V1, program
from tests.web.serving import Site, Untagged, opened

ADMIN = {
    "name": "Ada Voss",
    "email": "Ada@LumenPay.example",
    "password": PASSWORD,
}


def link(site: Site) -> str:
    """The path of a fresh one-time link."""
    made = setup_link(site.store, Settings(listen="127.0.0.1:8080"), site.clock())
    assert made is not None
    assert made.startswith("http://127.0.0.1:8080/setup/")
    return urlsplit(made).path


def test_before_the_set_up_every_way_leads_to_its_page(empty_site: Site) -> None:
    browser = empty_site.browser()
    assert browser.get("/").headers["location"].startswith("/sign-in")
    assert browser.get("/sign-in").headers["location"] == "/setup"
    assert browser.get("/setup").status_code == 200


def test_the_link_makes_the_admin_signs_in_and_leads_to_the_first_run(empty_site: Site) -> None:
    browser = empty_site.browser()
    path = link(empty_site)
    assert browser.get(path).status_code == 200
    assert browser.post(path, data=ADMIN).headers["location"] == "/welcome"
    assert browser.get("/welcome").headers["location"] == "/welcome/brand"


def test_the_link_works_once_and_then_nothing_of_the_set_up_is_there(empty_site: Site) -> None:
    path = link(empty_site)
    empty_site.browser().post(path, data=ADMIN)
    browser = empty_site.browser()
    for answer in (
        browser.get("/setup"),
        browser.post("/setup", data={"code": "x"}),
        browser.get(path),
        browser.post(path, data=ADMIN),
    ):
        assert answer.status_code == 404
    assert setup_link(empty_site.store, Settings(), empty_site.clock()) is None


def test_a_new_link_ends_the_one_before_and_a_day_ends_each(empty_site: Site) -> None:
    first, second = link(empty_site), link(empty_site)
    browser = empty_site.browser()
    assert browser.post(first, data=ADMIN).status_code == 422
    empty_site.clock.forward(hours=24)
    assert browser.post(second, data=ADMIN).status_code == 422
    assert browser.post(link(empty_site), data=ADMIN).status_code == 303


def test_the_code_may_be_typed_with_capitals_and_dashes_or_the_link_pasted(
    empty_site: Site,
) -> None:
    code = link(empty_site).removeprefix("/setup/")
    typed = "-".join((code[:6], code[6:])).upper()
    for given in (typed, f" http://my-desk.example:8080/setup/{code} "):
        answer = empty_site.browser().post("/setup", data={"code": given})
        assert answer.headers["location"] == f"/setup/{code}"


def test_guessing_the_code_is_slowed(empty_site: Site) -> None:
    link(empty_site)
    browser = empty_site.browser()
    statuses = [browser.post("/setup", data={"code": "guess"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"email": "nobody"},
        {"password": "short"},
    ],
)
def test_what_is_missing_is_said_and_the_link_still_works(
    empty_site: Site, wrong: dict[str, str]
) -> None:
    browser = empty_site.browser()
    path = link(empty_site)
    answer = browser.post(path, data=ADMIN | wrong)
    assert answer.status_code == 422
    assert re.search(r'<input[^>]* autofocus[^>]* aria-invalid="true"', answer.text)
    assert PASSWORD not in answer.text
    assert browser.post(path, data=ADMIN).status_code == 303


def test_a_person_signs_in_and_out(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.get("/").status_code == 200
    token = browser.cookies["session"]
    assert browser.post("/sign-out").status_code == 303
    stale = site.browser()
    stale.cookies.set("session", token)
    assert stale.get("/").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site, ada: User) -> None:
    answer = site.browser().post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "domain" not in flags


def test_the_database_holds_no_token(site: Site, ada: User) -> None:
    token = site.signed_in(ada).cookies["session"]
    with site.store.read() as session:
        stored = session.scalars(select(UserSession.token_hash)).one()
    assert token not in stored
    assert len(token) >= 43


def test_signing_in_gives_a_new_session_whatever_cookie_came(site: Site, ada: User) -> None:
    browser = site.browser()
    browser.cookies.set("session", "planted-by-someone")
    browser.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    first = browser.cookies.get("session", domain="127.0.0.1")
    assert first != "planted-by-someone"
    planted = site.browser()
    planted.cookies.set("session", "planted-by-someone")
    assert planted.get("/").status_code == 303


def test_signing_in_again_ends_the_session_before(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    token = browser.cookies["session"]
    browser.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    old = site.browser()
    old.cookies.set("session", token)
    assert old.get("/").status_code == 303


def test_an_idle_session_ends_after_twelve_hours_and_a_used_one_after_thirty_days(
    site: Site, ada: User
) -> None:
    browser = site.signed_in(ada)
    for _ in range(60):
        site.clock.forward(hours=11, minutes=59)
        assert browser.get("/accounts").status_code == 200
    site.clock.forward(hours=1)
    assert browser.get("/accounts").status_code == 303
    browser = site.signed_in(ada)
    site.clock.forward(hours=12)
    assert browser.get("/accounts").status_code == 303


def test_a_page_that_nobody_looks_at_keeps_no_session_alive(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    for _ in range(2):
        site.clock.forward(hours=6)
        answer = browser.get("/accounts", headers={"Replydesk-Live": "1"})
    assert answer.status_code == 303


def test_a_disabled_person_is_out_at_once(site: Site, ada: User, bo: User) -> None:
    browser = site.signed_in(bo)
    with site.store.write() as session:
        session.get_one(User, bo.id).disabled_at = site.clock()
    assert browser.get("/").status_code == 303
    answer = site.browser().post("/sign-in", data={"email": bo.email, "password": PASSWORD})
    assert answer.status_code == 422


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(site: Site, ada: User) -> None:
    browser = site.browser()
    wrong = browser.post("/sign-in", data={"email": ada.email, "password": "wrong"})
    unknown = browser.post("/sign-in", data={"email": "no@lumenpay.example", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(ada.email, "") == unknown.text.replace("no@lumenpay.example", "")


@pytest.mark.parametrize("email", ["ada@lumenpay.example", "nobody@lumenpay.example"])
def test_guessing_is_slowed_whether_the_account_exists_or_not(
    site: Site, ada: User, email: str
) -> None:
    browser = site.browser()
    wrong = {"email": email, "password": "wrong"}
    statuses = [browser.post("/sign-in", data=wrong).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    slow = browser.post("/sign-in", data=wrong)
    assert slow.headers["retry-after"] == "2"
    assert "Too many tries" in slow.text
    site.clock.forward(seconds=1)
    assert browser.post("/sign-in", data=wrong).status_code == 422
    site.clock.forward(seconds=1)
    assert browser.post("/sign-in", data=wrong).status_code == 429


def test_the_right_password_does_not_jump_the_wait_and_then_clears_it(
    site: Site, ada: User
) -> None:
    browser = site.browser()
    for _ in range(5):
        browser.post("/sign-in", data={"email": ada.email, "password": "wrong"})
    right = {"email": ada.email, "password": PASSWORD}
    assert browser.post("/sign-in", data=right).status_code == 429
    site.clock.forward(seconds=1)
    assert browser.post("/sign-in", data=right).status_code == 303
    assert browser.post("/sign-in", data=right | {"password": "wrong"}).status_code == 422


def test_one_address_that_tries_many_names_is_slowed(site: Site, ada: User) -> None:
    browser = site.browser()
    tries = [{"email": f"n{n}@lumenpay.example", "password": "wrong"} for n in range(21)]
    statuses = [browser.post("/sign-in", data=one).status_code for one in tries]
    assert statuses == [422] * 20 + [429]


def test_a_wait_is_never_longer_than_a_quarter_of_an_hour(site: Site, ada: User) -> None:
    browser = site.browser()
    for _ in range(18):
        browser.post("/sign-in", data={"email": ada.email, "password": "wrong"})
        site.clock.forward(minutes=15)
    assert site.signed_in(ada)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "evil.example",
        "/\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_led_to_another_site(site: Site, ada: User, elsewhere: str) -> None:
    browser = site.browser()
    form = {"email": ada.email, "password": PASSWORD, "next": elsewhere}
    assert browser.post("/sign-in", data=form).headers["location"] == "/"
    assert browser.get("/sign-in", params={"next": elsewhere}).headers["location"] == "/"
    taste = {"theme": "dark", "next": elsewhere}
    assert browser.post("/me", data=taste).headers["location"] == "/"


def test_after_the_sign_in_comes_the_page_that_was_wanted(site: Site, ada: User) -> None:
    browser = site.browser()
    way = browser.get("/reports/2026-11-22?edition=1").headers["location"]
    assert way == "/sign-in?next=/reports/2026-11-22%3Fedition%3D1"
    assert 'value="/reports/2026-11-22?edition=1"' in browser.get(way).text


def test_an_ended_session_is_told_so_and_htmx_is_led_too(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    site.clock.forward(hours=13)
    assert "signed out" in browser.get(browser.get("/").headers["location"]).text
    part = browser.get("/", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert part.headers["hx-redirect"].startswith("/sign-in?next=/")


def test_whose_session_ended_over_an_answer_comes_back_to_the_conversation(
    site: Site, ada: User
) -> None:
    browser = site.signed_in(ada)
    browser.cookies.clear()  # the browser forgets it when its time is over
    for origin, way in ((site.url, "/conversations/7"), ("https://elsewhere.example", "/")):
        page = {"HX-Request": "true", "Referer": f"{origin}/conversations/7"}
        sent = browser.post("/conversations/7/reply", data={"text": "Hello"}, headers=page)
        assert sent.headers["hx-redirect"] == f"/sign-in?next={way}&ended=1"
    told = browser.get("/sign-in?next=/conversations/7&ended=1").text
    assert "What you wrote is kept in this browser." in told
    assert 'value="/conversations/7"' in told


def test_over_https_the_cookie_is_bound_to_the_host(site: Site, ada: User) -> None:
    settings = Settings(public_url="https://desk.lumenpay.example")
    app = create_app(site.store, settings, now=site.clock, classifier=Untagged())
    with opened(app, site.store, site.clock) as https:
        browser = https.browser()
        answer = browser.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
        proxied = browser.post(
            "/sign-in",
            data={"email": ada.email, "password": PASSWORD},
            headers={"Origin": "https://desk.lumenpay.example", "Sec-Fetch-Site": "same-origin"},
        )
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]
    assert proxied.status_code == 303


def test_a_person_chooses_how_their_pages_look(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert (
        browser.post("/me", data={"locale": "zh_Hans_CN", "next": "/accounts"}).status_code == 303
    )
    assert browser.post("/me", data={"theme": "dark"}).status_code == 303
    page = browser.get("/accounts").text
    assert '<html lang="zh-Hans"' in page
    assert 'data-theme="dark"' in page
    assert "data-density" not in page
    browser.post("/me", data={"theme": "system", "density": "compact"})
    page = site.signed_in(ada).get("/accounts").text  # on every device
    assert ("data-theme" in page, 'data-density="compact"' in page) == (False, True)
    assert browser.post("/me", data={"locale": "xx"}).status_code == 400
    assert browser.post("/me", data={"theme": "plaid"}).status_code == 400
    assert browser.post("/me", data={"density": "dense"}).status_code == 400


def test_programs_read_and_choose_their_persons_look(site: Site, ada: User) -> None:
    calls = program(site, ada)
    chosen = {"locale": "zh_Hans_CN", "density": "compact"}
    told = calls.post(f"{V1}/me/look", json=chosen).json()
    assert told == {"theme": "system", **chosen}
    assert calls.get(f"{V1}/me").json()["look"] == told
    assert calls.post(f"{V1}/me/look", json={"theme": "plaid"}).status_code == 422


def test_sessions_end_in_time_also_when_sign_ins_come_late(site: Site, ada: User) -> None:
    site.signed_in(ada)
    site.clock.now += timedelta(days=31)
    site.signed_in(ada)
    with site.store.read() as session:
        assert len(session.scalars(select(UserSession)).all()) == 1


def test_a_name_from_an_import_cannot_sign_in(site: Site, ada: User) -> None:
    make_user(site.store, "Dee Import", password_hash=None)
    form = {"email": "dee@lumenpay.example", "password": ""}
    assert site.browser().post("/sign-in", data=form).status_code == 422
