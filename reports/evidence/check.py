"""Checks an evidence pack with nothing but the pack: signature, bytes, and every number in it.

A pack comes from anywhere. Only the files that a pack has are opened, none is unpacked to disk, and
one that is compressed or claims to be longer than the archive is refused before it is read.
"""

import csv
import hashlib
import io
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any, Final, Literal
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from inbox.domain import written
from inbox.domain.calendars import Calendar
from inbox.domain.promises import Version, in_force
from inbox.domain.sla import WORKING_DAYS, Policy
from reports.by_day import period_of
from reports.evidence import rows
from reports.evidence.archive import (
    CALENDARS,
    CLOCKS,
    DEADLINES,
    EDITION,
    FIGURES,
    FORMAT,
    LISTED,
    MANIFEST,
    NAMES,
    POLICIES,
    RECEIVED,
    RESOLVED,
    SIGNATURE,
    SILENCES,
    TEAMS,
    WINDOWS,
    Archive,
    Manifest,
    code,
    json_bytes,
    key_bytes,
    pieces,
)
from reports.evidence.clocks import By, wrong
from reports.evidence.recount import Recount, counted_window
from reports.evidence.rows import (
    Clock,
    Deadline,
    Received,
    Resolution,
    Row,
    Silence,
    Window,
)
from reports.figures import Period
from reports.figures_hours import CalendarAt
from templates.periods import Days

MOST_TOLD: Final = 50
MOST_SAID: Final = 400
"""Characters of one difference."""
MOST_JSON: Final = 2**26
NOTHING: Final = "nothing"
FOREIGN: Final = "is not written as a pack writes it"
"""Such as a name that stands twice, of which each reader takes another."""
BROKEN: Final = (
    *(BadZipFile, OSError, ValueError, LookupError, EOFError, OverflowError),
    *(NotImplementedError, RuntimeError, struct.error),
)
"""What reading an archive raises that somebody cut, bent or locked."""
UNREADABLE: Final = (*BROKEN, TypeError, AttributeError, csv.Error)
"""What reading its files raises where they are of another form."""


@dataclass(slots=True)
class Findings:
    """What differs, each with its place, the first `MOST_TOLD` of `count`; what to know besides.

    `manifest` is None where it cannot be read; `edition` is that which the pack was taken from.
    """

    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    count: int = 0
    clocks: int = 0
    messages: int = 0
    manifest: Manifest | None = None
    edition: int | None = None

    def differs(self, where: str, what: str) -> None:
        self.count += 1
        if self.count <= MOST_TOLD:
            self.differences.append(shown(f"{where}: {what[:MOST_SAID]}"))


