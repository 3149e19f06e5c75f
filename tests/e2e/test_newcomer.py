"""The first two minutes: from the printed link to an answered customer, by what is shown."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import ADA, chromium, open_page
from tests.e2e.product import Product

pytestmark = pytest.mark.timeout(180)

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
WORDS = "Sorry, Greta. We call you within the hour."


class Hand:
    """Presses what can be read on the page, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, words: str) -> None:
        """The one button or link that says so."""
        self.presses += 1
        named: Any = {"name": words, "exact": True}
        self.page.get_by_role("button", **named).or_(self.page.get_by_role("link", **named)).click()

    def written(self) -> Locator:
        """The field of the answer."""
        return self.page.get_by_role("textbox", name="Answer")


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
def test_a_newcomer_answers_the_most_urgent_customer_after_five_presses(
    window: dict[str, Any], tmp_path: Path
) -> None:
    """Nothing is typed but who one is and the answer: the cursor waits in each field. What was sent
    too early comes back into the form."""
    with Product(tmp_path / "data", warm=True) as desk, chromium() as browser:
        assert desk.link is not None
        page, wrong = open_page(browser, **window)
        page.set_default_timeout(45_000)
        hand = Hand(page)
        page.goto(desk.link)
        for word in (ADA["name"], "ada@lumenpay.example", ADA["password"]):
            page.keyboard.type(word)
            page.keyboard.press("Tab")
        hand.press("Start")
        brand = page.get_by_label("Brand that your customers know")
        expect(brand).to_have_value("Lumenpay", timeout=30_000)
        hand.press("Go on")
        hand.press("Try the demo")
        hand.press("Answer who is due first")
        expect(page.locator("#thread h1")).to_contain_text("Greta Holmqvand")
        expect(hand.written()).to_be_focused()
        assert page.evaluate("document.documentElement.scrollHeight === innerHeight")
        page.keyboard.type(WORDS)
        hand.press("Reply Ctrl ↵" if window is DESK else "Reply")
        assert hand.presses == 5

        hand.press("Undo")
        expect(hand.written()).to_have_value(WORDS)
        expect(page.locator(".msg-out")).to_have_count(0)
        hand.press("Reply Ctrl ↵" if window is DESK else "Reply")
        expect(page.locator(".msg-out")).to_contain_text("Sent", timeout=30_000)
        assert wrong == []
