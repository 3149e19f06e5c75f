"""Approval on the pages and for programs."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from inbox.store.tables import Conversation, File, Message, Reply, User
from tests.factories import make_conversation, make_file, make_reply
from tests.pictures import picture
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site
from tests.web.test_conversations import HX, form


@pytest.fixture
def talk(site: Site) -> Conversation:
    return make_conversation(site.store, text="Where is it?")


def ask(lead: httpx2.Client, **rule: str) -> None:
    assert lead.post("/approvals/rule", data={"role": "agent"} | rule).status_code == 303


def answers(browser: httpx2.Client, talk: Conversation, text: str) -> None:
    path = f"/conversations/{talk.id}"
    fields = form(browser.get(path).text) | {"text": text, "mode": "private"}
    assert browser.post(f"{path}/reply", data=fields).status_code == 303


def state(site: Site, reply: int) -> str:
    with site.store.read() as session:
        return session.get_one(Reply, reply).state


def test_an_agents_answer_waits_in_thread_and_list_until_a_lead_lets_it_go(
    site: Site, talk: Conversation, ada: User, bo: User
) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    ask(lead)
    answers(agent, talk, "It left us today.")
    thread, mine = agent.get(f"/conversations/{talk.id}").text, agent.get("/approvals").text
    assert "Waits for approval" in thread
    assert "It left us today." in mine
    assert "/outbox/1/approve" not in thread + mine
    assert "asks for approval" in lead.get("/notices").text
    assert 'action="/outbox/1/approve"' in lead.get("/approvals").text
    assert 'action="/outbox/1/approve"' in lead.get(f"/conversations/{talk.id}").text
    assert agent.post("/outbox/1/approve").status_code == 404
    done = lead.post("/outbox/1/approve", data={"from": "list"})
    assert done.headers["location"] == "/approvals?done=approved"
    assert state(site, 1) == "queued"
    again = lead.post("/outbox/1/approve", data={"from": "list"})
    assert (again.status_code, "does not wait" in again.text) == (422, True)
    assert "approved your answer" in agent.get("/notices").text


def test_who_approves_in_the_list_reads_all_of_the_answer(
    site: Site, talk: Conversation, ada: User, bo: User
) -> None:
    """Each of its messages, and its files; programs are told the same messages."""
    made = [make_reply(site.store, talk, bo, f"Part {n}.", state="waiting") for n in (1, 2, 3)]
    with site.store.write() as session:
        message = session.scalars(select(Message)).one()
        for one, before in zip(made[1:], made, strict=False):
            session.get_one(Reply, one.id).after_id = before.id
    held = {"message_id": None, "conversation_id": talk.id, "outbox_id": made[2].id}
    make_file(site.store, message, b"a,b", name="list.csv", **held)
    page = site.signed_in(ada).get("/approvals").text
    assert page.count("/approve") == 1
    assert "Part 1.\n\nPart 2.\n\nPart 3." in page
    assert "list.csv" in page
    told = program(site, ada).get(f"{V1}/approvals").json()["replies"]
    assert [(one["text"], one["after_id"]) for one in told] == [
        ("Part 1.", None),
        ("Part 2.", made[0].id),
        ("Part 3.", made[1].id),
    ]


def test_sent_back_its_author_has_the_words_again_and_the_reason(
    site: Site, talk: Conversation, ada: User, bo: User
) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    ask(lead)
    answers(agent, talk, "It left us today.")
    with site.store.read() as session:
        said = session.scalars(select(Message)).one()
    here = {"conversation_id": talk.id, "agent_id": bo.id}
    make_file(site.store, said, picture(), message_id=None, outbox_id=1, position=0, **here)
    assert lead.post("/outbox/1/send-back", headers=HX).status_code == 422
    words = {"words": "Name the day."}
    assert lead.post("/outbox/1/send-back", data=words, headers=HX).status_code == 200
    page = agent.get(f"/conversations/{talk.id}").text
    assert ">It left us today.</textarea>" in page
    assert 'name="kept" value="1" checked' in page
    assert "Waits for approval" not in page
    draft = form(page) | {"text": "It left us today", "mode": "private"}
    path = f"/conversations/{talk.id}"
    kept = {"idempotency_key": draft["idempotency_key"], "text": "It left", "mode": "private"}
    assert agent.post(f"{path}/draft", data=kept).status_code == 204
    assert 'name="kept" value="1" checked' in agent.get(path).text  # also when it was typed on
    assert agent.post(f"{path}/reply", data=draft | {"kept": "1"}).status_code == 303
    with site.store.read() as session:
        assert session.get_one(File, 1).outbox_id == 2
    assert "Name the day." in agent.get("/notices").text


def test_an_admin_approves_their_own_only_where_that_is_allowed(
    site: Site, talk: Conversation, ada: User
) -> None:
    admin = site.signed_in(ada)
    ask(admin, role="admin")
    answers(admin, talk, "It left us today.")
    assert "/outbox/1/approve" not in admin.get(f"/conversations/{talk.id}").text
    assert "cannot approve it" in admin.post("/outbox/1/approve", headers=HX).text
    ask(admin, role="admin", own="1")
    assert "/outbox/1/approve" in admin.get(f"/conversations/{talk.id}").text
    assert admin.post("/outbox/1/approve", headers=HX).status_code == 200
    assert state(site, 1) == "queued"


def test_programs_wait_and_decide_the_same(
    site: Site, talk: Conversation, ada: User, bo: User
) -> None:
    lead, bot = program(site, ada), program(site, bo)
    rule = {"roles": [], "people": [bo.email], "findings": False, "own": False}
    assert lead.post(f"{V1}/approvals/rule", json=rule).json() == rule
    wrong = rule | {"people": ["nobody@lumenpay.example"]}
    assert code(lead.post(f"{V1}/approvals/rule", json=wrong)) == "people"
    body = {"text": "It left us today.", "shown": 1}
    path = f"{V1}/conversations/{talk.id}/reply"
    made: Any = bot.post(path, json=body, headers={"Idempotency-Key": "k"}).json()
    assert made["state"] == "waiting"
    assert [one["id"] for one in bot.get(f"{V1}/approvals").json()["replies"]] == [made["id"]]
    page = site.signed_in(ada).get("/approvals").text
    assert f'name="person" value="{bo.id}" checked' in page
    assert "Each answer of this person is read first." in page
    here = f"{V1}/outbox/{made['id']}"
    assert code(bot.post(f"{here}/now", json={"shown": 1})) == "too_late"
    assert bot.post(f"{here}/approve", json={}).status_code == 404
    assert lead.post(f"{here}/approve", json={}).json()["state"] == "queued"
    assert code(lead.post(f"{here}/approve", json={})) == "settled"
    other = make_reply(site.store, talk, bo, state="waiting")
    back = lead.post(f"{V1}/outbox/{other.id}/send-back", json={"words": "Name the day."}).json()
    assert (back["state"], back["reason"]) == ("returned", "Name the day.")
    assert code(lead.post(f"{V1}/outbox/99/approve", json={})) == "not_found"
