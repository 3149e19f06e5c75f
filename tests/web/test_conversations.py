"""A conversation's page and what a person does on it, with and without htmx."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from classifier.labels import CATEGORY_MEANING, URGENCY_MEANING
from inbox.store.session import Store
from inbox.store.tables import Conversation, Reply, Step, User
from templates import said
from tests.factories import make_account, make_conversation, make_message, make_reply, make_user
from tests.web.serving import Site

HX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{7*7}} ‮gnp.exe"


def form(page: str) -> dict[str, str]:
    """The composer's hidden fields."""
    composer = page[page.index('id="composer"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"', composer)[:3])


def read(store: Store, id_: int) -> Conversation:
    with store.read() as session:
        return session.get_one(Conversation, id_)


def replies(store: Store) -> list[Reply]:
    with store.read() as session:
        return list(session.scalars(select(Reply).order_by(Reply.id)))


@pytest.fixture
def browser(site: Site, ada: User) -> httpx2.Client:
    """Ada's."""
    return site.signed_in(ada)


def test_the_page_shows_thread_composer_and_the_list_beside(
    site: Site, browser: httpx2.Client
) -> None:
    conversation = make_conversation(site.store, text="Where is my refund?")
    make_message(site.store, conversation, "Hello?", site.clock() + timedelta(minutes=3))
    page = browser.get(f"/conversations/{conversation.id}").text
    assert page.index("Where is my refund?") < page.index("Hello?")
    assert 'id="composer-text"' in page
    assert f'id="row-{conversation.id}"' in page
    part = browser.get(f"/conversations/{conversation.id}", headers=HX).text
    assert "<html" not in part
    assert 'id="rows"' not in part
    assert "Where is my refund?" in part


def test_opening_a_conversation_reads_it_but_a_page_nobody_looks_at_does_not(
    site: Site, browser: httpx2.Client
) -> None:
    id_ = make_conversation(site.store).id
    browser.get(f"/conversations/{id_}", headers={"Replydesk-Live": "1"})
    assert read(site.store, id_).unread == 1
    browser.get(f"/conversations/{id_}")
    assert read(site.store, id_).unread == 0


def test_an_auditor_reads_without_a_trace(site: Site, ada: User, cy: User) -> None:
    id_ = make_conversation(site.store).id
    assert site.signed_in(cy).get(f"/conversations/{id_}").status_code == 200
    assert read(site.store, id_).unread == 1


