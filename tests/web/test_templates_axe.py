"""What axe finds on the sample pages: nothing; fingers find everything; and no page is too wide on
any screen, in a language of longer words, or read from the right."""

import re
from collections.abc import Iterator
from functools import partial
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from inbox.web import render
from inbox.web.style import sample_pages
from tests.web.axe import violations
from tests.web.pages_server import Answer, Asked, PageServer, page_server

NAMES = list(sample_pages("en"))
SHORTLIST = ["list", "thread", "report", "sign-in", "accounts", "welcome-accounts", "style"]
SHORTLIST += ["classifier", "classifier-training", "drift"]
SHORTLIST += ["me", "people", "roster", "policies", "calendars", "contacts", "contact"]
SHORTLIST += ["notices", "webhooks", "webhook", "tokens"]
SPILT = "(all) => all.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.textContent)"
WIDER = "(all) => all.filter((it) => it.offsetWidth > it.parentElement.clientWidth).length"
DIALOGS = "(all) => all.map((one) => one.id)"
FINGER_PX = 44
SMALLER_THAN = """(least) =>
  [...document.querySelectorAll("a[href], button, summary, label, input, select, textarea")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .filter((one) => !one.matches(".sr, .skip, label:not(:has(input))"))
    .map((one) => (one.matches("[type=checkbox], [type=radio]") && one.closest("label")) || one)
    .filter((one) => {
      const line = one.parentElement.textContent.trim().length - one.textContent.trim().length;
      return getComputedStyle(one).display !== "inline" || line < 3; // not in a sentence
    })
    .map((one) => {
      const box = one.getBoundingClientRect(), edge = getComputedStyle(one, "::after");
      const grown = edge.position === "absolute" ? -2 * parseFloat(edge.top || "0") : 0;
      return [one.className || one.textContent.trim(), Math.round(box.height + grown)];
    })
    .filter(([, height]) => height > 1 && height < least)
"""

LONGER = r"""() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), words = [];
  const kept = "script, style, svg, textarea, option, code, kbd, time, [translate=no]";
  while (walk.nextNode()) words.push(walk.currentNode);
  for (const one of words.filter((it) => !it.parentElement.closest(kept))) {
    const text = one.data.trim();
    if (/\p{L}/u.test(text)) one.data += ` ${text.slice(0, Math.ceil(text.length * 0.4)).trim()}`;
  }
}"""
"""Every text 40 % longer, as a translation may be."""

