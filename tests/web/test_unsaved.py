"""What was typed into a settings form and not saved: nobody loses it by a stray press."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from inbox.store.tables import User
from tests.web.serving import Site
from tests.web.test_files_browser import sign_in
from tests.web.test_live import wait_until


class Asked:
    """The browser's questions on leaving; each is answered with `leave`."""

    def __init__(self, page: Page) -> None:
        self.kinds: list[str] = []
        self.leave = False
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.kinds.append(dialog.type)
        if self.leave:
            dialog.accept()
        else:
            dialog.dismiss()


@pytest.fixture
def page(browser: Browser, site: Site, ada: User) -> Iterator[Page]:
    """Ada's window; whatever scripts or the content policy complain of fails."""
    wrong: list[str] = []
    with browser.new_context(base_url=site.url, reduced_motion="reduce") as context:
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        sign_in(context, site, ada)
        yield context.new_page()
    assert [one for one in wrong if "422" not in one] == []


def test_a_half_written_shift_is_asked_for_before_the_page_is_left(page: Page) -> None:
    asked = Asked(page)
    page.goto("/roster")
    page.get_by_role("button", name="Add a shift").click()
    page.locator("#name-new").fill("Early")
    page.keyboard.press("Escape")
    link = page.locator(".rail a[href='/reports']").first
    link.click()
    wait_until(lambda: asked.kinds == ["beforeunload"])
    expect(page.locator("h1")).to_have_text("Roster")
    page.locator("#unsaved").get_by_role("button", name="Go on").click()
    expect(page.locator("#unsaved")).to_be_hidden()
    expect(page.locator("#name-new")).to_have_value("Early")
    page.keyboard.press("Escape")
    asked.leave = True
    link.click()
    page.wait_for_url(re.compile("/reports"))
    assert asked.kinds == ["beforeunload"] * 2


def test_a_dialog_that_was_shut_half_written_says_so_and_can_be_discarded(page: Page) -> None:
    asked = Asked(page)
    page.goto("/roster")
    note = page.locator("#unsaved")
    page.get_by_role("button", name="Add a shift").click()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    page.get_by_role("button", name="Add a shift").click()
    page.locator("#name-new").fill("Early")
    page.mouse.click(5, 400)  # beside it
    expect(note).to_contain_text("Not saved yet: Add a shift")
    note.get_by_role("button", name="Discard").click()
    expect(note).to_be_hidden()
    expect(page.locator("#name-new")).to_have_value("")
    page.goto("/reports")
    assert asked.kinds == []


def test_what_stands_as_it_was_or_was_saved_asks_nothing(page: Page) -> None:
    asked = Asked(page)
    page.goto("/roster")
    page.get_by_role("button", name="Add a shift").click()
    page.locator("#name-new").fill("Early")
    page.locator("#name-new").fill("")
    page.locator("#shift-new [name=day]").first.uncheck()
    page.locator("#shift-new [name=day]").first.check()
    page.goto("/roster")
    page.get_by_role("button", name="Add a shift").click()
    page.locator("#name-new").fill("Early")
    page.locator("#starts-new").fill("06:00")
    page.locator("#ends-new").fill("14:00")
    page.locator("#shift-new [name=week0]").first.check()
    page.locator("#shift-new button[value=save]").click()
    expect(page.locator(".roster-done")).to_be_visible()
    page.goto("/reports")
    assert asked.kinds == []


def test_a_preview_or_a_refusal_is_not_saved_and_asks_before_it_goes(page: Page) -> None:
    asked = Asked(page)
    page.goto("/policies/edit")
    page.locator("main form [name=name]").fill("Fast ones")
    page.locator("button[value=preview]").first.click()
    expect(page.locator("main form [name=name]")).to_have_value("Fast ones")
    page.locator(".rail a[href='/reports']").first.click()
    wait_until(lambda: asked.kinds == ["beforeunload"])
