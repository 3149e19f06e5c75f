"""The platform's own time limit for an answer: a hard second clock beside ours (DESIGN §5). Pure.

It counts from the customer's last message, and is asked again at the moment of sending.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.core.contract import Capabilities, MovePrivate, Visibility, Window, word

OVER = word("{channel}’s time for an answer is over. It opens when they write again.")
MOST = word("{channel} takes no more than {n} answers to one message.")


@dataclass(frozen=True, slots=True)
class Limit:
    """Until when, and how many, answers are taken."""

    closes_at: datetime
    most: int | None = None

    def shut(self, now: datetime, answers: int) -> bool:
        """Whether an answer of a person is refused now, after so many answers already."""
        return now >= self.closes_at or (self.most is not None and answers >= self.most)


def limit(
    offered: Capabilities, settings: Mapping[str, Any], visibility: str, wrote_at: datetime
) -> Limit | None:
    """The limit of an answer to somebody who last wrote at `wrote_at`; None for none."""
    window = offered.window
    if window is None or visibility != Visibility.PRIVATE:
        return None
    standard = _length(window, settings)
    longest = max(standard, window.human or standard)
    if window.human_setting and settings.get(window.human_setting) != "yes":
        longest = standard
    most = _number(settings.get(window.most_setting)) or window.most
    return Limit(wrote_at + longest, int(most) if most else None)


def move_closes_at(move: MovePrivate, wrote_at: datetime) -> datetime | None:
    """Until when a public message may be answered privately."""
    return wrote_at + move.within if move.within is not None else None


def _length(window: Window, settings: Mapping[str, Any]) -> timedelta:
    hours = _number(settings.get(window.hours_setting))
    return timedelta(hours=hours) if hours else window.standard


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if 0 < found < 24 * 366 else None
