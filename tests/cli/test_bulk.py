"""`replydesk conversations bulk`: a search, a job, progress, and the way back."""

import json
from typing import Any

import pytest

from inbox.store import acting, search
from inbox.store.session import Store
from inbox.store.tables import ActionRun, BulkJob, Conversation, Message
from tests.cli.conftest import Terminal
from tests.factories import make_account, make_conversation, make_user

ADA = ("--agent", "ada@lumenpay.example")
SPAM = ("--actions", '{"category": "spam", "move": "spam", "reason": "advert"}')


@pytest.fixture
def crowd(sqlite_store: Store) -> list[int]:
    """Three adverts, and one matter that is none."""
    account = make_account(sqlite_store)
    texts = ("cheap gold", "cheap silver", "my refund", "cheap tin")
    ids = [make_conversation(sqlite_store, account, text=text).id for text in texts]
    with sqlite_store.write() as session:
        for row in session.query(Message):
            search.update_message(session, row.id)
    return ids


def statuses(store: Store) -> list[str]:
    with store.read() as session:
        return [row.status for row in session.query(Conversation).order_by(Conversation.id)]


def as_json(terminal: Terminal, *said: str) -> Any:
    return json.loads(terminal("conversations", *said, "--json"))


def test_all_that_a_search_finds_is_done_and_taken_back(
    terminal: Terminal, sqlite_store: Store, crowd: list[int]
) -> None:
    asked = ("bulk", "cheap is:open", *ADA, *SPAM)
    assert as_json(terminal, *asked, "--dry-run") == {"job": None, "found": 3, "more": False}
    assert statuses(sqlite_store) == ["open"] * 4
    done = as_json(terminal, *asked)
    assert (done["counts"], done["finished"], done["total"]) == ({"done": 3}, True, 3)
    assert statuses(sqlite_store) == ["spam", "spam", "open", "spam"]
    undo = ("bulk-undo", str(done["job"]), *ADA)
    assert as_json(terminal, *undo)["counts"] == {"undone": 3}
    assert as_json(terminal, *undo)["counts"] == {"undone": 3}
    assert statuses(sqlite_store) == ["open"] * 4
    nobody = ("conversations", "bulk", "unheard of", *ADA, *SPAM)
    assert "0 found; nothing was done." in terminal(*nobody)


def test_what_is_refused_is_named_and_a_job_that_was_cut_short_goes_on(
    terminal: Terminal, sqlite_store: Store, crowd: list[int]
) -> None:
    told = terminal("conversations", "bulk", "cheap", *ADA, "--actions", '{"move": "customer"}')
    assert "Job 1: 3 refused." in told
    assert "The customer still waits" in told
    with sqlite_store.write() as session:
        acting.change_job(session, 1, finished_at=None)
        session.query(ActionRun).update({"state": "waiting"})
    assert as_json(terminal, "bulk-job", "1")["counts"] == {"refused": 3}
    with sqlite_store.read() as session:
        assert session.get_one(BulkJob, 1).finished_at is not None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("  ", *ADA, *SPAM), "Say which conversations"),
        (("x", *ADA), "--actions or --macro"),
        (("x", *ADA, *SPAM, "--macro", "1"), "--actions or --macro"),
        (("x", *ADA, "--macro", "9"), "There is no macro 9"),
        (("x", *ADA, "--actions", "{"), "no JSON"),
        (("x", *ADA, "--actions", "[]"), "an object"),
        (("x", *ADA, "--actions", '{"sing": 1}'), "sing"),
        (("is:nothing", *ADA, *SPAM), "is:nothing"),
        (("x", "--agent", "cy@lumenpay.example", *SPAM), "may read, not change"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begun(
    terminal: Terminal, sqlite_store: Store, said: tuple[str, ...], why: str
) -> None:
    make_user(sqlite_store, "Cy Okoro", "auditor")
    ran = terminal.run("conversations", "bulk", *said)
    assert ran.exit_code == 1
    assert why in str(ran.exception)
    with sqlite_store.read() as session:
        assert session.get(BulkJob, 1) is None
