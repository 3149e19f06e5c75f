"""Where a conversation opens: nobody reads a letter from its signature up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.pages_server import PageServer
from tests.web.sample_desk import OPEN, SampleDesk
from tests.web.test_templates_browser import wait_for_the_line

LETTER = "\n\n".join(f"Point {n}: I kept every letter." for n in range(60))
HIDDEN_ABOVE = """() => {
  const top = (one) => Math.round(one.getBoundingClientRect().top);
  const last = [...document.querySelectorAll(".msg")].at(-1);
  return top(document.querySelector("#scroll")) - top(last);
}"""
"""By how many pixels the last message begins above what is seen."""
FROM_THE_END = "Math.round(-document.querySelector('#scroll').scrollTop)"


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    with browser.new_context(base_url=server.base, viewport={"width": 1440, "height": 900}) as one:
        yield one.new_page()


def begins_in_sight(page: Page) -> None:
    """Asked again and again from here: the pages let no string run as a script."""
    page.locator(".msg").last.wait_for()
    while page.evaluate(HIDDEN_ABOVE) != 0:
        page.wait_for_timeout(20)


def test_a_long_letter_opens_where_it_begins(page: Page, server: PageServer) -> None:
    desk = SampleDesk(server)
    page.goto(OPEN)
    page.locator("#scroll").wait_for()
    assert page.evaluate(FROM_THE_END) == 0  # short words stand at the end, as before
    desk.writes_again(LETTER)
    page.goto(OPEN)
    begins_in_sight(page)
    assert page.evaluate(FROM_THE_END) > 0
    page.goto("/")
    page.locator("#open-13").click()
    page.get_by_text("Point 59").wait_for()
    begins_in_sight(page)


def test_a_letter_that_comes_while_somebody_reads_moves_nothing(
    page: Page, server: PageServer
) -> None:
    desk = SampleDesk(server)
    page.goto(OPEN)
    page.locator("#scroll").wait_for()
    while not server.streams:
        page.wait_for_timeout(20)
    desk.writes_again(LETTER)
    page.get_by_text("Point 59").wait_for()
    assert page.evaluate(FROM_THE_END) == 0


def test_what_was_unfolded_stays_so_when_something_changes(page: Page, server: PageServer) -> None:
    desk = SampleDesk(server)
    page.goto(OPEN)
    wait_for_the_line(page, server)
    page.locator("#side details:not([open]) > summary").first.click()
    unfolded = page.locator("#side details[open]").count()
    desk.writes_again("Anyone there?")
    page.get_by_text("Anyone there?").wait_for()
    assert page.locator("#side details[open]").count() == unfolded
