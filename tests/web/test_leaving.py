"""Undo and sending later on the conversation's page, for programs, and typed."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from inbox.cli import app
from inbox.flows.holding import stop_crossed
from inbox.store.session import Store
from inbox.store.tables import Brand, Conversation, Reply, User
from tests.factories import add_message, make_account, make_brand, make_conversation, make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site
from tests.web.test_conversations import form

FORM = {"shown": "1", "text": "On its way.", "mode": "private"}


def rows(site: Site) -> list[Reply]:
    with site.store.read() as session:
        return list(session.scalars(select(Reply).order_by(Reply.id)))


def writes_again(site: Site, conversation: Conversation) -> None:
    with site.store.write() as session:
        row = session.get_one(Conversation, conversation.id)
        add_message(session, row, "never mind", site.clock(), author_id="u")
    assert stop_crossed(site.store, site.clock()) == 1


def test_a_sent_answer_is_held_and_undo_brings_its_words_back(site: Site, ada: User) -> None:
    make_brand(site.store, undo_s=10)
    conversation = make_conversation(site.store)
    browser, path = site.signed_in(ada), f"/conversations/{conversation.id}"
    assert browser.post(f"{path}/reply", data=FORM | {"idempotency_key": "key-00001"}).is_redirect
    [row] = rows(site)
    assert row.not_before == site.clock() + timedelta(seconds=10)
    shown = browser.get(path).text
    assert ("09:00:10" in shown, "/outbox/1/undo" in shown) == (True, True)
    typed = {"idempotency_key": "key-00009", "mode": "private", "text": "And one more."}
    browser.post(f"{path}/draft", data=typed)
    back = browser.post("/outbox/1/undo").text
    assert "On its way.\n\nAnd one more.</textarea>" in back
    assert 'value="key-00001"' not in back  # a fresh key: the same words may be sent again
    again = browser.post("/outbox/1/undo")
    assert (again.status_code, "too late to change it" in again.text) == (422, True)
    page = browser.get(path).text
    assert "On its way.\n\nAnd one more.</textarea>" in page, "nor are they lost with the page"
    assert "On its way." not in page.partition('id="log"')[2].partition("<textarea")[0]
    assert ("msg-out" in shown, "msg-out" in page) == (True, False)
    browser.post("/answers/leaving", data={"undo": "15"})  # as the command line may set it
    assert 'value="15" selected' in browser.get("/answers").text
    browser.post("/answers/leaving", data={"undo": "0"})
    assert browser.post(f"{path}/reply", data=FORM | {"idempotency_key": "key-00002"}).is_redirect
    assert [(r.state, r.not_before) for r in rows(site)][1] == ("queued", None)
    with site.store.read() as session:
        assert session.get_one(Brand, 1).undo_s == 0


@pytest.mark.parametrize(("mode", "then"), [("private", "private"), ("note", "note")])
def test_what_undo_brings_back_is_kept_with_what_was_typed_since(
    site: Site, ada: User, mode: str, then: str
) -> None:
    make_brand(site.store, undo_s=10)
    conversation = make_conversation(site.store)
    browser, path = site.signed_in(ada), f"/conversations/{conversation.id}"
    assert browser.post(f"{path}/reply", data=FORM | {"idempotency_key": "key-00001"}).is_redirect
    typed = {"idempotency_key": "key-00002", "mode": mode, "text": "And one more."}
    assert browser.post(f"{path}/draft", data=typed).status_code == 204
    browser.post("/outbox/1/undo")
    shown = browser.get(path).text  # whatever was opened in between, on whatever device
    assert "On its way.\n\nAnd one more.</textarea>" in shown
    assert re.search(rf'name="mode" value="{then}" checked', shown)


@pytest.mark.parametrize(("mode", "then"), [("private", "private"), ("note", "note")])
def test_undo_takes_the_words_of_the_form_for_those_that_were_kept(
    site: Site, ada: User, mode: str, then: str
) -> None:
    make_brand(site.store, undo_s=10)
    conversation = make_conversation(site.store)
    browser, path = site.signed_in(ada), f"/conversations/{conversation.id}"
    assert browser.post(f"{path}/reply", data=FORM | {"idempotency_key": "key-00001"}).is_redirect
    kept = {"idempotency_key": "key-00002", "mode": "private", "text": "And one"}
    assert browser.post(f"{path}/draft", data=kept).status_code == 204
    browser.post("/outbox/1/undo", data={"mode": mode, "text": "And one\x00 more."})
    shown = browser.get(path).text
    assert "On its way.\n\nAnd one\ufffd more.</textarea>" in shown
    assert re.search(rf'name="mode" value="{then}" checked', shown)


def test_a_time_is_chosen_changed_and_stopped(site: Site, bo: User) -> None:
    conversation = make_conversation(site.store)
    browser, path = site.signed_in(bo), f"/conversations/{conversation.id}"
    form = FORM | {"idempotency_key": "key-00001", "later": "at"}
    past = browser.post(f"{path}/reply", data=form | {"at": "2020-01-01T09:00"})
    assert (past.status_code, "still to come" in past.text) == (422, True)
    late = browser.post(f"{path}/reply", data=form | {"at": "2026-11-26T09:00"})
    assert (late.status_code, "would be late" in late.text) == (422, True)
    assert 'name="late" value="1"' in late.text
    assert 'value="2026-11-26 09:00"' in late.text
    kept = form | {"at": "2026-11-26T09:00", "late": "1"}
    assert browser.post(f"{path}/reply", data=kept).is_redirect
    assert re.search(r"Leaves Thu[^<]* 09:00", browser.get(path).text)
    assert browser.post("/outbox/1/later", data={"to": "later", "shown": "1"}).is_redirect
    assert [r.send_at for r in rows(site)] == [site.clock() + timedelta(hours=3)]
    writes_again(site, conversation)
    shown = browser.get(path).text
    assert "Stopped: the customer wrote again." in shown
    assert browser.post("/outbox/1/now", data={"shown": "2"}).is_redirect
    assert [(r.state, r.send_at, r.shown) for r in rows(site)] == [("queued", None, 2)]
    with site.store.write() as session:
        session.get_one(Reply, 1).attempts = 1  # a sender took it
    for verb in ("undo", "now", "later"):
        assert browser.post(f"/outbox/1/{verb}", data={"to": "later"}).status_code == 422


def test_programs_schedule_and_withdraw(site: Site, bo: User) -> None:
    conversation = make_conversation(site.store)
    agent = program(site, bo)
    reply = f"{V1}/conversations/{conversation.id}/reply"
    body = {"text": "soon", "shown": 1, "send_at": "2026-11-26T09:00:00Z"}
    assert code(agent.post(reply, json=body, headers={"Idempotency-Key": "a"})) == "late"
    made = agent.post(reply, json=body | {"late": True}, headers={"Idempotency-Key": "b"}).json()
    assert (made["state"], made["send_at"]) == ("queued", "2026-11-26T09:00:00Z")
    path = f"{V1}/outbox/{made['id']}"
    bad = agent.post(f"{path}/later", json={"shown": 1, "send_at": "2020-01-01T00:00Z"})
    assert code(bad) == "time"
    moved = agent.post(f"{path}/later", json={"shown": 1, "send_at": "2026-11-23T12:00Z"}).json()
    assert moved["send_at"] == "2026-11-23T12:00:00Z"
    assert agent.post(f"{path}/now", json={"shown": 1}).json()["send_at"] is None
    assert agent.post(f"{path}/withdraw").json()["state"] == "withdrawn"
    assert code(agent.post(f"{path}/withdraw")) == "too_late"
    assert code(agent.post(f"{V1}/outbox/99/withdraw")) == "not_found"


def test_the_command_line_schedules_and_withdraws(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_brand(sqlite_store)
    ada = make_user(sqlite_store)
    make_conversation(sqlite_store, make_account(sqlite_store))
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_store.url)
    who = ("--agent", ada.email)

    def run(*words: str, ok: bool = True) -> str:
        done = CliRunner().invoke(app, list(words))
        assert (done.exit_code == 0) is ok, done.output
        return done.output

    run("reply", "1", "hello", *who, "--at", "never", ok=False)
    run("reply", "1", "hello", *who, "--at", "2099-01-01T09:00", ok=False)
    run("reply", "1", "hello", *who)
    assert run("withdraw", "1", *who) == "hello\n"
    run("withdraw", "1", *who, ok=False)
    run("withdraw", "9", *who, ok=False)
    assert "undo        20" in run("brand", "--undo", "20")


def test_the_same_words_a_moment_later_are_asked_about_once(site: Site, ada: User) -> None:
    """After a reload the form has another key. What was asked is answered by sending it there."""
    browser = site.signed_in(ada)
    path = f"/conversations/{make_conversation(site.store).id}"
    first = form(browser.get(path).text) | {"text": "We look into it.", "mode": "private"}
    assert browser.post(f"{path}/reply", data=first).status_code == 303
    site.clock.forward(seconds=20)
    again = form(browser.get(path).text) | {"text": " We look into it.", "mode": "private"}
    asked = browser.post(f"{path}/reply", data=again)
    assert asked.status_code == 422
    assert "You sent the same words 20 s ago." in asked.text
    assert "Send anyway" in asked.text
    assert len(rows(site)) == 1
    assert f'name="twice" value="{rows(site)[0].id}"' in asked.text
    known = form(asked.text) | {"twice": str(rows(site)[0].id)}
    known |= {"text": "We look into it.", "mode": "private"}
    assert browser.post(f"{path}/reply", data=known).status_code == 303
    assert len(rows(site)) == 2
    site.clock.forward(seconds=121)
    later = form(browser.get(path).text) | {"text": "We look into it.", "mode": "private"}
    assert browser.post(f"{path}/reply", data=later).status_code == 303
