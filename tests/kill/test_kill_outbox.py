"""Senders die by SIGKILL around the request; no customer gets an answer twice."""

import random
from pathlib import Path

import pytest

from inbox.store.session import Store
from tests.fakes.x import FakeX
from tests.kill.ingest import Desk
from tests.kill.outbox import READ_LAG_S, Outbox


def kill(url: str, folder: Path, kills: int) -> None:
    with FakeX(quota=10**9, read_lag_s=READ_LAG_S) as fake:
        desk = Desk.open(Store(url), folder, fake)
        outbox = Outbox(desk, random.Random(11))
        outbox.kill_senders(kills)
        outbox.settle()
        states = outbox.check()
        assert states["sent"] > 0
        assert states["unknown"] > 0
        assert states["withdrawn"] > 0
        desk.store.close()


@pytest.mark.timeout(300)
def test_killed_senders_never_answer_twice_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    kill(sqlite_url, tmp_path, 60)


@pytest.mark.timeout(300)
def test_killed_senders_never_answer_twice_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    kill(postgres_url, tmp_path, 20)
