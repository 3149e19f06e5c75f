"""Import from a file and export to one, each going on where a run that was cut short ended.

An import keeps its place in the data folder, written after what is before it was stored: whatever
is read again is known already. It counts only for the same file, unchanged, and while the database
still has what was stored. An export's place is the last whole line of the unfinished file.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select

from inbox.flows.importing import (
    EXPORTED,
    MOST_LINE,
    PAGE,
    ImportCounts,
    behind,
    bounded,
    export_lines,
    import_lines,
)
from inbox.flows.ingest import Tagger
from inbox.store.session import Store
from inbox.store.tables import Account, Message


def import_file(
    store: Store,
    path: Path,
    folder: Path,
    *,
    classifier: Tagger | None,
    now: Callable[[], datetime],
    refuse: Callable[[int, str], None],
    progress: Callable[[ImportCounts, int], None] = lambda counts, at: None,
    page: int = PAGE,
) -> ImportCounts:
    """Imports a file, or what a run before left of it. `progress` hears the counts and how many
    bytes are done. `folder` is the data folder. Raises `OSError`."""
    how: dict[str, Any] = {"classifier": classifier, "now": now, "refuse": refuse, "page": page}
    with path.open("rb") as file:
        if not file.seekable():  # a pipe is read once, and has no place to go on from
            return import_lines(store, bounded(file), progress=lambda n: progress(n, 0), **how)
        place, same = _place_file(folder, path), _looks(file)
        counts, start = _known(store, place, same)
        file.seek(start)

        def keep(so_far: ImportCounts) -> None:
            kept = asdict(so_far) | {"at": file.tell(), "file": same, "newest": _newest(store)}
            fresh = place.with_suffix(".new")
            fresh.write_text(json.dumps(kept), "utf-8")
            fresh.replace(place)
            progress(so_far, file.tell())

        done = import_lines(store, bounded(file), progress=keep, since=counts, **how)
    place.unlink(missing_ok=True)
    return done


def forget_place(folder: Path, path: Path) -> None:
    """Nobody goes on with this file."""
    _place_file(folder, path).unlink(missing_ok=True)


def export_file(
    store: Store,
    path: Path,
    *,
    progress: Callable[[int, int], None] = lambda lines, of: None,
    page: int = EXPORTED,
) -> int:
    """Writes every message to a file, or goes on with one that was cut short; how many this run
    wrote. `progress` hears that number, and how many there are to write. The file has its name only
    when it is whole. Raises `OSError`."""
    part = path.with_name(path.name + ".part")
    lines = 0
    with part.open("ab+") as file:
        after = _last_place(store, file)
        left = _left(store, after)
        progress(0, left)
        for line in export_lines(store, after, page):
            file.write(line.encode() + b"\n")
            lines += 1
            if lines % page == 0:
                file.flush()
                progress(lines, left)
    part.replace(path)
    return lines


def _left(store: Store, after: tuple[datetime, int] | None) -> int:
    """Messages that an export still writes."""
    with store.read() as session:
        found = select(func.count()).select_from(Message).where(*behind(after))
        return session.scalar(found) or 0


def _place_file(folder: Path, path: Path) -> Path:
    """Where the place in a file is kept."""
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]
    places = folder / "imports"
    places.mkdir(mode=0o700, parents=True, exist_ok=True)
    return places / f"{name}.json"


def _looks(file: BinaryIO) -> list[int]:
    """Its length and when it was written: what was mended since is read from the beginning."""
    seen = os.fstat(file.fileno())
    return [seen.st_size, seen.st_mtime_ns]


def _newest(store: Store) -> list[Any]:
    """The newest message: while the database has it, all that was stored before is there, too."""
    with store.read() as session:
        found = select(Message.id, Message.stored_at).order_by(Message.id.desc()).limit(1)
        row = session.execute(found).first()
    return [row.id, row.stored_at.isoformat()] if row else []


def _has(store: Store, newest: list[Any]) -> bool:
    """Whether it is still there: not in another database, nor in one restored from before."""
    if not newest:
        return True
    with store.read() as session:
        at = session.scalar(select(Message.stored_at).where(Message.id == newest[0]))
    return at is not None and at.isoformat() == newest[1]


def _known(store: Store, place: Path, same: list[int]) -> tuple[ImportCounts, int]:
    """What a run before counted, and where it ended."""
    try:
        said = json.loads(place.read_text("utf-8"))
        at, fits = int(said.pop("at")), said.pop("file") == same
        fits = _has(store, said.pop("newest")) and fits
        return (ImportCounts(**said), at) if fits else (ImportCounts(), 0)
    except (OSError, ValueError, TypeError, KeyError):
        return ImportCounts(), 0


def _last_place(store: Store, file: BinaryIO) -> tuple[datetime, int] | None:
    """The place of the last whole line; what is behind it is cut off. None: from the beginning."""
    end = file.seek(0, 2)
    start = max(0, end - MOST_LINE)
    file.seek(start)
    whole, newline, _ = file.read().rpartition(b"\n")
    said = _said(whole.rpartition(b"\n")[2]) if newline else None
    row = None
    if said is not None:
        with store.read() as session:
            row = session.execute(
                select(Message.sent_at, Message.id)
                .join(Account, Account.id == Message.account_id)
                .where(Account.channel == said[0], Account.handle == said[1])
                .where(Message.external_id == said[2])
            ).first()
    file.truncate(start + len(whole) + 1 if row else 0)
    return (row.sent_at, row.id) if row else None


def _said(line: bytes) -> tuple[str, str, str] | None:
    """Channel, account and id of an exported line."""
    try:
        row = json.loads(line)
        return row["channel"], row["account"], row["external_id"]
    except (ValueError, TypeError, KeyError):
        return None
