"""Links to reports from the terminal."""

import json

from tests.cli.conftest import Terminal


def test_a_report_is_shared_listed_ended_and_shared_anew(terminal: Terminal) -> None:
    made = json.loads(terminal("report", "share", "--date", "2026-11-20", "--days", "90", "--json"))
    assert "/shared/reports/" in made["url"]
    assert terminal.run("report", "share", "--days", "91").exit_code == 2
    (row,) = json.loads(terminal("report", "shares", "--json"))
    assert (row["state"], row["made_by"], row["opened"]) == ("works", "cli", 0)
    terminal("report", "unshare", "1")
    assert "has ended already" in str(terminal.run("report", "unshare", "1").exception)
    assert "revoked" in terminal("report", "shares")
    terminal("report", "unshare", "1", "--undo")
    fresh = json.loads(terminal("report", "share", "--anew", "1", "--json"))
    assert fresh["id"] == 1
    assert fresh["url"] != made["url"]
    assert "no such link" in str(terminal.run("report", "unshare", "7").exception)
