"""`replydesk approvals …` in one process."""

import json

from inbox.cli.common import Stop
from inbox.store.session import Store
from inbox.store.tables import Reply, User
from tests.cli.conftest import Terminal
from tests.factories import make_conversation, make_reply

ADA = ("--person", "ada@lumenpay.example")


def test_what_waits_is_listed_let_go_and_sent_back(terminal: Terminal, sqlite_store: Store) -> None:
    with sqlite_store.read() as session:
        bo = session.get_one(User, 2)
    his = bo.email
    talk = make_conversation(sqlite_store)
    for _ in range(2):
        make_reply(sqlite_store, talk, bo, state="waiting")
    assert "agent" in terminal("approvals", "rule", "--role", "agent", "--of", his, "--findings")
    rule = {"roles": ["agent"], "people": [his], "findings": True, "own": False}
    assert json.loads(terminal("approvals", "rule", "--json")) == rule
    waiting = json.loads(terminal("approvals", "list", "--json"))["waiting"]
    assert [one["id"] for one in waiting] == [1, 2]
    assert "We look." in terminal("approvals", "list")
    assert "leaves now" in terminal("approvals", "approve", "1", *ADA)
    assert "draft" in terminal("approvals", "send-back", "2", *ADA, "--words", "Name the day.")
    with sqlite_store.read() as session:
        assert [session.get_one(Reply, n).state for n in (1, 2)] == ["queued", "returned"]
    for wrong in (
        ("approve", "1", *ADA),
        ("approve", "9", *ADA),
        ("approve", "1", "--person", "x@lumenpay.example"),
        ("rule", "--role", "auditor"),
        ("rule", "--of", "x@lumenpay.example"),
    ):
        assert isinstance(terminal.run("approvals", *wrong).exception, Stop)
