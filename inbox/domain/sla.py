"""Promises: which target a turn falls under, when it is due, and how it went.

A verdict is computed from timestamps and an instant `as_of`, never from when a job looked: what
happened at or before `as_of` has happened, nothing else has. A turn is kept if it was answered at
or before its due time. One that was excused, or withdrawn, at or before it leaves the promise; if
the due time passed first, the promise was broken and stays so, because no answer came in time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Self

from inbox.domain.calendars import (
    DAY,
    Calendar,
    after_open_time,
    end_of_nth_working_day,
    local_date,
    local_day_bounds,
)
from inbox.domain.turns import End, Turn

Outcome = Literal["running", "overdue", "kept", "breached", "excused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Target:
    """Clock hours (`24h`), minutes (`90m`), business days (`3bd`), business hours (`8bh`), or
    calendar days (`45d`)."""

    amount: int
    unit: Literal["h", "m", "bd", "bh", "d"]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything but a positive whole number and one of the units."""
        found = re.fullmatch(r"([1-9][0-9]{0,3})(h|m|bd|bh|d)", text)
        if found is None:
            raise ValueError(f"{text!r} is no target; write 24h, 90m, 3bd, 8bh or 45d")
        return cls(int(found[1]), _UNITS[found[2]])

    @property
    def by_calendar(self) -> bool:
        return self.unit in ("bd", "bh")

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


_Unit = Literal["h", "m", "bd", "bh", "d"]
_UNITS: Final[dict[str, _Unit]] = {"h": "h", "m": "m", "bd": "bd", "bh": "bh", "d": "d"}
Until = Literal["answered", "resolved"]
WORKING_DAYS = "working days"
"""The calendar of a policy that names none."""
LEAD_FROM, ALL_FROM = 75, 100
"""The parts of a wait, in percent, from which on more people are warned."""
CONDITIONS = ("channels", "kinds", "categories", "urgencies", "contact_tags")


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the promise. It fits where each of its four sets holds the value or is None.

    `kinds` are message kinds of the neutral form (`form`, `inapp`, `call` …). A public policy is
    what the report is about; an internal one (`public=False`) warns the team, enters no figure.
    `until` says what it promises: an answer, or the end of the whole matter (`target` alone, and
    every policy that fits counts). `target` is for the first response of an episode, `next_target`
    for later ones (None: the same).
    `warn_at` are parts of the wait from opening to due, at which the assignee is warned; from
    `lead_from` percent on the lead on duty is, too, from `all_from` on all leads and admins.
    """

    id: str
    version: int
    name: str
    target: Target
    channels: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    urgencies: frozenset[str] | None = None
    contact_tags: frozenset[str] | None = None
    public: bool = True
    warn_at: tuple[float, ...] = (0.5, 0.75, 0.9)
    next_target: Target | None = None
    calendar: str = WORKING_DAYS
    lead_from: int = LEAD_FROM
    all_from: int = ALL_FROM
    until: Until = "answered"

    def fits(
        self,
        channel: str,
        kind: str,
        category: str | None,
        urgency: str | None,
        contact_tags: frozenset[str] = frozenset(),
    ) -> bool:
        """`category` and `urgency` are None while a message is untagged. Of a person's tags one
        is enough."""
        return (
            (self.channels is None or channel in self.channels)
            and (self.kinds is None or kind in self.kinds)
            and (self.categories is None or category in self.categories)
            and (self.urgencies is None or urgency in self.urgencies)
            and (self.contact_tags is None or bool(self.contact_tags & contact_tags))
        )

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of its sets that are not None."""
        return tuple(name for name in CONDITIONS if getattr(self, name) is not None)

    @property
    def can_be_chosen(self) -> bool:
        """Whether a rule may say that it judges an answer, instead of the one that fits best."""
        return self.public and self.until == "answered"

    def target_for(self, is_first: bool) -> Target:
        """The target of an episode's first turn, or of a later one."""
        return self.target if is_first or self.next_target is None else self.next_target


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one turn stands under one policy as of an instant, with all that it follows from.

    `used_s` is clock seconds from opening to the end, or to `as_of` while open; never negative,
    though an answer may be dated before the message that it answers.
    """

    turn_seq: int
    episode: int
    opened_by: int
    opened_at: datetime
    due_at: datetime
    end: End | None
    ended_by: int | None
    ended_at: datetime | None
    verdict: Outcome
    used_s: float
    policy_id: str
    policy_version: int
    calendar_name: str
    calendar_version: int
    public: bool


def public_policy(
    policies: Iterable[Policy],
    channel: str,
    kind: str,
    category: str | None,
    urgency: str | None,
    contact_tags: frozenset[str] = frozenset(),
) -> Policy | None:
    """The public policy that fits with the most conditions; among equals the one that stands first.

    None means that nothing is promised here.
    """
    about = (channel, kind, category, urgency, contact_tags)
    fitting = [p for p in policies if p.can_be_chosen and p.fits(*about)]
    return max(fitting, key=lambda p: len(p.conditions), default=None)


def internal_policies(
    policies: Iterable[Policy],
    channel: str,
    kind: str,
    category: str | None,
    urgency: str | None,
    contact_tags: frozenset[str] = frozenset(),
) -> tuple[Policy, ...]:
    """Every internal policy that fits, beside the public one."""
    about = (channel, kind, category, urgency, contact_tags)
    answers = [p for p in policies if not p.public and p.until == "answered"]
    return tuple(p for p in answers if p.fits(*about))


def due_at(opened_at: datetime, target: Target, calendar: Calendar) -> datetime:
    """In UTC. Hours and minutes are elapsed time: 24h is 86,400 s whatever the clocks do. Calendar
    days end with the N-th local date after that of opening, in the calendar's zone."""
    if target.unit == "bd":
        return end_of_nth_working_day(opened_at, target.amount, calendar)
    if target.unit == "bh":
        return after_open_time(opened_at, timedelta(hours=target.amount), calendar)
    if target.unit == "d":
        last = local_date(opened_at, calendar.zone) + target.amount * DAY
        return local_day_bounds(last, calendar.zone)[1]
    seconds_per_unit = 3600 if target.unit == "h" else 60
    return opened_at.astimezone(UTC) + timedelta(seconds=target.amount * seconds_per_unit)


def outcome(
    end: End | None, ended_at: datetime | None, due_at: datetime, as_of: datetime
) -> Outcome:
    """The verdict's word. Open at the due time is overdue: an answer given then would be known."""
    if end is None or ended_at is None or ended_at > as_of:
        return "running" if as_of < due_at else "overdue"
    if ended_at > due_at:
        return "breached"
    return "kept" if end == "answered" else end


def evaluate(turn: Turn, policy: Policy, calendar: Calendar, as_of: datetime) -> Verdict:
    """The verdict as of an instant; an end after it has not happened yet."""
    due = due_at(turn.opened_at, policy.target_for(turn.is_first), calendar)
    ended = turn.ended_at is not None and turn.ended_at <= as_of
    until = turn.ended_at if turn.ended_at is not None and ended else as_of
    return Verdict(
        turn_seq=turn.seq,
        episode=turn.episode,
        opened_by=turn.opened_by,
        opened_at=turn.opened_at,
        due_at=due,
        end=turn.end if ended else None,
        ended_by=turn.ended_by if ended else None,
        ended_at=turn.ended_at if ended else None,
        verdict=outcome(turn.end, turn.ended_at, due, as_of),
        used_s=max(0.0, (until - turn.opened_at).total_seconds()),
        policy_id=policy.id,
        policy_version=policy.version,
        calendar_name=calendar.name,
        calendar_version=calendar.version,
        public=policy.public,
    )
