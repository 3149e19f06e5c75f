"""Canned answers on their pages, in the composer without a script, for programs, and typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store.tables import CannedAnswer, Reply, User
from tests.factories import make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

FORM = {
    "name": "Refund",
    "shortcut": "refund",
    "place": "refund.status",
    "text.en": "Hello {customer}, <b>by {due}</b>",
    "text.zh": "您好 {customer}",
}


def test_a_lead_begins_with_ready_ones_and_writes_their_own(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert "We are looking into it" in browser.get("/answers").text
    assert browser.post("/answers/adopt", data={"starter": ["refund", "code"]}).is_redirect
    listed = browser.get("/answers?done=adopted").text
    assert ("/answers/1" in listed, "/answers/3" in listed, "Some to begin" in listed) == (
        *(True, False, False),
    )
    again = browser.post("/answers/new", data=FORM)
    assert (again.status_code, "/refund is taken already" in again.text) == (422, True)
    assert "&lt;b&gt;by {due}" in again.text  # what was typed stays
    made = browser.post("/answers/new", data=FORM | {"shortcut": "money"})
    assert made.headers["location"] == "/answers/3?done=saved"
    make_conversation(site.store, name="Lin <i>Yue")
    shown = browser.get("/answers/3").text
    assert "Hello Lin &lt;i&gt;Yue, &lt;b&gt;by Nov 24, 09:00&lt;/b&gt;" in shown
    tried = browser.post("/answers/3", data=FORM | {"do": "preview", "text.en": "{nobody}"}).text
    assert "No value here for nobody" in tried
    changed = browser.post("/answers/3", data=FORM | {"shortcut": "money", "name": "Money"})
    assert changed.is_redirect
    assert browser.post("/answers/3", data={"do": "restore:1"}).is_redirect
    assert "Version 3" in browser.get("/answers/3").text
    assert browser.post("/answers/3", data={"do": "remove"}).headers["location"].endswith("n=3")
    assert "Bring it back" in browser.get("/answers?done=removed&n=3").text
    lines = browser.get("/answers.jsonl").text
    assert len(lines.splitlines()) == 2
    read = browser.post("/answers/import", files={"file": ("a.jsonl", lines.encode() + b"{\n")})
    assert (read.status_code, "2 the same" in read.text) == (422, True)
    assert "Line 3:" in read.text


def test_an_answer_is_put_into_the_words_without_a_script_and_sent(site: Site, bo: User) -> None:
    conversation = make_conversation(site.store)
    browser = site.signed_in(bo)
    assert browser.post("/answers/new", data=FORM).is_redirect
    path = f"/conversations/{conversation.id}"
    typed = {"idempotency_key": "0123456789", "shown": "1", "text": "Hi", "mode": "private"}
    asked = browser.post(f"{path}/answers", data=typed)
    assert asked.status_code == 200
    assert '<option value="1">Refund (/refund)</option>' in asked.text
    chosen = browser.post(f"{path}/answers", data=typed | {"pick": "1"}).text
    assert "Hi\nHello Lin Yue, &lt;b&gt;by Nov 24, 09:00&lt;/b&gt;</textarea>" in chosen
    assert 'name="canned" id="canned" value="1"' in chosen
    by_hand = browser.get(f"{path}/answers", follow_redirects=False)
    assert (by_hand.status_code, by_hand.headers["location"]) == (303, path)
    part = browser.get(f"{path}/answers", headers={"HX-Request": "true"}).text
    assert 'data-text="Hello Lin Yue, &lt;b&gt;by Nov 24, 09:00&lt;/b&gt;"' in part
    open_one = browser.post(f"{path}/reply", data=typed | {"text": "by {due}", "canned": "1"})
    assert (open_one.status_code, "Fill in {due} before you send." in open_one.text) == (422, True)
    assert browser.post(f"{path}/reply", data=typed | {"canned": "1"}).is_redirect
    with site.store.read() as session:
        assert [row.canned_id for row in session.query(Reply)] == [1]
        assert [row.uses for row in session.query(CannedAnswer)] == [1]


def test_others_see_the_teams_words_and_no_form(site: Site, ada: User, bo: User, cy: User) -> None:
    site.signed_in(ada).post("/answers/new", data=FORM)
    site.signed_in(ada).post("/answers/new", data=FORM | {"own": "yes", "name": "Secret"})
    agent = site.signed_in(bo)
    for reader in (agent, site.signed_in(cy)):
        page = reader.get("/answers/1").text
        assert ("Hello {customer}" in page, "<textarea" in page) == (True, False)
        assert reader.get("/answers/2").status_code == 404
        assert "Secret" not in reader.get("/answers").text
    refused = agent.post("/answers/1", data={"do": "remove"})
    assert (refused.status_code, "is a lead’s to change" in refused.text) == (422, True)
    assert agent.post("/answers/2", data={"do": "remove"}).status_code == 404


def test_programs_write_find_and_use_answers(site: Site, ada: User, bo: User) -> None:
    conversation = make_conversation(site.store, lang="zh")
    lead, agent = program(site, ada), program(site, bo)
    body = {"name": "Hi", "shortcut": "hi", "texts": {"en": "Hi {customer}", "zh": "您好"}}
    made = lead.post(f"{V1}/answers", json=body).json()
    assert (made["id"], made["owner"], made["version"]) == (1, None, 1)
    assert code(lead.post(f"{V1}/answers", json=body)) == "answer"
    assert code(agent.post(f"{V1}/answers/1", json=body | {"name": "No"})) == "role"
    assert code(lead.post(f"{V1}/answers/1", json=body | {"after": 7})) == "answer"
    own = agent.post(f"{V1}/answers", json=body | {"name": "Own"}).json()
    assert own["owner"] == bo.id
    assert code(agent.get(f"{V1}/answers/9")) == "not_found"
    found = agent.get(f"{V1}/conversations/{conversation.id}/answers").json()["answers"]
    assert [(one["id"], one["lang"], one["text"]) for one in found] == [
        *((1, "zh", "您好"), (own["id"], "zh", "您好")),
    ]
    assert lead.post(f"{V1}/answers/1/remove").json()["removed"]
    assert [a["id"] for a in lead.get(f"{V1}/answers").json()["answers"]] == [own["id"]]
    assert lead.post(f"{V1}/answers/{own['id']}/share").json()["owner"] is None
    assert code(lead.post(f"{V1}/answers/1/restore", json={"version": 1})) == "answer"
    reply = f"{V1}/conversations/{conversation.id}/reply"
    bad = agent.post(reply, json={"text": "{x}", "shown": 1}, headers={"Idempotency-Key": "k"})
    assert code(bad) == "braces"
    sent = {"text": "您好", "shown": 1, "canned": own["id"]}
    assert agent.post(reply, json=sent, headers={"Idempotency-Key": "m"}).status_code == 202
    assert agent.get(f"{V1}/answers/{own['id']}").json()["uses"] == 1


def test_the_command_line_writes_lists_and_moves_answers(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)

    def run(*words: str, ok: bool = True) -> str:
        done = CliRunner().invoke(app, ["answers", *words])
        assert (done.exit_code == 0) is ok, done.output
        return done.output

    run("set", "hi", "--name", "Hello", "--text", "en=Hi {customer}", "--about", "refund.status")
    assert "version 2" in run("set", "hi", "--text", "zh=您好")
    told = json.loads(run("show", "hi", "--json"))
    assert (told["texts"], told["topic"]) == ({"en": "Hi {customer}", "zh": "您好"}, "status")
    lines = tmp_path / "a.jsonl"
    lines.write_text(run("export"), "utf-8")
    assert "1 the same" in run("import", str(lines))
    run("remove", "hi")
    assert json.loads(run("list", "--json")) == {"answers": []}
    assert "1 new" in run("import", str(lines))
    lines.write_text("{\n", "utf-8")
    run("import", str(lines), ok=False)
    run("show", "nothing", ok=False)