def test_an_answer_is_queued_and_shown_on_its_way(site: Site, browser: httpx2.Client) -> None:
    id_ = make_conversation(site.store).id
    fields = form(browser.get(f"/conversations/{id_}").text)
    answer = browser.post(
        f"/conversations/{id_}/reply", data=fields | {"text": "We look.", "mode": "private"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/conversations/{id_}")
    assert [r.text for r in replies(site.store)] == ["We look."]
    assert "We look." in browser.get(f"/conversations/{id_}").text


def test_a_double_click_is_one_answer(site: Site, browser: httpx2.Client) -> None:
    id_ = make_conversation(site.store).id
    fields = form(browser.get(f"/conversations/{id_}").text)
    for headers in (HX, {}, HX):
        answer = browser.post(
            f"/conversations/{id_}/reply",
            data=fields | {"text": "We look.", "mode": "private"},
            headers=headers,
        )
        assert answer.status_code in {200, 303}
    assert len(replies(site.store)) == 1


def test_other_words_in_a_form_that_was_sent_are_kept_and_not_taken_for_a_double_click(
    site: Site, browser: httpx2.Client
) -> None:
    id_ = make_conversation(site.store).id
    fields = form(browser.get(f"/conversations/{id_}").text) | {"mode": "private"}
    path = f"/conversations/{id_}/reply"
    browser.post(path, data=fields | {"text": "First."})
    again = browser.post(path, data=fields | {"text": "Second."})
    assert again.status_code == 422
    assert ">Second.</textarea>" in again.text
    assert "Send anyway" in again.text  # from another window, perhaps: nothing more unasked
    fresh = form(again.text)
    assert fresh["idempotency_key"] != fields["idempotency_key"]
    assert browser.post(path, data=fields | fresh | {"text": "Second."}).status_code == 303
    assert [r.text for r in replies(site.store)] == ["First.", "Second."]


@pytest.mark.parametrize("headers", [{}, HX])
def test_what_cannot_be_sent_stays_in_the_form(
    site: Site, browser: httpx2.Client, headers: dict[str, str]
) -> None:
    id_ = make_conversation(site.store, visibility="public", kind="mention").id
    fields = form(browser.get(f"/conversations/{id_}").text)
    words = "too long " * 40
    answer = browser.post(
        f"/conversations/{id_}/reply",
        data=fields | {"text": words, "mode": "public"},
        headers=headers,
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="composer-error"' in answer.text
    assert replies(site.store) == []


def test_when_the_customer_wrote_meanwhile_the_words_wait_below_the_new_message(
    site: Site, browser: httpx2.Client
) -> None:
    conversation = make_conversation(site.store)
    path = f"/conversations/{conversation.id}"
    fields = form(browser.get(path).text) | {"text": "We look.", "mode": "private"}
    make_message(site.store, conversation, "Never mind!", site.clock())
    crossed = browser.post(f"{path}/reply", data=fields)
    assert crossed.status_code == 422
    assert "Never mind!" in crossed.text
    assert ">We look.</textarea>" in crossed.text
    assert replies(site.store) == []
    anyway = browser.post(f"{path}/reply", data=fields | form(crossed.text))
    assert anyway.status_code == 303
    assert len(replies(site.store)) == 1


def test_a_step_stays_in_the_view_where_it_was_made(site: Site, browser: httpx2.Client) -> None:
    id_ = make_conversation(site.store).id
    path = f"/conversations/{id_}"
    for query, back in (
        ("?view=mine", "?view=mine"),
        ("", ""),
        ("?view=find%3Abank", "?view=find%3Abank"),
        ("?view=//evil.example", ""),
    ):
        browser.headers["Referer"] = f"{site.url}{path}{query}"
        assert browser.post(f"{path}/assign").headers["location"] == path + back


def test_two_agents_take_and_release(site: Site, browser: httpx2.Client, bo: User) -> None:
    id_ = make_conversation(site.store).id
    assert browser.post(f"/conversations/{id_}/assign").status_code == 303
    part = site.signed_in(bo).post(f"/conversations/{id_}/assign", headers=HX)
    assert part.status_code == 200
    assert read(site.store, id_).assignee_id == bo.id
    browser.post(f"/conversations/{id_}/release")
    assert read(site.store, id_).assignee_id is None


def test_excusing_and_resolving_end_the_wait_with_a_reason(
    site: Site, browser: httpx2.Client
) -> None:
    first, second = make_conversation(site.store), make_conversation(site.store)
    site.clock.forward(minutes=5)
    newest = {"shown": str(10**6)}
    assert browser.post(f"/conversations/{first.id}/resolve", data=newest).status_code == 400
    browser.post(
        f"/conversations/{first.id}/resolve",
        data=newest | {"reason": "elsewhere", "note": "by phone"},
    )
    browser.post(f"/conversations/{second.id}/excuse", data=newest | {"reason": "thanks"})
    assert read(site.store, first.id).status == "resolved"
    assert read(site.store, second.id).status == "waiting"
    with site.store.read() as session:
        reasons = session.scalars(select(Step.reason).where(Step.kind == "excuse")).all()
    assert sorted(filter(None, reasons)) == ["elsewhere: by phone", "thanks"]


def test_a_tag_is_corrected(site: Site, browser: httpx2.Client) -> None:
    id_ = make_conversation(site.store).id
    browser.post(f"/conversations/{id_}/tags", data={"category": "payment", "urgency": "high"})
    row = read(site.store, id_)
    assert (row.category, row.urgency) == ("payment", "high")


def test_the_topic_that_counts_is_the_chosen_categorys(site: Site, browser: httpx2.Client) -> None:
    """Each category's topics come with the form, whichever are seen."""
    id_ = make_conversation(site.store).id
    topics = ["", "payment.charged_twice", "refund.status"]
    data = {"category": "payment", "urgency": "high", "topic": topics}
    assert browser.post(f"/conversations/{id_}/tags", data=data).status_code == 303
    assert read(site.store, id_).topic == "charged_twice"
    data = {"category": "refund", "urgency": "high", "topic": ["", "refund.charged_twice"]}
    assert browser.post(f"/conversations/{id_}/tags", data=data).status_code == 400
    page = browser.get(f"/conversations/{id_}").text
    assert 'value="payment.charged_twice" selected' in page
    assert "Charged twice or wrongly" in page


def test_where_it_is_not_sure_the_page_offers_two_or_asks(
    site: Site, browser: httpx2.Client
) -> None:
    both: dict[str, Any] = {"labels": ["refund", "payment"], "alternatives": [["payment", 0.4]]}
    two = browser.get(f"/conversations/{make_conversation(site.store, **both).id}").text
    assert re.findall(r'form="quick-tag" name="category" value="(\w+)"', two) == [
        "refund",
        "payment",
    ]
    unsures: list[dict[str, Any]] = [
        {"labels": ["refund", "payment", "account"]},
        {"outside": True},
    ]
    for unsure in unsures:
        page = browser.get(f"/conversations/{make_conversation(site.store, **unsure).id}").text
        assert 'class="chip chip-ask" type="button" popovertarget="tags"' in page
        assert not re.search(r'name="category" value="\w+" required checked', page)


def test_the_form_shows_where_the_border_is_in_the_readers_language(
    site: Site, browser: httpx2.Client
) -> None:
    id_ = make_conversation(site.store, topic="status", tone="angry").id
    english = browser.get(f"/conversations/{id_}").text
    browser.post("/me", data={"locale": "zh_Hans_CN"})
    chinese = browser.get(f"/conversations/{id_}").text
    borders = [*CATEGORY_MEANING.values(), *URGENCY_MEANING.values()]
    for line in (*borders, "Where the refund is", "Sounds angry"):
        assert line in english
        assert line not in chinese
        assert said("zh_Hans_CN", line) in chinese


@pytest.mark.parametrize("verb", ["look", "arrived", "resend", "skip", "drop"])
def test_nothing_is_done_to_an_answer_that_is_not_there(browser: httpx2.Client, verb: str) -> None:
    assert browser.post(f"/outbox/404/{verb}").status_code == 404


def test_a_person_settles_an_answer_of_unknown_outcome(
    site: Site, ada: User, browser: httpx2.Client
) -> None:
    account = make_account(site.store)
    arrived, lost = (
        make_reply(site.store, make_conversation(site.store, account), ada, state="unknown")
        for _ in range(2)
    )
    page = browser.get(f"/conversations/{arrived.conversation_id}").text
    assert f'action="/outbox/{arrived.id}/arrived"' in page
    assert browser.post(f"/outbox/{arrived.id}/arrived").status_code == 303
    assert browser.post(f"/outbox/{lost.id}/resend", headers=HX).status_code == 200
    assert [r.state for r in replies(site.store)] == ["sent", "queued"]


def test_parts_behind_a_refused_one_say_why_they_wait_and_can_be_given_up(
    site: Site, ada: User, browser: httpx2.Client
) -> None:
    conversation = make_conversation(site.store, make_account(site.store))
    before = make_reply(site.store, conversation, ada, form_key="f", state="refused", reason="No.")
    for number in (2, 3):
        key = f"f#{number}"
        before = make_reply(site.store, conversation, ada, form_key=key, after_id=before.id)
    page = browser.get(f"/conversations/{conversation.id}").text
    assert "It is message 1 of 3 of this answer; 2 more wait behind it." in page
    assert page.count("Not sent: an earlier part of the answer is held up") == 2
    assert page.count('action="/outbox/1/skip"') == 1
    assert page.count("/drop") == page.count("/outbox/1/drop") > 0, "only the one that is stuck"
    assert browser.post("/outbox/1/drop", headers=HX).status_code == 200
    assert [r.state for r in replies(site.store)] == ["dropped", "dropped", "dropped"]
    page = browser.get(f"/conversations/{conversation.id}").text
    assert page.count("Left unsent") == 3
    assert "/outbox/" not in page


@pytest.mark.parametrize("state", ["paused", "imported", "revoked"])
def test_where_an_account_cannot_send_only_notes_are_written_and_no_word_is_lost(
    site: Site, browser: httpx2.Client, state: str
) -> None:
    id_ = make_conversation(site.store, make_account(site.store, state=state)).id
    path = f"/conversations/{id_}"
    page = browser.get(path).text
    assert re.findall(r'name="mode" value="(\w+)"( checked)?', page) == [("note", " checked")]
    assert 'popovertarget="send-later"' not in page
    long = form(page) | {"mode": "note", "text": "a lot " * 4000}
    refused = browser.post(f"{path}/reply", data=long)
    assert (refused.status_code, "a lot a lot" in refused.text) == (422, True)
    assert "at most 20,000 characters" in refused.text
    typed = form(page) | {"mode": "note", "text": "Ask <them>"}
    assert browser.post(f"{path}/draft", data=typed).status_code == 204
    assert ">Ask &lt;them&gt;</textarea>" in browser.get(path).text
    assert browser.post(f"{path}/reply", data=typed).status_code == 303
    assert "msg-note" in browser.get(path).text
    answer = form(page) | {"mode": "private", "text": "no way", "idempotency_key": "another-one"}
    assert browser.post(f"{path}/reply", data=answer).status_code == 422


def test_a_conversation_of_a_channel_without_connector_can_be_read(
    site: Site, browser: httpx2.Client
) -> None:
    account = make_account(site.store, "carrier_pigeon", state="imported")
    id_ = make_conversation(site.store, account).id
    assert "Carrier Pigeon" in browser.get(f"/conversations/{id_}").text


def test_a_long_thread_shows_its_end_and_leads_to_its_beginning(
    site: Site, browser: httpx2.Client
) -> None:
    conversation = make_conversation(site.store, text="the very first")
    for n in range(200):
        make_message(site.store, conversation, f"line {n}", site.clock() + timedelta(seconds=n + 1))
    page = browser.get(f"/conversations/{conversation.id}").text
    assert 'id="m1"' not in page
    more = re.search(r'href="(/conversations/\d+\?messages=\d+)"', page)
    assert more is not None
    assert 'id="m1"' in browser.get(more[1]).text
    opened_by = f"/conversations/{conversation.id}?at=1#m1"
    assert f'href="{opened_by}"' in page
    reached = browser.get(opened_by).text
    assert 'id="m1"' in reached
    assert 'href="#m1"' in reached


def test_hostile_words_are_inert_in_every_place(site: Site, ada: User) -> None:
    store = site.store
    account = make_account(store, handle=HOSTILE, last_error=HOSTILE, failures=2)
    agent = make_user(store, HOSTILE, email="h@lumenpay.example")
    conversation = make_conversation(
        store,
        account,
        text=HOSTILE,
        name=HOSTILE,
        kind="email",
        subject=HOSTILE,
        assignee_id=agent.id,
        category=HOSTILE,
        lang=HOSTILE,
    )
    make_message(
        store,
        conversation,
        HOSTILE,
        site.clock(),
        author_name=HOSTILE,
        subject=HOSTILE,
        lang=HOSTILE,
        reply_note=HOSTILE,
        can_reply_publicly=False,
        attachments=[{"name": HOSTILE, "mime": "text/html"}],
        findings=[{"kind": HOSTILE}],
    )
    make_message(
        store,
        conversation,
        HOSTILE,
        site.clock(),
        role="third",
        conversation_id=None,
        author_name=HOSTILE,
    )
    make_reply(store, conversation, agent, HOSTILE, state="refused", reason=HOSTILE)
    browser = site.signed_in(agent)
    id_ = conversation.id
    for path in (f"/conversations/{id_}", "/", "/accounts", "/reports/2026-11-23"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text, path
        assert "<img" not in page.text, path
        assert "49 " not in page.text or "{{7*7}}" in page.text, path
    typed = browser.post(
        f"/conversations/{id_}/reply",
        data={"idempotency_key": HOSTILE[:60], "shown": "1", "text": HOSTILE, "mode": HOSTILE},
    )
    assert "<script>alert" not in typed.text
    assert "<img" not in typed.text
    wrong = site.browser().post("/sign-in", data={"email": HOSTILE, "next": HOSTILE})
    assert "<script>alert" not in wrong.text
