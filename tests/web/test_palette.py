"""The palette in a real browser: it presses what the page offers, and finds conversations."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from inbox.store.search import index_everything
from inbox.store.tables import User
from tests.factories import make_account, make_conversation
from tests.web.axe import violations
from tests.web.serving import Site
from tests.web.test_files_browser import sign_in


@pytest.fixture
def page(browser: Browser, site: Site, ada: User) -> Iterator[Page]:
    """Ada, with one customer's conversation open and a word of an answer written."""
    account = make_account(site.store)
    one = make_conversation(site.store, account, name="Lin Yue", text="退款还没有到账")
    make_conversation(site.store, account, name="Tom Adeyemi", text="My card was charged twice")
    with site.store.write() as session:
        index_everything(session, 100)
    with browser.new_context(base_url=site.url) as context:
        sign_in(context, site, ada)
        page = context.new_page()
        page.goto(f"/conversations/{one.id}")
        page.locator("#composer-text").fill("Hello")
        page.keyboard.press("Control+k")
        yield page


def test_it_presses_the_pages_own_buttons_and_keeps_what_is_written(page: Page) -> None:
    assert violations(page) == []
    page.keyboard.type("no reply")
    page.keyboard.press("Enter")
    expect(page.locator("#excuse")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#composer-text")).to_have_value("Hello")


def test_it_goes_to_pages_and_to_the_conversations_that_a_search_finds(page: Page) -> None:
    field = page.get_by_role("combobox", name="Go to, or do")
    field.fill("charged")
    found = page.get_by_role("option", name="Tom Adeyemi")
    expect(found).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations/*charged*")  # loaded, and its keys listened to
    expect(page.locator(".th-who")).to_contain_text("Tom Adeyemi")
    page.keyboard.press("Control+k")
    field.fill("nowhere at all")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()
    field.fill("o")  # several pages; one down from the first, and back
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    field.fill("roster")
    page.keyboard.press("Enter")
    page.wait_for_url("**/roster")
    page.keyboard.press("Control+k")
    field.fill("forecast")
    page.keyboard.press("Enter")
    page.wait_for_url("**/planner")


def test_things_are_found_by_what_else_they_are_called(page: Page) -> None:
    field = page.get_by_role("combobox", name="Go to, or do")
    for words, name in (
        ("snooze", "Set aside"),
        ("report yesterday", "Yesterday’s report"),
        ("invite", "Invite somebody"),
        ("theme", "Dark"),
    ):
        field.fill(words)
        expect(page.get_by_role("option", name=name)).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("radio", name="Note")).to_be_checked()
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.press("Escape")
    for key, dialog in (("s", "#aside"), ("e", "#resolve")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".th-owner")).to_contain_text("You")
    page.locator("#find").focus()
    expect(page.locator("#find-hint")).to_be_visible()


def test_the_words_of_another_window_are_one_press_away(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.route("**/draft", lambda route: route.abort())  # on its way still
    other.locator("#composer-text").fill("Hello, it left us this morning")
    page.keyboard.press("Escape")
    swapped = (
        "() => document.dispatchEvent(new CustomEvent('htmx:after:swap', {detail: {ctx: {}}}))"
    )
    page.evaluate(swapped)  # as any live update of the list
    expect(page.locator("#composer-text")).to_have_value("Hello")
    page.locator("#elsewhere-take").click()
    expect(page.locator("#composer-text")).to_have_value("Hello, it left us this morning")
    expect(page.locator("#elsewhere")).to_be_hidden()
