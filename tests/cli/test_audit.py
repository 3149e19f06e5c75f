"""`replydesk audit`."""

import json

from inbox.store import audit
from inbox.store.session import Store
from tests.cli.conftest import Terminal
from tests.clock import MONDAY


def test_the_log_is_listed_in_pages_and_exported(terminal: Terminal, sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        for n in range(2):
            audit.record(session, "cli", "tea.made", f"pot:{n}", MONDAY, sugar="[bold]")
    told = terminal("audit", "list", "--limit", "1", "--kind", "tea.made")
    assert "2026-11-23 09:00 UTC  the command line: Something else was done (tea.made)" in told
    first = json.loads(terminal("audit", "list", "--limit", "1", "--json"))
    assert f"--cursor {first['next_cursor']}" in told.replace("\n", "")
    assert first["acts"][0]["detail"] == {"sugar": "[bold]"}
    assert terminal("audit", "export", "--kind", "tea.made").count("tea.made") == 4
    for wrong in (("--from", "x"), ("--cursor", "x")):
        assert terminal.run("audit", "list", *wrong).exit_code == 1
