"""How long answers took, drawn as bars on an axis with the wall of 24 hours."""

from collections.abc import Sequence
from dataclasses import dataclass

HOUR_S = 3_600
QUARTER_S = HOUR_S // 4
BIN_S = HOUR_S // 2
TALLY_S = 2 * HOUR_S
WALL_S = 24 * HOUR_S
AXIS_S = 32 * HOUR_S
"""The axis ends here; longer waits are counted in its last bar."""
QUARTERS = AXIS_S // QUARTER_S


@dataclass(frozen=True, slots=True)
class Waits:
    """Some waits: how many there are of each quarter of an hour up to `AXIS_S` (the last: and of
    more), one of exactly so many quarters among the lower; their median and nine of ten, None of
    none."""

    counts: tuple[int, ...] = ()
    median_s: float | None = None
    p90_s: float | None = None

    @classmethod
    def of(cls, waits_s: Sequence[float]) -> "Waits":
        """Those of seconds in any order."""
        if not waits_s:
            return NO_WAITS
        ordered = sorted(waits_s)
        counts = [0] * QUARTERS
        for wait in ordered:
            counts[_quarter(wait)] += 1
        return cls(tuple(counts), percentile(ordered, 0.5), percentile(ordered, 0.9))

    def __len__(self) -> int:
        return sum(self.counts)

    def within(self, seconds: int) -> int:
        """How many took at most so long, of whole quarters of an hour."""
        return sum(self.counts[: seconds // QUARTER_S])

    def by(self, seconds: int) -> tuple[int, ...]:
        """Their counts by so many whole quarters of an hour."""
        step = seconds // QUARTER_S
        places = range(0, len(self.counts), step)
        return tuple(sum(self.counts[place : place + step]) for place in places)


NO_WAITS = Waits()


def _quarter(wait_s: float) -> int:
    """Which of the quarters of an hour of `Waits` it counts in."""
    return min(max(int(-(-wait_s // QUARTER_S)) - 1, 0), QUARTERS - 1)


def bar_of(wait_s: float) -> int:
    """Where the bar begins that a wait is in, in seconds (`Bar.from_s`)."""
    return _quarter(wait_s) * QUARTER_S // BIN_S * BIN_S


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


def histogram(waits: Waits) -> Histogram:
    """Waits by half hours on an axis of 32 h; a wait of exactly 24 h is still in time."""
    counts = waits.by(BIN_S)
    top, step = _scale(max(counts, default=0))
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
    late = len(waits) - waits.within(WALL_S)
    return Histogram(bars, steps, len(waits), late, waits.median_s, waits.p90_s)


def by_two_hours(waits: Waits) -> tuple[int, ...]:
    """Waits of up to 2, 4 … 24 hours, and of more. Exactly 24 are still 24."""
    counts = waits.by(TALLY_S) or (0,) * (AXIS_S // TALLY_S)
    days = WALL_S // TALLY_S
    return (*counts[:days], sum(counts[days:]))


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
