"""`replydesk tokens`: made, listed without its secret, revoked."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.cli.common import Stop
from inbox.store.session import Store
from tests.factories import make_user


@pytest.fixture
def run(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    (tmp_path / "replydesk.db").write_bytes(migrated_file.read_bytes())
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    store = Store(f"sqlite:///{tmp_path / 'replydesk.db'}")
    make_user(store, "Ada Voss", "lead")
    store.close()
    return CliRunner()


def test_a_token_is_printed_once(run: CliRunner) -> None:
    person = ("--person", "ada@lumenpay.example")
    made = run.invoke(app, ["tokens", "add", "Shop", *person, "--scope", "reports:read", "--json"])
    token = json.loads(made.output)["token"]
    listed = run.invoke(app, ["tokens", "list", "--json"]).output
    assert token not in listed
    (row,) = json.loads(listed)
    assert (row["name"], row["scopes"], row["state"]) == ("Shop", ["reports:read"], "works")
    assert run.invoke(app, ["tokens", "revoke", str(row["id"])]).exit_code == 0
    assert json.loads(run.invoke(app, ["tokens", "list", "--json"]).output) == []


def test_a_scope_beyond_the_role_is_refused(run: CliRunner) -> None:
    person = ("--person", "ada@lumenpay.example")
    done = run.invoke(app, ["tokens", "add", "Shop", *person, "--scope", "accounts:write"])
    assert isinstance(done.exception, Stop)
    assert "accounts:write" in str(done.exception)
