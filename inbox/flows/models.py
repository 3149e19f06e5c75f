"""Versions of the classifier's model in the data folder, and which of them serves.

`models/<version>/` holds a whole version; a name that begins with a dot is work under way, and
nothing loads it. Which version serves is a row in the database, so that every process hears of a
switch; without such a row the shipped model serves.
"""

import hashlib
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from classifier.files import MODEL_FILE, MODEL_FOLDER, read_meta
from classifier.model import Classifier, load
from connectors.core.contract import word
from inbox.store import audit, events, learning
from inbox.store.session import Store
from inbox.store.tables import ModelVersion

SHIPPED: Final = "shipped"
KEEP: Final = 10
"""So many trained versions are kept, refused ones included, and the one that serves besides."""
NAME = re.compile(r"[0-9a-f]{12}")


REFUSED: Final = word("Version {version} was refused when it was made: it never serves.")
NONE: Final = word("There is no version {version}.")
MISSING: Final = word(
    "The files of version {version} are missing here, broken, or of another release."
)


class NotUsable(ValueError):
    """A version that cannot serve; the message says why, and what can be done."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version as people compare it.

    state: shipped, candidate, serving, earlier, refused. `serves` is true for one; `whole` says
    whether its files are here and as they were written. `gate` is empty for the shipped one.
    """

    version: str
    state: str
    serves: bool
    whole: bool
    made_at: datetime | None
    made_by: str
    corrections: int
    gate: dict[str, Any]
    scores: dict[str, Any]

    @property
    def usable(self) -> bool:
        return self.whole and self.state != learning.REFUSED and not self.serves


def folder_of(data: Path, version: str) -> Path:
    """Where a trained version lies in the data folder."""
    return data / "models" / version


def is_whole(folder: Path) -> bool:
    """Whether a model's files are all there and as they were written."""
    meta, file = read_meta(folder), folder / MODEL_FILE
    try:
        return meta is not None and _sha256(file, file.stat().st_mtime_ns) == meta["sha256"]
    except OSError:
        return False


@lru_cache(maxsize=2 * KEEP)
def _sha256(file: Path, _written_ns: int) -> str:
    """Of a file as it was written then: a page shows ten models of ten megabytes each."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def everything(store: Store, data: Path) -> list[Version]:
    """The trained versions, newest first, then the shipped one."""
    with store.read() as session:
        rows = learning.versions(session)
    trained = [_version(row, data) for row in rows]
    return [*trained, shipped(not any(one.serves for one in trained))]


def shipped(serves: bool) -> Version:
    """The version that came with the program."""
    meta = read_meta(MODEL_FOLDER)
    return Version(
        version=SHIPPED,
        state=SHIPPED,
        serves=serves,
        whole=meta is not None and is_whole(MODEL_FOLDER),
        made_at=None,
        made_by="",
        corrections=0,
        gate={},
        scores=(meta or {}).get("scores", {}),
    )


def named(store: Store, data: Path, version: str | None = None) -> tuple[str, Classifier]:
    """A version by its name, or the one that serves, and its name. Raises NotUsable when its files
    are missing or broken, and ModelMissing where that is the shipped one."""
    if version is None:
        with store.read() as session:
            version = learning.serving(session) or SHIPPED
    if version == SHIPPED:
        return SHIPPED, load()
    if not NAME.fullmatch(version):
        raise NotUsable(NONE.format(version=version))
    if not is_whole(folder_of(data, version)):
        raise NotUsable(MISSING.format(version=version))
    return version, load(folder_of(data, version))


def _version(row: ModelVersion, data: Path) -> Version:
    refused = row.state == learning.REFUSED
    columns = ("version", "state", "made_at", "made_by", "corrections", "gate", "scores")
    return Version(
        **{name: getattr(row, name) for name in columns},
        serves=row.state == learning.SERVING,
        whole=not refused and is_whole(folder_of(data, row.version)),
    )


def use(store: Store, data: Path, version: str, *, actor: str, now: datetime) -> None:
    """Makes a version serve, in every process. Raises NotUsable and then changes nothing."""
    with store.write() as session:
        before = learning.serving(session)
        if version == (before or SHIPPED):
            return
        if version != SHIPPED:
            row = session.get(ModelVersion, version)
            if row is None:
                raise NotUsable(NONE.format(version=version))
            if row.state == learning.REFUSED:
                raise NotUsable(REFUSED.format(version=version))
            if not is_whole(folder_of(data, version)):
                raise NotUsable(MISSING.format(version=version))
        learning.serve(session, None if version == SHIPPED else version)
        detail = {"before": before or SHIPPED}
        audit.record(session, actor, "classifier.use", f"model:{version}", now, **detail)
        events.announce(session, "classifier", now)


def take(fresh: Path, data: Path, version: str) -> None:
    """Puts the files of a new version in their place, in one step."""
    place = folder_of(data, version)
    if place.exists():  # made before from the same words; it does not serve, so nobody reads it
        shutil.rmtree(place)
    fresh.rename(place)


def sweep(store: Store, data: Path) -> None:
    """Deletes what no row names: work that was cut off, and versions that are forgotten.

    Only who holds the lock of training may call it.
    """
    with store.read() as session:
        known = {row.version for row in learning.versions(session)}
    for folder in (data / "models").glob("*"):
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)
