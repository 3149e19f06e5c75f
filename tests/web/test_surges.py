"""One answer to many on the pages, for programs and on the command line."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import case, select, update

from inbox.flows import bulk
from inbox.flows.surging import Watch
from inbox.store.tables import Message, Reply, Surge, SurgeMember, User
from tests.factories import make_account, make_brand, make_canned, make_conversation
from tests.flows.test_surges import by_first_word
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

FORM = {"key": "k", "text.en": "Hello {customer}, we are on it.", "text.zh": ""}


@pytest.fixture
def surge(site: Site) -> Site:
    """Twelve people say that it is down, the second of them in Chinese."""
    make_brand(site.store)
    make_canned(site.store, en="All is well again, {customer}.", zh="已恢复。")
    account = make_account(site.store, "mastodon")
    for n in range(12):
        at = site.clock() - timedelta(minutes=30 - n)
        who: dict[str, Any] = {"name": f"<i>P{n}", "category": "payment"}
        assert make_conversation(site.store, account, text=f"down {n}", opened_at=at, **who)
    with site.store.write() as session:
        session.execute(update(Message).values(lang=case((Message.id == 2, "zh"), else_="en")))
    Watch(site.store, by_first_word).look(site.clock())
    return site


def ids(site: Site, but: int = 0) -> list[str]:
    """What the page's boxes send, without one conversation."""
    with site.store.read() as session:
        rows = session.scalars(select(SurgeMember.conversation_id)).all()
    return [f"{id}.{id}" for id in sorted(rows) if id != but]


def seen(site: Site) -> list[str]:
    return [one.partition(".")[0] for one in ids(site)]


def sent(site: Site) -> list[tuple[int, str]]:
    bulk.work(site.store, site.clock)
    with site.store.read() as session:
        rows = session.scalars(select(Reply).order_by(Reply.conversation_id))
        return [(row.conversation_id, row.text) for row in rows]


def test_who_opens_it_has_read_that_they_were_told_of_it(ada: User, surge: Site) -> None:
    lead = surge.signed_in(ada)
    assert "1 unread" in lead.get("/notices").text
    assert lead.get("/surges/1").status_code == 200
    page = lead.get("/notices").text
    assert "12 people" in page
    assert " unread" not in page


def test_the_list_tells_of_it_and_a_lead_sends_one_answer(surge: Site, bo: User) -> None:
    with surge.store.write() as session:
        session.get_one(User, bo.id).role = "lead"
    lead = surge.signed_in(bo)
    assert "12 people write about the same thing" in lead.get("/").text
    assert "12 conversations wait" in lead.get("/surges").text
    page = lead.get("/surges/1").text
    assert (page.count('name="id"'), page.count("checked>")) == (12, 0)  # a person chooses
    assert "/surges/1/send" not in page  # the preview comes first
    assert ("&lt;i&gt;P0" in page, "<i>P0" in page) == (True, False)
    assert '<label class="label" for="text-en">English <span class="dim">· 11 people<' in page
    canned = lead.post("/surges/1", data=FORM | {"do": "canned", "canned": "1", "seen": "1"}).text
    assert ("All is well again, &lt;i&gt;P0." in canned, "已恢复。" in canned) == (True, True)
    assert 'chip-mine">new' in canned  # eleven were not on the page that was sent
    bad = lead.post("/surges/1/send", data=FORM | {"id": ids(surge), "text.en": "{who}"})
    assert (bad.status_code, "Nothing is known as {who}." in bad.text) == (422, True)
    none = lead.post("/surges/1/send", data=FORM | {"seen": seen(surge)})
    assert (none.status_code, "Choose at least one conversation." in none.text) == (422, True)
    form = FORM | {"id": ids(surge, but=5), "seen": seen(surge)}
    began = lead.post("/surges/1/send", data=form)
    assert began.headers["location"] == "/bulk/1"
    assert lead.post("/surges/1/send", data=form).headers["location"] == "/bulk/1"
    assert "an answer in English" in lead.get("/bulk/1").text
    assert sent(surge)[4] == (6, "Hello <i>P5, we are on it.")
    assert len(sent(surge)) == 11
    after = lead.get("/surges/1").text
    assert (after.count('name="id"'), "11 answered" in after) == (1, True)
    back = form | {"id": ids(surge)}  # the page before, as the browser kept it, with one more
    assert lead.post("/surges/1/send", data=back).headers["location"] == "/bulk/2"
    assert [id for id, _ in sent(surge)] == list(range(1, 13))
    lead.post("/surges/1/close", data={"do": "close"})
    assert "write about the same thing" not in lead.get("/").text
    assert "Open again" in lead.get("/surges/1").text
    assert lead.get("/surges/9").status_code == 404


def test_the_sample_of_a_surge_is_the_customers_own_words(surge: Site, ada: User) -> None:
    with surge.store.write() as session:
        quoting = "It is down.\n\nOn 30 Nov 2026, Bo wrote:\n> All is well\n> with us\n"
        session.execute(update(Message).values(text=quoting))
    browser = surge.signed_in(ada)
    for path in ("/surges", "/surges/1", "/"):
        sample = re.findall(
            r'class="surge-(?:quote|typical)"[^>]*>([^<]+)<', browser.get(path).text
        )
        assert sample == ["It is down."], path


def test_a_long_text_says_how_it_goes_out(surge: Site, ada: User) -> None:
    page = surge.signed_in(ada).post("/surges/1", data=FORM | {"text.en": "word " * 150}).text
    assert "Mastodon takes it in 2 messages." in page
    assert "Left empty: they get the text in English." in page  # the Chinese one


