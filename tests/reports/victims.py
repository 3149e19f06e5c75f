"""Work in a process of its own, which may be killed at a chosen statement."""

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import event

from inbox.store.session import Store

KILLED = -signal.SIGKILL


def in_processes(works: Sequence[Callable[[], None]]) -> list[int]:
    """Forks one child for each, all at once; how each ended: an exit code, or minus a signal.

    No connection may be open before: each process makes its own.
    """
    children = [_fork(work) for work in works]
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def killed_before(
    statement: int, store_url: str, work: Callable[[Store], Any], *, reads: bool = True
) -> int:
    """Works on a store whose process dies before its n-th statement or commit, counted from 1.
    Without `reads` only what writes is counted."""

    def victim() -> None:
        store = Store(store_url)
        left = statement

        def step(*told: Any) -> None:
            nonlocal left
            if not reads and told[2:] and str(told[2]).startswith("SELECT"):
                return
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for engine in {store.writer, store.reader}:
            event.listen(engine, "before_cursor_execute", step)
            event.listen(engine, "commit", step)
        work(store)

    return in_processes([victim])[0]
