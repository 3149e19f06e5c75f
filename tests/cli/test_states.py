"""`replydesk conversations move` and `undo`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from inbox.cli import app
from inbox.cli.common import Stop
from inbox.store.session import Store
from tests.factories import make_conversation, make_user


def test_a_conversation_is_moved_and_moved_back(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(sqlite_url)
    agent = make_user(store, "Ada Voss", "admin").email
    id_ = str(make_conversation(store).id)
    store.close()
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["conversations", *words, "--agent", agent])

    assert "third" in run("move", id_, "third", "--reason", "the bank").stdout
    assert "snoozed, back" in run("move", id_, "snooze", "--until", "tomorrow").stdout
    assert "third" in run("undo", id_).stdout
    assert isinstance(run("move", id_, "snooze", "--until", "never").exception, Stop)
    assert "resolved" in run("move", id_, "resolve").stdout
    listed = CliRunner().invoke(app, ["conversations", "list", "--view", "resolved"])
    assert "Lin Yue" in listed.stdout
