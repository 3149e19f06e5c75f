"""The verdict on a model that learned from corrections, as it is told, stored and shown."""

from dataclasses import dataclass
from math import comb
from typing import Any

UNLIKELY = 0.025


@dataclass(frozen=True, slots=True)
class Compared:
    """Macro-F1 of the category on `n` messages before and after; `low` … `high` holds the true
    difference with 95 % confidence. `gained` are right only after, `lost` only before."""

    n: int
    before: float
    after: float
    low: float
    high: float
    gained: int = 0
    lost: int = 0

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def surely_worse(self) -> bool:
        """The whole interval is a loss, and so few gained beside so many lost are no chance (the
        exact test of McNemar, as the interval is too narrow on few messages)."""
        n = self.gained + self.lost
        chance = sum(comb(n, k) for k in range(self.gained + 1)) / 2**n
        return self.high < 0 and chance < UNLIKELY


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the model may serve, and why. `frozen` is the corpus, `recent` the last corrections;
    `used` and `left_out` count corrections."""

    passed: bool
    reason: str
    frozen: Compared
    recent: Compared
    used: int
    left_out: int

    @classmethod
    def read(cls, said: Any) -> "Gate":
        """From its `asdict`. Raises ValueError for anything but a verdict."""
        try:
            sets = {name: Compared(**said[name]) for name in ("frozen", "recent")}
            gate = cls(**{**said, **sets})
        except (TypeError, KeyError) as e:
            raise ValueError(f"not a verdict: {e}") from e
        if gate.passed not in (True, False):
            raise ValueError("not a verdict: passed is neither true nor false")
        return gate
