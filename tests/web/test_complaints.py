"""A complaint on its page, by program and on the command line; a pause in all three."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store.session import Store
from inbox.store.tables import Conversation, User
from tests.factories import first_message, make_conversation, make_message, make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

HX = {"HX-Request": "true"}


def test_a_person_marks_it_beside_the_conversation_and_takes_it_back(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    id_ = make_conversation(site.store).id
    message = str(first_message(site.store).id)
    page = browser.get(f"/conversations/{id_}").text
    assert "Mark as a complaint" in page
    assert "Nothing runs before you say so" not in page
    form = {"template": "reg-e", "message": message, "reason": "asks for the ombudsman"}
    page = browser.post(f"/conversations/{id_}/complaint", data=form, headers=HX).text
    assert "Complaint: Investigation completed" in page
    assert "asks for the ombudsman" in page
    assert "no legal advice" in page
    row = browser.get("/").text
    assert 'title="Complaint, due' in row
    failed = browser.post(f"/conversations/{id_}/complaint", data=form, headers=HX)
    assert (failed.status_code, "already" in failed.text) == (422, True)
    page = browser.post(
        f"/conversations/{id_}/complaint/undo", data={"reason": "a question"}, headers=HX
    ).text
    assert "Mark as a complaint" in page
    assert "Complaint: Investigation completed" not in page.partition("History<a")[0]


def test_only_answers_to_the_complaint_can_be_named_its_final_response(
    site: Site, ada: User
) -> None:
    browser, conversation = site.signed_in(ada), make_conversation(site.store)
    first, at = first_message(site.store), site.clock()
    words = {"Before it came": first.sent_at - timedelta(hours=1), "After it came": at}
    for text, sent_at in words.items():
        make_message(site.store, conversation, text, sent_at, role="ours", agent_id=ada.id)
    form = {"template": "fca", "message": str(first.id), "reason": "asks"}
    url = f"/conversations/{conversation.id}/complaint"
    page = browser.post(url, data=form, headers=HX).text
    choice = page[page.index('id="complaint-final"') :].partition("</select>")[0]
    assert ("After it came" in choice, "Before it came" in choice) == (True, False)


def test_the_classifiers_tag_opens_the_form_and_no_more(site: Site, ada: User) -> None:
    id_ = make_conversation(site.store, category="feedback", tone="angry").id
    page = site.signed_in(ada).get(f"/conversations/{id_}").text
    assert "Nothing runs before you say so" in page
    assert "Start its deadlines" in page


def test_a_program_marks_one_and_reads_its_clocks(site: Site, ada: User) -> None:
    id_ = make_conversation(site.store).id
    message = first_message(site.store).id
    client = program(site, ada)
    names = [one["id"] for one in client.get(f"{V1}/complaints/templates").json()["templates"]]
    assert names == ["psd2", "fca", "reg-e"]
    one = f"{V1}/conversations/{id_}"
    body = {"template": "fca", "message": message, "reason": "asks"}
    made = client.post(f"{one}/complaint", json=body)
    assert made.json()["complaint_due_at"] is not None
    (turn,) = client.get(f"{one}/sla").json()
    assert [(c["kind"], c["policy"]["target"]) for c in turn["clocks"]][-2:] == [
        ("complaint", "56d"),
        ("complaint", "3bd"),
    ]
    assert code(client.post(f"{one}/complaint", json=body)) == "state"
    assert code(client.post(f"{one}/complaint/final", json={"message": message})) == "state"
    (told,) = client.get(f"{one}/complaints").json()["complaints"]
    assert (told["reason"], told["final_id"]) == ("asks", None)
    gone = client.post(f"{one}/complaint/undo", json={"reason": "a question"})
    assert gone.json()["complaint_due_at"] is None


def test_the_command_line_marks_explains_and_adds_rules_of_ones_own(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(sqlite_url)
    agent = make_user(store, "Ada Voss", "admin").email
    id_ = str(make_conversation(store).id)
    message = str(first_message(store).id)
    with store.write() as session:
        session.execute(update(Conversation).values(status="waiting"))
    store.close()
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "own"\nname = "Own"\n[[deadline]]\nname = "Word"\nwithin = "2d"\n', "utf-8"
    )

    def run(*words: str) -> str:
        return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*words]).stdout

    assert "Template own" in run("complaints", "set-template", str(own))
    assert "Regulation E" in run("complaints", "templates")
    by = ("--agent", agent)
    said = run("complaints", "mark", id_, "own", message, "--reason", "asks", *by)
    assert "a complaint, " in said
    told = run("sla", "explain", id_)
    assert "Complaint: Word: overdue" in told or "Complaint: Word: running" in told
    assert '"complaint:1:1"' in run("sla", "explain", id_, "--json")
    assert "asks" in run("complaints", "show", id_)
    assert "no complaint" in run("complaints", "undo", id_, "--reason", "a question", *by)
    assert "Removed" in run("complaints", "remove-template", "own")


def test_the_teams_target_and_the_platforms_window_stand_beside_the_promise(
    site: Site, ada: User
) -> None:
    at = site.clock()
    beside: dict[str, Any] = {"internal_due_at": at, "window_closes_at": at + timedelta(hours=20)}
    id_ = make_conversation(site.store, **beside).id
    page = site.signed_in(ada).get(f"/conversations/{id_}").text
    strip = page[page.index('class="clock"') : page.index('id="standing-box"')]
    assert "clock-beside-late" in strip
    assert "the platform’s window" in strip
    told = program(site, ada).get(f"{V1}/conversations/{id_}").json()
    assert told["internal_due_at"] < told["window_closes_at"] < told["due_at"]


def test_an_admin_adds_and_removes_rules_on_the_page_of_policies(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert "Regulation E" in browser.get("/policies").text
    form: dict[str, Any] = {"name": "Ombudsman", "calendar": "working days"}
    form |= {"amount": ["0", "", "45"], "unit": ["bd", "bd", "d"]}
    form["what"] = ["Answer", "", "All of it"]
    wrong = browser.post("/policies/complaints", data=form)
    assert wrong.status_code == 422
    beside = wrong.text.partition('class="deadlines"')[2].partition("</fieldset>")[0]
    assert "At least one deadline is needed" in beside  # not at the form's end
    nameless = browser.post("/policies/complaints", data=form | {"name": ""}).text
    assert re.search(r'name="name"[^>]* aria-invalid="true"', nameless)
    assert 'name="what" value="All of it"' in wrong.text
    assert 'name="amount" type="number" min="1" max="9999" step="1" value="45"' in wrong.text
    form["amount"] = ["10", "", "45"]
    added = browser.post("/policies/complaints", data=form)
    page = browser.get(added.headers["location"]).text
    assert "The rules are added." in page
    assert "All of it" in page
    browser.post("/policies/complaints/remove", data={"id": "ombudsman"})
    assert "All of it" not in browser.get("/policies").text
