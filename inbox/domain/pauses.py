"""On whom a matter waits over time, and clocks that stand still while it is not on us.

Case clocks (resolution, refund review, where allowed complaints) pause while a conversation waits
on the customer or on somebody else. When that was follows from the same facts as turns and state:

* While a customer waits for an answer, it is on us, whatever else was done.
* An answer, an excuse, or the customer's deletion of all they wrote puts it on the customer.
* A person's step says on whom it is from then on: on the customer, on others, or on us again.
* A snooze, and a resolution that is taken back, move it to nobody: it stays where it was before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from inbox.domain.calendars import Calendar, after_open_time, open_time
from inbox.domain.conversation import ENDS_EPISODE
from inbox.domain.states import Move
from inbox.domain.turns import Answer, Fact, Turn

On = Literal["customer", "third"]
End = Literal["resolved", "excused", "withdrawn"]
STEPS: Final[dict[str, On | None]] = {
    "customer": "customer",
    "third": "third",
    "reopen": None,
    "wake": None,
}
"""On whom a matter is after a step; None: on us. Other steps move it to nobody."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the matter is not on us: [since, until), `until` None while it lasts.

    `why` is what put it there: how a turn ended (`answered`, `excused`, `withdrawn`) or a step
    (`customer`, `third`); `by` is who did, None for somebody outside or the customer.
    """

    on: On
    since: datetime
    until: datetime | None
    why: str
    by: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """From opening to resolution. `turns` are its waits in order. `end` is None while it lasts:
    `resolved`, `excused` (it was spam), `withdrawn` (the customer deleted all of it)."""

    number: int
    turns: tuple[Turn, ...]
    end: End | None = None
    ended_at: datetime | None = None
    agent: str | None = None
    reason: str = ""


def episodes(turns: Sequence[Turn], moves: Iterable[Move]) -> tuple[Episode, ...]:
    """The episodes of a conversation with what ended each, from its turns and steps.

    A resolution ends an episode if all its waits were over then; it is taken back by any step that
    brings the conversation back. Where the customer had written before it what nobody saw, the
    matter ends with the answer to that, once the next episode has begun.
    """
    ordered = sorted(moves, key=lambda move: (move.at, move.number))
    by_number: dict[int, list[Turn]] = {}
    for turn in turns:
        by_number.setdefault(turn.episode, []).append(turn)
    starts = {n: min(turn.opened_at for turn in some) for n, some in by_number.items()}
    found = []
    for number, some in sorted(by_number.items()):
        following = starts.get(number + 1)
        within = [
            m for m in ordered if m.at >= starts[number] and (following is None or m.at < following)
        ]
        found.append(_ended(Episode(number, tuple(some)), within, is_last=following is None))
    return tuple(found)


def _ended(episode: Episode, moves: Sequence[Move], *, is_last: bool) -> Episode:
    standing: list[Move] = []
    for move in moves:
        standing = [*standing, move] if move.kind in ENDS_EPISODE else []
    over_at = _over_at(episode.turns)
    for move in standing:
        if over_at is not None and over_at <= move.at:
            return _by(episode, move, move.at)
    if standing and not is_last and over_at is not None:
        return _by(episode, standing[0], over_at)
    if over_at is not None and all(turn.end == "withdrawn" for turn in episode.turns):
        return replace(episode, end="withdrawn", ended_at=over_at)
    return episode


def _by(episode: Episode, move: Move, at: datetime) -> Episode:
    end: End = "excused" if move.kind == "spam" else "resolved"
    return replace(episode, end=end, ended_at=at, agent=move.agent, reason=move.reason)


def _over_at(turns: Sequence[Turn]) -> datetime | None:
    """When the last of these waits was over; None while one is open."""
    ends = [max(turn.opened_at, turn.ended_at) for turn in turns if turn.ended_at is not None]
    return max(ends) if len(ends) == len(turns) else None


@dataclass(frozen=True, slots=True)
class _Change:
    """What moves a matter, in order of `place`. `waits` counts customers who begin (+1) or cease
    (-1) to wait; `to` is on whom it is from then on (`moves` False: on whom it was)."""

    place: tuple[datetime, int, int]
    waits: int = 0
    moves: bool = False
    to: Pause | None = None
    only_if_back: bool = False


def pauses(turns: Sequence[Turn], moves: Iterable[Move], facts: Iterable[Fact]) -> list[Pause]:
    """When a conversation was not on us, in order; neighbours differ, none is empty.

    `facts` are those that the turns were folded from.
    """
    changes = sorted(_changes(turns, moves, facts), key=lambda change: change.place)
    found: list[Pause] = []
    waiting, last, back = 0, None, False
    for change in changes:
        at = change.place[0]
        waiting += change.waits
        if change.moves and (back or not change.only_if_back):
            last, back = change.to, change.to is None
        now = last if waiting == 0 else None
        if found and found[-1].until is None and found[-1] != now:
            found[-1] = replace(found[-1], until=at)
        if now is not None and not (found and found[-1] == now):
            found.append(now if now.since == at else replace(now, since=at))
            last = found[-1]
    return [pause for pause in found if pause.until is None or pause.since < pause.until]


def _changes(
    turns: Sequence[Turn], moves: Iterable[Move], facts: Iterable[Fact]
) -> Iterator[_Change]:
    for turn in turns:
        yield _Change((turn.opened_at, 0, turn.opened_by), waits=1)
        if turn.end is not None and turn.ended_at is not None:
            at = max(turn.opened_at, turn.ended_at)
            pause = Pause("customer", at, None, turn.end, turn.agent)
            yield _Change((at, 1, turn.opened_by), waits=-1, moves=True, to=pause)
    for fact in facts:
        if isinstance(fact, Answer) and fact.ends_waits:
            pause = Pause("customer", fact.at, None, "answered", fact.agent)
            place = (fact.at, 2, fact.number)
            yield _Change(place, moves=True, to=pause, only_if_back=True)
    for move in moves:
        if move.kind in STEPS:
            on = STEPS[move.kind]
            to = (
                None if on is None else Pause(on, move.at, None, move.kind, move.agent, move.reason)
            )
            yield _Change((move.at, 3, move.number), moves=True, to=to)


def within(found: Iterable[Pause], start: datetime, end: datetime | None) -> tuple[Pause, ...]:
    """The pauses of a stretch of time, cut to it."""
    cut = []
    for one in found:
        since = max(one.since, start)
        until = one.until if end is None else min(one.until or end, end)
        if until is None or since < until:
            cut.append(replace(one, since=since, until=until))
    return tuple(cut)


def ran(
    start: datetime, end: datetime, calendar: Calendar | None, stopped: Iterable[Pause] = ()
) -> timedelta:
    """How much of the time between two instants counts: outside pauses, and within the calendar's
    opening hours where there is one."""
    total = timedelta()
    for since, until in _running(start, end, stopped):
        total += until - since if calendar is None else open_time(since, until, calendar)
    return total


def reached(
    start: datetime, amount: timedelta, calendar: Calendar | None, stopped: Iterable[Pause] = ()
) -> datetime | None:
    """The first instant, in UTC, at which so much time has run; None if it is paused before."""
    for pause in stopped:
        before = ran(start, pause.since, calendar)
        if amount <= before:
            break
        amount -= before
        if pause.until is None:
            return None
        start = pause.until
    if calendar is None:
        return start.astimezone(UTC) + amount
    return after_open_time(start, amount, calendar)


def _running(
    start: datetime, end: datetime, stopped: Iterable[Pause]
) -> Iterator[tuple[datetime, datetime]]:
    for pause in stopped:
        if start < min(pause.since, end):
            yield start, min(pause.since, end)
        if pause.until is None:
            return
        start = max(start, pause.until)
    if start < end:
        yield start, end
