"""The whole journey: customers write, an agent answers in the browser, a report proves it."""

import email
import re
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from inbox.store.session import Store
from inbox.store.tables import Brand
from tests.e2e.browser import ADA, chromium, create_admin, open_page
from tests.e2e.world import World, eventually
from tests.fakes.mail import ANN

pytestmark = pytest.mark.timeout(300)


def answer(page: Page, words_in_list: str, text: str) -> None:
    """Opens a conversation from the list by its words and answers with the keyboard."""
    page.locator(".row-link", has_text=words_in_list).click()
    expect(page.locator(".msg-text", has_text=words_in_list).first).to_be_visible(timeout=20_000)
    page.keyboard.press("r")
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    ours = page.locator(".msg-out", has_text=text)
    expect(ours).to_contain_text("Sent", timeout=20_000)
    expect(ours).to_contain_text("Answered in")


def test_a_customers_post_becomes_a_proven_answer(store_url: str, tmp_path: Path) -> None:
    """Each spelling of X once: it ends in the connector and never meets the database. So does how
    the product is started."""
    url = None if store_url.startswith("sqlite") else store_url
    spelling: Literal["tweet", "post"] = "post" if url is None else "tweet"
    with World(tmp_path, url, spelling, warm=url is not None) as world, chromium() as browser:
        world.x.mention("@brand my transfer of 80 hangs since Tuesday", "tomas")
        world.x.dm("My card 4111 1111 1111 1111 was charged twice", "ines")
        world.mail.write("Where is my refund? It was due last week.", subject="Refund")
        with world.product as desk:
            assert desk.link is not None
            page, wrong = open_page(browser)
            create_admin(page, desk.link)
            desk.command("brand", "--undo", "1")  # seconds, so that four answers do not take long
            expect(page.locator(".row-link")).to_have_count(3, timeout=60_000)

            live_arrival(page, world)
            answer(page, "my transfer of 80", "Thank you, we found it: it goes out today.")
            answer(page, "was charged twice", "One of the two is a reservation and falls away.")
            answer(page, "Where is my refund", "It left us this morning.")
            answer(page, "Is the app down", "It is up again.")

            counterparts_have_the_answers(world)
            the_card_never_reached_the_product(world)
            the_clock_has_evidence(world)
            the_morning_report(page, world)
            the_morning_mail(page, world)
            assert wrong == []


def live_arrival(page: Page, world: World) -> None:
    """A webhook message appears in the open page by itself (how soon: benchmarks/live.py)."""
    assert world.post_webhook("Is the app down for everybody?", "e1") == 202
    row = page.locator(".row-link", has_text="Is the app down")
    pill = page.locator(".pill:visible")
    expect(row.or_(pill).first).to_be_visible(timeout=20_000)
    assert world.post_webhook("Is the app down for everybody?", "e1") == 200
    page.goto(page.url)
    expect(page.locator(".row-link")).to_have_count(4)


def counterparts_have_the_answers(world: World) -> None:
    assert sorted(world.x.sent) == sorted(
        [
            "Thank you, we found it: it goes out today.",
            "One of the two is a reservation and falls away.",
        ]
    )
    eventually(lambda: len(world.mail.mailbox(ANN)) == 1, "the mail to Ann")
    mail = email.message_from_bytes(world.mail.mailbox(ANN)[0], policy=default)
    assert mail["In-Reply-To"] == "<customer-1@mail.example>"
    assert mail["Subject"] == "Re: Refund"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "It left us this morning." in body.get_content()
    assert world.shop.texts() == ["It is up again."]


def the_card_never_reached_the_product(world: World) -> None:
    shown = world.product.command("export")
    assert "4111 1111 1111 1111" not in shown
    assert "4••• •••• •••• 1111" in shown
    for file in world.folder.rglob("*"):
        if file.is_file() and "replydesk.db" in file.name:
            assert b"4111 1111 1111 1111" not in file.read_bytes()


def the_clock_has_evidence(world: World) -> None:
    for row in world.product.json("conversations", "list")["conversations"]:
        turns = world.product.json("sla", "explain", str(row["id"]))
        assert [(t["end"], t["verdict"]) for t in turns] == [("answered", "kept")]
        assert turns[0]["policy"]["target"] == "24h"
        assert row["category"] is not None
        assert row["status"] == "waiting"


def the_morning_report(page: Page, world: World) -> None:
    """Figures of the day in JSON and in the browser; the mail of a past day waits for the hour."""
    day = page.evaluate("new Intl.DateTimeFormat('sv', {timeZone: 'Europe/Lisbon'}).format()")
    figures = world.product.json("report", "--date", day)
    assert (figures["received"], figures["turns_opened"]) == (4, 4)
    assert figures["by_agent"][ADA["email"]]["answered"] == 4
    assert figures["first_response_s"]["count"] == 4
    page.goto(f"{world.product.address}/reports/{day}")
    expect(page.locator("h1")).to_be_visible()
    assert re.search(r"\b4\b", page.inner_text("main"))


def the_morning_mail(page: Page, world: World) -> None:
    """On an installation that is three days old, reports of past days are due: made, mailed, and
    the link in the mail opens the same report."""
    store = Store(world.database)
    with store.write() as session:
        session.execute(update(Brand).values(created_at=datetime.now(UTC) - timedelta(days=3)))
    store.close()
    eventually(lambda: bool(world.mail.mailbox(ADA["email"])), "the report's mail", 60)
    mail = email.message_from_bytes(world.mail.mailbox(ADA["email"])[0], policy=default)
    body = mail.get_body(("html",))
    assert mail["Message-ID"]
    assert body is not None
    link = re.search(rf"{re.escape(world.product.address)}/reports/[0-9-]+", body.get_content())
    assert link is not None
    page.goto(link[0])
    expect(page.locator("h1")).to_be_visible()
