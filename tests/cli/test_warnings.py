"""`replydesk webhooks` and `replydesk warnings`, `notices`: made, tried out, told."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.cli.common import Stop
from inbox.store.session import Store
from tests.factories import make_conversation, make_user
from tests.fakes.receiver import Receiver


@pytest.fixture
def run(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    (tmp_path / "replydesk.db").write_bytes(migrated_file.read_bytes())
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    store = Store(f"sqlite:///{tmp_path / 'replydesk.db'}")
    make_user(store, "Ada Voss", "lead")
    make_conversation(store)
    store.close()
    return CliRunner()


def test_a_webhook_is_made_and_tried_out(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as there:
        monkeypatch.setenv("REPLYDESK_ALLOW_PRIVATE", there.url.removeprefix("http://"))
        words = ["webhooks", "add", "Store", "--event", "turn.breached", "--json"]
        made = run.invoke(app, words, input=f"{there.url}/in\n")
        assert json.loads(made.stdout)["secret"].startswith("whsec_")
        assert "It answered 200" in run.invoke(app, ["webhooks", "test", "1"]).output
        there.status = 500
        failed = run.invoke(app, ["webhooks", "test", "1"])
        assert isinstance(failed.exception, Stop)
    log = json.loads(run.invoke(app, ["webhooks", "show", "1", "--json"]).output)
    assert [one["state"] for one in log] == ["failed", "delivered"]
    (listed,) = json.loads(run.invoke(app, ["webhooks", "list", "--json"]).output)
    assert listed["failing_since"] is not None
    for step in (["again", "2"], ["pause", "1"], ["resume", "1"], ["remove", "1"]):
        assert run.invoke(app, ["webhooks", *step]).exit_code == 0
    assert isinstance(run.invoke(app, ["webhooks", "remove", "1"]).exception, Stop)


def test_warnings_are_looked_for_and_listed(run: CliRunner) -> None:
    assert "Told 0 warnings" in run.invoke(app, ["warnings", "look"]).output
    listed = ["notices", "list", "--person", "ada@lumenpay.example", "--json"]
    assert json.loads(run.invoke(app, listed).output) == []
    assert json.loads(run.invoke(app, ["warnings", "show", "1", "--json"]).output) == []
    assert isinstance(run.invoke(app, ["warnings", "show", "9"]).exception, Stop)
