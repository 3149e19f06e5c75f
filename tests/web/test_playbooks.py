"""Playbooks on their pages, beside a conversation, for programs, and typed."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store.tables import User
from tests.factories import make_canned, make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

FORM = {
    "place": "refund",
    "version": "0",
    "text.en.check": "Find <b>it</b>\n\nWho decides",
    "text.en.never": "For a code",
    "text.zh.check": "找到它\n谁决定",
    "answers": "/hi later",
}


def test_a_lead_writes_one_and_an_agent_ticks_it(site: Site, ada: User, bo: User) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    assert "pb-lang" in lead.get("/playbooks/edit?place=refund").text
    assert lead.post("/playbooks/edit", data=FORM).is_redirect
    make_canned(site.store)
    page = lead.get("/playbooks/edit?place=refund&done=saved").text
    assert ("Find &lt;b&gt;it" in page, "no answer /later" in page) == (True, True)
    stale = lead.post("/playbooks/edit", data=FORM | {"text.en.check": "Mine\nToo"})
    assert (stale.status_code, "Mine" in stale.text) == (422, True)
    conversation = make_conversation(site.store, category="refund")
    path = f"/conversations/{conversation.id}"
    beside = agent.get(path).text
    assert ("Find &lt;b&gt;it" in beside, "For a code" in beside) == (True, True)
    assert 'data-text="Hello Lin Yue"' in beside
    step = {"place": "refund", "version": "1", "tick": "check.1"}
    assert agent.post(f"{path}/playbook", data=step).is_redirect
    seen = lead.get(path).text
    assert ('aria-checked="true"' in seen, "Bo" in seen, "1/2" in seen) == (True, True, True)
    told = lead.get(f"{path}/history").text
    assert ("Did a step of the playbook" in told, "Who decides" in told) == (True, True)
    changed = agent.post(f"{path}/playbook", data=step | {"version": "2"})
    assert (changed.status_code, "has changed meanwhile" in changed.text) == (422, True)
    assert lead.post("/playbooks/edit", data={"place": "refund", "do": "remove"}).is_redirect
    assert 'id="playbook"' not in agent.get(path).text
    assert lead.post("/playbooks/edit", data={"place": "refund", "do": "restore:1"}).is_redirect
    assert lead.get("/playbooks/edit?place=food").status_code == 404
    typed = FORM | {"version": "3", "text.more.check": "Hola\nQuién", "answers": "a\x00"}
    for lang in ("", "español"):
        nameless = lead.post("/playbooks/edit", data=typed | {"lang": lang})
        assert (nameless.status_code, f'name="lang" value="{lang[:3]}' in nameless.text) == (
            422,
            True,
        )
        assert re.search(r'name="text.more.check"[^>]*>Hola\nQuién<', nameless.text)
    more = lead.post("/playbooks/edit", data=typed | {"lang": "EN", "text.zh.check": "1\n2\n3\n4"})
    assert more.is_redirect
    assert "Who decides\nHola\nQuién<" in lead.get("/playbooks/edit?place=refund").text
    read_only = agent.get("/playbooks/edit?place=refund").text
    assert ("Who decides" in read_only, "<textarea" in read_only) == (True, False)


def test_ready_ones_are_taken_over_and_moved_as_a_file(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.post("/playbooks/adopt").is_redirect
    listed = browser.get("/playbooks?done=adopted").text
    assert ("Where the refund is" in listed, "Add these" in listed) == (True, False)
    lines = browser.get("/playbooks.jsonl").text
    assert len(lines.splitlines()) == 54
    read = browser.post("/playbooks/import", files={"file": ("p.jsonl", lines.encode() + b"{\n")})
    assert (read.status_code, "54 the same" in read.text) == (422, True)
    assert "Line 55:" in read.text


def test_programs_write_find_and_tick_playbooks(site: Site, ada: User, bo: User) -> None:
    conversation = make_conversation(site.store, category="refund")
    there = f"{V1}/conversations/{conversation.id}/playbook"
    lead, agent = program(site, ada), program(site, bo)
    assert agent.get(there).json()["place"] is None
    body = {"place": "refund", "texts": {"en": {"check": ["Look"], "never": ["For a code"]}}}
    assert lead.post(f"{V1}/playbooks", json=body).json()["version"] == 1
    assert code(lead.post(f"{V1}/playbooks", json=body | {"place": "x"})) == "playbook"
    step = {"place": "refund", "version": 1, "step": "check.0"}
    ticked = agent.post(there, json=step).json()
    assert [(s["texts"], s["done_by"]) for s in ticked["steps"]] == [({"en": "Look"}, bo.email)]
    assert code(agent.post(there, json=step | {"step": "never.0"})) == "playbook"
    assert lead.post(f"{V1}/playbooks/remove", json={"place": "refund"}).json()["removed"]
    assert agent.get(f"{V1}/playbooks").json() == {"playbooks": []}
    back = lead.post(f"{V1}/playbooks/restore", json={"place": "refund", "version": 1}).json()
    assert (back["version"], back["removed"]) == (3, False)
    assert code(lead.post(f"{V1}/playbooks/remove", json={"place": "spam"})) == "not_found"


def test_the_command_line_takes_shows_and_moves_playbooks(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)

    def run(*words: str, ok: bool = True) -> str:
        done = CliRunner().invoke(app, ["playbooks", *words])
        assert (done.exit_code == 0) is ok, done.output
        return done.output

    assert "54 taken over" in run("starters")
    assert "应用内" in run("show", "refund.request", "--lang", "zh")
    run("remove", "refund.request")
    assert "refund.request" not in run("list")
    run("show", "food", ok=False)
    file = tmp_path / "p.jsonl"
    file.write_text(run("export"), "utf-8")
    assert "0 new, 0 changed, 53 the same" in run("import", str(file))
