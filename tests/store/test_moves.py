"""Compare-and-set, cursors and locks under contention (laws 1, 6 and 9)."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox.store import accounts, outbox
from inbox.store.accounts import StaleCursor
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Base, Conversation, Reply
from tests.clock import MONDAY, Clock
from tests.flows.desk import Desk, says
from tests.kill.victims import ended, fork
from tests.scripted import scripted_platforms


@pytest.fixture
def reply(store: Store, tmp_path: Path, clock: Clock) -> Iterator[int]:
    """One queued reply."""
    with scripted_platforms():
        desk = Desk.open(store, tmp_path, clock)
        desk.take(says("1"))
        yield desk.answer()


def test_of_many_that_move_a_row_one_does(store: Store, reply: int) -> None:
    barrier, moved = threading.Barrier(6), []

    def move() -> None:
        barrier.wait()
        with store.write() as session:
            moved.append(outbox.claim(session, reply, MONDAY) is not None)

    movers = [threading.Thread(target=move) for _ in range(6)]
    for thread in movers:
        thread.start()
    for thread in movers:
        thread.join()
    assert sorted(moved) == [False] * 5 + [True]
    with store.read() as session:
        assert session.get_one(Reply, reply).attempts == 1


def test_a_move_that_the_table_does_not_have_is_an_error(store: Store, reply: int) -> None:
    with pytest.raises(KeyError), store.write() as session:
        outbox.move(session, reply, "sent", "claimed")


def test_a_sender_that_lost_the_row_may_not_write(store: Store, reply: int) -> None:
    with store.write() as session:
        outbox.claim(session, reply, MONDAY)
        assert not outbox.move(session, reply, "sending", "refused", attempt=2)
        assert outbox.move(session, reply, "sending", "refused", attempt=1)


def test_of_two_first_pages_one_is_stored(store: Store) -> None:
    with store.write() as session:
        account = accounts.add(session, "x", "@brand", MONDAY)
    with store.write() as session:
        accounts.move_cursor(session, account, "first", 0, {"n": 1}, MONDAY)
    for version in (0, 2):
        with pytest.raises(StaleCursor), store.write() as session:
            accounts.move_cursor(session, account, "first", version, {"n": 2}, MONDAY)
    with store.read() as session:
        assert accounts.cursor(session, account, "first") == ({"n": 1}, 1)


def frozen_holder(store: Store, folder: Path) -> int:
    """Another process that holds the lock of account 1 and is stopped (SIGSTOP); its pid."""
    reads, writes = os.pipe()
    store.close()

    def holds() -> None:
        with hold(store, folder, "poll", 1) as held:
            os.write(writes, b"y" if held else b"n")
            signal.pause()

    pid = fork(holds)
    assert os.read(reads, 1) == b"y"
    os.close(reads)
    os.close(writes)
    os.kill(pid, signal.SIGSTOP)
    return pid


def test_a_frozen_poller_still_holds_its_account_and_a_dead_one_does_not(
    store: Store, tmp_path: Path
) -> None:
    pid = frozen_holder(store, tmp_path)
    try:
        with hold(store, tmp_path, "poll", 1) as held:
            assert not held
        with hold(store, tmp_path, "poll", 2) as other:
            assert other
    finally:
        os.kill(pid, signal.SIGKILL)
        assert ended(pid)
    assert any(_is_free(store, tmp_path) for _ in range(500))


def _is_free(store: Store, folder: Path) -> bool:
    with hold(store, folder, "poll", 1) as held:
        return held


def test_a_lock_is_free_again_when_its_block_ends(store: Store, tmp_path: Path) -> None:
    for _ in range(2):
        assert _is_free(store, tmp_path)


def test_every_reference_to_a_conversation_moves_with_it() -> None:
    """`merge_threads` finds them by their foreign keys; a bare number would be left behind."""
    bare = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name == "conversation_id"
        and not any(k.column is Conversation.__table__.c.id for k in column.foreign_keys)
    }
    news = {"events", "report_marks"}  # kept a day; kept a minute, and moving makes marks of both
    assert bare == {(name, "conversation_id") for name in news}
