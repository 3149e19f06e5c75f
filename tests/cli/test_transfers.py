"""Imports and exports that were begun on a page, on the command line."""

import json
from io import BytesIO
from pathlib import Path

from inbox.config import utc_now
from inbox.flows import transfers
from inbox.store.session import Store
from tests.cli.conftest import Terminal
from tests.flows.test_transfers import line


def test_they_are_listed_and_stopped(terminal: Terminal, sqlite_store: Store) -> None:
    assert json.loads(terminal("transfers", "list", "--json")) == {"transfers": []}
    folder, now = Path(terminal.folder), utc_now()
    source = BytesIO(f"{line(1)}\n".encode())
    transfers.receive(sqlite_store, folder, source, name="[b]old.jsonl", actor="ada@x", now=now)
    transfers.begin_export(sqlite_store, actor="ada@x", now=now)
    transfers.work(sqlite_store, folder, None, utc_now)
    transfers.begin_export(sqlite_store, actor="ada@x", now=now)
    told = json.loads(terminal("transfers", "list", "--json"))["transfers"]
    assert [(one["id"], one["kind"], one["state"]) for one in told] == [
        (3, "export", "waiting"),
        (2, "export", "done"),
        (1, "import", "done"),
    ]
    assert told[2]["counts"]["new"] == 1
    assert "[b]old" in terminal("transfers", "list")  # no markup
    assert "Stopped." in terminal("transfers", "stop", "3")
    for number, why in (("3", "It is finished already."), ("9", "There is no transfer 9.")):
        ran = terminal.run("transfers", "stop", number)
        assert (ran.exit_code, why in str(ran.exception)) == (1, True)
