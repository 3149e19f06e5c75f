"""The product as an app: manifest, icons, the unread count, and notices on the desktop."""

import re
from datetime import time
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from inbox.domain.quiet import NoQuiet, quiet_hours
from inbox.store.tables import User
from inbox.web import render
from inbox.web.style_notices import sample_notices
from inbox.web.style_people import sample_frame
from inbox.web.style_profile import sample_me
from tests.factories import make_account, make_conversation
from tests.web.pages_server import Answer, page_server
from tests.web.serving import Site

FAKE = """window.shown = []; window.asked = 0;
window.Notification = class extends EventTarget {
  static permission = localStorage.leave ?? "default";
  static async requestPermission() { window.asked += 1; return localStorage.leave = "granted"; }
  constructor() { super(); throw new TypeError("as a phone does"); }
};
ServiceWorkerRegistration.prototype.showNotification = async (title) => {
  window.shown.push(title);
  document.documentElement.dataset.shown = window.shown.length;
};
Document.prototype.hasFocus = () => window.focused ?? false;"""

CLICK = """() => {
  const notification = { close() {}, data: "/conversations/14" };
  dispatchEvent(Object.assign(new ExtendableEvent("notificationclick"), { notification }));
}"""
QUIET = (
    ("22:00-07:00", 23, True),
    ("22:00-07:00", 6, True),
    ("22:00-07:00", 7, False),
    ("12:00-13:00", 12, True),
    ("12:00-13:00", 13, False),
    ("", 12, False),
)


def test_it_installs_from_its_manifest_with_every_icon(site: Site, ada: User) -> None:
    browser = site.browser()
    told = browser.get("/manifest.webmanifest").json()
    assert (told["name"], told["start_url"], told["display"]) == (
        "Lumen Pay · Replydesk",
        "/",
        "standalone",
    )
    for one in told["icons"]:
        answer = browser.get(one["src"])
        assert answer.headers["content-type"] == one["type"]
        if one["type"] == "image/png":
            width, height = Image.open(BytesIO(answer.content)).size
            assert one["sizes"] == f"{width}x{height}"
    assert browser.get("/icons/unread-11.svg").status_code == 404


def test_the_favicon_carries_the_unread_count(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    account = make_account(site.store)
    for count, icon in ((0, "/static/mark.svg"), (1, "unread-1.svg"), (12, "unread-10.svg")):
        for _ in range(count):
            make_conversation(site.store, account)
        assert icon in browser.get("/").text
    assert ">9+<" in browser.get("/icons/unread-10.svg").text


def test_each_chooses_notices_on_the_desktop_and_quiet_hours(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert "data-desktop" not in browser.get("/me").text
    hours = {"on": "1", "quiet_from": "22:00", "quiet_to": "07:00"}
    assert browser.post("/me/desktop", data=hours).headers["location"] == "/me?done=desktop"
    assert 'data-desktop="22:00-07:00"' in browser.get("/").text
    assert browser.post("/me/desktop", data=hours | {"quiet_to": ""}).status_code == 422
    browser.post("/me/desktop", data=hours | {"on": ""})
    assert "data-desktop" not in browser.get("/").text


@given(st.times(), st.times())
def test_quiet_hours_are_two_different_times_or_none(start: time, end: time) -> None:
    assert quiet_hours("", "") == ""
    if f"{start:%H:%M}" != f"{end:%H:%M}":
        assert quiet_hours(f"{start:%H:%M}", f"{end:%H:%M}") == f"{start:%H:%M}-{end:%H:%M}"
    for wrong in ((f"{start:%H:%M}", ""), ("24:00", "07:00"), ("07:00", "07:00")):
        with pytest.raises(NoQuiet):
            quiet_hours(*wrong)


def test_the_desktop_is_told_once_and_never_who_looks_or_sleeps(browser: Browser) -> None:
    """The browser is asked by the profile's own form alone."""
    frame = sample_frame("en")
    me, notices = sample_me(frame), sample_notices(frame)
    with page_server() as server, browser.new_context(base_url=server.base) as context:
        server.pages["/me"] = lambda _: Answer(render.page(me))
        server.pages["/me/desktop"] = lambda _: Answer(location="/me")
        server.pages["/notices"] = lambda _: Answer(render.page(notices))
        context.add_init_script(FAKE)
        page = context.new_page()
        page.clock.install(time="2026-11-19T23:30:00")
        page.goto("/me")
        assert page.evaluate("asked") == 0
        with page.expect_navigation():
            page.locator("#desktop .btn").click()
        assert page.evaluate("localStorage.leave") == "granted"

        tell = "document.dispatchEvent(new CustomEvent('notice'))"
        wait_until_told(page)  # what was there before is no news
        quiet = "import('/static/notify.js').then((it) => it.isQuiet(...%s))"
        for hours, hour, is_quiet in QUIET:
            asked = f"['{hours}', new Date(2026, 10, 19, {hour})]"
            assert page.evaluate(quiet % asked) == is_quiet
        for at, focused in (("23:30", "false"), ("08:00", "true")):
            page.clock.set_system_time(f"2026-11-19T{at}:00")
            page.evaluate(f"window.focused = {focused}; localStorage['replydesk:told'] = 0; {tell}")
            wait_until_told(page)
        page.evaluate(f"window.focused = false; {tell}")
        later(page)
        assert page.evaluate("shown") == []  # nor is it told later what came meanwhile
        page.evaluate(f"localStorage['replydesk:told'] = 0; {tell}")
        page.clock.run_for(1000)
        expect(page.locator("html")).to_have_attribute("data-shown", re.compile(r"\d"))
        shown = page.evaluate("shown")
        assert any("mentioned you" in title for title in shown)
        page.evaluate(tell)
        later(page)
        assert page.evaluate("shown") == shown
        (worker,) = context.service_workers
        with page.expect_navigation(url="**/conversations/14"):
            worker.evaluate(CLICK)


def later(page: Page) -> None:
    """When whatever is told has been told."""
    page.clock.run_for(1000)
    page.wait_for_timeout(100)


def wait_until_told(page: Page) -> None:
    """When the browser knows the newest notice."""
    while not int(page.evaluate("localStorage['replydesk:told'] ?? 0")):
        page.clock.run_for(20)
