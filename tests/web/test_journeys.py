"""What people do all day, walked in a browser: each journey once, from first page to last."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from connectors.core.contract import Author, Direction, Message
from inbox.flows import bulk, states
from inbox.flows.ingest import ingest
from inbox.store.tables import Account, User
from tests.factories import PASSWORD, make_account, make_conversation
from tests.flows.test_two_step import shown
from tests.web.serving import Site
from tests.web.test_files_browser import sign_in

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


@pytest.fixture
def window(browser: Browser, site: Site, ada: User) -> Iterator[BrowserContext]:
    """Nobody has signed in yet; whatever scripts or the content policy complain of fails."""
    wrong: list[str] = []
    with browser.new_context(
        base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    ) as found:
        found.set_default_timeout(15_000)
        found.on("weberror", lambda error: wrong.append(str(error.error)))
        found.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        yield found
    assert [one for one in wrong if "422" not in one] == []


@pytest.fixture
def page(window: BrowserContext, site: Site, ada: User) -> Page:
    """Ada, an admin, is there."""
    sign_in(window, site, ada)
    return window.new_page()


def test_a_password_alone_opens_nothing_once_the_second_step_is_on(
    window: BrowserContext, site: Site, ada: User
) -> None:
    page = window.new_page()
    first_step(page, ada, "/me/two-step")
    page.get_by_role("button", name="Set up").click()
    secret = page.locator("#key").inner_text().replace(" ", "")
    page.get_by_role("textbox").fill(shown(secret, site.clock))
    page.get_by_role("textbox").press("Enter")
    codes = page.locator(".codes code").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    page.locator(".rail-me").click()
    page.get_by_role("button", name="Sign out").click()
    first_step(page, ada, "/accounts")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.locator(".hint-wrong")).to_contain_text("This is not the code")
    site.clock.forward(seconds=30)
    page.get_by_role("textbox").fill(shown(secret, site.clock))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Accounts")
    window.clear_cookies()
    first_step(page, ada, "/me/two-step")
    page.get_by_role("textbox").fill(codes[3])
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("9 are left.")


def first_step(page: Page, user: User, wanted: str) -> None:
    """The e-mail address and the password, on the way to a page."""
    page.goto(wanted)
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_what_is_snoozed_leaves_the_list_and_comes_back_by_itself(page: Page, site: Site) -> None:
    """In time for the answer, whatever was asked; before the eyes of who looks at the list."""
    make_conversation(site.store, name="Lin Yue", opened_at=site.clock() - timedelta(hours=11))
    page.goto("/")
    row = page.locator(".row-link", has_text="Lin Yue")
    row.press("Enter")
    page.get_by_role("button", name="Assign to me").press("Enter")
    expect(page.locator(".th-owner")).to_contain_text("You")
    expect(page.locator(".th-owner")).to_be_focused()
    page.get_by_role("button", name="Set aside").click()
    expect(page.locator("#aside .aside-time").first).to_be_focused()
    page.locator("#aside").get_by_role("button", name="Tomorrow").press("Enter")
    expect(page.locator("#standing")).to_contain_text("Snoozed until today 10:00")
    expect(page.locator("#thread")).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("it comes back in time")
    expect(row).to_have_count(0)
    site.clock.forward(hours=1)
    assert states.reopen_due(site.store, site.clock()) == 1
    expect(row).to_be_visible()
    expect(page.locator("#standing").get_by_text("Snoozed")).to_have_count(0)


def test_a_rule_is_tried_on_last_week_and_then_acts_on_what_comes(
    page: Page, site: Site, bo: User
) -> None:
    account = connected(site)
    writes(site, account, "m1", "Is a refund to a closed card possible?")
    page.goto("/rules")
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill("Refunds to Bo")
    page.get_by_label("Phrases").fill("refund")
    page.get_by_label("Give it to").select_option(label="Bo Narin")
    page.get_by_role("button", name="last week").click()
    tried = page.locator(".routing-tried")
    expect(tried).to_contain_text("1 message of the last 7 days")
    expect(tried).to_contain_text("Bo Narin 1×")
    page.get_by_label("Switched on").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The rule is saved.")
    page.goto("/")
    writes(site, account, "m2", "Where is my refund?")
    row = page.locator(".row", has_text="Where is my refund?")
    expect(row.locator(".row-owner")).to_contain_text("BN")


def connected(site: Site) -> Account:
    """An account that has been here for a while."""
    return make_account(site.store, "mastodon", created_at=site.clock() - timedelta(days=8))


def writes(site: Site, account: Account, id_: str, text: str) -> None:
    """A customer of their own writes."""
    at, author = site.clock() - timedelta(minutes=1), Author(id_, f"@{id_}", id_)
    message = Message(
        external_id=id_,
        conversation=id_,
        direction=Direction.IN,
        text=text,
        sent_at=at,
        author=author,
    )
    ingest(site.store, account, [message], classifier=None, now=site.clock())


def test_the_week_is_planned_by_keyboard_and_by_dragging(page: Page, site: Site, bo: User) -> None:
    page.goto("/roster")
    page.get_by_role("button", name="Add a shift").press("Enter")
    expect(page.locator("#name-new")).to_be_focused()
    page.keyboard.type("Day")
    page.locator("#starts-new").fill("08:00")
    page.locator("#ends-new").fill("20:00")
    page.get_by_label("Ada Voss, Week 1").press("Space")
    page.locator("#name-new").press("Enter")
    wednesday = page.locator(".week-day", has_text="25 Nov")
    expect(wednesday.locator(".duty")).to_contain_text("Ada Voss")
    expect(wednesday.locator(".hole").last).to_contain_text("Nobody 20:00–24:00")

    page.wait_for_load_state()
    page.locator(".staff-one", has_text="Bo Narin").drag_to(wednesday.locator(".duty-who"))
    expect(page.locator(".roster-done")).to_contain_text("Swapped.")
    expect(wednesday.locator(".duty")).to_contain_text("Bo Narin")

    page.wait_for_load_state()
    thursday = page.locator(".week-day", has_text="26 Nov").locator(".duty-who")
    thursday.press("Enter")
    expect(page.locator("#s-duty")).to_have_value(re.compile(r"day\|2026-11-26\|ada@"))
    expect(page.locator("#s-takes")).to_be_focused()
    page.locator("#s-takes").select_option(label="Bo Narin")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Swap", exact=True).press("Enter")
    expect(thursday).to_contain_text("Bo Narin")

    page.wait_for_load_state()
    wednesday.locator(".hole").last.press("Enter")
    page.locator("#name-new").fill("Late")
    page.get_by_label("Bo Narin, Week 1").locator("visible=true").check()
    page.locator("#name-new").press("Enter")
    expect(wednesday.locator(".duty").last).to_contain_text("20:00–24:00Late")
    expect(wednesday.locator(".hole")).to_have_count(1)


def test_many_are_found_chosen_and_ended_at_once(page: Page, site: Site) -> None:
    account = connected(site)
    for name in ("ann", "lin", "max"):
        writes(site, account, name, "The app is down")
    writes(site, account, "tom", "Where is my refund?")
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("app down")
    with page.expect_event("load"):
        page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(3)
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("#picked")).to_contain_text("3 chosen")
    page.locator("#picked").get_by_role("button", name="More").click()
    page.locator("[name=move]").select_option("resolve")
    page.locator("[name=reason]").first.fill("It is up again")
    page.get_by_role("button", name="Apply to the ticked").click()
    bulk.work(site.store, site.clock)
    page.reload()
    expect(page.locator("main")).to_contain_text("Done: 3 of 3.")
    page.goto("/")
    expect(page.locator(".row")).to_have_count(1)


def test_on_a_phone_in_the_dark_in_chinese_a_customer_is_answered(
    browser: Browser, site: Site, ada: User
) -> None:
    writes(site, connected(site), "林月", "我的退款在哪里？")
    with browser.new_context(base_url=site.url, reduced_motion="reduce", **PHONE) as window:
        page = window.new_page()
        first_step(page, ada, "/")
        for choice in ("中文", "深色"):
            page.locator(".tabbar").get_by_role("button").last.tap()
            expect(page.locator("#me")).to_have_css("bottom", "0px")  # by the thumb
            page.locator("#me").get_by_role("button", name=choice).or_(
                page.locator("#me").get_by_role("button", name=choice)
            ).tap()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.locator(".row-link", has_text="我的退款在哪里？").tap()
        expect(page.locator("#list")).to_be_hidden()
        page.locator("#composer-text").fill("已经在路上。")
        page.locator("#composer [type=submit].btn-primary").tap()
        expect(page.locator(".msg-out", has_text="已经在路上。")).to_be_visible()
        page.locator(".th-back").tap()
        expect(page.locator(".row")).to_contain_text("我的退款在哪里？")
