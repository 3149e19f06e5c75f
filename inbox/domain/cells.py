"""Rows for spreadsheets: a customer's words must never become a formula there.

A spreadsheet computes a cell that begins with =, +, -, @, a tab or a line break, in CSV
files too. Such a cell gets an apostrophe in front, which spreadsheets do not show.
"""

import csv
import io
from collections.abc import Sequence
from typing import Final

STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")
"""Beginnings of a formula; the wide forms are folded to the narrow ones by some programs."""
BOM: Final = "\ufeff"
"""Without it a common spreadsheet takes UTF-8 for something else."""


def safe(text: str) -> str:
    """A cell that is shown as it is, and never computed."""
    text = text.replace("\0", "\ufffd")
    dangerous = text.startswith(STARTS) or text.lstrip().startswith(STARTS)
    return f"'{text}" if dangerous else text


def exact(text: str) -> str:
    """As `safe`, of text without NUL, so that `read` gives it back: an apostrophe of its own gets
    another one, too."""
    return f"'{text}" if text.startswith("'") else safe(text)


def read(cell: str) -> str:
    """The text that `exact` made a cell of."""
    return cell.removeprefix("'")


def line(cells: Sequence[str | int | float | None]) -> str:
    """One row with its line end (RFC 4180); None is an empty cell. Numbers stay numbers."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerow(
        [safe(cell) if isinstance(cell, str) else cell for cell in cells]
    )
    return out.getvalue()
