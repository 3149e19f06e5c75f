"""The verdict on a model that learned from corrections, as it is told, stored and shown."""

from dataclasses import dataclass
from math import comb
from typing import Any

UNLIKELY = 0.025
ENOUGH_RECENT = 20
"""Fewer corrections prove nothing."""
SETS = ("frozen", "urgency", "security", "critical", "certain", "recent")


@dataclass(frozen=True, slots=True)
class Compared:
    """Macro-F1, the share that is found, or the mean chance, on `n` messages before and after;
    `low` … `high` holds the true difference with 95 % confidence. `gained` are right only after,
    `lost` only before."""

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


NOTHING = Compared(0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the model may serve, and why. `frozen` and `urgency` are macro-F1 on the corpus,
    `security` and `critical` how much of these it finds there, `certain` what chance it gives the
    right category there, `recent` is the category of the last corrections; `used` and `left_out`
    count corrections, of which the `held` ones, by their names, wait for a lead's look. All of
    these compare with the model of the corpus alone; `serving` are the five of the corpus
    (category, urgency, security, critical, certain) beside the version that serves, empty where
    that is the same or knows another corpus. Older verdicts looked at two sets alone and held
    none."""

    passed: bool
    reason: str
    frozen: Compared
    recent: Compared
    used: int
    left_out: int
    urgency: Compared = NOTHING
    security: Compared = NOTHING
    critical: Compared = NOTHING
    certain: Compared = NOTHING
    held: tuple[str, ...] = ()
    serving: tuple[Compared, ...] = ()

    @property
    def recent_tells(self) -> bool:
        """Whether there are enough of the last corrections for their figure to mean anything."""
        return self.recent.n >= ENOUGH_RECENT

    @classmethod
    def read(cls, said: Any) -> "Gate":
        """From its `asdict`. Raises ValueError for anything but a verdict."""
        try:
            sets = {name: Compared(**said[name]) for name in SETS if name in said}
            lists: dict[str, Any] = {
                "held": tuple(map(str, said.get("held", ()))),
                "serving": tuple(Compared(**one) for one in said.get("serving", ())),
            }
            gate = cls(**{**said, **sets, **lists})
        except (TypeError, KeyError, AttributeError) as e:
            raise ValueError(f"not a verdict: {e}") from e
        if gate.passed not in (True, False):
            raise ValueError("not a verdict: passed is neither true nor false")
        return gate
