"""These tests start other people's servers, so they run only when they are asked for."""

import os
import shutil
import time
from collections.abc import Callable

import pytest

ASKED = "REPLYDESK_LIVE_LOCAL"

live_local = pytest.mark.skipif(
    not os.environ.get(ASKED),
    reason=f"starts servers that are not ours: run `make test-live-local` (it sets {ASKED}=1)",
)


def program(name: str, package: str) -> str:
    """Where a program of the system is; skips the test when it is not installed."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"no {name} here: install the package {package}")
    return found


def eventually(holds: Callable[[], bool], what: str, within_s: float = 60) -> None:
    """Waits for servers that take their time."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"{what} did not happen within {within_s} s"
        time.sleep(0.2)
