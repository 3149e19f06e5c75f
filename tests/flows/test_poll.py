"""Polls: one at a time, page by page, with failures that rest on the account."""

import os
import signal
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import Page
from connectors.core.errors import AuthRevoked, Malformed, RateLimited, Refused, Transient
from inbox.flows.ingest import CursorMove
from inbox.flows.poll import Polled, due, poll
from inbox.store.tables import Account, Cursor, Quarantine
from tests.flows.desk import Desk, says
from tests.kill.victims import ended, fork


def run(desk: Desk) -> Polled:
    return poll(desk.store, desk.settings, desk.account.id, classifier=None, now=desk.clock)


def account(desk: Desk) -> Account:
    found: Account = desk.rows(Account)[0]
    return found


def page(*messages: Any, **more: Any) -> Page:
    return Page(messages, {}, **more)


def test_every_stream_is_read_to_its_end(desk: Desk) -> None:
    desk.script.pages = {
        "first": [page(says("1")), page(says("2"))],
        "second": [page(says("2"), says("3"))],
    }
    done = run(desk)
    assert (done.new, done.duplicate, done.error) == (3, 1, None)
    assert {c.stream: (c.state, c.version) for c in desk.rows(Cursor)} == {
        "first": ({"page": 2}, 2),
        "second": ({"page": 1}, 1),
    }
    assert run(desk).new == 0


def test_an_account_just_connected_is_asked_as_often_as_one_where_somebody_just_wrote(
    sqlite_desk: Desk,
) -> None:
    def waits() -> timedelta:
        run(sqlite_desk)
        again = account(sqlite_desk).next_poll_at
        assert again is not None
        return again - sqlite_desk.clock()

    fresh = waits()
    sqlite_desk.clock.forward(days=1)
    assert waits() == 4 * fresh


@pytest.mark.parametrize(
    ("error", "state", "wait_s"),
    [
        (Transient("down"), "active", 15),
        (Transient("later", retry_after_s=77), "active", 77),
        (AuthRevoked("gone"), "revoked", 15),
    ],
)
def test_a_failure_rests_on_the_account(
    sqlite_desk: Desk, error: Transient, state: str, wait_s: int
) -> None:
    desk = sqlite_desk
    desk.script.pages = {"first": [page(says("1")), error]}
    done = run(desk)
    assert (done.new, done.error) == (1, error.reason)
    row = account(desk)
    assert (row.state, row.failures, row.last_error) == (state, 1, error.reason)
    assert row.not_before == desk.clock() + timedelta(seconds=wait_s)
    assert due(desk.store, desk.clock()) == []


@pytest.mark.parametrize("error", [Refused("not permitted"), RateLimited("limit")])
def test_a_stream_that_rests_does_not_stop_the_others(sqlite_desk: Desk, error: Any) -> None:
    desk = sqlite_desk
    desk.script.pages = {"first": [error], "second": [page(says("1"))]}
    assert (run(desk).new, account(desk).state) == (1, "active")
    desk.clock.forward(minutes=1)
    run(desk)
    assert desk.script.pulls == ["first", "second", "second"]
    desk.script.pages["first"] = [page(says("2"))]
    desk.clock.forward(minutes=30)
    assert run(desk).new == 1


def test_an_unreadable_item_does_not_stop_its_page(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    broken = (Malformed("no id", {"a": 1}),)
    desk.script.pages = {"first": [page(says("1"), malformed=broken), page(malformed=broken)]}
    assert (run(desk).new, run(desk).error) == (1, None)
    assert len(desk.rows(Quarantine)) == 1


def test_a_poller_whose_cursor_was_moved_stores_nothing(sqlite_desk: Desk) -> None:
    """A poller that was frozen between reading and storing wakes after another one was there."""
    desk = sqlite_desk
    desk.script.pages = {"first": [page(says("1"))]}
    run(desk)
    late = CursorMove("first", 0, {"page": 1})
    with pytest.raises(RuntimeError, match="another worker"):
        desk.take(says("1", "late"), says("9"), move=late)
    assert desk.texts() == ["hello"]


def test_credentials_sealed_with_another_key_are_named(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.store.write() as session:
        session.get_one(Account, desk.account.id).secrets = "sealed with another key"
    assert "key" in (run(desk).error or "")
    assert account(desk).state == "active"


def test_a_second_poller_does_not_poll_while_the_first_is_frozen(desk: Desk) -> None:
    reads, writes = os.pipe()
    desk.store.close()

    def first() -> None:
        def pages() -> Any:
            os.write(writes, b".")
            signal.pause()

        desk.script.pages = {"first": [page()]}
        desk.script.pulls = type("Waits", (list,), {"append": lambda *_: pages()})()
        run(desk)

    pid = fork(first)
    try:
        assert os.read(reads, 1) == b"."
        os.kill(pid, signal.SIGSTOP)
        desk.script.pages = {"first": [page(says("1"))]}
        assert run(desk).busy
        assert (desk.script.pulls, desk.rows()) == ([], [])
    finally:
        os.kill(pid, signal.SIGKILL)
        assert ended(pid)
        os.close(reads)
        os.close(writes)
    assert any(run(desk).new for _ in range(500)), "a dead poller frees its account"
