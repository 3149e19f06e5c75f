"""Macros on their pages, in a conversation, for programs, and typed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store.session import Store
from inbox.store.tables import Conversation, Reply, User
from tests.factories import make_account, make_brand, make_canned, make_conversation, make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

FORM = {"name": "<Refund>", "tag": "refund.status", "assign": "me", "answer": "1"}


def test_a_macro_is_written_run_told_and_taken_back(site: Site, ada: User) -> None:
    make_brand(site.store, undo_s=10)
    make_canned(site.store)
    conversation = make_conversation(site.store, category="payment", urgency="low")
    browser, path = site.signed_in(ada), f"/conversations/{conversation.id}"
    assert "No macros yet" in browser.get("/macros").text
    bad = browser.post("/macros/new", data=FORM | {"move": "spam"})
    assert (bad.status_code, "can be resolved or snoozed" in bad.text) == (422, True)
    made = browser.post("/macros/new", data=FORM | {"move": "resolve"})
    assert made.headers["location"] == "/macros/1?done=saved"
    assert "once sent" in browser.get("/macros").text
    assert '<button class="macro-run" name="macro" value="1">' in browser.get(path).text
    run = {"macro": "1", "shown": "1", "key": "k"}
    assert browser.post(f"{path}/macro", data=run).is_redirect
    assert browser.post(f"{path}/macro", data=run).is_redirect  # a double click
    shown = browser.get(path).text
    assert "Hello Lin Yue" in shown
    assert "tagged, assigned, answered, Resolved" in shown
    assert "&lt;Refund&gt;" in shown
    assert browser.post(f"{path}/macro/undo", data={"run": "1"}).is_redirect
    with site.store.read() as session:
        row = session.get_one(Conversation, conversation.id)
        assert (row.category, row.assignee_id) == ("payment", None)
        assert [r.state for r in session.scalars(select(Reply))] == ["withdrawn"]
    refused = browser.post(f"{path}/macro", data=run | {"shown": "0", "key": "z"})
    assert (refused.status_code, "no message of the customer" in refused.text) == (422, True)
    assert browser.post("/macros/1", data={"do": "remove"}).is_redirect
    assert browser.post(f"{path}/macro", data=run | {"key": "y"}).status_code == 404
    assert browser.post("/macros/1", data=FORM).is_redirect


def test_programs_run_macros_that_leads_write(site: Site, ada: User, bo: User) -> None:
    conversation = make_conversation(site.store)
    lead, agent = program(site, ada), program(site, bo)
    body = {"name": "Mine", "actions": {"assign": "me", "move": "customer"}}
    made = lead.post(f"{V1}/macros", json=body).json()
    assert (made["id"], made["actions"]) == (1, body["actions"])
    assert code(lead.post(f"{V1}/macros", json=body | {"actions": {}})) == "actions"
    assert agent.post(f"{V1}/macros", json=body).status_code == 404
    path = f"{V1}/conversations/{conversation.id}/macro"
    run = {"macro": 1, "shown": 1}
    assert code(agent.post(path, json=run)) == "key_missing"
    refused = agent.post(path, json=run, headers={"Idempotency-Key": "a"})
    assert code(refused) == "refused"  # a customer waits: the move needs a reason
    wanted = {"assign": "me", "move": "customer", "reason": "thanks"}
    reasoned = {"name": "Mine", "actions": wanted}
    assert lead.post(f"{V1}/macros/1", json=reasoned).status_code == 200
    done = agent.post(path, json=run, headers={"Idempotency-Key": "b"}).json()
    assert [part["verb"] for part in done["did"]] == ["assign", "move"]
    back = agent.post(f"{V1}/runs/{done['id']}/undo").json()
    assert (back["state"], [p["taken_back"] for p in back["did"]]) == ("undone", [True, True])
    assert code(agent.post(f"{V1}/runs/99/undo")) == "not_found"
    assert lead.post(f"{V1}/macros/1/remove").json()["removed"]
    assert agent.get(f"{V1}/macros").json() == {"macros": []}


def test_the_command_line_writes_and_runs_macros(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_brand(sqlite_store)
    ada = make_user(sqlite_store)
    make_conversation(sqlite_store, make_account(sqlite_store))
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_store.url)

    def run(*words: str, ok: bool = True) -> str:
        done = CliRunner().invoke(app, ["macros", *words])
        assert (done.exit_code == 0) is ok, done.output
        return done.output

    run("set", "Mine", "{", ok=False)
    run("set", "Mine", '{"move": "dance"}', ok=False)
    run("set", "Mine", '{"assign": "me"}')
    assert json.loads(run("list", "--json"))["macros"][0]["actions"] == {"assign": "me"}
    assert "undo 1" in run("run", "1", "1", "--agent", ada.email)
    assert "taken back" in run("undo", "1", "--agent", ada.email)
    run("undo", "7", "--agent", ada.email, ok=False)
    run("remove", "1")
    run("run", "1", "1", "--agent", ada.email, ok=False)
