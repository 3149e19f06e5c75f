"""Links to reports from the terminal."""

import json
from datetime import UTC, datetime

from inbox.store.session import Store
from inbox.store.tables import ReportLink
from reports.editions import make_due
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


def test_a_stored_edition_is_shared_as_it_was_kept(terminal: Terminal, sqlite_store: Store) -> None:
    made_at = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert [one.kind for one in make_due(sqlite_store, made_at)] == ["day"]
    of = ("report", "share", "--date", "2026-11-23", "--edition")
    made = json.loads(terminal(*of, "1", "--json"))
    (row,) = json.loads(terminal("report", "shares", "--json"))
    assert (row["id"], row["edition"]) == (made["id"], 1)
    with sqlite_store.read() as session:
        assert session.get_one(ReportLink, made["id"]).as_of == made_at
    assert "No such edition" in str(terminal.run(*of, "2").exception)
    for more in (("--tz", "UTC"), ("--as-of", "2026-11-21T00:00Z"), ("--category", "refund")):
        assert "An edition has its zone" in str(terminal.run(*of, "1", *more).exception)
