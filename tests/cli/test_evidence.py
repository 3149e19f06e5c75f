"""`replydesk report pack | verify | key`."""

import json
from datetime import UTC, datetime
from pathlib import Path

from inbox.store.session import Store
from inbox.store.tables import Brand
from reports.editions import make_due
from tests.cli.conftest import Terminal


def test_a_pack_is_verified_without_a_database(terminal: Terminal, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "pack.zip", tmp_path / "elsewhere"
    terminal("report", "pack", "--date", "2026-11-20", "--out", str(file))
    key = json.loads(terminal("report", "key", "--json"))["public_key"]
    kept = Path(terminal.folder) / "evidence.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "received" in json.loads(terminal("report", "--date", "2026-11-20", "--json"))
    other = Terminal(str(elsewhere))
    assert "counts to the same figures" in other("report", "verify", str(file), "--key", key)
    assert not elsewhere.exists()
    file.write_bytes(file.read_bytes().replace(b'"received": 0', b'"received": 1'))
    ran = other.run("report", "verify", str(file), "--json")
    assert ran.exit_code == 1
    assert json.loads(ran.output)["differences"]
    assert other.run("report", "verify", str(file), "--key", "not it").exit_code == 1
    (tmp_path / "d").mkdir()
    said = terminal.run("report", "pack", "--date", "2026-11-20", "--out", str(tmp_path / "d"))
    assert "cannot be written" in str(said.exception)
    assert sorted(one.name for one in tmp_path.glob(".*")) == []


def test_a_brand_without_a_name_leaves_no_colon_in_front(
    terminal: Terminal, sqlite_store: Store, tmp_path: Path
) -> None:
    file = str(tmp_path / "pack.zip")
    days = "2026-11-20 to 2026-11-20, Europe/Lisbon, as of "
    for name, before in (("Lumen Pay", "Lumen Pay: "), ("", "")):
        with sqlite_store.write() as session:
            session.get_one(Brand, 1).name = name
        terminal("report", "pack", "--date", "2026-11-20", "--out", file)
        assert terminal("report", "verify", file).startswith(before + days)


def test_a_stored_edition_is_packed_as_it_was_kept(
    terminal: Terminal, sqlite_store: Store, tmp_path: Path
) -> None:
    make_due(sqlite_store, datetime(2026, 11, 24, 7, 30, tzinfo=UTC))
    file = str(tmp_path / "pack.zip")
    of = ("report", "pack", "--date", "2026-11-23", "--out", file, "--edition")
    terminal(*of, "1")
    assert "2026-11-24T07:30:00+00:00, edition 1.\n" in terminal("report", "verify", file)
    assert "No such edition" in str(terminal.run(*of, "2").exception)
    assert "An edition has its zone" in str(terminal.run(*of, "1", "--tz", "UTC").exception)
