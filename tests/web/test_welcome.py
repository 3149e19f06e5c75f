"""The first run, as a newcomer walks it: without JavaScript, left and taken up again."""

import httpx2
import pytest

from inbox.flows import demo, first_run
from inbox.store import report_mails
from inbox.store.accounts import brand
from inbox.store.tables import Brand, User
from tests.factories import make_account, make_user
from tests.web.serving import Site

GUESS = "data-guess"
"""The browser's own zone instead of UTC; never instead of one that somebody chose."""
WORDS = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "zh-CN"}


@pytest.fixture
def admin(empty_site: Site) -> User:
    """Ada has made her account, and nothing else."""
    return make_user(empty_site.store, "Ada Voss", "admin")


@pytest.fixture
def browser(empty_site: Site, admin: User) -> httpx2.Client:
    return empty_site.signed_in(admin)


def named(site: Site) -> Brand:
    with site.store.read() as session:
        found = brand(session)
    assert found is not None
    return found


def to(answer: httpx2.Response) -> str:
    """Where a form led to."""
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_newcomer_walks_through_and_never_comes_back(
    empty_site: Site, browser: httpx2.Client
) -> None:
    assert to(browser.get("/")) == "/welcome/brand"
    assert to(browser.get("/welcome/people")) == "/welcome/brand"
    first = browser.get("/welcome/brand").text
    assert 'value="Lumenpay"' in first
    assert GUESS in first
    wrong = browser.post("/welcome/brand", data={"name": " ", "brand_zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert GUESS not in wrong.text
    assert wrong.text.count('aria-invalid="true"') == 2
    given = {"name": "Lumen Pay", "brand_zone": "shanghai", "locale": "zh_Hans_CN"}
    assert to(browser.post("/welcome/brand", data=given)) == "/welcome/accounts"
    made = named(empty_site)
    assert (made.name, made.zone, made.locale) == ("Lumen Pay", "Asia/Shanghai", "zh_Hans_CN")
    with empty_site.store.read() as session:
        (gets,) = report_mails.recipients(session)
    assert (gets.address, gets.locale) == ("ada@lumenpay.example", "zh_Hans_CN")
    assert (made.report_at, gets.at, gets.kinds) == ("07:00", None, ["day", "week", "month"])
    assert "试用演示" in browser.get("/welcome/accounts").text
    assert GUESS not in browser.get("/welcome/brand").text

    assert to(browser.post("/demo")) == "/welcome/done"
    assert "虚构的客户正在搬进来" in browser.get("/welcome/done").text
    assert browser.get("/").status_code == 200  # there is something to show, and a way back
    assert to(browser.get("/welcome")) == "/welcome/people"
    assert browser.post("/welcome/people", data={"email": "bo"}).status_code == 422
    invited = browser.post("/welcome/people", data={"email": "bo@lumenpay.example"})
    assert "/join/" in invited.text
    assert to(browser.post("/welcome/skip", data={"step": "people"})) == "/welcome/done"
    assert browser.get("/welcome/done").status_code == 200
    assert to(browser.get("/welcome")) == "/"
    assert sorted(named(empty_site).settled) == ["accounts", "people"]


def test_every_step_can_be_passed_over_and_gone_back_to(
    empty_site: Site, browser: httpx2.Client
) -> None:
    assert to(browser.post("/welcome/skip", data={"step": "people"})) == "/welcome/brand"
    skipped = {"name": "", "brand_zone": "Nowhere", "skip": "1"}
    assert to(browser.post("/welcome/brand", data=skipped)) == "/welcome/accounts"
    assert (named(empty_site).name, named(empty_site).zone) == ("Lumenpay", "UTC")
    assert to(browser.post("/welcome/skip", data={"step": "accounts"})) == "/welcome/people"
    assert to(browser.get("/")) == "/welcome/people"
    assert to(browser.post("/welcome/skip", data={"step": "people"})) == "/welcome/done"
    empty = browser.get("/")
    assert 'href="/welcome/accounts"' in empty.text  # the empty list teaches the next step
    again = {"name": "Lumen", "brand_zone": "Europe/Lisbon", "locale": "en"}
    assert to(browser.post("/welcome/brand", data=again)) == "/welcome/done"
    assert named(empty_site).name == "Lumen"
    assert browser.post("/welcome/skip", data={"step": "brand"}).status_code == 400


@pytest.mark.parametrize(
    ("email", "name"),
    [("ada@lumen-pay.example", "Lumen Pay"), ("ada@gmail.example", ""), ("ada@brand.example", "")],
)
def test_a_brand_is_guessed_from_an_address_of_its_own_alone(email: str, name: str) -> None:
    assert first_run.a_name(email) == name


def test_before_there_is_a_brand_the_pages_speak_the_browsers_language(
    browser: httpx2.Client,
) -> None:
    assert "品牌" in browser.get("/welcome/brand", headers=WORDS).text


def test_the_demo_moves_out_on_one_click(site: Site, ada: User) -> None:
    """An installation that was there before the first run had steps is through with it."""
    browser = site.signed_in(ada)
    assert to(browser.get("/welcome")) == "/"
    assert browser.get("/welcome/accounts").status_code == 200
    browser.post("/demo")
    assert 'popovertarget="demo"' in browser.get("/accounts").text
    assert to(browser.post("/demo/remove")) == "/accounts?done=demo_removed"
    assert demo.standing(site.store) is None
    assert 'popovertarget="demo"' not in browser.get("/accounts?done=demo_removed").text


def test_what_is_done_is_read_from_what_is_there(site: Site, ada: User) -> None:
    with site.store.write() as session:
        session.get_one(Brand, 1).settled = []
    states = []
    for more in (
        lambda: None,
        lambda: make_account(site.store),
        lambda: make_user(site.store, "Bo"),
    ):
        more()
        with site.store.read() as session:
            states.append(first_run.how_far(session).next)
    assert states == ["accounts", "people", None]
