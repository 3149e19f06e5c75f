"""Import and export on a page: a row, a file in the data folder, and a job that is resumed.

The work is that of the command line (`flows.resuming`), so a process that dies is followed by one
that goes on where it ended. One job at a time, on every engine.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import structlog
from sqlalchemy.exc import NoResultFound, OperationalError

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.transfers import (
    DONE,
    EXPORT,
    IMPORT,
    KEPT,
    LISTED,
    MOST_REFUSED,
    WAITING,
)
from inbox.flows.importing import PAGE, ImportCounts
from inbox.flows.ingest import Tagger
from inbox.flows.resuming import export_file, forget_place, import_file
from inbox.store import audit, transfers
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Transfer

MOST: Final = 512 * 2**20
"""Bytes of a file that a page takes; the command line takes any."""
PIECE: Final = 2**20
MOST_NAME: Final = 120
Tell = Callable[..., None]
"""Keeps columns of a transfer that works; raises when it is to end."""

log = structlog.get_logger()


class TooLarge(ValueError):
    """The file has more than `MOST` bytes, or none."""


class Stopped(Exception):
    """Somebody stopped it; what is done stays."""


class Left(Exception):
    """This process ends; the next one goes on."""


def folder_of(data: Path) -> Path:
    """Where the files lie; nobody else on the machine may read them."""
    folder = data / "transfers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def receive(
    store: Store,
    data: Path,
    source: BinaryIO,
    *,
    name: str,
    actor: str,
    now: datetime,
    most: int = MOST,
) -> int:
    """Keeps a file, piece by piece, and begins its import; the number. Raises `TooLarge`,
    `OSError`."""
    file = f"{secrets.token_hex(16)}.jsonl"
    path = folder_of(data) / file
    size = 0
    try:
        with open(path, "xb", opener=_private) as kept:
            while piece := source.read(PIECE):
                size += len(piece)
                if size > most:
                    raise TooLarge(word("The file is larger than {n} MB.").format(n=most // 2**20))
                kept.write(piece)
        if not size:
            raise TooLarge(word("The file is empty."))
        told = " ".join(clean(name).split())[:MOST_NAME]
        return _begin(store, IMPORT, file, told, actor, now, size=size, total=size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def begin_export(store: Store, *, actor: str, now: datetime) -> int:
    """Begins an export of every message; the number, of the one that waits if there is one."""
    name = f"replydesk-{now:%Y-%m-%d-%H%M}.jsonl"
    return _begin(store, EXPORT, f"{secrets.token_hex(16)}.jsonl", name, actor, now)


def stop(store: Store, transfer_id: int, *, actor: str, now: datetime) -> bool:
    """Ends one that is not finished; what was imported stays. Raises `NoResultFound`."""
    with store.write() as session:
        if transfers.one(session, transfer_id) is None:
            raise NoResultFound
        stopped = transfers.move(session, transfer_id, "stop", finished_at=now)
        if stopped:
            audit.record(session, actor, "transfer_stop", f"transfer:{transfer_id}", now)
    return stopped


def fetch(
    store: Store, data: Path, transfer_id: int, *, actor: str, now: datetime
) -> tuple[str, Path]:
    """The name of an exported file and where it lies, for a day. Raises `NoResultFound`."""
    with store.write() as session:
        row = transfers.one(session, transfer_id)
        if row is None or row.kind != EXPORT or row.state != DONE or row.gone_at is not None:
            raise NoResultFound
        path = folder_of(data) / row.file
        if not path.exists():  # it lies on another machine
            raise NoResultFound
        audit.record(session, actor, "transfer_fetch", f"transfer:{transfer_id}", now)
    return row.name, path


def work(
    store: Store,
    data: Path,
    classifier: Tagger | None,
    now: Callable[[], datetime],
    page: int = PAGE,
    ending: Callable[[], bool] = lambda: False,
) -> int:
    """Goes on with what is not finished; how many were. Nothing while another process does. `page`
    messages are stored in one transaction; between two it is left to the next process as soon as
    this one is `ending`."""
    with store.read() as session:
        if not transfers.unfinished(session):
            return 0
    with hold(store, data, "transfers", 0) as held:
        if not held:
            return 0
        with store.read() as session:
            ids = transfers.unfinished(session)
        how = {"classifier": classifier, "now": now, "page": page}
        return sum(_one(store, data, id, how, ending) for id in ids)


def tidy(store: Store, data: Path, now: datetime) -> None:
    """Deletes files that are not needed any more, and forgets what was long ago. A file that no row
    knows is of a process that died before it could say so."""
    with store.read() as session:
        rows = transfers.to_delete(session, now - KEPT)
    for row in rows:
        path = folder_of(data) / row.file
        for one in (path, path.with_name(path.name + ".part")):
            one.unlink(missing_ok=True)
        forget_place(data, path)
        with store.write() as session:
            transfers.gone(session, row.id, now)
    with store.write() as session:
        transfers.forget(session, now - LISTED)
        known = transfers.files(session)
    for path in folder_of(data).iterdir():
        with suppress(FileNotFoundError):  # another process was first
            old = path.stat().st_mtime < (now - KEPT).timestamp()
            if old and path.name.removesuffix(".part") not in known:
                path.unlink()


def _one(
    store: Store, data: Path, id: int, how: dict[str, Any], ending: Callable[[], bool]
) -> bool:
    """Does one, or goes on with it; `how` are arguments of an import."""
    now = how["now"]
    with store.write() as session:
        if not transfers.move(session, id, "start"):
            return False
        row = session.get_one(Transfer, id)
        session.refresh(row)
    path, tell = folder_of(data) / row.file, partial(_tell, store, id, ending)
    try:
        if row.kind == IMPORT:
            _import(store, data, row, path, how, tell)
        else:
            _export(store, row, path, tell)
    except Left:
        return False
    except Stopped:
        pass
    except OperationalError:  # the database is away or has no room: it is gone on with
        raise
    except OSError as e:
        _fail(store, id, e.strerror or type(e).__name__, now())
    except Exception as e:  # nobody thought of it, and it would come again at each try
        log.exception("transfer")
        why = word("It broke off ({name}); the log says more.").format(name=type(e).__name__)
        _fail(store, id, why, now())
    else:
        with store.write() as session:
            transfers.move(session, id, "finish", finished_at=now())
    tidy(store, data, now())
    return True


def _fail(store: Store, id: int, why: str, now: datetime) -> None:
    with store.write() as session:
        transfers.move(session, id, "fail", why=why, finished_at=now)


def _import(
    store: Store, data: Path, row: Transfer, path: Path, how: dict[str, Any], tell: Tell
) -> None:
    refused: dict[int, str] = {int(number): why for number, why in row.refused}

    def refuse(number: int, reason: str) -> None:
        if len(refused) < MOST_REFUSED:
            refused[number] = reason

    def progress(counts: ImportCounts, at: int) -> None:
        told = [list(one) for one in refused.items()]
        tell(done=at, counts=asdict(counts), refused=told)

    tell()
    import_file(store, path, data, refuse=refuse, progress=progress, **how)


def _export(store: Store, row: Transfer, path: Path, tell: Tell) -> None:
    def progress(lines: int, of: int) -> None:
        total = max(row.total, of)  # what a run that died has written is not written again
        tell(done=total - of + lines, total=total)

    path.with_name(path.name + ".part").touch(mode=0o600)
    export_file(store, path, progress=progress)
    with path.open("rb") as file:
        total = sum(1 for _ in file)
    tell(done=total, total=total, size=path.stat().st_size)


def _tell(store: Store, id: int, ending: Callable[[], bool], **values: object) -> None:
    """How far it is. Raises `Stopped` when somebody has stopped it, `Left`."""
    with store.write() as session:
        if not transfers.tell(session, id, **values):
            raise Stopped
    if ending():
        raise Left


def _begin(
    store: Store, kind: str, file: str, name: str, actor: str, now: datetime, **sizes: int
) -> int:
    with store.write() as session:
        known = transfers.waiting_export(session) if kind == EXPORT else None
        if known is not None:
            return known
        row = Transfer(
            kind=kind,
            state=WAITING,
            file=file,
            name=name,
            counts={},
            refused=[],
            made_at=now,
            made_by=actor,
            **sizes,
        )
        session.add(row)
        session.flush()
        audit.record(session, actor, f"transfer_{kind}", f"transfer:{row.id}", now, name=name)
    return row.id


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
