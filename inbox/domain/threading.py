"""To which customer of a thread an answer belongs (DESIGN §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message of the thread: whose conversation it is in, and when it was sent."""

    conversation_id: int
    at: datetime


def conversation_of_answer(
    in_reply_to: str | None,
    at: datetime,
    customers: Mapping[str, Said],
    answered: Mapping[str, int],
) -> int | None:
    """The conversation that an own message of a thread belongs to, None while that is open.

    The customer of its `in_reply_to` (a customer's message, or an answer of ours already joined:
    `answered`); without one the thread's only customer, else who wrote last before it.
    `customers` is keyed by external id.
    """
    if in_reply_to is not None:
        if in_reply_to in customers:
            return customers[in_reply_to].conversation_id
        if in_reply_to in answered:
            return answered[in_reply_to]
    everyone = {said.conversation_id for said in customers.values()}
    if len(everyone) == 1:
        return everyone.pop()
    before = [said for said in customers.values() if said.at <= at]
    return _latest(before).conversation_id if before else None


def _latest(said: Sequence[Said]) -> Said:
    return max(said, key=lambda s: (s.at, s.conversation_id))
