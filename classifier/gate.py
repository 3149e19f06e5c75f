"""The verdict on a model that learned from corrections, as it is told, stored and shown."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Compared:
    """Macro-F1 of the category on `n` messages before and after; `low` … `high` holds the true
    difference with 95 % confidence."""

    n: int
    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        return self.after - self.before


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
