"""The report of stored histories against a plain walk through their hours.

What customers, the team and the platform did goes through the product's own doors, late, out of
order and twice; the walk knows only what happened when, and shares no code with what it checks.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.contract import Message
from inbox.flows import states
from inbox.flows.states import CannotMove
from reports.document import report_json
from templates.periods import DAY, Days
from tests.reports.office import ADA, BO, Office, answers, asks, deleted

ZONE = ZoneInfo("Europe/Lisbon")
START = datetime(2026, 10, 24, tzinfo=ZONE)
"""The clocks go back in the second of the three days."""
HOUR = timedelta(hours=1)
HOURS = 73
BEGINS = (*range(-216, 1, 24), 24, 49, 73)
"""Of the days, those before and the one after."""
TARGET_H = 24
MONDAY_H = 49
"""From here on it is a working day, every hour of it."""
SAID = ("says", "says", "says", "edits", "deletes", "answers", "answers", "outside")
STEPS = ("excuses", "resolve", "resolve", "reopen", "reopen", "third", "spam")


def at(hour: float) -> datetime:
    return START.astimezone(ZoneInfo("UTC")) + hour * HOUR


@dataclass(frozen=True)
class Event:
    hour: int
    what: str
    by: str = ADA
    about: int = -1
    """The hour of the message that is edited or deleted."""


@dataclass
class Wait:
    began: int
    episode: int
    is_first: bool
    end: str | None = None
    ended: int | None = None
    by: str | None = None
    alive: set[int] = field(default_factory=set)


def drawn(rng: random.Random) -> list[Event]:
    """What happened in one conversation, an hour each, from a customer's first message on."""
    hours = sorted(rng.sample(range(HOURS), rng.randrange(3, 14)))
    story, said = [Event(hours[0], "says")], [hours[0]]
    for hour in hours[1:]:
        what = rng.choice(SAID + STEPS)
        by = BO if what == "answers" and rng.random() < 0.4 else ADA
        story.append(Event(hour, what, by, rng.choice(said)))
        said += [hour] if what == "says" else []
    return story


@dataclass(frozen=True)
class Place:
    """Where a conversation is, and how its customer writes."""

    channel: str = "x"
    words: str = "payment normal help"


HERE = Place()


def happen(
    office: Office, who: str, story: list[Event], rng: random.Random, place: Place = HERE
) -> list[Event]:
    """Everything arrives up to 20 hours late and in any order, but before the team's next step,
    which sees it; returns what the product let happen."""
    steps = [event.hour for event in story if event.what in STEPS]
    due: list[tuple[float, Event]] = []
    for event in story:
        until = min([hour for hour in steps if hour > event.hour], default=HOURS + 20)
        late = 0.0 if event.what in STEPS else rng.uniform(0, min(20, until - event.hour))
        due.append((event.hour + late, event))
        if late and rng.random() < 0.2:
            due.append((rng.uniform(event.hour + late, until), event))
    refused = {
        id(event)
        for when, event in sorted(due, key=lambda d: d[0])
        if not _told(office, who, event, at(when), place)
    }
    return [event for event in story if id(event) not in refused]


def _told(office: Office, who: str, event: Event, now: datetime, place: Place) -> bool:
    if event.what in STEPS:
        return _stepped(office, who, event.what, now)
    hour = event.hour if event.about < 0 or event.what == "says" else event.about
    said = asks(who, at(hour), place.words)
    page: dict[str, Message] = {
        "says": said,
        "edits": replace(said, text=f"{place.words} me", edited_at=at(event.hour)),
        "deletes": deleted(said, at(event.hour)),
        "answers": answers(who, at(event.hour), event.by),
        "outside": answers(who, at(event.hour), None),
    }
    office.take(page[event.what], channel=place.channel, stored_at=now)
    return True


def _stepped(office: Office, who: str, what: str, now: datetime) -> bool:
    if what == "excuses":
        office.excuse(who, now)
        return True
    conversation = office.conversation(who)
    seen = conversation.last_message_id or 0
    about: dict[str, Any] = {"conversation_id": conversation.id, "agent_id": 1, "actor": ADA}
    try:
        states.move(office.store, kind=what, reason="thanks", seen=seen, now=now, **about)
    except CannotMove:
        return False
    return True


