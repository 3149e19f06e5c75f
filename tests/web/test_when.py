"""Days and times are asked in one writing, whatever the browser's own language is."""

import re

import pytest
from playwright.sync_api import Browser, expect

from inbox.store.tables import User
from inbox.web import render
from inbox.web.style import sample_pages
from tests.factories import make_conversation
from tests.web.serving import Site
from tests.web.test_conversations import form
from tests.web.test_files_browser import sign_in

NATIVE = re.compile(r"""type=["'](?:time|date|datetime-local|month|week)["']""")


def test_no_page_asks_in_the_writing_of_the_browser() -> None:
    pages = sample_pages("en")
    assert [name for name in pages if NATIVE.search(render.page(pages[name]))] == []


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_time_typed_loosely_is_completed_and_a_day_picked_from_the_calendar(
    browser: Browser, site: Site, ada: User, locale: str
) -> None:
    with browser.new_context(base_url=site.url, locale=locale) as window:
        sign_in(window, site, ada)
        page = window.new_page()
        page.goto("/roster")
        page.locator("[popovertarget=shift-new]").first.click()
        starts, since = page.locator("#starts-new"), page.locator("#since-new")
        for typed, meant in {
            "9": "09:00",
            "1830": "18:30",
            "6:05 pm": "18:05",
            "0:15": "00:15",
        }.items():
            starts.fill(typed)
            starts.blur()
            expect(starts).to_have_value(meant)
        starts.fill("25:00")
        starts.blur()
        assert not starts.evaluate("field => field.validity.valid")
        for typed, meant in {"2026-1-5": "2026-01-05", "20261130": "2026-11-30"}.items():
            since.fill(typed)
            since.blur()
            expect(since).to_have_value(meant)
        page.locator(".when:has(#since-new) .when-pick").click()
        shown = page.locator(".when-native")
        assert shown.input_value() == "2026-11-30"
        shown.fill("2026-12-01")
        expect(since).to_have_value("2026-12-01")
        expect(since).to_be_visible()


def test_an_answer_leaves_at_the_time_that_was_typed(site: Site, ada: User) -> None:
    """A blank between day and time is as good as the browsers' T."""

    browser = site.signed_in(ada)
    path = f"/conversations/{make_conversation(site.store).id}"
    sent = {"text": "Tomorrow.", "mode": "private", "later": "at", "at": "2026-11-24 08:30"}
    answer = browser.post(f"{path}/reply", data=form(browser.get(path).text) | sent)
    assert answer.status_code == 303, answer.text
    assert "08:30" in browser.get(path).text
