"""`replydesk conversations history`."""

import json

from inbox.store import audit
from inbox.store.session import Store
from tests.cli.conftest import Terminal
from tests.clock import MONDAY
from tests.factories import make_conversation


def test_the_history_is_told_newest_first_in_pages(terminal: Terminal, sqlite_store: Store) -> None:
    conversation = make_conversation(sqlite_store, text="[bold]where is my refund[/bold]")
    subject = f"conversation:{conversation.id}"
    with sqlite_store.write() as session:
        audit.record(session, "ada@lumenpay.example", "follow", subject, MONDAY)
    told = terminal("conversations", "history", str(conversation.id))
    assert "2026-11-23 09:00 UTC  Ada Voss: Follows it" in told
    assert "[bold]where is my refund[/bold]" in told
    asked = ("conversations", "history", str(conversation.id), "--limit", "1")
    first = json.loads(terminal(*asked, "--json"))
    assert first["facts"][0]["what"] == "follow"
    assert f"--cursor {first['next_cursor']}" in terminal(*asked).replace("\n", "")
    assert terminal.run("conversations", "history", "99").exit_code == 1
