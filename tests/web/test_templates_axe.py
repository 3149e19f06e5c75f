"""What axe finds on the sample pages: nothing; and fingers find everything."""

from collections.abc import Iterator
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from inbox.web import render
from inbox.web.style import sample_pages
from tests.web.chromium import chromium
from tests.web.pages_server import Answer, Asked, PageServer, page_server

NAMES = list(sample_pages("en"))
SHORTLIST = ["list", "thread", "report", "sign-in", "accounts", "first-run", "style"]
SHORTLIST += ["classifier", "classifier-training", "drift"]
FINGER_PX = 44
SMALLER_THAN = """(least) =>
  [...document.querySelectorAll("button, summary, .btn, .tab, .view, .mode, .option")]
    .filter((one) => one.checkVisibility())
    .map((one) => {
      const box = one.getBoundingClientRect(), edge = getComputedStyle(one, "::after");
      const grown = edge.content === "none" ? 0 : -2 * parseFloat(edge.top || "0");
      return [one.className || one.textContent.trim(), Math.round(box.height + grown)];
    })
    .filter(([, height]) => height < least)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with page_server() as found:
        for locale in ("en", "zh_Hans_CN"):
            for name, context in sample_pages(locale).items():
                found.pages[f"/{locale}/{name}"] = partial(answer, render.page(context))
        yield found


def answer(text: str, _: Asked) -> Answer:
    return Answer(text)


def opened(browser: Browser, url: str, *, dark: bool = False, phone: bool = False) -> Page:
    page = browser.new_page(
        viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        has_touch=phone,
        is_mobile=phone,
    )
    page.goto(url)
    return page


def violations(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.close()
    nodes = [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]
    return nodes + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(browser: Browser, server: PageServer, name: str) -> None:
    assert violations(opened(browser, f"{server.base}/en/{name}")) == []


@pytest.mark.parametrize("name", SHORTLIST)
def test_axe_finds_nothing_in_the_dark(browser: Browser, server: PageServer, name: str) -> None:
    assert violations(opened(browser, f"{server.base}/en/{name}", dark=True)) == []


@pytest.mark.parametrize("name", SHORTLIST)
def test_axe_finds_nothing_on_a_chinese_phone_and_fingers_find_everything(
    browser: Browser, server: PageServer, name: str
) -> None:
    page = opened(browser, f"{server.base}/zh_Hans_CN/{name}", phone=True)
    assert page.evaluate(SMALLER_THAN, FINGER_PX) == []
    assert violations(page) == []


@pytest.mark.parametrize("dialog", ["help", "me", "tags", "excuse", "resolve"])
def test_axe_finds_nothing_in_an_open_dialog(
    browser: Browser, server: PageServer, dialog: str
) -> None:
    page = opened(browser, f"{server.base}/en/thread")
    page.evaluate(f"document.getElementById('{dialog}').showPopover()")
    assert violations(page) == []
