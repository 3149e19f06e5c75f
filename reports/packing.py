"""A tally as bytes: a head of JSON, then the columns of its records, each for itself."""

import json
import zlib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reports.columns import FAST, Column, Fitted, Records
from reports.tallies import KINDS, Tally

_ID: Final = np.dtype("<i8")
TWO_MONTHS: Final = 64
"""So many days stay unpacked: those of a month and of the one before it."""


def pack(tally: Tally) -> bytes:
    """What `unpack` reads."""
    columns: dict[str, dict[str, Any]] = {}
    data = b""
    for kind, dtype in KINDS.items():
        columns[kind] = {}
        for name in dtype.names or ():
            one = Fitted.of(getattr(tally, kind)[name])
            ends = len(data) + len(one.packed)
            columns[kind][name] = one.many, one.kind, one.least, one.unit, len(data), ends
            data += one.packed
    head = {"cells": tally.cells, "agents": tally.agents, "targets": tally.targets}
    said = zlib.compress(json.dumps(head | {"columns": columns}).encode(), FAST)
    return len(said).to_bytes(4) + said + data


@lru_cache(TWO_MONTHS)
def unpack(packed: bytes) -> Tally:
    """What `pack` made. A column is unpacked when it is asked for, and kept: the same bytes are the
    same day, and a day that is counted anew has others."""
    begins = 4 + int.from_bytes(packed[:4])
    head = json.loads(zlib.decompress(packed[4:begins]))
    data = memoryview(packed)[begins:]
    records: dict[str, Any] = {
        kind: Records(columns["conversation"][0], _columns(kind, columns, data))
        for kind, columns in head["columns"].items()
    }
    cells = tuple(map(tuple, head["cells"]))
    return Tally(cells, tuple(head["agents"]), tuple(head["targets"]), **records)


def _columns(kind: str, columns: Mapping[str, Any], data: memoryview) -> Callable[[str], Column]:
    @cache
    def opened(name: str) -> Fitted:
        many, stored, least, unit, start, end = columns[name]
        return Fitted(many, stored, least, unit, data[start:end]).opened()

    return lambda name: opened(name).column(KINDS[kind][name])


def pack_ids(ids: npt.NDArray[np.int64]) -> bytes:
    """Sorted numbers; neighbours differ little."""
    return zlib.compress(np.diff(ids, prepend=0).astype(_ID).tobytes(), FAST)


def unpack_ids(packed: bytes) -> npt.NDArray[np.int64]:
    """What `pack_ids` made."""
    return np.cumsum(np.frombuffer(zlib.decompress(packed), _ID))
