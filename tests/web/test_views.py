"""Saved views in the pages, by program, and on the command line."""

import json
import re

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.flows import views as flow
from inbox.flows.views import Wanted, Who
from inbox.store.session import Store
from inbox.store.tables import User
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site
from tests.web.test_inbox import rows

OPERATOR = Who(None, "cli", leads=True)


def test_a_search_is_kept_opened_changed_removed_and_brought_back(site: Site, ada: User) -> None:
    account = make_account(site.store)
    one = make_conversation(site.store, account, urgency="critical").id
    make_conversation(site.store, account)
    browser = site.signed_in(ada)
    found = browser.get("/?q=urgency:critical").text
    assert 'href="/views?q=urgency%3Acritical#make"' in found
    assert 'value="urgency:critical"' in browser.get("/views?q=urgency:critical").text
    kept = {"name": "<b>Critical</b>", "query": "urgency:critical"}
    opened = browser.post("/views", data=kept).headers["location"]
    page = browser.get(opened).text
    assert rows(page) == [one]
    assert page.count("<bdi>&lt;b&gt;Critical&lt;/b&gt;</bdi>") == 3  # tab, menu, line above
    assert f'/conversations/{one}?view=saved%3A1"' in page
    beside = browser.get(f"/conversations/{one}?view=saved:1").text
    assert re.search(r'is-active" href="/\?view=saved%3A1" aria-current="true"', beside)
    assert "already." in browser.post("/views", data=kept).text
    wrong = browser.post("/views/1", data=kept | {"query": "urgency:very"})
    assert (wrong.status_code, "urgency:very is not known." in wrong.text) == (422, True)
    assert browser.post("/views/1", data={"name": "All", "query": "is:open"}).status_code == 422
    browser.post("/views/1", data={"name": "Open", "query": "is:open", "shared": "yes"})
    assert len(rows(browser.get(opened).text)) == 2
    gone = browser.post("/views/1/remove").headers["location"]
    assert rows(browser.get(opened).text) == rows(browser.get("/").text)
    assert 'action="/views/1/restore"' in browser.get(gone).text
    browser.post("/views/1/restore")
    assert "?view=saved%3A1" in browser.get("/").text


def test_nobody_reads_or_changes_what_is_not_theirs(site: Site, ada: User, bo: User) -> None:
    make_account(site.store)
    flow.add(site.store, Who(ada.id, ada.email), Wanted("Ours", "is:mine"), MONDAY)
    flow.add(site.store, OPERATOR, Wanted("Late", "is:overdue", shared=True), MONDAY)
    other = site.signed_in(bo)
    page = other.get("/").text
    assert ("saved%3A2" in page, "saved%3A1" in page) == (True, False)
    assert "Ours</bdi>" not in other.get("/?view=saved:1").text
    for id_, refused in ((1, 404), (2, 422)):
        for path in ("", "/move", "/remove", "/restore"):
            answer = other.post(f"/views/{id_}{path}", data={"name": "x"})
            assert answer.status_code == refused, path
    assert 'value="is:mine"' not in other.get("/views?edit=1").text
    for strange in ("saved:0", "saved:-1", "saved:²", f"saved:{10**18}", "saved:"):
        assert other.get("/", params={"view": strange}).status_code == 200


def test_programs_keep_and_read_views(site: Site, ada: User, bo: User) -> None:
    account = make_account(site.store)
    ids = [make_conversation(site.store, account).id for _ in range(2)]
    agent = program(site, bo)
    made = agent.post(f"{V1}/views", json={"name": "Open", "query": "is:open"}).json()
    assert made["count"] == 2
    page = agent.get(f"{V1}/views/{made['id']}/conversations", params={"limit": 1}).json()
    assert [one["id"] for one in page["conversations"]] == ids[1:]
    assert code(agent.post(f"{V1}/views", json={"name": "open", "query": "x"})) == "view"
    assert code(agent.post(f"{V1}/views", json={"name": "x", "query": "no:x"})) == "search"
    assert code(program(site, ada).get(f"{V1}/views/{made['id']}/conversations")) == "not_found"
    agent.post(f"{V1}/views/{made['id']}/remove")
    assert agent.get(f"{V1}/views").json() == {"views": []}
    agent.post(f"{V1}/views/{made['id']}/restore")
    assert [one["name"] for one in agent.get(f"{V1}/views").json()["views"]] == ["Open"]


def test_the_command_line_lists_what_a_view_shows(
    sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account(sqlite_store)
    one = make_conversation(sqlite_store, account, lang="zh").id
    make_conversation(sqlite_store, account)
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REPLYDESK_DATA", sqlite_url.removeprefix("sqlite:///") + ".data")

    def say(*words: str) -> str:
        return CliRunner().invoke(app, words).stdout

    assert say("views", "add", "中文", "lang:zh") == "View 1.\n"
    listed = json.loads(say("conversations", "list", "--view", "中文", "--json"))
    assert [row["id"] for row in listed["conversations"]] == [one]
    both = ("conversations", "list", "--view", "中文", "--search", "is:snoozed")
    assert say(*both) == "Nothing was found.\n"
    said = json.loads(say("views", "list", "--json"))["views"]
    assert [(v["name"], v["shared"], v["count"]) for v in said] == [("中文", True, 1)]
    say("views", "remove", "1")
    missing = CliRunner().invoke(app, ["conversations", "list", "--view", "中文"])
    assert "There is no view 中文. There are: due, " in str(missing.exception)
    say("views", "restore", "1")
    assert "中文" in say("views", "list")