def walked(story: list[Event]) -> list[Wait]:
    """The waits of a conversation: hour by hour, who waits and what ends it."""
    waits: list[Wait] = []
    episode, over = 0, True
    gone: set[int] = set()
    for event in story:
        now = waits[-1] if waits and waits[-1].end is None else None
        if event.what == "says":
            if over:
                episode, over = episode + 1, False
            if now is None:
                is_first = all(one.episode != episode for one in waits)
                waits.append(Wait(event.hour, episode, is_first))
            waits[-1].alive.add(event.hour)
        elif event.what == "deletes" and event.about not in gone:
            gone.add(event.about)
            if now is not None and event.about in now.alive:
                now.alive.remove(event.about)
                if not now.alive:
                    now.end, now.ended = "withdrawn", event.hour
        elif event.what in ("answers", "outside") and now is not None:
            now.end, now.ended = "answered", event.hour
            now.by = event.by if event.what == "answers" else "outside"
        elif event.what in STEPS and event.what != "reopen" and now is not None:
            now.end, now.ended = "excused", event.hour
        if event.what in ("resolve", "spam"):
            over = True
        elif event.what in ("reopen", "third"):
            over = False
    return waits


def counted(stories: list[list[Event]], start: float, end: float, as_of: float) -> dict[str, Any]:
    """The figures of the hours [start, end) as known at `as_of`, from the walks alone."""

    def here(hour: float | None) -> bool:
        return hour is not None and start <= hour < end and hour <= as_of

    waits = [wait for story in stories for wait in walked(story)]
    known = [wait for wait in waits if wait.began <= as_of]
    still = [w for w in known if w.ended is None or w.ended > as_of]
    due = [
        w
        for w in known
        if here(w.began + TARGET_H)
        and not (w.end in ("excused", "withdrawn") and (w.ended or 0) <= w.began + TARGET_H)
    ]
    answered = [w for w in known if w.end == "answered" and here(w.ended)]
    took = {
        name + hours: sorted((w.ended or 0) - max(w.began, since) for w in answered if fits(w))
        for name, fits in (("first", lambda w: w.is_first), ("next", lambda w: not w.is_first))
        for hours, since in (("", 0), (" open", MONDAY_H))
    }
    return {
        "received": sum(e.what == "says" and here(e.hour) for s in stories for e in s),
        "turns_opened": sum(here(w.began) for w in waits),
        "reopened": sum(here(w.began) and w.is_first and w.episode > 1 for w in waits),
        "turns_due": len(due),
        "answered_in_time": sum(
            w.end == "answered" and (w.ended or 0) <= w.began + TARGET_H for w in due
        ),
        "overdue_open": sum(w in still for w in due),
        "running": sum(here(w.began) and w.began + TARGET_H > as_of for w in still),
        "excused": sum(w.end == "excused" and here(w.ended) for w in known),
        "withdrawn": sum(w.end == "withdrawn" and here(w.ended) for w in known),
        "turns_closed": sum(here(w.ended) for w in known),
        "agents": {
            by: sum(w.by == by for w in answered)
            for by in sorted({w.by for w in answered if w.by is not None})
        },
        "backlog": len(still),
    } | {name: spread([max(0, hours) for hours in some]) for name, some in took.items()}


def spread(hours: list[int]) -> tuple[int, float | None, float | None]:
    """How many, their median and the longest, in seconds."""
    return len(hours), median(hours) * 3600 if hours else None, max(hours) * 3600 if hours else None


def reported(told: dict[str, Any]) -> dict[str, Any]:
    """The same figures as the product tells them, of those that it has of a period or a part."""
    same = counted([], 0, 0, 0).keys() & told.keys() - {"backlog"}
    found = {name: told[name] for name in same}
    for name in ("first", "next"):
        for hours, some in (("", told), (" open", told["open_hours"])):
            one = some[f"{name}_response_s"]
            found[name + hours] = one["count"], one["median"], one["max"]
    if "by_agent" in told:
        found["agents"] = {by: one["answered"] for by, one in told["by_agent"].items()}
        found["backlog"] = told["backlog"]["all"]
    return found


def test_the_report_is_what_a_walk_through_the_hours_counts(office: Office) -> None:
    rng = random.Random(5)
    office.open(zone=str(ZONE))
    stories = []
    for number in range(20):
        stories.append(happen(office, f"c{number}", drawn(rng), rng))
    begins = {START.date() + timedelta(days=n): hour for n, hour in enumerate(BEGINS, -9)}
    for first, last in ((0, 0), (1, 1), (2, 2), (0, 2)):
        days = Days(START.date() + timedelta(days=first), START.date() + timedelta(days=last))
        for as_of in (begins[days.first] + 5, begins[days.last + DAY], 100):
            told = report_json(office.store, days.first, days.last, None, at(as_of))
            before, by_day = told["previous"], told["by_day"]
            parts = [(days, told), (days.before, before)]
            parts += [(Days.day(date.fromisoformat(day)), one) for day, one in by_day.items()]
            for some, figures in parts:
                end = begins[some.last + DAY]
                own = counted(stories, begins[some.first], end, as_of)
                found = reported(figures)
                assert found == {name: own[name] for name in found}
            assert list(by_day) == [str(day) for day in days.shown if begins[day] <= as_of]
            assert len(reported(told)) == len(own)
