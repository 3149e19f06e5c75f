"""How long answers took, drawn as bars on an axis with the wall of 24 hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

HOUR_S = 3_600
BIN_S = HOUR_S // 2
WALL_S = 24 * HOUR_S
AXIS_S = 32 * HOUR_S
"""The axis ends here; longer waits are counted in its last bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram: waits over `from_s`, up to `to_s` (None: no end)."""

    from_s: int
    to_s: int | None
    count: int
    x: float
    width: float
    height: float

    @property
    def late(self) -> bool:
        return self.from_s >= WALL_S


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars by half hours and their axes, all as parts of 1; marks at the median and at 9 of 10."""

    bars: tuple[Bar, ...]
    steps: tuple[tuple[int, float], ...]
    total: int
    late: int
    median_s: float | None
    p90_s: float | None
    wall: float = WALL_S / AXIS_S

    @staticmethod
    def place(seconds: float) -> float:
        return min(seconds, AXIS_S) / AXIS_S


def histogram(waits_s: Sequence[float]) -> Histogram:
    """Counts waits by half hours on an axis of 32 h; a wait of exactly 24 h is still in time."""
    counts = [0] * (AXIS_S // BIN_S)
    for wait in waits_s:
        counts[min(max(int(-(-wait // BIN_S)) - 1, 0), len(counts) - 1)] += 1
    top, step = _scale(max(counts))
    bars = tuple(
        Bar(
            from_s=i * BIN_S,
            to_s=None if i == len(counts) - 1 else (i + 1) * BIN_S,
            count=count,
            x=i / len(counts),
            width=1 / len(counts),
            height=count / top,
        )
        for i, count in enumerate(counts)
        if count
    )
    steps = tuple((mark, mark / top) for mark in range(step, top + 1, step))
    late = sum(wait > WALL_S for wait in waits_s)
    ordered = sorted(waits_s)
    p90 = percentile(ordered, 0.9) if ordered else None
    middle = median(ordered) if ordered else None
    return Histogram(bars, steps, len(waits_s), late, middle, p90)


def percentile(ordered: Sequence[float], part: float) -> float:
    """The value below which `part` of a sorted, non-empty sequence lies, linearly interpolated."""
    place = (len(ordered) - 1) * part
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _scale(most: int) -> tuple[int, int]:
    """The axis' end and its step for a highest count: at most five steps of 1, 2 or 5 × 10ⁿ."""
    step = 1
    while most / step > 5:
        step = next(s for s in _nice_steps() if s > step)
    return max(-(-most // step) * step, step), step


def _nice_steps() -> list[int]:
    return [base * 10**power for power in range(9) for base in (1, 2, 5)]
