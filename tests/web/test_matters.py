"""Joining conversations of one matter: on the page, by program, and on the command line."""

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store.session import Store
from inbox.store.tables import User
from tests.factories import make_account, make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site


def test_a_matter_is_joined_and_the_joining_taken_back_on_either_page(
    site: Site, ada: User
) -> None:
    account = make_account(site.store)
    one, two = (make_conversation(site.store, account).id for _ in range(2))
    browser = site.signed_in(ada)
    assert "case/undo" not in browser.get(f"/conversations/{one}").text
    browser.post(f"/conversations/{one}/case", data={"other": f"/conversations/{two}"})
    assert f'<a href="/conversations/{one}">' in browser.get(f"/conversations/{two}").text
    browser.post(f"/conversations/{two}/case/undo")
    page = browser.get(f"/conversations/{one}").text
    assert (f'<a href="/conversations/{two}">' in page, "case/undo" in page) == (False, False)
    again = browser.post(f"/conversations/{one}/case/undo")
    assert "There is nothing to take back here." in again.text


def test_programs_join_leave_and_undo(site: Site, bo: User) -> None:
    account = make_account(site.store)
    one, two = (make_conversation(site.store, account).id for _ in range(2))
    client, path = program(site, bo), f"{V1}/conversations/{one}/matter"
    said = client.post(path, json={"other": two}).json()
    assert ([other["id"] for other in said["others"]], said["can_undo"]) == ([two], True)
    assert client.post(f"{path}/leave").json()["others"] == []
    assert [o["id"] for o in client.post(f"{path}/undo").json()["others"]] == [two]
    assert code(client.post(f"{path}/undo")) == "matter"
    assert code(client.post(path, json={"other": one})) == "matter"
    assert code(client.get(f"{V1}/conversations/99/matter")) == "not_found"


def test_the_command_line_joins_leaves_and_undoes(
    sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account(sqlite_store)
    one, two = (str(make_conversation(sqlite_store, account).id) for _ in range(2))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REPLYDESK_DATA", sqlite_url.removeprefix("sqlite:///") + ".data")

    def say(*words: str) -> str:
        return CliRunner().invoke(app, ["conversations", *words]).stdout

    assert say("join", one, two) == f"Conversation {one} is one matter with {two}.\n"
    assert say("leave", two) == f"Conversation {two} stands alone.\n"
    assert say("undo-join", one) == f"Conversation {one} is one matter with {two}.\n"
    assert say("join", one, one) == ""
