"""Records by column, each of which is made when it is asked for."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Column: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]
FAST: Final = 1
MANY: Final = 500


class Records:
    """So many records; `records["wait"]` is a column of them. Columns are not to be changed."""

    def __init__(self, many: int, column: Callable[[str], Column]) -> None:
        self._many = many
        self._column = column

    def __len__(self) -> int:
        return self._many

    def __getitem__(self, name: str) -> Column:
        return self._column(name)

    def where(self, fits: Mask) -> "Records":
        """Those that fit."""
        places = np.flatnonzero(fits)
        if len(places) == len(self):
            return self
        return Records(len(places), lambda name: self[name][places])

    def but(self, **changed: Callable[[Column], Column]) -> "Records":
        """The same with some columns changed."""

        def column(name: str) -> Column:
            return changed[name](self[name]) if name in changed else self[name]

        return Records(self._many, column)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A column of whole numbers in few bytes: each is `least` and so many times `unit`. How many
    times is kept as `kind`, compressed unless it is `open`; where all are alike it is not."""

    many: int
    kind: str
    least: int
    unit: int
    packed: bytes | memoryview
    open: bool = False

    @classmethod
    def of(cls, column: Column) -> "Fitted":
        """Waits are whole seconds on most platforms, and a day's numbers are neighbours."""
        if not len(column):
            return cls(0, "|u1", 0, 1, b"")
        least = int(column.min())
        above = column.astype(np.int64) - least
        unit = int(np.gcd.reduce(above))
        times = above // max(unit, 1)
        kind = np.min_scalar_type(int(times.max()))
        packed = zlib.compress(times.astype(kind).tobytes(), FAST) if unit else b""
        return cls(len(column), kind.str, least, unit, packed)

    def opened(self) -> "Fitted":
        """The same, ready to be read often."""
        return replace(self, packed=self._times, open=True)

    @property
    def _times(self) -> bytes | memoryview:
        closed = self.packed and not self.open
        return zlib.decompress(self.packed) if closed else self.packed

    def column(self, dtype: np.dtype[Any]) -> Column:
        """As it was."""
        if not self.packed:
            return np.full(self.many, self.least, dtype)
        times = np.frombuffer(self._times, self.kind)
        found: Column = times.astype(dtype)
        if self.unit != 1:
            found *= dtype.type(self.unit)
        if self.least:
            found += dtype.type(self.least)
        return found


def of_rows(rows: npt.NDArray[np.void]) -> Records:
    """The same by column; of more than a few in little memory."""
    names = rows.dtype.names or ()
    if len(rows) < MANY:
        return Records(len(rows), lambda name: np.ascontiguousarray(rows[name]))
    columns = {name: Fitted.of(rows[name]) for name in names}
    kind = rows.dtype
    return Records(len(rows), lambda name: columns[name].column(kind[name]))
