"""Victims: children of one warmed process that die by SIGKILL at a named step or at any time.

A fork costs milliseconds where a fresh interpreter costs half a second. The parent must hold no
open database connection while it forks (`Store.close`); compiled statements are inherited.
"""

import gc
import os
import random
import re
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import event

from inbox.store.session import Store

_WRITE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) (\w+)")


@dataclass(frozen=True, slots=True)
class Step:
    """When to die: `before` or `after` the n-th write to `table`, or the n-th "commit"."""

    when: str
    table: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.table}"


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def die_at(store: Store, step: Step) -> None:
    """Arms this process: the step is seen from the engine's own events, no product code helps."""
    seen = {"before": 0, "after": 0}
    committed = False

    def passes(when: str, what: str) -> None:
        if when == step.when and what == step.table:
            seen[when] += 1
            if seen[when] == step.nth:
                die()

    def statement(when: str) -> Callable[..., None]:
        def hear(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
            found = _WRITE.match(sql)
            if found:
                passes(when, found[2])

        return hear

    def commits(_: Any) -> None:
        nonlocal committed
        passes("before", "commit")
        committed = True

    def returned(*_: Any) -> None:
        nonlocal committed
        if committed:
            committed = False
            passes("after", "commit")

    event.listen(store.writer, "before_cursor_execute", statement("before"))
    event.listen(store.writer, "after_cursor_execute", statement("after"))
    event.listen(store.writer, "commit", commits)
    event.listen(store.writer, "checkin", returned)


def fork(work: Callable[[], object]) -> int:
    """Starts a child that does `work` and ends; returns its pid."""
    pid = os.fork()
    if pid:
        return pid
    gc.disable()  # collecting would copy every page that the parent has filled
    status = 1
    try:
        work()
        status = 0
    finally:  # a child must never return into the test that forked it
        if status:
            traceback.print_exc()
        os._exit(status)


def ended(pid: int) -> bool:
    """Waits for a child; True when it was killed, False when it came to its end."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, f"the victim failed by itself (status {status}); its traceback is above"
    return False


def run(store: Store, work: Callable[[], object], step: Step | None = None) -> bool:
    """Does `work` in a child that dies at `step`; whether it did."""

    def armed() -> None:
        if step is not None:
            die_at(store, step)
        work()

    return ended(fork(armed))


def run_at_random(work: Callable[[], object], rng: random.Random, within_s: float) -> bool:
    """Does `work` in a child that is killed at some instant of its first `within_s` seconds."""
    with killed_after(fork(work), rng.uniform(0, within_s)) as killed:
        return killed


@contextmanager
def killed_after(pid: int, seconds: float) -> Iterator[bool]:
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    yield ended(pid)
