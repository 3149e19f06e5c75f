"""Of which lines, bars and cells of a report a turn or a message is counted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from reports.figures import (
    UNKNOWN,
    UNTAGGED,
    WEEKDAYS,
    WITHIN_S,
    MessageRow,
    Period,
    TurnRow,
    backlog,
)
from reports.figures_hours import HOURS, hour_of
from reports.figures_service import teams_of
from reports.filters import Selection
from templates.behind import AGES
from templates.histogram import AXIS_S, BIN_S, bar_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read for a figure: a part of a period in a zone, as it was `known` to a stored report
    (None: as it is)."""

    session: Session
    part: Selection
    period: Period
    zone: str
    known: datetime | None = None

    def group(self, group: str, key: str) -> Callable[[TurnRow | MessageRow], bool]:
        """Whether a row is of the part, and of a line of it; of all where there is no group."""
        keys = KEYS.get(group)
        return lambda row: (keys is None or key in keys(row, self)) and self.part.has(row)

    def hour_of(self, row: TurnRow | MessageRow) -> str:
        """The hour of the week in which it began."""
        began = row.sent_at if isinstance(row, MessageRow) else row.opened_at
        return hour_of(began, ZoneInfo(self.zone))


def _of_turns(keys: Callable[[TurnRow, Asked], Collection[str]]) -> "Keys":
    return lambda row, asked: keys(row, asked) if isinstance(row, TurnRow) else ()


def _of_waits(keys: Callable[[float], Collection[str]]) -> "Keys":
    return _of_turns(lambda row, _: () if row.ended_at is None else keys(row.wait_s))


Keys = Callable[[Any, Asked], Collection[str]]
KEYS: Final[Mapping[str, Keys]] = {
    "channel": lambda row, _: (row.channel,),
    "account": lambda row, _: (f"{row.channel} {row.account}",),
    "language": lambda row, _: (row.language or UNKNOWN,),
    "category": lambda row, _: (row.category or UNTAGGED,),
    "urgency": lambda row, _: (row.urgency or UNTAGGED,),
    "team": lambda row, asked: teams_of(f"{row.channel} {row.account}", asked.part.served),
    "hour": lambda row, asked: (asked.hour_of(row),),
    "weekday": lambda row, asked: (asked.hour_of(row).partition(" ")[0],),
    "agent": _of_turns(lambda row, _: (row.answered_by,)),
    "reason": _of_turns(lambda row, _: (row.why,)),
    "wait": _of_waits(lambda wait_s: (str(bar_of(wait_s)),)),
    "within": _of_waits(lambda wait_s: [str(most) for most in WITHIN_S if wait_s <= most]),
    "age": _of_turns(
        lambda row, asked: [age for age, n in backlog((row,), asked.period.as_of).items() if n]
    ),
    "complaint": lambda row, asked: (),
}
"""Groups → the keys under which a row counts there. A wait stands under the seconds where its bar
begins, and under each of `WITHIN_S` that it took at most; deadlines of complaints are no rows."""
OF_GROUP: Final[Mapping[str, Collection[str]]] = {
    "hour": HOURS,
    "weekday": WEEKDAYS,
    "wait": [str(at) for at in range(0, AXIS_S, BIN_S)],
    "within": [str(most) for most in WITHIN_S],
    "age": AGES,
}
"""Groups that have these keys and no others."""
