"""A lead trains the classifier in a real browser and never reloads."""

import re

from playwright.sync_api import Browser, expect

from inbox.flows.training import Trainer
from tests.factories import make_user
from tests.fakes import refit
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
        page.get_by_role("link", name="Drift").click()
        expect(page.get_by_role("img", name=re.compile("How sure it is"))).to_be_visible()
    assert complaints == []
