"""A QR code as the path of an SVG: no style, no script, so the strict CSP has nothing to allow."""

from dataclasses import dataclass
from itertools import groupby

import segno

QUIET = 4
"""Modules of paper around the code, without which cameras do not find it."""


@dataclass(frozen=True, slots=True)
class Qr:
    """A square of `size` modules with its quiet zone; `path` draws the dark ones."""

    size: int
    path: str


def qr(text: str) -> Qr:
    """The code of a text, with error correction M (15 %)."""
    made = segno.make(text, error="m", micro=False)
    rows = [
        f"M{x + QUIET} {y + QUIET}h{width}v1h-{width}z"
        for y, row in enumerate(made.matrix)
        for x, width in _runs(row)
    ]
    return Qr(len(made.matrix) + 2 * QUIET, "".join(rows))


def _runs(row: bytes | bytearray) -> list[tuple[int, int]]:
    """(start, length) of each run of dark modules."""
    found, x = [], 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            found.append((x, length))
        x += length
    return found
