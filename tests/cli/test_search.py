"""`replydesk conversations list --search`."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store import search
from inbox.store.session import Store
from inbox.store.tables import Message
from tests.factories import make_account, make_conversation


def test_a_search_prints_what_it_found_page_by_page(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(sqlite_url)
    account = make_account(store)
    ids = [make_conversation(store, account, text=f"我要退款 {n}").id for n in range(3)]
    with store.write() as session:
        for message_id in session.scalars(select(Message.id)).all():
            search.update_message(session, message_id)
    store.close()
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)
    listed = ["conversations", "list", "--search", "退款 channel:x"]
    found = CliRunner().invoke(app, [*listed, "--json", "--limit", "2"])
    page = json.loads(found.stdout)
    assert [row["id"] for row in page["conversations"]] == ids[:0:-1]
    assert {"text": "退款", "found": True} in page["conversations"][0]["match"]["snippet"]
    rest = CliRunner().invoke(app, [*listed, "--json", "--cursor", page["next_cursor"]])
    assert [row["id"] for row in json.loads(rest.stdout)["conversations"]] == ids[:1]
    assert "退款" in CliRunner().invoke(app, listed).stdout
    open_ones = CliRunner().invoke(app, [*listed, "--view", "waiting"])
    assert "Nothing was found." in open_ones.stdout