def test_naming_a_language_without_words_takes_none_away(surge: Site, ada: User) -> None:
    form = FORM | {"lang": "en", "more": " "}
    assert FORM["text.en"] in surge.signed_in(ada).post("/surges/1", data=form).text
    form = FORM | {"lang": "es", "more": "Ya lo sabemos."}
    page = surge.signed_in(ada).post("/surges/1", data=form).text
    assert (FORM["text.en"] in page, "Ya lo sabemos." in page) == (True, True)


def test_what_changes_something_is_not_got(surge: Site, ada: User) -> None:
    lead = surge.signed_in(ada)
    for path in ("/surges/1/send", "/surges/1/close"):
        assert lead.get(path).status_code == 405


def test_an_agent_prepares_it_and_cannot_send(surge: Site, bo: User) -> None:
    agent = surge.signed_in(bo)
    page = agent.get("/surges/1").text
    assert ("Keep it for a lead" in page, "/surges/1/send" in page) == (True, False)
    form = FORM | {"do": "keep", "id": ids(surge, but=2), "seen": seen(surge)}
    kept = agent.post("/surges/1", data=form).headers["location"]
    assert "Kept. A lead sends it." in agent.get(kept).text
    surge.clock.forward(minutes=1)
    make_conversation(surge.store, text="down again", opened_at=surge.clock())
    Watch(surge.store, by_first_word).look(surge.clock())
    assert "1 more has joined since" in agent.get(kept).text
    assert agent.post("/surges/1/send", data=form).status_code == 404
    with surge.store.read() as session:
        assert session.get_one(Surge, 1).texts_by == bo.email
        assert session.get_one(SurgeMember, (1, 2)).out
    empty = agent.post("/surges/1", data=form | {"text.en": " "})
    assert (empty.status_code, "Write it in one language" in empty.text) == (422, True)
    assert sent(surge) == []


def test_who_joins_while_the_page_is_open_is_marked_and_offered(surge: Site, ada: User) -> None:
    lead = surge.signed_in(ada)
    opened = f"/surges/1?seen={int(surge.clock().timestamp())}"
    assert "joined since" not in lead.get(opened).text
    surge.clock.forward(minutes=1)
    make_conversation(surge.store, text="down again", opened_at=surge.clock())
    Watch(surge.store, by_first_word).look(surge.clock())
    page = lead.get(opened).text
    assert ("1 more has joined since" in page, page.count('chip-mine">new')) == (True, 1)
    assert lead.get("/surges/1?seen=x").status_code == 200


def test_programs_of_leads_send_too(surge: Site, ada: User, bo: User) -> None:
    lead, agent = program(surge, ada), program(surge, bo)
    [told] = agent.get(f"{V1}/surges").json()["surges"]
    assert (told["people"], told["waiting"], told["growing"]) == (12, 12, True)
    offered = agent.get(f"{V1}/surges/1").json()["offered"]
    chosen = [{"conversation": one["conversation_id"], "shown": one["shown"]} for one in offered]
    body = {"conversations": chosen, "texts": {"en": "We are on it."}}
    path, key = f"{V1}/surges/1/send", {"Idempotency-Key": "a"}
    assert agent.post(path, json=body, headers=key).status_code == 404
    assert code(lead.post(path, json=body)) == "key_missing"
    assert code(lead.post(path, json=body | {"texts": {}}, headers=key)) == "answer"
    assert code(lead.post(f"{V1}/surges/9/send", json=body, headers=key)) == "not_found"
    began = lead.post(path, json=body, headers=key)
    assert (began.status_code, began.json()) == (202, {"job": 1})
    assert len(sent(surge)) == 12
    assert lead.post(f"{V1}/surges/1/close").json()["closed_by"] == ada.email
    assert lead.post(f"{V1}/surges/1/open").json()["closed_at"] is None
    assert json.dumps(lead.get(f"{V1}/surges/1").json()["texts"]) == '{"en": "We are on it."}'


def test_a_person_ticks_and_looks_before_sending_stands_there(surge: Site, ada: User) -> None:
    lead = surge.signed_in(ada)
    page = {"seen": seen(surge)}
    empty = lead.post("/surges/1", data=FORM | page | {"do": "preview"})
    assert (empty.status_code, "Tick who gets it" in empty.text) == (422, True)
    assert "/surges/1/send" not in empty.text
    ticked = lead.post("/surges/1", data=FORM | page | {"do": "all"}).text
    assert (ticked.count("checked>"), "/surges/1/send" in ticked) == (12, False)
    none = FORM | page | {"do": "none", "id": ids(surge)}
    assert lead.post("/surges/1", data=none).text.count("checked>") == 0
    two = FORM | page | {"do": "preview", "id": ids(surge)[:2]}
    shown = lead.post("/surges/1", data=two).text
    assert (shown.count("checked>"), "/surges/1/send" in shown) == (2, True)
    lead.post("/surges/1", data=two | {"do": "keep"})
    assert lead.get("/surges/1").text.count("checked>") == 2  # whoever kept the words chose them


def test_a_customer_with_two_conversations_is_one_person(surge: Site, ada: User) -> None:
    with surge.store.write() as session:
        session.execute(
            update(SurgeMember).values(
                person=case((SurgeMember.opener < 3, 1), else_=SurgeMember.opener)
            )
        )
    page = surge.signed_in(ada).get("/surges/1").text
    assert '12 conversations <span class="dim">· 11 people<' in page