CUT = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest("svg, .sr"))
  .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowY))
  .filter((one) => one.scrollHeight > one.clientHeight + 1)
  .map((one) => one.className || one.tagName)"""
ALONE = r"""() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = new Range(), found = [];
  const top = (text, at) => {
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect().top;
  };
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const at = text.data.search(/(?<=\S)\p{Script=Han}[\p{P}\s]*$/u);
    const block = text.parentElement.closest("p, li, dd, dt, td, th, h1, h2, label, summary");
    if (at < 1 || !block?.textContent.trim().endsWith(text.data.trim())) continue;
    if (top(text, at) > top(text, at - 1) + 4) found.push(text.data.trim());
  }
  return found;
}"""
"""Texts whose last line is one character."""
START_OF = """(bar) => {
  const one = bar.getBoundingClientRect(), all = bar.ownerSVGElement.getBoundingClientRect();
  return document.documentElement.dir === "rtl" ? all.right - one.right : one.left - all.left;
}"""
"""How far a figure's first bar stands from where reading begins."""


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Page]:
    """One window for all pages: one of its own costs more than what stands in it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield page
    page.close()


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(
        viewport={"width": 390, "height": 844},
        reduced_motion="reduce",
        has_touch=True,
        is_mobile=True,
    )
    yield page
    page.close()


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with page_server() as found:
        for locale in ("en", "zh_Hans_CN"):
            for name, context in sample_pages(locale).items():
                found.pages[f"/{locale}/{name}"] = partial(answer, render.page(context))
        yield found


def answer(text: str, _: Asked) -> Answer:
    return Answer(text)


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    sides = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    wide: int = page.evaluate(sides)
    return wide


def small(page: Page) -> list[object]:
    """What fingers would miss on a touch screen."""
    screen = page.context.new_cdp_session(page)
    screen.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    found: list[object] = page.evaluate(SMALLER_THAN, FINGER_PX)
    screen.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    screen.detach()
    return found


def holds(page: Page) -> dict[str, object]:
    """Where the page is too wide: on phone and tablet, with longer words, read from the right; and
    what is too small for fingers."""
    wide = {}
    page.set_viewport_size({"width": 360, "height": 780})
    fingers_miss = small(page)
    wide["phone"] = too_wide(page)
    page.evaluate(LONGER)
    page.evaluate("document.documentElement.dir = 'rtl'")
    wide["phone, long, from the right"] = too_wide(page)
    page.set_viewport_size({"width": 820, "height": 1180})
    wide["tablet, long, from the right"] = too_wide(page)
    page.evaluate("document.documentElement.dir = 'ltr'")
    wide["tablet, long"] = too_wide(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    found: dict[str, object] = {where: by for where, by in wide.items() if by > 1}  # or rounded
    return found | ({"fingers miss": fingers_miss} if fingers_miss else {})


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(desk: Page, server: PageServer, name: str) -> None:
    """In the dark the same document has other colours, and nothing else."""
    desk.emulate_media(color_scheme="light")
    desk.goto(f"{server.base}/en/{name}")
    assert violations(desk) == []
    assert too_wide(desk) == 0
    desk.emulate_media(color_scheme="dark")
    assert violations(desk, colours=True) == []
    assert holds(desk) == {}


@pytest.mark.parametrize("name", SHORTLIST)
def test_axe_finds_nothing_on_a_chinese_phone(phone: Page, server: PageServer, name: str) -> None:
    phone.goto(f"{server.base}/zh_Hans_CN/{name}")
    assert violations(phone) == []
    assert too_wide(phone) == 0
    assert phone.evaluate(ALONE) == []
    assert phone.locator(".table-box:not(details *) > table").evaluate_all(WIDER) == 0


def test_no_chinese_paragraph_ends_in_a_line_of_one_character(
    phone: Page, server: PageServer
) -> None:
    for name in ("account", "planner", "report-editions", "roster", "rule-form", "surge", "team"):
        phone.goto(f"{server.base}/zh_Hans_CN/{name}")
        assert phone.evaluate(ALONE) == [], name


@pytest.mark.parametrize("name", ["list", "thread", "report", "planner", "roster"])
def test_paper_shows_the_whole_page_in_light_colours(
    desk: Page, server: PageServer, name: str
) -> None:
    desk.goto(f"{server.base}/en/{name}")
    desk.emulate_media(media="print", color_scheme="dark")
    assert desk.evaluate(CUT) == []
    assert desk.locator(":is(.rail, .btn, .composer, .views-bar):visible").count() == 0
    assert desk.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (desk.locator("#list:visible").count() == 1) == (name == "list")
    desk.emulate_media(media="screen", color_scheme="light")


def test_on_paper_no_heading_is_left_alone_at_the_end_of_a_page(
    desk: Page, server: PageServer
) -> None:
    desk.goto(f"{server.base}/en/report")
    heads = " ".join(desk.locator(".sec-head").all_inner_texts())
    for further in range(90, 1000, 450):  # wherever the page ends
        desk.locator(".sec").first.evaluate(f"(it) => {{ it.style.marginTop = '{further}px' }}")
        paper = PdfReader(BytesIO(desk.pdf(format="A4")))
        assert len(paper.pages) > 3
        for page in paper.pages:
            last = page.extract_text().strip().rpartition("\n")[2].strip()
            assert not last or last not in heads


def test_charts_run_with_the_reader_and_their_words_stay_upright(
    desk: Page, server: PageServer
) -> None:
    for name, bar in (("list", ".tide-bar"), ("report", ".chart .bar"), ("drift", ".chart .bar")):
        desk.goto(f"{server.base}/en/{name}")
        at = [desk.locator(bar).first.evaluate(START_OF), 0.0]
        desk.evaluate("document.documentElement.dir = 'rtl'")
        at[1] = desk.locator(bar).first.evaluate(START_OF)
        assert at[0] == pytest.approx(at[1], abs=2), name
        assert desk.locator("svg text").first.evaluate("(it) => it.getScreenCTM().a") > 0


def test_a_map_of_hours_is_one_stop_of_the_tab_key_and_arrows_go_on_in_it(
    desk: Page, server: PageServer
) -> None:
    desk.goto(f"{server.base}/en/report")
    hours = desk.locator(".hours").first.locator("td > a:not(.drill)")
    assert hours.count() > 24
    stops = "(all) => all.filter((one) => one.tabIndex === 0).length"
    assert desk.locator(".hours td > a").evaluate_all(stops) == desk.locator(".hours").count()
    place = """() => {
      const cell = document.activeElement.closest("td");
      return [cell.parentElement.rowIndex, cell.cellIndex];
    }"""
    hours.first.focus()
    row, cell = desk.evaluate(place)
    desk.keyboard.press("End")
    assert desk.evaluate(place)[0] == row
    desk.keyboard.press("Home")
    assert desk.evaluate(place) == [row, cell]
    desk.keyboard.press("ArrowDown")
    below = desk.evaluate(place)
    assert below[0] > row
    assert below[1] == cell
    desk.keyboard.press("ArrowRight")
    assert desk.evaluate(place)[1] > cell
    here = desk.evaluate(place)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Shift+Tab")
    assert desk.evaluate(place) == here
    said = desk.evaluate("document.activeElement.ariaLabel")
    assert re.fullmatch(r"\w+ \d\d: \d+", said), said


def test_what_is_chosen_moves_none_of_the_modes(desk: Page, server: PageServer) -> None:
    desk.goto(f"{server.base}/en/thread")
    starts = "(all) => all.map((one) => one.getBoundingClientRect().left)"
    modes = desk.locator(".mode")
    at_first = modes.evaluate_all(starts)
    for mode in modes.all():
        mode.click()
        assert modes.evaluate_all(starts) == at_first


def test_a_long_name_stands_whole_between_the_list_and_the_side(
    desk: Page, server: PageServer
) -> None:
    desk.goto(f"{server.base}/en/thread")
    who = desk.locator(".th-who")
    who.evaluate("(it) => { it.textContent = 'Marguerite Delacroix-Vandenberghe'; }")
    assert who.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    assert desk.get_by_role("button", name="Set aside").is_visible()


def test_axe_finds_nothing_in_the_open_dialogs(desk: Page, server: PageServer) -> None:
    names = "help me palette tags excuse resolve aside case send-later macros"
    seen: set[str] = set()
    for name in ("thread", "roster"):
        desk.emulate_media(color_scheme="light")
        desk.goto(f"{server.base}/en/{name}")
        found = set(desk.locator("[popover][role=dialog]").evaluate_all(DIALOGS)) - seen
        assert name != "thread" or found == set(names.split())
        for dialog in sorted(found):
            desk.evaluate(f"document.getElementById('{dialog}').showPopover()")
            assert violations(desk, f"#{dialog}") == [], dialog
            assert too_wide(desk) == 0, dialog
            assert desk.locator(f"#{dialog} .btn").evaluate_all(SPILT) == [], dialog
            desk.emulate_media(color_scheme="dark")
            assert violations(desk, f"#{dialog}", colours=True) == [], dialog
            desk.emulate_media(color_scheme="light")
            desk.evaluate(f"document.getElementById('{dialog}').hidePopover()")
        seen |= found


def test_long_words_of_the_time_left_take_no_room_from_the_tags(
    phone: Page, server: PageServer
) -> None:
    phone.goto(f"{server.base}/en/list")
    tags = phone.locator("#open-14 .row-tags")
    before = tags.bounding_box()
    phone.locator("#open-14 .left-time").evaluate("it => it.prepend('team target, late ')")
    assert tags.bounding_box() == before
