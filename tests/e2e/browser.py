"""A real Chromium and the few things a person does with the pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
ADA = {
    "name": "Ada Voss",
    "email": "ada@brand.example",
    "password": "correct horse battery staple",
}
BRAND = {"name": "Lumen Pay", "brand_zone": "Europe/Lisbon"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips the test when the machine has none."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no browser here: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


def open_page(browser: Browser, **options: Any) -> tuple[Page, list[str]]:
    """A page, and what went wrong on it: script errors, refused content, answers ≥ 500."""
    page = browser.new_context(
        **({"viewport": {"width": 1440, "height": 900}} | options)
    ).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    page.set_default_timeout(45_000)
    return page, wrong


def create_admin(page: Page, link: str) -> None:
    """Follows the one-time link, names the brand, and leaves the rest of the first run open."""
    page.goto(link)
    for name, value in ADA.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/welcome/brand")
    for name, value in BRAND.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/welcome/people")
    page.goto(urljoin(link, "/"))
