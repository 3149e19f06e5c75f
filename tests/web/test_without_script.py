"""A browser that runs no script: people read, answer and set everything by links and forms."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from inbox.store.tables import User
from tests.factories import PASSWORD, make_account, make_conversation
from tests.web.serving import Site

WORDS = "It left us this morning."


@pytest.fixture
def page(browser: Browser, site: Site, ada: User, bo: User) -> Iterator[Page]:
    """Ada's, signed in by the form; one customer has waited for an hour."""
    since = site.clock() - timedelta(hours=1)
    make_conversation(site.store, make_account(site.store, "mastodon"), opened_at=since)
    with browser.new_context(
        base_url=site.url, viewport={"width": 1440, "height": 900}, java_script_enabled=False
    ) as window:
        window.set_default_timeout(15_000)
        found = window.new_page()
        found.goto("/")
        found.fill("[name=email]", ada.email)
        found.fill("[name=password]", PASSWORD)
        press(found, "Sign in")
        expect(found).to_have_title("(1) Inbox · Lumen Pay · Replydesk")
        yield found


def press(page: Page, button: str) -> None:
    """The button that is in sight."""
    page.get_by_role("button", name=button, exact=True).locator("visible=true").first.click()


def says(page: Page, *words: str) -> None:
    for one in words:
        expect(page.locator("main")).to_contain_text(one)


def test_who_has_no_script_reads_answers_and_changes_every_setting(page: Page) -> None:
    reads_and_answers(page)
    for path, change in SETTINGS.items():
        page.goto(path)
        change(page)


def reads_and_answers(page: Page) -> None:
    row = page.locator(".row-link", has_text="Where is my refund?")
    expect(row).to_contain_text("23 h")
    row.click()
    expect(page.locator("#clock")).to_contain_text("left to answer")
    page.fill("#composer-text", WORDS)
    press(page, "Reply Ctrl ↵")
    expect(page.locator(".msg-out", has_text=WORDS)).to_contain_text("Goes out")
    press(page, "Correct t")
    page.locator("#tags [name=category][value=payment]").check()
    press(page, "Save")
    expect(page.locator(".why-head")).to_contain_text("Payment")
    press(page, "Set aside")
    page.locator("#aside [name=until]").first.click()
    says(page, "Snoozed until")


def accounts(page: Page) -> None:
    page.get_by_role("link", name="Mastodon").click()
    press(page, "Pause")
    says(page, "Paused")
    press(page, "Resume")


def people(page: Page) -> None:
    page.fill("[name=email]", "eli@lumenpay.example")
    press(page, "Invite")
    says(page, "eli@lumenpay.example", "hand this link over yourself")
    page.goto("/people")
    page.get_by_role("link", name="Bo Narin").click()
    page.select_option("[name=role]", "lead")
    press(page, "Save")
    expect(page.locator("[name=role]")).to_have_value("lead")


def policies(page: Page) -> None:
    page.locator("main a.rule-do").first.click()
    page.fill("[name=first]", "12")
    page.select_option("[name=first_unit]", "h")
    press(page, "See what would change")
    says(page, "would")
    press(page, "Save as a new version")
    says(page, "12 h")


def roster(page: Page) -> None:
    press(page, "Add a shift")
    page.fill("#name-new", "Day")
    page.fill("#starts-new", "08:00")
    page.fill("#ends-new", "20:00")
    page.get_by_label("Bo Narin, Week 1").locator("visible=true").check()
    press(page, "Save")
    says(page, "The shifts are changed.", "On duty now:", "Nobody 20:00–24:00")


def rules(page: Page) -> None:
    page.get_by_role("link", name="Add a rule").first.click()
    page.fill("[name=name]", "Refunds to Bo")
    page.fill("[name=words]", "refund")
    page.select_option("[name=assign]", label="Bo Narin")
    press(page, "What would it have done last week?")
    says(page, "1 message of the last 7 days", "Where is my refund?")
    press(page, "Save")
    says(page, "The rule is saved.", "Refunds to Bo")


def answers(page: Page) -> None:
    page.get_by_role("link", name="Write an answer").first.click()
    page.fill("[name=name]", "On its way")
    page.fill("[name=shortcut]", "way")
    page.fill("[name='text.en']", "It is on its way, {customer}.")
    press(page, "Save")
    says(page, "Saved.", "/way")


def classifier(page: Page) -> None:
    press(page, "Train now")
    says(page, "Waits for the worker")


def webhooks(page: Page) -> None:
    page.fill("[name=name]", "Team chat")
    page.fill("[name=url]", "https://chat.example/hook")
    page.locator("[name=event]").first.check()
    press(page, "Add a webhook")
    says(page, "The webhook is made.")


def tokens(page: Page) -> None:
    page.fill("[name=name]", "nightly figures")
    page.locator("[name=scope]").first.check()
    press(page, "Make a token")
    says(page, "The token is made.")
    press(page, "Revoke")
    page.locator("dialog, [popover]").get_by_role("button", name="Revoke").click()
    expect(page.locator("main")).to_contain_text("No token yet.")


def audit(page: Page) -> None:
    page.select_option("#who", label="Ada Voss")
    press(page, "Show")
    says(page, "Ada Voss")


def reports(page: Page) -> None:
    press(page, "Filter")
    page.locator("#filter [name=urgency][value=high]").check()
    page.locator("#filter [name=category][value=refund]").check()
    press(page, "Show the report")
    says(page, "Nothing in these days fits this filter")
    page.get_by_role("link", name="Remove High").click()
    expect(page.locator(".filter-chips")).to_have_text(re.compile(r"^\s*Category\s*Refund"))
    page.get_by_role("link", name="Clear").first.click()
    expect(page.locator(".filter-chips")).to_have_count(0)
    page.get_by_role("link", name="As of now").click()
    says(page, "No answer was due")


def appearance(page: Page) -> None:
    press(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    press(page, "中文")
    expect(page.locator("h1")).to_have_text("个人资料")


SETTINGS: dict[str, Callable[[Page], None]] = {
    "/accounts": accounts,
    "/people": people,
    "/policies": policies,
    "/roster": roster,
    "/rules": rules,
    "/answers": answers,
    "/classifier": classifier,
    "/webhooks": webhooks,
    "/tokens": tokens,
    "/audit": audit,
    "/reports": reports,
    "/me": appearance,
}
