"""Pictures of the running demo for the docs: `python -m tests.e2e.screenshots docs/images`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.browser import ADA, chromium, create_admin, open_page
from tests.e2e.product import Product

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


def main(folder: Path) -> None:
    """Starts the demo, signs in, and takes every picture anew."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        desk = Product(Path(data))
        desk.start("demo")
        try:
            _take(browser, desk, folder)
        finally:
            desk.stop()


def _take(browser: Browser, desk: Product, folder: Path) -> None:
    assert desk.link is not None
    page, _ = open_page(browser)
    page.goto(desk.link)
    _shoot(page, folder / "setup.png")
    create_admin(page, desk.link)
    page.locator(".row-link").first.wait_for(timeout=60_000)
    _choose(page, "theme", "light")
    _inbox(page, desk, folder / "inbox.png")
    page.goto(f"{desk.address}/reports")
    _shoot(page, folder / "report.png", whole=True)
    page.goto(f"{desk.address}/accounts")
    _shoot(page, folder / "accounts.png")
    page.goto(f"{desk.address}/classifier")
    _shoot(page, folder / "classifier.png", whole=True)
    page.goto(f"{desk.address}/classifier/drift")
    _shoot(page, folder / "classifier-drift.png", whole=True)
    _choose(page, "theme", "dark")
    _inbox(page, desk, folder / "inbox-dark.png")
    page.goto(f"{desk.address}/reports")
    _shoot(page, folder / "report-dark.png")
    _choose(page, "theme", "light")
    _choose(page, "locale", "zh_Hans_CN")
    _inbox(page, desk, folder / "inbox-zh.png")
    _choose(page, "locale", "en")
    _phone(browser, page, desk, folder)
    page.goto(desk.address)
    page.locator(".rail-me").click()
    page.get_by_role("button", name="Sign out").click()
    _shoot(page, folder / "sign-in.png")


def _phone(browser: Browser, page: Page, desk: Product, folder: Path) -> None:
    state = page.context.storage_state()
    phone, _ = open_page(browser, **PHONE, storage_state=state)
    phone.goto(desk.address)
    _shoot(phone, folder / "phone.png")
    phone.locator(".row-link", has_text="Greta").click()
    phone.locator(".msg-text").first.wait_for()
    _shoot(phone, folder / "phone-thread.png")


def _inbox(page: Page, desk: Product, path: Path) -> None:
    """The list beside a conversation that has a history."""
    reader = Product(Path(desk.environment["REPLYDESK_DATA"]) / "demo")
    rows = reader.json("conversations", "list", "--view", "waiting")["conversations"]
    ines = next(row["id"] for row in rows if row["customer"]["name"].startswith("Ines"))
    page.goto(f"{desk.address}/conversations/{ines}")
    page.locator(".msg-out").first.wait_for()
    _shoot(page, path)


def _choose(page: Page, name: str, value: str) -> None:
    """A choice in the menu under one's own initials."""
    page.locator(".rail-me").click()
    page.locator(f"#me [name={name}][value={value}]").click()
    page.wait_for_load_state()


def _shoot(page: Page, path: Path, *, whole: bool = False) -> None:
    page.wait_for_timeout(400)  # fonts and the first tick of the clocks
    page.screenshot(path=path, full_page=whole)
    print(path)


if __name__ == "__main__":
    print(f"as {ADA['name']}")
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
