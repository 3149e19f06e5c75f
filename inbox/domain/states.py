"""In which state a conversation stands: a pure fold over its turns and what people did with it.

* A step is the last word until a turn is opened or ended after it.
* While a customer waits, the conversation is open. Only a snooze by someone who saw all of what is
  waiting hides it for a while, never beyond the next warning of its clock (`comes_back`).
* What was answered waits on the customer. One that came back from a snooze or was reopened has no
  turn, and stays open until a person answers or takes another step.
* A step that was undone is no fact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox.domain.conversation import EVENT_OF, LEADS_TO
from inbox.domain.turns import Answer, Fact, Turn, open_turn


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a person, or the end of a snooze (`wake`, without agent).

    `kind` is a key of `EVENT_OF`; `number` orders steps of one instant; `seen` is the last stored
    message on the page; `until` is when a snooze is to end.
    """

    number: int
    at: datetime
    kind: str
    agent: str | None
    reason: str
    seen: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The event that made the state what it is, and the step behind it, if a step is."""

    event: str
    move: Move | None = None

    @property
    def state(self) -> str:
        return LEADS_TO[self.event]


def standing(moves: Iterable[Move], turns: Sequence[Turn], facts: Iterable[Fact]) -> Standing:
    """How the conversation stands; `facts` are those that the turns were folded from."""
    last = max(moves, key=_order, default=None)
    answers = [fact for fact in facts if isinstance(fact, Answer)]
    waits = open_turn(turns)
    if waits is not None:
        if last is not None and last.kind == "snooze" and _hides(last, turns, answers):
            return Standing("snoozed", last)
        return Standing("customer_waits")
    if last is None or not all(_over_by(turn, last.at) for turn in turns):
        return Standing("settled")
    event = EVENT_OF[last.kind]
    if event == "reopened" and any(answer.ends_waits and answer.at > last.at for answer in answers):
        return Standing("settled")
    return Standing(event, last)


def comes_back(snooze: Move, due_at: datetime | None, warnings: Iterable[datetime]) -> datetime:
    """When a snoozed conversation is shown again: at the hour that was asked for, or, where an
    answer is due by then, at the first warning of its clock after the snooze was made."""
    assert snooze.until is not None
    if due_at is None or due_at > snooze.until:
        return snooze.until
    return min((at for at in warnings if at > snooze.at), default=snooze.at)


def _order(move: Move) -> tuple[datetime, int]:
    return move.at, move.number


def _over_by(turn: Turn, at: datetime) -> bool:
    return turn.opened_at <= at and turn.ended_at is not None and turn.ended_at <= at


def _hides(snooze: Move, turns: Sequence[Turn], answers: Sequence[Answer]) -> bool:
    """Whether all that waits now was there, and was seen, when it was snoozed.

    An answer that failed since opened its turn again, and nobody knew of that.
    """
    if any(a.failed_at is not None and a.failed_at > snooze.at for a in answers):
        return False
    return all(
        max(turn.messages) <= snooze.seen if turn.end is None else _over_by(turn, snooze.at)
        for turn in turns
    )
