"""What a conversation's page and its row say: words, quotations, reasons, times."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select

from classifier.explain import Explanation, Word
from classifier.labels import Category
from connectors.core.contract import Author, Direction, Kind
from connectors.core.contract import Message as NewMessage
from inbox.flows.ingest import ingest
from inbox.store.tables import Message, User
from inbox.web import render
from inbox.web.pages import tags
from inbox.web.pages_why import Reasons, Term
from inbox.web.style_people import sample_frame
from inbox.web.style_thread import sample_side, sample_thread
from inbox.web.why_view import why
from tests.factories import make_account, make_conversation
from tests.web.serving import Site
from tests.web.test_conversations import form, replies


@pytest.fixture
def browser(site: Site, ada: User) -> httpx2.Client:
    """Ada's."""
    return site.signed_in(ada)


def test_what_is_used_of_a_long_deadline_has_the_units_of_the_whole() -> None:
    """Of 15 days days are used; of 82 hours hours."""
    page = re.sub("<[^>]*>", "", render.page(sample_thread(sample_frame())))
    assert "2 d 02 h of 15 d 00 h" in page
    assert "38 h 00 min of 82 h" in page


def test_the_mails_that_a_mail_quotes_are_folded_away(site: Site, browser: httpx2.Client) -> None:
    mail = "Still nothing.\n\nOn 20 November 2026 at 09:12, Lumen Pay wrote:\n> It is on its way."
    account = make_account(site.store, "email")
    page = browser.get(
        f"/conversations/{make_conversation(site.store, account, text=mail).id}"
    ).text
    new, _, quoted = page.partition('<details class="msg-quoted">')
    assert "Still nothing.</p>" in new
    assert "On 20 November 2026 at 09:12, Lumen Pay wrote:\n&gt; It is on its way.</p>" in quoted
    chat = make_conversation(site.store, text=mail)
    assert "msg-quoted" not in browser.get(f"/conversations/{chat.id}").text


def test_a_row_shows_what_is_new_in_a_mail(site: Site, browser: httpx2.Client) -> None:
    said = "Still nothing.\n\nOn 20 November 2026 at 09:12, Lumen Pay wrote:\n> It is on its way."
    account = make_account(site.store, "email", created_at=site.clock() - timedelta(days=1))
    ann = Author("ann@mail.example", "ann@mail.example", "Ann")
    mail = NewMessage("1", "c1", Direction.IN, said, site.clock(), ann, kind=Kind.EMAIL)
    ingest(site.store, account, [mail], classifier=None, now=site.clock())
    listed = browser.get("/").text
    assert "Still nothing." in listed
    assert "Lumen Pay wrote" not in listed


def test_a_card_number_is_stopped_with_its_words_kept(site: Site, browser: httpx2.Client) -> None:
    path = f"/conversations/{make_conversation(site.store).id}"
    words = "Is it 4111 1111 1111 1111?"
    sent = {"text": words, "mode": "private"} | form(browser.get(path).text)
    refused = browser.post(f"{path}/reply", data=sent)
    assert refused.status_code == 422
    assert "This looks like a whole card number" in refused.text
    assert f">{words}</textarea>" in refused.text
    assert replies(site.store) == []


def test_where_no_clock_runs_a_row_says_when_the_last_message_came(
    site: Site, browser: httpx2.Client
) -> None:
    make_conversation(site.store, status="resolved")
    assert 'title="Last message today 09:00"' in browser.get("/?view=resolved").text
    make_conversation(site.store)
    assert "Last message" not in browser.get("/").text


def test_a_word_that_stands_twice_gives_one_reason(site: Site) -> None:
    make_conversation(site.store)
    with site.store.read() as session:
        messages = session.execute(select(*Message.__table__.columns)).all()
    kinds = (Category.REFUND, Category.REFUND, Category.SPAM)
    weighed = tuple(Word("refund", kind, 1.0) for kind in kinds)
    told = why(messages, lambda _: Explanation(Category.REFUND, 0.9, weighed[:2], weighed[2:], ()))
    assert told is not None
    assert told.terms == (Term("refund", 1.0, ""), Term("refund", 0.5, "spam"))


def tagged(urgency: tuple[str, float | None], why: Reasons | None = None) -> str:
    """Why these tags, as the page shows it."""
    side = replace(sample_side(), tags=tags([("refund", 0.96)], urgency, ("refund",)), why=why)
    page = render.page(replace(sample_thread(sample_frame("en")), side=side))
    card = page.partition("Why these tags")[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", card).split())


@pytest.mark.parametrize(
    ("urgency", "shown"),
    [
        (("critical", 0.04), "Critical to be safe"),
        (("high", 0.31), "High to be safe"),
        (("critical", 0.97), "Critical 97%"),
        (("low", 0.4), "Low 40%"),
        (("critical", None), "Critical Asks"),  # a person set it
    ],
)
def test_an_urgency_that_is_unlikely_but_too_dear_to_miss_is_said_to_be_safe(
    urgency: tuple[str, float | None], shown: str
) -> None:
    """*Critical, 4 %* reads like a mistake; the share is one pointer away."""
    told = tagged(urgency)
    assert shown.removesuffix(" Asks") in told
    assert ("to be safe" in told) == shown.endswith("safe")


@pytest.mark.parametrize(
    ("topic", "labels", "hint"),
    [
        ("praise", ("feedback",), ""),
        ("bug", ("feedback",), "praise"),
        ("praise", (), "praise"),  # not sure of the category: no topic is shown
    ],
)
def test_praise_is_said_once(topic: str, labels: tuple[str, ...], hint: str) -> None:
    assert tags([("feedback", 0.9)], labels=labels, topic=topic, tone="praise").hint == hint


def test_a_message_without_words_gets_no_best_guess_of_nothing() -> None:
    side = replace(sample_side(), tags=tags([("general", 0.25)]), why=Reasons("general", 0.0))
    page = render.page(replace(sample_thread(sample_frame("en")), side=side))
    assert "There are no words in it to go by." in page
    assert "Its best guess" not in page
