"""A tally as bytes: a head of JSON, then the records column by column, compressed."""

import json
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reports.tallies import KINDS, Records, Tally

FAST: Final = 1
_ID: Final = np.dtype("<i8")


def pack(tally: Tally) -> bytes:
    """What `unpack` reads."""
    head = {"cells": tally.cells, "agents": tally.agents, "targets": tally.targets}
    many = {kind: len(getattr(tally, kind)) for kind in KINDS}
    said = json.dumps(head | {"many": many}).encode()
    columns = (
        getattr(tally, kind)[name].tobytes() for kind in KINDS for name in KINDS[kind].names or ()
    )
    return zlib.compress(len(said).to_bytes(4) + said + b"".join(columns), FAST)


def unpack(packed: bytes) -> Tally:
    """What `pack` made."""
    data = zlib.decompress(packed)
    at = 4 + int.from_bytes(data[:4])
    head = json.loads(data[4:at])
    records: dict[str, Any] = {}
    for kind, many in head.pop("many").items():
        records[kind], at = _columns(data, at, KINDS[kind], many)
    cells = tuple((cell[0], cell[1], cell[2], cell[3], cell[4]) for cell in head["cells"])
    return Tally(cells, tuple(head["agents"]), tuple(head["targets"]), **records)


def _columns(data: bytes, at: int, kind: np.dtype[np.void], many: int) -> tuple[Records, int]:
    found: Records = np.empty(many, kind)
    for name in kind.names or ():
        column = kind[name]
        found[name] = np.frombuffer(data, column, many, at)
        at += column.itemsize * many
    return found, at


def pack_ids(ids: npt.NDArray[np.int64]) -> bytes:
    """Sorted numbers; neighbours differ little."""
    return zlib.compress(np.diff(ids, prepend=0).astype(_ID).tobytes(), FAST)


def unpack_ids(packed: bytes) -> npt.NDArray[np.int64]:
    """What `pack_ids` made."""
    return np.cumsum(np.frombuffer(zlib.decompress(packed), _ID))
