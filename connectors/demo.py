"""A connector that invents a lively inbox through the same contract: nothing leaves the machine.

Plainly made-up customers write to a made-up brand in several languages. The first pull brings
three weeks of history: of the last two days some is answered, of the time before all, so that
whenever the demo begins the report has a yesterday and the planner weeks to reckon with. After that
somebody writes every few seconds at first, and seldom by and by, so that a desk left alone does not
drown. What is said at an instant depends only on the account's start time, so a pull can be
repeated. Where the account's settings name `agents`, they gave the answers of its history by turns.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from connectors.core.base import Base
from connectors.core.contract import (
    Author,
    Capabilities,
    Direction,
    Identity,
    Json,
    Kind,
    Message,
    Outgoing,
    Page,
    Sent,
    Visibility,
    word,
)

CAPABILITIES = Capabilities(
    channel="demo",
    title="Demo",
    kinds=(Kind.DM, Kind.MENTION, Kind.COMMENT),
    streams=("messages",),
    count=len,
    unit="characters",
    limit_public=500,
    limit_private=2000,
    secrets=(),
    poll_interval_s=3,
    read_lag_s=5,
    idempotent_send=True,
    notes=(word("Invented customers of an invented brand. Nothing is sent anywhere."),),
)

HISTORY = timedelta(hours=46)
DAY_BEFORE = 12
"""So many messages are of the day before."""
BEFORE = timedelta(hours=2)
"""Between two messages of the day before: numbers below 0, the last one -1."""
LONG_BEFORE = timedelta(minutes=1335)
"""Between two bursts of the weeks before, give or take an hour."""
BURST, APART = 3, timedelta(minutes=4)
"""So many messages of the weeks before come soon after one another. Whoever sits down to the first
answers the others straight on, each some minutes after the one before: which is how the planner
learns how long an answer takes."""
FIRST_S = 11
"""Until the first new message; the nth takes n ** 1.5 times as long: 4 come in two minutes, 47 in
an hour, 395 in a day."""
PAGE = 50


class Connector(Base):
    """The invented platform. Cursor: {"started": ISO time, "next": number of the next message}."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def check(self) -> Identity:
        """Always well."""
        return Identity("demo-brand", self.account.handle, "Lumen Pay")

    def pull(self, stream: str, cursor: Json) -> Page:
        """What was said up to now, 50 at a time."""
        started = datetime.fromisoformat(cursor["started"]) if cursor else self.now()
        number = int(cursor.get("next", -len(_script(before=True))))
        said: list[Message] = []
        agents = self.account.settings.get("agents") or ()
        while len(said) < PAGE and (at := _said_at(number, started)) <= self.now():
            said += _messages(number, at, started, agents)
            number += 1
        more = _said_at(number, started) <= self.now()
        return Page(tuple(said), {"started": started.isoformat(), "next": number}, more)

    def send(self, reply: Outgoing) -> Sent:
        """Accepted at once; the same key is the same message."""
        return Sent(f"sent-{reply.key}", self.now())

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Every reply arrived."""
        return Sent(f"sent-{reply.key}", reply.started_at)


@cache
def _script(*, before: bool = False) -> list[dict[str, Any]]:
    """What people say, or said before: `who`, `handle`, `kind`, `text`; in history `answer`
    after `after_min`."""
    path = Path(__file__).with_name("demo.jsonl")
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line.get("before", False) is before]


@cache
def _again() -> list[int]:
    """In which order it is said again: first by those who were answered, so that a customer whom
    somebody has just answered does not come back with the same words."""
    return sorted(range(len(_script())), key=lambda n: "answer" not in _script()[n])


def _said_at(number: int, started: datetime) -> datetime:
    """History is spread over the days before the start, the rest follows one by one."""
    past = len(_script())
    if number < -DAY_BEFORE:
        burst, place = divmod(number + DAY_BEFORE, BURST)
        uneven = timedelta(minutes=burst * 37 % 90)
        weeks = LONG_BEFORE * burst + APART * place
        return started - HISTORY - BEFORE * DAY_BEFORE + weeks - uneven
    if number < 0:
        return started - HISTORY + BEFORE * number
    if number < past:
        ago: float = (1 - number / past) ** 1.4
        return started - HISTORY * ago
    return started + timedelta(seconds=FIRST_S * (number - past + 1) ** 1.5)


def _answered_after(number: int) -> timedelta:
    """How long after its message the answer came."""
    lines = _script(before=number < 0)
    minutes: int = lines[number]["after_min"]
    if number >= -DAY_BEFORE:
        return timedelta(minutes=minutes)
    first = max(number - (number + DAY_BEFORE) % BURST, -len(lines))
    waited = max(lines[first]["after_min"], BURST * APART.seconds // 60)
    took = sum(3 + lines[n]["after_min"] % 6 for n in range(first + 1, number + 1))
    return timedelta(minutes=waited + took) - (number - first) * APART


def _messages(number: int, at: datetime, started: datetime, agents: Sequence[str]) -> list[Message]:
    past = len(_script())
    again = max(0, number // past)
    place = _again()[number % past] if again else number
    line = _script(before=number < 0)[place]
    public = line["kind"] != "dm"
    name = place if number >= 0 else f"before{number}"
    thread = f"demo-{name}" if again == 0 else f"demo-{name}-{again}"
    common: dict[str, Any] = {
        "conversation": thread,
        "kind": Kind(line["kind"]),
        "visibility": Visibility.PUBLIC if public else Visibility.PRIVATE,
    }
    who = Author(f"u-{line['who']}", line["handle"], line["who"])
    asked = Message(
        external_id=f"in-{number}",
        direction=Direction.IN,
        text=line["text"],
        sent_at=at,
        author=who,
        **common,
    )
    if "answer" not in line or again:
        return [asked]
    answered_at = at + _answered_after(number)
    if answered_at >= started:
        return [asked]
    answer = Message(
        external_id=f"out-{number}",
        direction=Direction.OUT,
        text=line["answer"],
        sent_at=answered_at,
        in_reply_to=asked.external_id,
        agent=agents[number // BURST % len(agents)] if agents else None,
        **common,
    )
    return [asked, answer]
