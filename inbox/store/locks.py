"""One worker per account at a time (law 9), on every engine, also while the first one is frozen."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from inbox.store.session import Store


@contextmanager
def hold(store: Store, folder: Path, name: str, number: int) -> Iterator[bool]:
    """Yields whether the lock is ours. It ends with its process, never with time.

    SQLite: a file lock in the data folder. PostgreSQL: an advisory lock on a connection of its own.
    """
    if store.is_sqlite:
        with _file_lock(folder / "locks" / f"{name}-{number}") as held:
            yield held
        return
    with store.writer.connect() as connection:
        key = {"name": name, "number": number}
        held = connection.execute(
            text("SELECT pg_try_advisory_lock(hashtext(:name), :number)"), key
        ).scalar_one()
        connection.commit()
        try:
            yield bool(held)
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name), :number)"), key)
                connection.commit()


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
