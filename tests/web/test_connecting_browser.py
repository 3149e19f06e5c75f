"""Connecting accounts with clicks, in a real browser on the running site."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inbox.store.session import Store
from tests.factories import PASSWORD
from tests.web.axe import violations
from tests.web.connecting import Desk, desk_of
from tests.web.test_templates_axe import FINGER_PX, SMALLER_THAN

WRONG = "not-the-right-one"
TEXT = "Where is my payment?"
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
PAGES = ["/accounts/new", "/accounts/new/x", "/accounts/1", "/accounts/1/credentials"]
PAGES += ["/accounts/oauth/callback"]


@contextmanager
def signed_in(browser: Browser, desk: Desk, width: str) -> Iterator[Page]:
    """Ada's window; a script error or refused content in it fails the test."""
    wrong: list[str] = []
    across, down = WIDTHS[width]
    with browser.new_context(
        base_url=desk.site.url,
        viewport={"width": across, "height": down},
        reduced_motion="reduce",
        has_touch=width == "phone",
        is_mobile=width == "phone",
    ) as context:
        page = context.new_page()
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("console", lambda m: wrong.append(m.text) if "Policy" in m.text else None)
        page.goto("/sign-in")
        page.fill("[name=email]", "ada@lumenpay.example")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        yield page
    assert wrong == []


def fill(page: Page, fields: dict[str, str]) -> None:
    """Types into the form as a person does; what a person does not see is left alone."""
    summary = page.locator("details.more:not([open]) summary")
    if summary.count():
        summary.click()
    for name, value in fields.items():
        found = page.locator(f'[name="{name}"]')
        if found.evaluate("one => one.tagName") == "SELECT":
            found.select_option(value)
        elif found.get_attribute("type") != "hidden":
            found.fill(value)


def connect(page: Page, desk: Desk, secret: str) -> None:
    """From the list of accounts to the new account's page, with a wrong secret first."""
    page.goto("/accounts")
    page.get_by_role("link", name="Connect an account").first.click()
    page.locator(f'a[href="/accounts/new/{desk.channel}"]').click()
    fields = desk.fill()
    if page.locator(".ways").count():
        page.locator(f'.ways a[href="?sign_in={fields["sign_in"]}"]').click()
    fill(page, fields | {secret: WRONG})
    tried = page.locator("#tried")
    page.get_by_role("button", name="Test connection").click()
    expect(tried).to_contain_text("It does not work yet")
    page.locator(f'[name="{secret}"]').fill(fields[secret])
    page.get_by_role("button", name="Test connection").click()
    expect(tried).to_contain_text("Signed in as")
    expect(page.locator('[name="handle"]')).to_have_value(fields["handle"])
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(tried).to_contain_text(f"Connected: {fields['handle']}")
    tried.get_by_role("link", name="See the account").click()
    page.wait_for_url("**/accounts/1")


@pytest.mark.parametrize(
    ("channel", "secret"),
    [("mastodon", "secret.access_token"), ("whatsapp", "secret.access_token")],
)
def test_an_account_is_connected_with_clicks_and_its_customer_shows_up(
    browser: Browser, sqlite_store: Store, tmp_path: Path, channel: str, secret: str
) -> None:
    with (
        desk_of(channel, sqlite_store, tmp_path / "data") as desk,
        signed_in(browser, desk, "desk") as page,
    ):
        connect(page, desk, secret)
        if channel == "whatsapp":
            expect(page.locator("main")).to_contain_text(f"/hooks/{channel}/")
            assert desk.call(desk.harness.request(TEXT)).status_code == 200
        else:
            desk.harness.write("mentions", TEXT)
            desk.poll()
        page.goto("/")
        page.locator(".row-link", has_text=TEXT).click()
        expect(page.locator(".msg-text").first).to_have_text(TEXT)


def test_axe_finds_nothing_and_nothing_is_too_wide_or_too_small(
    browser: Browser, sqlite_store: Store, tmp_path: Path
) -> None:
    """In the dark the same document has other colours, and nothing else."""
    with desk_of("x", sqlite_store, tmp_path / "data") as desk:
        desk.connect()
        desk.poll()
        desk.browser.post("/accounts/1/compare")
        for width in WIDTHS:
            with signed_in(browser, desk, width) as page:
                for path in PAGES:
                    page.emulate_media(color_scheme="light")
                    page.goto(path)
                    assert violations(page) == [], path
                    across = page.evaluate("document.documentElement.scrollWidth")
                    assert across <= WIDTHS[width][0], path
                    if width == "phone":
                        assert page.evaluate(SMALLER_THAN, FINGER_PX) == [], path
                    page.emulate_media(color_scheme="dark")
                    assert violations(page, colours=True) == [], path


def test_another_way_to_sign_in_keeps_what_was_typed_but_for_secrets(
    browser: Browser, sqlite_store: Store, tmp_path: Path
) -> None:
    with (
        desk_of("email", sqlite_store, tmp_path / "data") as desk,
        signed_in(browser, desk, "desk") as page,
    ):
        page.goto("/accounts/new/email?sign_in=password")
        page.locator("#handle").fill("help@brand.example")
        page.locator('[name="setting.smtp"]').fill("smtps://mail.brand.example:465")
        page.locator('[name="secret.password"]').fill("not for an address")
        page.locator(".ways a:not(.is-active)").first.click()
        expect(page.locator('[name="secret.client_id"]')).to_be_visible()
        expect(page.locator("#handle")).to_have_value("help@brand.example")
        expect(page.locator('[name="setting.smtp"]')).to_have_value(
            "smtps://mail.brand.example:465"
        )
        assert "secret" not in page.url
