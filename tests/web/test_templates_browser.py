"""What the pages do in a browser: they live, and never move words, focus or the row in hand."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.pages_server import Answer, Asked, PageServer
from tests.web.sample_desk import OPEN, SampleDesk

WORDS = "We are looking into it."
EXACT = "getComputedStyle(document.querySelector('#open-14 .left-time'), '::after').content"


@pytest.fixture
def desk(server: PageServer) -> SampleDesk:
    return SampleDesk(server)


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def context(
    browser: Browser, server: PageServer, complaints: list[str]
) -> Iterator[BrowserContext]:
    """A window whose complaints (content policy, script errors) fail the test."""
    with browser.new_context(
        base_url=server.base, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    ) as found:
        found.on("weberror", lambda error: complaints.append(str(error.error)))
        found.on(
            "console",
            lambda said: complaints.append(said.text) if "Policy" in said.text else None,
        )
        yield found
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext, desk: SampleDesk) -> Page:
    return context.new_page()


def open_thread(page: Page, server: PageServer) -> None:
    page.goto(OPEN)
    wait_for_the_line(page, server)


def wait_for_the_line(page: Page, server: PageServer) -> None:
    """Until the page listens: an event told before that would be told to nobody."""
    while not server.streams:
        page.wait_for_timeout(20)


def test_countdowns_step_and_turn_late(page: Page, server: PageServer) -> None:
    page.clock.install()
    page.goto(OPEN)
    clock, line = page.locator("#clock time[data-due]"), page.locator("#clock svg.dl")
    expect(clock).to_have_text("42 min")
    page.clock.fast_forward("02:00")
    expect(clock).to_have_text("40 min")
    expect(page.locator(".now-text")).to_have_text("now, 23 h 20 min after the customer wrote")
    assert line.locator(".left").get_attribute("width") == "2.79%"
    page.clock.fast_forward("41:00")
    expect(clock).to_have_text("late 0 min")
    # A fresh page of the server, whose clock stands here, may come between: a step is 5 s away.
    expect(clock).to_have_class(re.compile("is-late"), timeout=15_000)
    expect(line).to_have_class(re.compile("dl-late"), timeout=15_000)
    expect(page.locator("#clock .clock-word")).to_have_text("", timeout=15_000)


def test_j_and_k_move_enter_opens_r_writes_escape_returns(page: Page, server: PageServer) -> None:
    open_thread(page, server)
    page.keyboard.press("k")
    expect(page.locator("#open-12")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#open-13")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("jk?t")
    expect(page.locator("#composer-text")).to_have_value("jk?t")
    page.keyboard.press("Escape")
    expect(page.locator("#open-13")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#open-14")).to_be_focused()
    assert "Due" in page.evaluate(EXACT)
    page.keyboard.press("Home")
    expect(page.locator(".row-link").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#tags input[value=refund]")).to_be_focused()


def test_opening_a_row_swaps_the_pane_and_keeps_the_page(page: Page, server: PageServer) -> None:
    page.goto("/")
    page.evaluate("window.same = true")
    page.locator("#open-13").click()
    expect(page.locator("#thread h1")).to_contain_text("林月 Lin Yue")
    expect(page.locator("#open-13")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(OPEN))
    assert page.evaluate("window.same") is True
    page.go_back()
    expect(page.locator(".calm")).to_be_visible()


def test_words_wait_for_the_conversation_that_is_opening(page: Page, server: PageServer) -> None:
    open_thread(page, server)
    slow = server.pages[OPEN]
    page.goto("/")

    def slowly(asked: Asked) -> Answer:
        time.sleep(0.3)
        return slow(asked)

    server.pages[OPEN] = slowly
    page.locator("#open-13").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    expect(page.locator("#composer-text")).to_be_focused()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Hello", "5"),
        ("退款", "4"),
        ("👩‍👩‍👧‍👦🇵🇹", "4"),
        ("see https://lumenpay.example/a/very/long/address", "27"),
        ("é", "1"),
        ("x" * 281, "1 too many"),
    ],
)
def test_the_length_is_told_in_the_platforms_units(page: Page, text: str, length: str) -> None:
    page.goto(OPEN)
    page.locator("#composer-text").fill(text)
    expect(page.locator("#len .len-count")).to_have_text(length)
    button = page.locator("#composer .btn-primary")
    assert button.is_disabled() == ("too many" in length)


def test_the_button_repeats_the_mode(page: Page) -> None:
    page.goto(OPEN)
    page.get_by_text("Reply privately").click()
    expect(page.locator("#composer .send-word")).to_have_text("Reply privately")
    expect(page.locator("#len .len-limit")).to_have_text("10,000")


def test_a_draft_survives_a_reload_and_shows_in_its_row(page: Page) -> None:
    page.goto(OPEN)
    page.get_by_text("Reply privately").click()
    page.locator("#composer-text").fill(WORDS)
    page.reload()
    expect(page.locator("#composer-text")).to_have_value(WORDS)
    expect(page.locator("#composer .send-word")).to_have_text("Reply privately")
    expect(page.locator("#row-13 .row-draft")).to_be_visible()
    expect(page.locator("#row-13 .row-text")).to_have_text(WORDS)
    page.locator("#composer-text").fill("")
    page.goto("/")
    expect(page.locator("#row-13 .row-draft")).to_be_hidden()


def test_ctrl_enter_sends_once_and_clears_the_draft(page: Page, desk: SampleDesk) -> None:
    page.goto(OPEN)
    page.locator("#composer-text").fill(WORDS)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg-out .msg-text").last).to_have_text(WORDS)
    expect(page.locator("#composer-text")).to_have_value("")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator("#row-13 .row-draft")).to_be_hidden()
    (sent,) = desk.answers
    assert sent.form == {
        "idempotency_key": "4b0c0de5a1",
        "shown": "104",
        "seen_reply": "0",
        "mode": "public",
        "text": WORDS,
        "at": "",
        "canned": "",
    }


def test_a_refused_answer_keeps_its_words_and_says_why(page: Page, desk: SampleDesk) -> None:
    desk.refuses = True
    page.route("**/draft", lambda route: route.abort())  # the page goes before the server has it
    page.goto(OPEN)
    page.locator("#composer-text").fill(WORDS)
    page.locator("#composer .btn-primary").click()
    expect(page.locator("#composer-error")).to_contain_text("card number")
    expect(page.locator("#composer-text")).to_have_value(WORDS)
    expect(page.locator("#composer-text")).to_be_focused()
    page.reload()
    expect(page.locator("#composer-text")).to_have_value(WORDS)


def test_a_draft_that_was_sent_after_all_does_not_come_back(page: Page, desk: SampleDesk) -> None:
    page.goto(OPEN)
    page.locator("#composer-text").fill(WORDS)
    page.route("**/reply", lambda route: (route.fetch(max_redirects=0), route.abort())[1])
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(200)
    expect(page.locator("#composer-text")).to_have_value(WORDS)
    page.reload()
    expect(page.locator(".msg-out .msg-text").last).to_have_text(WORDS)
    expect(page.locator("#composer-text")).to_have_value("")


def test_without_scripts_the_answer_is_sent_all_the_same(
    browser: Browser, server: PageServer, desk: SampleDesk
) -> None:
    page = browser.new_page(base_url=server.base, java_script_enabled=False)
    page.goto(OPEN)
    page.locator("#composer-text").fill(WORDS)
    page.locator("#composer .btn-primary").click()
    expect(page.locator(".msg-out .msg-text").last).to_have_text(WORDS)
    page.locator(".th-resolve").click()
    expect(page.locator("#resolve")).to_be_visible()
    page.close()


def test_a_new_message_appears_in_the_open_conversation(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    desk.waits = False
    open_thread(page, server)
    expect(page.locator("#standing")).to_be_visible()
    desk.writes_again("Anyone there?")
    expect(page.locator(".msg-in .msg-text").last).to_have_text("Anyone there?")
    expect(page.locator("#shown")).to_have_value("105")
    expect(page.locator("#standing")).to_have_count(0)
    page.get_by_role("button", name="No reply needed").click()
    page.locator("#note-excuse").fill("Seen in person")
    looks = len(server.of(OPEN))
    desk.writes_again("Hello?", 106)
    expect(page.locator(".msg-in .msg-text").last).to_have_text("Hello?")
    expect(page.locator("#note-excuse")).to_be_focused()
    expect(page.locator("#excuse [name=shown]")).to_have_value("105")
    page.keyboard.press("Escape")
    expect(page.locator("#excuse [name=shown]")).to_have_value("106")
    assert len(server.of(OPEN)) == looks + 2


def test_a_new_message_waits_while_words_are_typed(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    page.locator("#composer-text").fill(WORDS)
    page.locator("#composer-text").evaluate("(field) => field.setSelectionRange(3, 3)")
    desk.writes_again("Anyone there?")
    expect(page.locator("#newer")).to_be_visible()
    expect(page.locator("#log")).not_to_contain_text("Anyone there?")
    expect(page.locator("#shown")).to_have_value("104")
    expect(page.locator("#excuse [name=shown]")).to_have_value("103")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator("#composer-text")).to_have_value(WORDS)
    assert page.locator("#composer-text").evaluate("(field) => field.selectionStart") == 3
    page.locator("#newer-show").click()
    expect(page.locator("#log")).to_contain_text("Anyone there?")
    expect(page.locator("#shown")).to_have_value("105")
    expect(page.locator("#excuse [name=shown]")).to_have_value("105")
    expect(page.locator("#newer")).to_be_hidden()
    expect(page.locator("#composer-text")).to_have_value(WORDS)


def test_a_new_conversation_appears_by_itself(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    expect(page).to_have_title(re.compile(r"^\(3\) 林月"))
    desk.arrives("Wen Dahlqvist")
    expect(page.locator("#row-99")).to_contain_text("Wen Dahlqvist")
    expect(page).to_have_title(re.compile(r"^\(4\) "))
    expect(page.locator("#open-13")).to_have_attribute("aria-current", "true")


def test_a_new_conversation_waits_while_the_pointer_is_on_the_list(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    page.locator("#row-14").hover()
    before = page.locator("#row-14").bounding_box()
    desk.rows[0], desk.rows[1] = desk.rows[1], desk.rows[0]
    desk.arrives("Wen Dahlqvist")
    expect(page.locator("#pill")).to_have_text("1 new conversation")
    expect(page.locator("#row-99")).to_have_count(0)
    assert page.locator("#row-14").bounding_box() == before
    page.locator("#pill").dispatch_event("click")  # a pointer on its way there leaves the list
    expect(page.locator("#row-99")).to_be_attached()
    expect(page.locator("#pill")).to_be_hidden()


def test_what_waits_is_shown_when_the_pointer_leaves(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    page.locator("#row-14").hover()
    desk.arrives("Wen Dahlqvist")
    expect(page.locator("#pill")).to_be_visible()
    page.locator("#side").hover()
    expect(page.locator("#row-99")).to_be_attached()
    expect(page.locator("#pill")).to_be_hidden()


def test_the_keyboards_row_stays_under_the_focus(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    page.keyboard.press("j")
    expect(page.locator("#open-14")).to_be_focused()
    desk.arrives("Wen Dahlqvist")
    expect(page.locator("#pill")).to_be_visible()
    expect(page.locator("#open-14")).to_be_focused()


def test_a_live_look_says_when_nobody_saw_it(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    desk.arrives("Wen Dahlqvist")
    expect(page.locator("#row-99")).to_be_attached()
    page.locator("#composer-text").fill(WORDS)
    desk.arrives("Ilse Marenko", 98)
    expect(page.locator("#row-98")).to_be_attached()
    looks = [asked.headers.get("replydesk-live") for asked in server.of(OPEN)]
    assert looks == [None, None, "1"]


def test_a_page_that_nobody_touches_for_long_reads_nothing(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    page.clock.install()
    open_thread(page, server)
    page.clock.fast_forward("05:01")
    desk.arrives("Wen Dahlqvist")
    page.clock.run_for(1000)
    expect(page.locator("#row-99")).to_be_attached()
    assert server.of(OPEN)[-1].headers["replydesk-live"] == "1"


def test_a_lost_line_is_told_and_what_was_missed_comes_after_it(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    assert server.of("/events")[0].query["after"] == "7"
    desk.arrives("Wen Dahlqvist", 50)
    expect(page.locator("#row-50")).to_be_attached()
    page.locator("#composer-text").fill(WORDS)
    server.cut()
    banner = page.locator("#list [data-banner]")
    expect(banner).to_contain_text("Reconnecting")
    desk.arrives("Ilse Marenko", 51)
    server.up = True
    expect(banner).to_be_hidden(timeout=15_000)
    expect(page.locator("#row-51")).to_be_attached()
    expect(page.locator("#composer-text")).to_have_value(WORDS)
    assert server.of("/events")[-1].headers["last-event-id"] == "50"


def test_a_line_that_fails_at_first_is_tried_again(page: Page, server: PageServer) -> None:
    server.up = False
    page.goto(OPEN)
    expect(page.locator("#list [data-banner]")).to_be_visible()
    server.up = True
    wait_for_the_line(page, server)
    expect(page.locator("#list [data-banner]")).to_be_hidden()


def test_a_signed_out_page_says_so_and_keeps_the_words(
    page: Page, server: PageServer, desk: SampleDesk
) -> None:
    open_thread(page, server)
    page.locator("#composer-text").fill(WORDS)
    desk.signed_out = True
    desk.arrives("Wen Dahlqvist")
    expect(page.locator("#list [data-banner]")).to_contain_text("You are signed out")
    expect(page.locator("#composer-text")).to_have_value(WORDS)


def test_the_open_view_stands_in_sight(page: Page, server: PageServer, desk: SampleDesk) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    desk.view = "all"
    page.goto("/")
    expect(page.locator("#views .is-active")).to_be_in_viewport(ratio=0.9)


def test_the_side_is_a_drawer_on_a_narrow_screen(page: Page, server: PageServer) -> None:
    page.set_viewport_size({"width": 1000, "height": 800})
    open_thread(page, server)
    expect(page.locator("#side")).to_be_hidden()
    page.keyboard.press("i")
    expect(page.locator("#side")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()
