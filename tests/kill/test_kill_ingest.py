"""Law 1 under kill -9: what a killed poller leaves behind, the next one completes.

The runs have a process of their own: a victim is forked from its parent, and a test process that
has loaded everything forks several times slower.
"""

import subprocess
import sys

import pytest


def kill(engine: str, times: int) -> None:
    words = [sys.executable, "-m", "tests.kill", "--engine", engine, "--n", str(times)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{times} kills" in done.stdout


@pytest.mark.timeout(300)
def test_120_killed_pollers_lose_and_double_nothing_on_sqlite() -> None:
    kill("sqlite", 120)


@pytest.mark.timeout(300)
def test_40_killed_pollers_lose_and_double_nothing_on_postgresql() -> None:
    kill("postgresql", 40)
