"""`replydesk rules …` in one process."""

import json
from pathlib import Path

from inbox.cli.common import Stop
from inbox.store.session import Store
from tests.cli.conftest import Terminal
from tests.factories import make_conversation

FILE = """\
[[rule]]
id = "stolen"
name = "Stolen"
on = true
words = ["stolen"]
urgency = "critical"
"""


def test_rules_go_in_come_out_and_are_tried(
    terminal: Terminal,
    sqlite_store: Store,
    tmp_path: Path,
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(FILE, "utf-8")
    assert terminal("rules", "set", str(file)) == "Version 1.\n"
    assert terminal("rules", "show") == FILE
    assert "stolen" in terminal("rules", "list")
    assert json.loads(terminal("rules", "list", "--json"))["rules"][0]["words"] == ["stolen"]
    make_conversation(sqlite_store, text="stolen!")
    assert json.loads(terminal("rules", "test", "--json"))["rules"][0]["rule"] == "stolen"
    assert "stolen" in terminal("rules", "test", str(file), "--days", "31")
    assert isinstance(terminal.run("rules", "show", "--version", "9").exception, Stop)
