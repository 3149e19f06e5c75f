"""Pollers die by SIGKILL at named steps and at random; nothing is lost, nothing is there twice."""

import random
from pathlib import Path

import pytest

from inbox.store.session import Store
from tests.fakes.x import FakeX
from tests.kill.ingest import STEPS, Desk, check, kill_pollers
from tests.postgres import PostgresServer


def kill(url: str, reference_url: str, folder: Path, kills: int) -> None:
    with FakeX(page_limit=4, quota=10**9) as fake:
        desk = Desk.open(Store(url), folder / "killed", fake)
        reference = Desk.open(Store(reference_url), folder / "reference", fake)
        tally = kill_pollers(desk, kills, random.Random(5))
        check(desk, reference)
        missed = {str(s) for s in STEPS} - set(tally.kills)
        assert kills < 300 or not missed, f"no victim died {missed}"
        desk.store.close()
        reference.store.close()


@pytest.mark.timeout(300)
def test_500_killed_pollers_lose_and_double_nothing_on_sqlite(
    sqlite_url: str, migrated_file: Path, tmp_path: Path
) -> None:
    kill(sqlite_url, f"sqlite:///{_copy(migrated_file, tmp_path)}", tmp_path, 500)


@pytest.mark.timeout(300)
def test_100_killed_pollers_lose_and_double_nothing_on_postgresql(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    with postgres.database() as reference_url:
        kill(postgres_url, reference_url, tmp_path, 100)


def _copy(migrated: Path, folder: Path) -> Path:
    copy = folder / "reference.db"
    copy.write_bytes(migrated.read_bytes())
    return copy
