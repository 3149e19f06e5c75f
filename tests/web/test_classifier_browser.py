"""A lead trains the classifier in a real browser and never reloads; an agent tags by key."""

import re
from dataclasses import replace

from playwright.sync_api import Browser, expect

from inbox.flows.training import Trainer
from inbox.web import render
from inbox.web.pages import tags
from inbox.web.style_people import sample_frame
from inbox.web.style_thread import sample_thread
from tests.factories import make_user
from tests.fakes import refit
from tests.web.pages_server import Answer, page_server
from tests.web.serving import Site
from tests.web.test_classifier_pages import corrected, folder
from tests.web.test_files_browser import sign_in


def test_a_training_is_followed_live_and_one_click_goes_back(browser: Browser, site: Site) -> None:
    lea = make_user(site.store, "Lea Lund", "lead")
    corrected(site, lea)
    complaints: list[str] = []
    with browser.new_context(base_url=site.url) as context:
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        sign_in(context, site, lea)
        page = context.new_page()
        page.goto("/")
        page.get_by_role("link", name="Classifier").click()
        page.get_by_role("button", name="Train now").click()
        expect(page.get_by_text("Waits for the worker")).to_be_visible()
        page.evaluate("window.same = true")
        trainer = Trainer(site.store, folder(site), refit.command("pass"))
        trainer.look(site.clock())
        expect(page.get_by_text("Learns from 1 correction")).to_be_visible()
        while trainer.busy:
            trainer.wait(0.1)
            trainer.look(site.clock())
        expect(page.get_by_text(re.compile("passed and serves since"))).to_be_visible()
        expect(page.locator("#serving .model-name")).to_have_text(re.compile("^[0-9a-f]{12}$"))
        assert page.evaluate("window.same")  # it was never reloaded
        page.get_by_role("button", name="Use this version shipped").click()
        expect(page.locator("#serving .model-name")).to_have_text("Shipped")
        page.get_by_role("link", name="Over time").click()
        expect(page.get_by_role("img", name=re.compile("How sure it is"))).to_be_visible()
    assert complaints == []


def test_where_a_tag_is_asked_for_the_form_begins_at_the_category(browser: Browser) -> None:
    """The urgency has its choice already."""
    thread = sample_thread(sample_frame())
    side = replace(thread.side, tags=tags([("general", 0.3)], ("low", 0.3)))
    with page_server() as server, browser.new_page(base_url=server.base) as page:
        server.pages["/"] = lambda _: Answer(render.page(replace(thread, side=side)))
        page.goto("/")
        while not server.streams:  # its scripts run
            page.wait_for_timeout(20)
        page.keyboard.press("t")
        expect(page.locator("#tags [name=category]").first).to_be_focused()
