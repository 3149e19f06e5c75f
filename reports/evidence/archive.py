"""The file of an evidence pack: a zip whose every byte follows from what it holds.

Nothing in it is compressed, so the same content is the same file on every machine, and there is
nothing that could swell when it is opened. `manifest.json` lists the other files with their SHA-256
and says what was counted; `manifest.sig` is its Ed25519 signature, which is the same each time.
"""

import hashlib
import io
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final, Self
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict

from inbox.domain import calendars, case_clocks, opening, promises, sla, turns, written
from reports import (
    by_day,
    columns,
    figures,
    figures_cases,
    figures_hours,
    figures_service,
    further,
    sums,
    tallies,
    telling,
)
from reports.evidence import recount

README, CLOCKS, RECEIVED = "README.txt", "clocks.csv", "received.csv"
RESOLVED, WINDOWS = "resolved.csv", "windows.csv"
DEADLINES, SILENCES = "complaints.csv", "silences.csv"
POLICIES, CALENDARS, TEAMS = "policies.json", "calendars.json", "teams.json"
FIGURES, EDITION = "figures.json", "edition.json"
ROWS: Final = (CLOCKS, RECEIVED, RESOLVED, WINDOWS, DEADLINES, SILENCES)
LISTED: Final = (README, *ROWS, POLICIES, CALENDARS, TEAMS, FIGURES, EDITION)
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
NAMES: Final = (*LISTED, MANIFEST, SIGNATURE)
FORMAT: Final = "replydesk-evidence-4"
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
COUNTED_BY: Final = (
    *(calendars, case_clocks, opening, promises, sla, turns, written),
    *(figures, figures_cases, figures_hours, figures_service, further, sums, columns, tallies),
    *(by_day, telling, recount),
)
PIECE: Final = 2**16
MOST: Final = 2**31 - 1
"""Bytes of one file; longer periods are asked for in parts."""


class TooLong(ValueError):
    """The period holds more than one file of the pack may."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Said):
    """What the manifest says of a file."""

    name: str
    sha256: str
    size: int


class Code(_Said):
    """Which program computed it: its version, and the SHA-256 of the source that counts."""

    version: str
    sha256: str


class Manifest(_Said):
    """What was counted, and of which files.

    The days are `first` to `last`, both included; `start`, `end` (half-open) and `as_of` are
    instants; `public_key` is Ed25519's, in base64.
    """

    format: str
    brand: str
    first: date
    last: date
    zone: str
    start: AwareDatetime
    end: AwareDatetime
    as_of: AwareDatetime
    code: Code
    public_key: str
    files: tuple[File, ...]

    def to_bytes(self) -> bytes:
        """As it is signed."""
        return json_bytes(self.model_dump(mode="json"))


class Archive:
    """Writes the files of a pack in their order into a file that can seek. It is whole once it is
    left (`with`)."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = ZipFile(file, "w", ZIP_STORED)
        self.files: list[File] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.zip.close()

    @contextmanager
    def part(self, name: str) -> Iterator["Part"]:
        """One file, written piece by piece. Raises `TooLong`."""
        with self.zip.open(_entry(name), "w") as out:
            part = Part(out)
            yield part
            part.flush()
        self.files.append(File(name=name, sha256=part.sha256.hexdigest(), size=part.size))

    def add(self, name: str, content: bytes) -> None:
        """One whole file."""
        with self.part(name) as part:
            part.write(content)

    def sign(self, manifest: Manifest, key: Ed25519PrivateKey) -> None:
        """The last two files."""
        said = manifest.to_bytes()
        self.add(MANIFEST, said)
        self.add(SIGNATURE, b64encode(key.sign(said)))


@dataclass
class Part:
    """A file of the archive that is being written; small pieces are gathered."""

    out: IO[bytes]
    size: int = 0

    def __post_init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.waiting = io.BytesIO()

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > MOST:
            raise TooLong("The period is too long for one pack; ask for it in parts.")
        self.waiting.write(piece)
        if self.waiting.tell() >= PIECE:
            self.flush()

    def flush(self) -> None:
        piece = self.waiting.getvalue()
        self.sha256.update(piece)
        self.out.write(piece)
        self.waiting = io.BytesIO()


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, in pieces."""
    while piece := file.read(PIECE):
        yield piece


def json_bytes(value: Any) -> bytes:
    """The same text for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def public_key(key: Ed25519PrivateKey) -> str:
    """What others verify with, in base64."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def key_bytes(text: str) -> bytes:
    """A public key or a signature from base64. Raises ValueError."""
    return b64decode(text, validate=True)


@cache
def code() -> Code:
    """Of this program."""
    source = hashlib.sha256()
    for module in COUNTED_BY:
        source.update(Path(str(module.__file__)).read_bytes())
    return Code(version=version("replydesk"), sha256=source.hexdigest())


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, LONG_AGO)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry
