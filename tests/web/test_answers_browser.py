"""Canned answers in the composer, by keyboard and by mouse."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from inbox.web import render
from inbox.web.pages_composer import Pick, Picks
from inbox.web.style_people import sample_frame
from tests.web.pages_server import Answer, PageServer
from tests.web.sample_desk import OPEN, SampleDesk

DAY_MS = 24 * 60 * 60 * 1000
PICKS = (
    Pick(1, "Refund", "refund", "en", "Your refund comes by {due}, <Lin>.", ("due",)),
    Pick(2, "Greeting", "hi", "en", "Hello Lin Yue"),
)


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    SampleDesk(server)
    part = render.part(Picks(sample_frame(), PICKS))
    server.pages[f"{OPEN}/answers"] = lambda _: Answer(part)
    with browser.new_context(base_url=server.base) as context:
        found = context.new_page()
        found.goto(OPEN)
        yield found


def test_a_slash_opens_the_list_and_enter_inserts_what_was_found(page: Page) -> None:
    words, field, picks = (
        page.locator(f"#{one}") for one in ("composer-text", "picks-find", "picks")
    )
    words.fill("and/or ")
    expect(picks).to_be_hidden()
    words.press_sequentially("/")
    expect(field).to_be_focused()
    assert field.get_attribute("aria-activedescendant") == "pick-1"
    field.press("Escape")
    expect(words).to_be_focused()
    expect(words).to_have_value("and/or /")
    words.press("Backspace")
    words.press_sequentially("/")
    expect(field).to_be_focused()
    field.press("ArrowDown")
    expect(page.locator("#pick-2")).to_have_attribute("aria-selected", "true")
    field.press_sequentially("refu")
    expect(page.locator("#pick-2")).to_be_hidden()
    field.press("Enter")
    expect(words).to_have_value("and/or Your refund comes by {due}, <Lin>.")
    expect(words).to_be_focused()
    expect(page.locator("#braces")).to_contain_text("{due}")
    assert page.evaluate("document.getSelection().toString()") == "{due}"
    page.keyboard.type("Friday")
    expect(page.locator("#braces")).to_be_hidden()
    expect(page.locator("#canned")).to_have_value("1")


def test_a_slash_that_was_meant_as_one_takes_no_words(page: Page, server: PageServer) -> None:
    words, field, picks = (
        page.locator(f"#{one}") for one in ("composer-text", "picks-find", "picks")
    )
    words.press_sequentially("50 /")
    expect(field).to_be_focused()
    page.keyboard.type(" 50 of /var/log")
    expect(field).to_be_focused()
    page.keyboard.type(" or /etc")
    field.press("Escape")
    expect(words).to_have_value("50 / 50 of /var/log or /etc")
    expect(words).to_be_focused()
    expect(picks).to_be_hidden()


def test_words_typed_while_the_list_is_fetched_choose_in_it(page: Page, server: PageServer) -> None:
    held: list[Route] = []
    page.route("**/answers", lambda route: held.append(route))
    words = page.locator("#composer-text")
    words.press_sequentially("So: /refu")
    while not held:
        page.wait_for_timeout(20)
    held.pop().fallback()
    field = page.locator("#picks-find")
    expect(field).to_be_focused()
    expect(field).to_have_value("refu")
    expect(words).to_have_value("So: /")


def test_a_window_that_ends_under_the_hand_is_told_and_moves_no_word(page: Page) -> None:
    page.clock.install()
    page.reload()
    page.locator("#composer [value=private]").check(force=True)
    told, note = page.locator(".mode-window"), page.locator("#window-over")
    expect(told).to_have_text("6 d left")
    words = page.locator("#composer-text")
    words.fill("We look at once")
    page.clock.fast_forward(5 * DAY_MS)
    expect(told).to_have_text(re.compile("^2[34] h left$"))
    expect(note).to_be_hidden()
    before = words.bounding_box()
    page.clock.fast_forward(DAY_MS)
    expect(told).to_have_text("over")
    expect(note).to_contain_text("time for this kind of answer is over")
    assert words.bounding_box() == before
    expect(words).to_have_value("We look at once")
    page.locator("#composer [value=note]").check(force=True)
    page.clock.fast_forward(5000)
    expect(note).to_be_hidden()


def test_a_button_opens_the_list_for_the_mouse(page: Page, server: PageServer) -> None:
    words, picks = page.locator("#composer-text"), page.locator("#picks")
    page.locator("#picks-open").click()
    expect(picks).to_be_visible()
    page.locator("#pick-2").click()
    expect(words).to_have_value("Hello Lin Yue")
    expect(picks).to_be_hidden()
    page.locator("#picks-open").click()
    page.locator("#thread").click()
    expect(picks).to_be_hidden()
    assert server.of(f"{OPEN}/reply") == []
