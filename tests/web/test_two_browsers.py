"""Two people at one inbox, each in a browser of their own: what one does, the other sees at once.

The server and the browsers are real; the clock is set by hand, and the scheduler's jobs are run at
their moment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect

from connectors.core.contract import Author, Direction, Message, Outgoing, Sent
from inbox.flows import warnings
from inbox.flows.deliver import deliver_due
from inbox.flows.ingest import ingest
from inbox.store.tables import Account, User
from tests.factories import make_account
from tests.scripted import SCRIPTS, Script, scripted_platforms
from tests.web.serving import Site

SOON_MS = 10_000  # a machine under load is slow; benchmarks/live.py says how soon it really is
FIRST = "Where is my refund? I have been waiting since Tuesday."
BOS = "It left us this morning."
ADAS = "It goes out tomorrow."
AGAIN = "It is still not here."


@dataclass
class Two:
    """Ada, an admin, and Bo, an agent, at the list; and the customer."""

    site: Site
    account: Account
    ada: Page
    bo: Page

    @property
    def both(self) -> tuple[Page, Page]:
        return self.ada, self.bo

    def writes(self, external_id: str, text: str, sent_at: datetime) -> None:
        """The customer writes."""
        author = Author("ann", "@ann", "Ann Lee")
        message = Message(
            external_id=external_id,
            conversation="c1",
            direction=Direction.IN,
            text=text,
            sent_at=sent_at,
            author=author,
        )
        ingest(self.site.store, self.account, [message], classifier=None, now=self.site.clock())

    def sends(self) -> None:
        """What waits in the outbox leaves."""
        self.site.clock.forward(seconds=11)  # nobody takes it back any more
        deliver_due(self.site.store, self.site.app.state.desk.settings, self.site.clock)


@pytest.fixture
def two(browser: Browser, site: Site, ada: User, bo: User) -> Iterator[Two]:
    with scripted_platforms():
        since = site.clock() - timedelta(days=3)
        account = make_account(site.store, "scripted", created_at=since)
        SCRIPTS[account.handle] = Script(on_send=sent)
        windows = [window(browser, site, one) for one in (ada, bo)]
        pages = [one.new_page() for one in windows]
        wrong: list[str] = []
        for page in pages:
            page.on("pageerror", lambda error: wrong.append(str(error)))
            with page.expect_response("**/events*"):
                page.goto("/")
        yield Two(site, account, *pages)
        for one in windows:
            one.close()
    assert wrong == []


def window(browser: Browser, site: Site, user: User) -> BrowserContext:
    found = browser.new_context(
        base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    found.set_default_timeout(SOON_MS)
    cookies = site.signed_in(user).cookies.jar
    found.add_cookies([{"name": c.name, "value": c.value or "", "url": site.url} for c in cookies])
    return found


def sent(out: Outgoing) -> Sent:
    return Sent(f"our-{out.key}")


def test_two_people_work_on_one_customer_and_neither_is_in_the_dark(two: Two) -> None:
    expect.set_options(timeout=SOON_MS)
    a_wait_that_goes_long_is_brought_before_both(two)
    each_sees_the_other_come_and_type(two)
    one_of_two_who_claim_at_once_is_told_who_was_first(two)
    the_second_answer_is_stopped_with_the_first_one_shown(two)
    a_customer_who_writes_again_reopens_it_before_their_eyes(two)
    a_wait_that_was_late_when_it_came_is_said(two)


def a_wait_that_goes_long_is_brought_before_both(two: Two) -> None:
    """It arrives in the open lists; five hours later, at 90 % of its time, it is escalated."""
    clock = two.site.clock
    two.writes("m1", FIRST, clock() - timedelta(hours=17))
    for page in two.both:
        expect(page.locator(".row-link", has_text=FIRST)).to_be_visible()
        expect(page.locator("#say")).to_have_text("1 new conversation")
        expect(page.locator(".row", has_text="Escalated")).to_have_count(0)
    clock.forward(hours=5)
    assert warnings.look(two.site.store, clock()) == 1
    for page in two.both:
        expect(page.locator(".row", has_text="Escalated")).to_have_count(1)
    expect(two.ada.locator("[data-part=notice-count]").first).to_contain_text("1")


def each_sees_the_other_come_and_type(two: Two) -> None:
    """And the words in hand stay where they are."""
    for page in two.both:
        page.locator(".row-link").click()
        expect(page.locator(".msg-text", has_text=FIRST)).to_be_visible()
    expect(two.ada.locator("#here")).to_have_text(re.compile("Bo is viewing$"))
    expect(two.bo.locator("#here")).to_have_text(re.compile("Ada is viewing$"))
    two.ada.locator("#composer-text").fill(ADAS)
    expect(two.bo.locator("#here")).to_have_text(re.compile("Ada is typing…$"))
    before = two.ada.locator("#composer-text").bounding_box()
    two.bo.locator("#composer-text").fill("It")
    expect(two.ada.locator("#here")).to_have_text(re.compile("Bo is typing…$"))
    two.bo.locator("#composer-text").fill("")
    expect(two.bo.locator("#composer-text")).to_have_value("")
    expect(two.ada.locator("#here")).to_have_text(re.compile("Bo is viewing$"))
    expect(two.ada.get_by_role("status").filter(has_text="Bo is")).to_have_text("Bo is typing…")
    an_answer_that_comes_late_is_not_taken_for_the_newest(two)
    two.bo.locator("#composer-text").press_sequentially(BOS)
    expect(two.ada.locator("#here")).to_have_text(re.compile("Bo is typing…$"))
    expect(two.ada.locator(".row-here")).to_have_attribute("title", "Bo is typing…")
    assert two.ada.locator("#composer-text").bounding_box() == before
    expect(two.ada.locator("#composer-text")).to_have_value(ADAS)


def an_answer_that_comes_late_is_not_taken_for_the_newest(two: Two) -> None:
    held: list[tuple[Route, APIResponse]] = []
    two.ada.route("**/watching", lambda route: held.append((route, route.fetch())))
    two.bo.locator("#composer-text").fill("It")
    while not held:
        two.ada.wait_for_timeout(50)
    two.bo.locator("#composer-text").fill("")
    two.ada.wait_for_timeout(2000)  # a page that would ask again has asked
    for route, answer in held[::-1]:
        route.fulfill(response=answer)
        two.ada.wait_for_timeout(100)
    two.ada.unroute("**/watching")
    expect(two.ada.locator("#here")).to_have_text(re.compile("Bo is viewing$"))


def one_of_two_who_claim_at_once_is_told_who_was_first(two: Two) -> None:
    """Bo's page has not heard of Ada's claim when he presses the same button."""

    def deaf(route: Route) -> None:
        route.abort() if route.request.resource_type == "fetch" else route.continue_()

    address = re.compile(r"/conversations/\d+(\?.*)?$")
    two.bo.route(address, deaf)
    two.ada.get_by_role("button", name="Assign to me").click()
    expect(two.ada.locator(".th-owner")).to_contain_text("You")
    two.bo.get_by_role("button", name="Assign to me").click()
    expect(two.bo.get_by_role("alert")).to_contain_text("Ada Voss has taken it meanwhile.")
    two.bo.unroute(address)
    expect(two.bo.locator(".th-owner")).to_contain_text("Take over")
    expect(two.bo.locator("#composer-text")).to_have_value(BOS)
    expect(two.bo.locator(".row .row-owner")).to_contain_text("AV")


def the_second_answer_is_stopped_with_the_first_one_shown(two: Two) -> None:
    two.bo.locator("#composer-text").press("Control+Enter")
    expect(two.bo.locator(".msg-out", has_text=BOS)).to_be_visible()
    expect(two.ada.locator(".msg-out", has_text=BOS)).to_be_visible()
    two.ada.locator("#composer-text").press("Control+Enter")
    expect(two.ada.locator("#composer")).to_contain_text(f"Bo Narin answered meanwhile: “{BOS}”")
    expect(two.ada.locator("#composer-text")).to_have_value(ADAS)
    expect(two.ada.get_by_role("button", name="Send anyway")).to_be_visible()
    two.sends()
    for page in two.both:
        expect(page.locator(".msg-out")).to_have_count(1)
        expect(page.locator(".msg-out", has_text=BOS)).to_contain_text("Answered in")


def a_wait_that_was_late_when_it_came_is_said(two: Two) -> None:
    two.writes("m3", AGAIN, two.site.clock() - timedelta(hours=25))
    for page in two.both:
        expect(page.locator("#say")).to_contain_text("1 overdue")


def a_customer_who_writes_again_reopens_it_before_their_eyes(two: Two) -> None:
    """Bo, whose hands are free, sees the message and its clock; Ada, who has words in hand, is told
    that something newer waits."""
    two.bo.get_by_role("button", name="Resolve").click()
    expect(two.ada.locator(".row-link")).to_have_count(0)
    expect(two.bo.locator("#clock")).not_to_contain_text("left to answer")
    two.writes("m2", AGAIN, two.site.clock())
    for page in two.both:
        expect(page.locator(".row-link")).to_have_count(1)
        expect(page.locator("#clock")).to_contain_text("left to answer")
    expect(two.bo.locator(".msg-text", has_text=AGAIN)).to_be_visible()
    expect(two.ada.locator("#newer")).to_be_visible()
    expect(two.ada.locator(".msg-text", has_text=AGAIN)).to_have_count(0)
    two.ada.locator("#newer-show").click()
    expect(two.ada.locator(".msg-text", has_text=AGAIN)).to_be_visible()
    expect(two.ada.locator("#composer-text")).to_have_value(ADAS)
