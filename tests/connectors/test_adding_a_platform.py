"""A platform is one module and one fixtures folder: here one is added, no other file is touched.

The platform is a pair of files: customers' lines come in by `in.jsonl`, answers go to `out.jsonl`.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import connectors
import tests.connectors.fixtures as fixtures
from connectors.core import registry
from inbox.store.session import Store
from tests.connectors import capability_table
from tests.connectors.harness import skipped_where_not_offered
from tests.connectors.test_checks import CHECKS
from tests.web.connecting import desk_of
from tests.web.test_connecting import walk

NAME = "logbook"
MODULE = '''
"""Logbook: a folder where customers' lines lie in one file, and our answers go to another."""

import json
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from connectors.core.base import Base
from connectors.core.contract import (
    Author, Capabilities, Direction, Identity, Json, Kind, Message, Outgoing, Page, Secret, Sent,
    Setting,
)
from connectors.core.errors import AuthRevoked, Malformed, Transient
from connectors.core.text import clean

CAPABILITIES = Capabilities(
    channel="logbook",
    title="Logbook",
    kinds=(Kind.DM,),
    streams=("lines",),
    count=len,
    unit="characters",
    limit_public=None,
    limit_private=500,
    secrets=(Secret("pass_phrase", "Pass phrase of the logbook"),),
    server=Setting("base_url", "Folder of the logbook", required=True),
    read_lag_s=0,
    idempotent_send=True,
    notes=("Lines are read in the order they were written.",),
)
PAGE = 3


class Connector(Base):
    """`base_url` is the folder. Cursor: {"line": number of the next line}."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def check(self) -> Identity:
        return Identity("logbook", f"Logbook of {self._open().name}")

    def pull(self, stream: str, cursor: Json) -> Page:
        start = cursor.get("line", 0)
        lines = self._lines("in.jsonl")
        messages, broken = [], []
        for line in lines[start : start + PAGE]:
            try:
                messages.append(parse_line(json.loads(line)))
            except (KeyError, TypeError, ValueError) as e:
                broken.append(Malformed(f"A line cannot be read: {e!r}", line))
        end = min(start + PAGE, len(lines))
        return Page(tuple(messages), {"line": end}, end < len(lines), tuple(broken))

    def send(self, reply: Outgoing) -> Sent:
        found = self.look_up(reply)
        if found is None:
            told = json.dumps({"key": reply.key, "to": reply.to.id, "text": reply.text})
            with (self._open() / "out.jsonl").open("a") as file:
                file.write(f"{told}\\n")
        return Sent(reply.key)

    def look_up(self, reply: Outgoing) -> Sent | None:
        keys = [json.loads(line)["key"] for line in self._lines("out.jsonl")]
        return Sent(reply.key) if reply.key in keys else None

    def _open(self) -> Path:
        if not self.account.secrets.get("pass_phrase"):
            raise AuthRevoked("The pass phrase is missing. Enter it again.")
        folder = Path(self.base_url())
        if not folder.is_dir():
            raise Transient("The logbook's folder is not there.")
        return folder

    def _lines(self, name: str) -> list[str]:
        file = self._open() / name
        return file.read_text().splitlines() if file.exists() else []


def parse_line(line: Json) -> Message:
    """One line of a customer."""
    author, at = Author(line["who"]), datetime.fromisoformat(line["at"])
    return Message(line["id"], line["who"], Direction.IN, clean(line["text"]), at, author)
'''
HARNESS = """
import json
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from connectors.core.contract import Account, Author, Kind, Outgoing, Visibility
from tests.connectors.harness import Harness


class Logbook(Harness):
    def __init__(self, folder):
        self.folder, self._written, self._replies = folder, 0, 0
        secrets = {"pass_phrase": "the sea is calm"}
        self.account = Account("logbook", "@brand", None, str(folder), {}, secrets)

    def write(self, stream, text):
        self._written += 1
        line = {"id": f"l{self._written}", "who": "ann", "at": self.now().isoformat(), "text": text}
        self._add(json.dumps(line))

    def write_broken(self, stream):
        self._add(json.dumps({"id": 7}))

    def _add(self, line):
        with (self.folder / "in.jsonl").open("a") as file:
            file.write(f"{line}\\n")

    def reply(self, text):
        self._replies += 1
        self.write("lines", "Where is my money?")
        place = (Visibility.PRIVATE, Kind.DM, self.now())
        key = f"{self._replies:032x}"
        return Outgoing(key, "ann", f"l{self._written}", Author("ann"), text, *place)

    def delivered(self):
        file = self.folder / "out.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line)["text"] for line in lines]

    def unreachable(self):
        return replace(self.account, base_url=str(self.folder / "gone"))

    def upstreams(self):
        return ()


@contextmanager
def serve():
    with tempfile.TemporaryDirectory() as folder:
        yield Logbook(Path(folder))
"""


@pytest.fixture(autouse=True)
def _added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Puts the platform's two files where the real ones would lie, for this test only."""
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / f"{NAME}.py").write_text(MODULE)
    harness = tmp_path / "fixtures" / NAME
    harness.mkdir(parents=True)
    (harness / "__init__.py").touch()
    (harness / "harness.py").write_text(HARNESS)
    monkeypatch.setattr(
        connectors, "__path__", [*connectors.__path__, str(tmp_path / "connectors")]
    )
    monkeypatch.setattr(fixtures, "__path__", [*fixtures.__path__, str(harness.parent)])
    importlib.invalidate_caches()
    yield
    registry.connector.cache_clear()
    for name in [n for n in sys.modules if NAME in n.split(".")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__[len("check_") :])
def test_every_check_finds_it(check: Callable[[str], None]) -> None:
    with skipped_where_not_offered(NAME):
        check(NAME)


def test_the_registry_and_the_table_of_channels_know_it() -> None:
    assert NAME in registry.channels()
    assert registry.capabilities(NAME).title == "Logbook"
    table = capability_table.table()
    assert "| Logbook (`logbook`) | dm | polling every 60 s (lines) |" in table
    assert "- **Logbook**: Lines are read in the order they were written." in table


def test_the_pages_connect_it_and_a_customer_is_answered(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with desk_of(NAME, sqlite_store, tmp_path / "data") as desk:
        form = desk.browser.get(f"/accounts/new/{NAME}").text
        assert "Pass phrase of the logbook" in form
        assert "Folder of the logbook" in form
        assert "Lines are read in the order they were written." in form
        walk(desk)
        assert "Logbook" in desk.browser.get("/accounts/1").text