def shown(text: str) -> str:
    """A pack's own words for a terminal: what is no printable character is spelled out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


class _Set(BaseModel):
    number: int
    since: AwareDatetime
    said: dict[str, Any]


class _Calendar(BaseModel):
    name: str
    number: int
    since: AwareDatetime
    zone: str
    said: dict[str, Any]
    published: list[tuple[str, Literal["holiday", "make-up"], str]]
    not_final: list[int]


class _Edition(BaseModel):
    number: int
    made_at: AwareDatetime
    figures: dict[str, Any]


_EDITION: Final = TypeAdapter(_Edition | None)
_SETS: Final = TypeAdapter(list[_Set])
_CALENDARS: Final = TypeAdapter(list[_Calendar])
_SERVED: Final = TypeAdapter(dict[str, list[str]])


def verify(file: IO[bytes], key: str | None = None) -> Findings:
    """Of a file that can seek. `key` is the public key that the brand gave by another way."""
    found = Findings()
    try:
        with ZipFile(file) as archive:
            if _is_a_pack(archive, file.seek(0, io.SEEK_END), found):
                _check(archive, key, found)
                _same_bytes(archive, file, found)
    except BROKEN as e:
        found.differs("the archive", f"cannot be read ({e or type(e).__name__})")
    return found


def _is_a_pack(archive: ZipFile, size: int, found: Findings) -> bool:
    """Whether it may be read at all."""
    entries = archive.infolist()
    for entry in entries:
        if entry.filename not in NAMES:
            found.differs("the archive", f"holds {entry.filename!r}, which no pack does")
        if entry.compress_type != ZIP_STORED or entry.flag_bits & 1:
            found.differs(entry.filename, "is compressed or locked, which no pack is")
    if sum(entry.file_size for entry in entries) > size:
        found.differs("the archive", "claims to hold more than it is long")
    if not found.count and tuple(entry.filename for entry in entries) != NAMES:
        found.differs("the archive", f"must hold {', '.join(NAMES)}, in this order")
    return not found.count


def _check(archive: ZipFile, key: str | None, found: Findings) -> None:
    try:
        said = _bytes(archive, MANIFEST)
        manifest = found.manifest = Manifest.model_validate_json(said)
        _signed(manifest, said, _bytes(archive, SIGNATURE), key, found)
        days = Days(manifest.first, manifest.last)
        period = period_of(days, manifest.zone, manifest.as_of)
    except UNREADABLE as e:
        found.differs(MANIFEST, f"cannot be read ({e or type(e).__name__})")
        return
    if manifest.format != FORMAT:
        found.differs(MANIFEST, f"is of format {manifest.format}, this program reads {FORMAT}")
        return
    if said != manifest.to_bytes():
        found.differs(MANIFEST, FOREIGN)
    if (period.start, period.end) != (manifest.start, manifest.end):
        found.differs(MANIFEST, "start and end are not those of the days in the zone")
    if manifest.code != code():
        found.notes.append(
            f"It was made with version {manifest.code.version}, whose code counts by other source"
            " than this one's; the numbers here are this one's."
        )
    _unchanged(archive, manifest, found)
    _recount(archive, manifest, found)


def _signed(
    manifest: Manifest, said: bytes, signed: bytes, key: str | None, found: Findings
) -> None:
    try:
        public = Ed25519PublicKey.from_public_bytes(key_bytes(manifest.public_key))
        public.verify(key_bytes(signed.decode()), said)
    except (ValueError, InvalidSignature):
        found.differs(SIGNATURE, "is not of this manifest by the key that it names")
    if key is None:
        found.notes.append("Nobody said whose key it should be; compare it, or give --key.")
    elif key != manifest.public_key:
        found.differs(MANIFEST, f"was signed by {manifest.public_key}, not by the key given")


def _unchanged(archive: ZipFile, manifest: Manifest, found: Findings) -> None:
    """Each file against the manifest."""
    if tuple(file.name for file in manifest.files) != LISTED:
        found.differs(MANIFEST, f"must list {', '.join(LISTED)}")
    for file in manifest.files:
        if file.name in LISTED:
            _unchanged_file(archive, file.name, (file.sha256, file.size), found)


def _unchanged_file(archive: ZipFile, name: str, said: tuple[str, int], found: Findings) -> None:
    sha256, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as part:
            for piece in pieces(part):
                sha256.update(piece)
                size += len(piece)
    except BROKEN as e:
        found.differs(name, f"cannot be read ({e})")
        return
    if (sha256.hexdigest(), size) != said:
        found.differs(name, "has another SHA-256 than the manifest says")


def _same_bytes(archive: ZipFile, file: IO[bytes], found: Findings) -> None:
    """The archive is nothing but its files: written anew, it is the same."""
    with TemporaryFile() as twin:
        with Archive(twin) as copy:
            for name in NAMES:
                with archive.open(name) as part, copy.part(name) as anew:
                    for piece in pieces(part):
                        anew.write(piece)
        twin.seek(0)
        file.seek(0)
        if any(one != other for one, other in zip(pieces(twin), pieces(file), strict=False)) or (
            twin.tell() != file.seek(0, io.SEEK_END)
        ):
            found.differs("the archive", "has bytes that are of none of its files")


def _recount(archive: ZipFile, manifest: Manifest, found: Findings) -> None:
    """Every due time, verdict and figure, by the rules of this program."""
    try:
        about = Days(manifest.first, manifest.last), manifest.zone, manifest.as_of
        count = Recount(*about, _calendar_at(archive))
        by = By(_policies(archive), _calendars(archive), count.period)
        count.served = _SERVED.validate_python(_document(archive, TEAMS))
    except UNREADABLE as e:
        found.differs(f"{POLICIES}, {CALENDARS}, {TEAMS}", f"cannot be read ({e})")
        return
    try:
        _take(archive, by, count, found)
        mine = json_bytes(count.figures())
    except UNREADABLE as e:
        found.differs(FIGURES, f"cannot be recomputed ({e or type(e).__name__})")
        return
    _same_figures(archive, mine, found)
    _same_edition(archive, json.loads(mine), found)


def _take(archive: ZipFile, by: By, count: Recount, found: Findings) -> None:
    """Every row, looked at and counted."""
    whole = by.period
    for where, clock in _rows(archive, CLOCKS, Clock, found):
        for what in wrong(clock, by):
            found.differs(f"{where} (conversation {clock.conversation})", what)
        count.clock(clock)
        found.clocks += 1
    for where, message in _rows(archive, RECEIVED, Received, found):
        _timely(whole, message.sent_at, "was not sent", where, found)
        count.message(message)
        found.messages += 1
    for where, matter in _rows(archive, RESOLVED, Resolution, found):
        _timely(whole, matter.ended_at, "was not resolved", where, found)
        count.resolution(matter)
    for where, window in _rows(archive, WINDOWS, Window, found):
        closed_at = counted_window(window).closed_at(whole.as_of)
        _timely(whole, closed_at, "did not close on anybody", where, found)
        count.window(window)
    for _, deadline in _rows(archive, DEADLINES, Deadline, found):
        count.deadline(deadline)
    for _, silence in _rows(archive, SILENCES, Silence, found):
        count.silence(silence)


def _timely(whole: Period, at: datetime | None, what: str, where: str, found: Findings) -> None:
    if not whole.holds(at):
        found.differs(where, f"{what} in these days or those before")


def _same_figures(archive: ZipFile, mine: bytes, found: Findings) -> None:
    try:
        content = _bytes(archive, FIGURES)
        said = json.loads(content)
    except UNREADABLE as e:
        found.differs(FIGURES, f"cannot be read ({e})")
        return
    before = found.count
    for path, one, other in _apart("", said, json.loads(mine)):
        found.differs(FIGURES, f"{path} is {one!r}, recomputed {other!r}")
    if content != mine and found.count == before:
        found.differs(FIGURES, FOREIGN)


def _same_edition(archive: ZipFile, mine: dict[str, Any], found: Findings) -> None:
    """What a stored edition told, as far as it was counted then, follows from the rows, too."""
    try:
        edition = _EDITION.validate_python(_document(archive, EDITION))
    except UNREADABLE as e:
        found.differs(EDITION, f"cannot be read ({e})")
        return
    if edition is None:
        return
    found.edition = edition.number
    counted = {name: mine.get(name, NOTHING) for name in edition.figures}
    for path, one, other in _apart("", edition.figures, counted):
        found.differs(EDITION, f"{path} was {one!r}, the rows count {other!r}")


def _rows(
    archive: ZipFile, name: str, kind: type[Row], found: Findings
) -> Iterator[tuple[str, Row]]:
    """The rows that can be read, each with its place."""
    before: Any = None
    try:
        with archive.open(name) as part:
            text = io.TextIOWrapper(part, "utf-8-sig", newline="")
            for number, row in enumerate(rows.read(kind, text), start=2):
                where = f"{name}, row {number}"
                if isinstance(row, str):
                    found.differs(where, row)
                    continue
                if before is not None and row.place <= before:
                    found.differs(where, "does not come after the one before it")
                before = row.place
                yield where, row
    except (*BROKEN, csv.Error) as e:
        found.differs(name, f"cannot be read to its end ({e})")


def _policies(archive: ZipFile) -> dict[tuple[str, int], Policy]:
    """By id and version."""
    sets = _SETS.validate_python(_document(archive, POLICIES))
    return {(p.id, p.version): p for one in sets for p in written.policies(one.said)}


def _calendars(archive: ZipFile) -> dict[tuple[str, int], Calendar]:
    """By name and version."""
    return {(one.name, one.number): _read(one) for one in _said(archive)}


def _said(archive: ZipFile) -> list[_Calendar]:
    return _CALENDARS.validate_python(_document(archive, CALENDARS))


def _read(one: _Calendar) -> Calendar:
    about = (one.name, one.number, one.said, one.zone, one.published, one.not_final)
    return written.calendar(*about)


def _calendar_at(archive: ZipFile) -> CalendarAt:
    """The brand's calendar in force at an instant, as far as the pack has its versions."""
    ours = sorted((o for o in _said(archive) if o.name == WORKING_DAYS), key=lambda o: o.number)
    versions = [Version(one.number, one.since, partial(_read, one)) for one in ours]
    return lambda at: in_force(versions, at)


def _document(archive: ZipFile, name: str) -> Any:
    """A JSON file. Raises ValueError where it is not as a pack writes it."""
    content = _bytes(archive, name)
    value = json.loads(content)
    if json_bytes(value) != content:
        raise ValueError(f"{name} {FOREIGN}")
    return value


def _bytes(archive: ZipFile, name: str) -> bytes:
    """A file that is read whole. Raises ValueError for one that is too long for that."""
    if archive.getinfo(name).file_size > MOST_JSON:
        raise ValueError(f"{name} is longer than {MOST_JSON} bytes")
    return archive.read(name)


def _apart(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON documents differ: path, and both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys((*one, *other)):
            below = f"{path}.{name}" if path else str(name)
            yield from _apart(below, one.get(name, NOTHING), other.get(name, NOTHING))
    elif one != other:
        yield path, one, other
