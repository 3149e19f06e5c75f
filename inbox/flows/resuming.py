"""Import from a file and export to one, each going on where a run that was cut short ended.

An import keeps its place in the data folder, written after what is before it was stored: whatever
is read again is known already. An export's place is the last whole line of the unfinished file.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import func, select

from inbox.flows.importing import EXPORTED, PAGE, ImportCounts, export_lines, import_lines
from inbox.flows.ingest import Tagger
from inbox.store.session import Store
from inbox.store.tables import Account, Message

HEAD: Final = 65_536
"""So many bytes tell a file from another one of the same name."""
MOST_LINE: Final = 16 * 2**20
"""Bytes at the end of an unfinished export in which its last line is looked for."""


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
    with path.open("rb") as file:
        place = _place_file(folder, path, file)
        counts, start = _known(place, path.stat().st_size)
        file.seek(start)

        def keep(so_far: ImportCounts) -> None:
            fresh = place.with_suffix(".new")
            fresh.write_text(json.dumps(asdict(so_far) | {"at": file.tell()}), "utf-8")
            fresh.replace(place)
            progress(so_far, file.tell())

        done = import_lines(
            store,
            _decoded(file),
            classifier=classifier,
            now=now,
            refuse=refuse,
            progress=keep,
            since=counts,
            page=page,
        )
    place.unlink(missing_ok=True)
    return done


def export_file(
    store: Store,
    path: Path,
    *,
    progress: Callable[[int], None] = lambda lines: None,
    page: int = EXPORTED,
) -> int:
    """Writes every message to a file, or goes on with one that was cut short; how many this run
    wrote. The file has its name only when it is whole. Raises `OSError`."""
    part = path.with_name(path.name + ".part")
    lines = 0
    with part.open("ab+") as file:
        after = _last_place(store, file)
        for line in export_lines(store, after, page):
            file.write(line.encode() + b"\n")
            lines += 1
            if lines % page == 0:
                file.flush()
                progress(lines)
    part.replace(path)
    progress(lines)
    return lines


def how_many(store: Store) -> int:
    """Messages that an export writes."""
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def _decoded(file: BinaryIO) -> Iterator[str]:
    for line in file:
        yield line.decode("utf-8", "replace")


def _place_file(folder: Path, path: Path, file: BinaryIO) -> Path:
    """Where the place in this file is kept."""
    name = hashlib.sha256(str(path.resolve()).encode() + b"\n" + file.read(HEAD)).hexdigest()[:32]
    places = folder / "imports"
    places.mkdir(mode=0o700, parents=True, exist_ok=True)
    return places / f"{name}.json"


def _known(place: Path, size: int) -> tuple[ImportCounts, int]:
    """What a run before counted, and where it ended."""
    try:
        said = json.loads(place.read_text("utf-8"))
        at = int(said.pop("at"))
        counts = ImportCounts(**said)
    except (OSError, ValueError, TypeError, KeyError):
        return ImportCounts(), 0
    return (counts, at) if 0 <= at <= size else (ImportCounts(), 0)


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
