"""Which messages are one thread, and to which customer of a thread an answer belongs (DESIGN §5).

Both follow from what is stored alone, so the order of arrival does not matter.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message of the thread: whose conversation it is in, and when it was sent."""

    conversation_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """An own message of the thread. `settled` is its conversation where the outbox knows it."""

    at: datetime
    in_reply_to: str | None
    settled: int | None = None


def places_of_answers(
    answers: Mapping[str, Own], customers: Mapping[str, Said]
) -> dict[str, int | None]:
    """The conversation of each own message of one thread, None while that is open.

    The customer of its `in_reply_to`, also through other answers of ours; without one the thread's
    only customer, else who wrote last before it. Both mappings are keyed by external id.
    """
    timeline = sorted((said.at, name) for name, said in customers.items())
    times = [at for at, _ in timeline]
    everyone = {said.conversation_id for said in customers.values()}

    def by_time(at: datetime) -> int | None:
        if len(everyone) == 1:
            return next(iter(everyone))
        before = bisect_right(times, at)
        return customers[timeline[before - 1][1]].conversation_id if before else None

    def place_of(name: str) -> int | None:
        own, passed = answers[name], {name}
        while own.settled is None:
            target = own.in_reply_to or ""
            if target in customers:
                return customers[target].conversation_id
            if target not in answers or target in passed:
                return by_time(own.at)
            passed.add(target)
            own = answers[target]
        return own.settled

    return {name: place_of(name) for name in answers}


@dataclass(frozen=True, slots=True)
class MailIds:
    """A mail as threading sees it: the Message-IDs it names (oldest first, its own last), and the
    thread that it begins or joins when none of them is known."""

    ids: Sequence[str]
    thread: str


@dataclass(frozen=True, slots=True)
class Joined:
    """`threads` of the mails in their order; `aliases`: Message-IDs new to us; `merged`: threads
    that turned out to be part of another one."""

    threads: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)


def join_mails(mails: Sequence[MailIds], known: Mapping[str, str]) -> Joined:
    """Mails that name one another, or the same mail, are one thread. `known`: thread by id.

    A mail that names ids of several threads shows that these are one: the first named remains.
    """
    thread_of, new = dict(known), dict[str, str]()
    merged: dict[str, str] = {}

    def remaining(thread: str) -> str:
        while thread in merged:
            thread = merged[thread]
        return thread

    for mail in mails:
        found = [remaining(thread_of[i]) for i in mail.ids if i in thread_of]
        thread = found[0] if found else remaining(mail.thread)
        merged |= {other: thread for other in found if other != thread}
        for alias in mail.ids:
            if alias not in thread_of:
                thread_of[alias] = new[alias] = thread
    threads = [remaining(thread_of[mail.ids[-1]] if mail.ids else mail.thread) for mail in mails]
    aliases = {alias: remaining(thread) for alias, thread in new.items()}
    return Joined(threads, aliases, {old: remaining(old) for old in merged})
