"""The further figures against a plain walk through the hours of the same histories.

The walk shares no code with what it checks but the fold of turns: it goes hour by hour up to as-of,
lets happen what happens then, and counts.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import ALL_DAY, CLOSED, Calendar, open_time
from inbox.domain.conversation import REASONS
from inbox.domain.opening import OpenTime
from inbox.domain.states import Move
from inbox.domain.turns import Answer, CustomerMessage, Excuse, Fact, Reopening, Resolution, fold
from reports.figures import MessageRow, Period, TurnRow, figures
from reports.figures_cases import (
    DeadlineRow,
    Matter,
    Windowed,
    complaints,
    resolved,
    windows_missed,
)
from reports.figures_hours import open_s
from reports.figures_service import EVERYONE, Silence, health
from reports.sums import Sums
from reports.tallies import tally
from templates.words import REASONS as SAID
from tests.reports.test_figures import AFTERWARDS, rows_and_period, turn

HOUR = timedelta(hours=1)
START = datetime(2026, 10, 24, 12, tzinfo=UTC)
"""Thirteen hours later the clocks of Lisbon go back."""
LISBON = Calendar("days", 1, "Europe/Lisbon", (ALL_DAY, ALL_DAY, CLOSED, *(ALL_DAY,) * 4))
WINDOW_H = 5


def at(hour: float) -> datetime:
    return START + hour * HOUR


@dataclass
class Told:
    """One conversation in whole hours: (hour, what), told in any order."""

    events: list[tuple[int, str]]

    def facts(self) -> tuple[list[Fact], list[Move]]:
        facts: list[Fact] = []
        moves: list[Move] = []
        for number, (hour, what) in enumerate(self.events, 1):
            when = at(hour)
            if what == "says":
                facts.append(CustomerMessage(number, when))
            elif what == "answers":
                facts.append(Answer(number, when, "ada", None))
            elif what == "excuses":
                facts.append(Excuse(number, when, "ada", "thanks", None))
            else:
                moves.append(Move(number, when, what, "ada", "", number))
                ends = what in ("resolve", "spam")
                facts.append(Resolution(number, when, "ada") if ends else Reopening(number, when))
        return facts, moves


@dataclass
class Open:
    """An episode under way. `waits`: how many messages wait, `over`: until when some did; `ends`:
    the steps that stand, and whether nobody waited then."""

    began: int
    waits: int = 0
    over: int = 0
    ends: list[tuple[int, str, bool]] = field(default_factory=list)


def walked(told: Told, as_of: int) -> list[tuple[int, int]]:
    """(began, ended) of each episode that was resolved up to as-of."""
    episodes: list[Open] = []
    for hour, what in sorted(told.events):
        now = episodes[-1] if episodes else None
        if hour > as_of:
            break
        if what == "says":
            if now is None or now.ends:
                episodes.append(Open(hour))
            episodes[-1].waits += 1
        elif what in ("answers", "excuses"):
            for one in episodes:
                one.over = hour if one.waits else one.over
                one.waits = 0
        elif now is not None and what in ("resolve", "spam"):
            now.ends.append((hour, what, not now.waits))
        elif now is not None:
            now.ends.clear()
    found = []
    for one in episodes:
        ended = next((e for e in one.ends if e[2]), None)
        if ended is None and one.ends and one is not episodes[-1]:
            ended = (one.over, *one.ends[0][1:])
        if ended and ended[1] == "resolve" and not one.waits:
            found.append((one.began, ended[0]))
    return found


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Told], int, int, int]:
    """Some conversations, the hours of a period, and as-of."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    kinds = ("says", "says", "answers", "answers", "excuses", "resolve", "resolve", "reopen")
    told = []
    for _ in range(rng.randrange(1, 5)):
        hours = rng.sample(range(40), rng.randrange(1, 10))
        told.append(Told([(hour, rng.choice((*kinds, "spam", "third"))) for hour in hours]))
    start = rng.randrange(0, 25)
    return told, start, start + rng.randrange(1, 26), rng.randrange(0, 48)


@settings(max_examples=150, deadline=None)
@given(histories())
def test_what_was_resolved_is_what_a_walk_through_the_hours_finds(
    case: tuple[list[Told], int, int, int],
) -> None:
    told, start, end, as_of = case
    matters = []
    for number, one in enumerate(told):
        facts, moves = one.facts()
        matters.append(Matter(number, fold(facts), moves))
    found = resolved(matters, Period(at(start), at(end), at(as_of)))
    counted = [
        (number, at(began), at(ended))
        for number, one in enumerate(told)
        for began, ended in walked(one, as_of)
        if start <= ended < end
    ]
    assert sorted((o.conversation_id, o.opened_at, o.ended_at) for o in found) == sorted(counted)
    took = [(ended - began).total_seconds() for _, began, ended in counted]
    assert sorted(one.took_s for one in found) == sorted(took)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_window_is_missed_when_it_closes_on_a_customer_who_waits(
    case: tuple[list[Told], int, int, int],
) -> None:
    told, start, end, as_of = case
    rows: list[Windowed] = []
    counted = 0
    for one in told:
        facts, _ = one.facts()
        said = sorted(hour for hour, what in one.events if what == "says")
        for wait in fold(facts):
            since = [at(hour) for hour in said if at(hour) >= wait.opened_at]
            rows.append(Windowed(len(rows), 1, 0, wait.ended_at, WINDOW_H * HOUR, since))
            closed = None
            for hour in range(as_of + 1):
                over = wait.ended_at is not None and wait.ended_at < at(hour)
                lately = [h for h in said if h <= hour and at(h) >= wait.opened_at]
                if lately and max(lately) + WINDOW_H == hour and not over and closed is None:
                    closed = hour
            counted += closed is not None and start <= closed < end
    assert len(windows_missed(rows, Period(at(start), at(end), at(as_of)))) == counted


@settings(max_examples=100, deadline=None)
@given(histories())
def test_waits_in_opening_hours_are_the_hours_that_were_open(
    case: tuple[list[Told], int, int, int],
) -> None:
    """Also on the night when the clocks go back, and of a calendar that changed meanwhile."""
    told, start, *_ = case
    later = replace(LISBON, version=2, week=(ALL_DAY,) * 7)

    def calendar_at(moment: datetime) -> Calendar:
        return LISBON if moment < at(start) else later

    waits = [(w.opened_at, w.ended_at) for one in told for w in fold(one.facts()[0]) if w.ended_at]
    waits += [(ended, opened) for opened, ended in waits[:1]]

    def is_open(moment: datetime, calendar: Calendar) -> bool:
        return bool(calendar.week[moment.astimezone(ZoneInfo("Europe/Lisbon")).weekday()])

    counted = [
        float(
            3600
            * sum(
                opened <= at(hour) < ended and is_open(at(hour), calendar_at(ended))
                for hour in range(48)
            )
        )
        for opened, ended in waits
    ]
    assert open_s(waits, calendar_at) == counted


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(-(10**5), 10**6), st.sampled_from((LISBON, None)))
def test_open_time_walked_once_is_that_of_the_calendar(
    first: int, more: int, some: Calendar | None
) -> None:
    calendar = some or Calendar("china", 1, "Asia/Shanghai")
    start = START + timedelta(seconds=first)
    end = start + timedelta(seconds=more)
    open_hours = OpenTime(calendar, START, START + timedelta(seconds=2 * 10**6))
    assert open_hours.between(start, end) == open_time(start, end, calendar)


@settings(max_examples=100, deadline=None)
@given(rows_and_period())
def test_a_tally_of_some_cells_is_that_of_their_rows(
    case: tuple[list[TurnRow], list[MessageRow], Period],
) -> None:
    rows, messages, period = case
    whole = tally(rows, messages, period)
    found = Sums(whole.only(lambda cell: (cell[0], cell[3]) == ("x", "refund")), period.as_of)
    own = [row for row in rows if (row.channel, row.category) == ("x", "refund")]
    heard = [row for row in messages if (row.channel, row.category) == ("x", "refund")]
    assert found.figures() == figures(own, heard, period)


@settings(max_examples=100, deadline=None)
@given(rows_and_period())
def test_the_hours_of_first_answers_and_the_teams_are_parts_of_the_whole(
    case: tuple[list[TurnRow], list[MessageRow], Period],
) -> None:
    rows, messages, period = case
    whole = figures(rows, messages, period)
    sums = Sums(tally(rows, messages, period, "Europe/Lisbon"), period.as_of)
    found = {hour: one["first_response_s"] for hour, one in sums.by_hour().items()}
    waits: dict[str, list[float]] = {}
    for row in rows:
        ended = row.ended_at if row.is_first and row.end == "answered" else None
        if ended is None or max(ended, row.opened_at) > period.as_of:
            continue
        if period.start <= ended < period.end:
            hour = f"{row.opened_at.astimezone(ZoneInfo('Europe/Lisbon')):%a %H}".lower()
            waits.setdefault(hour, []).append(max(0.0, (ended - row.opened_at).total_seconds()))
    assert {hour: (s.count, s.median) for hour, s in found.items() if s.count} == {
        hour: (len(some), median(some)) for hour, some in waits.items()
    }
    assert sums.by_team({}) == {}
    served = {"x @brand": ("Cards", "Night"), "email @brand": ("Cards",)}
    teams = sums.by_team(served)
    for name, channels in (("Cards", {"x", "email"}), ("Night", {"x"}), (EVERYONE, {"line"})):
        own = [row for row in rows if row.channel in channels]
        heard = [row for row in messages if row.channel in channels]
        expected = figures(own, heard, period).totals
        assert teams.get(name, figures((), (), period).totals) == expected
    assert set(teams) <= {"Cards", "Night", EVERYONE}
    assert whole.totals.received == sum(
        teams[name].received for name in ("Cards", EVERYONE) if name in teams
    )


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_deadlines_are_met_missed_or_running_as_they_are_decided(rng: random.Random) -> None:
    start, end, as_of = 5, 20, rng.randrange(30)
    period = Period(at(start), at(end), at(as_of))
    rows, seen = [], Counter[str]()
    for number in range(rng.randrange(6)):
        opened, marked = rng.randrange(10), rng.randrange(15)
        due = rng.choice((None, opened + rng.randrange(1, 15)))
        ended = rng.choice((None, opened + rng.randrange(20)))
        rows.append(
            DeadlineRow(
                number,
                number,
                "fca final",
                "FCA",
                "Final",
                at(marked),
                at(opened),
                None if due is None else at(due),
                None if ended is None else "answered",
                None if ended is None else at(ended),
            )
        )
        if max(opened, marked) > as_of:
            continue
        state = "running"
        for hour in range(as_of + 1):
            if state == "running" and hour == ended:
                state = "met"
                seen["met"] += start <= hour < end
            elif state == "running" and hour == due:
                state = "missed"
                seen["missed"] += start <= hour < end
        seen["running"] += state == "running"
    found = complaints(rows, period).get("fca final")
    told = (found.met, found.missed, found.running) if found else (0, 0, 0)
    assert told == (seen["met"], seen["missed"], seen["running"])


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_silent_hour_counts_once_however_many_outages_tell_of_it(rng: random.Random) -> None:
    start, end, as_of = 5, 20, rng.randrange(30)
    spans = [(n, rng.choice((None, n + rng.randrange(1, 9)))) for n in rng.sample(range(25), 4)]
    rows = [Silence("x @brand", at(b), None if e is None else at(e)) for b, e in spans]
    hours = [
        h
        for h in range(start, min(end, as_of))
        if any(b <= h and (e is None or h < e) for b, e in spans)
    ]
    found = health(rows, Period(at(start), at(end), at(as_of))).get("x @brand")
    assert (found.silent_s if found else 0) == 3600 * len(hours)
    assert (found.silences if found else 0) == sum(h - 1 not in hours for h in hours)


def test_reasons_are_those_to_choose_from_and_own_words_are_another() -> None:
    said = ("thanks", "spam: a bot", None, "on holiday", "thanks: praise")
    rows = [turn(1, "excused", 2, reason=why) for why in said]
    outside = [turn(1, "excused", 30, reason="thanks"), turn(25, "excused", 2, reason="thanks")]
    period = replace(AFTERWARDS, as_of=AFTERWARDS.end)
    sums = Sums(tally([*rows, *outside], (), period), period.as_of)
    assert sums.excused_by_reason() == {"thanks": 2, "spam": 1, "other": 2}
    assert tuple(SAID) == REASONS


@pytest.mark.parametrize(("closes", "missed"), [(4, 0), (5, 1)])
def test_an_answer_when_the_window_closes_comes_too_late(closes: int, missed: int) -> None:
    wait = turn(0, "answered", 5)
    row = Windowed(1, 1, 0, wait.ended_at, timedelta(hours=10 - closes), [wait.opened_at])
    period = Period(wait.opened_at, wait.opened_at + 48 * HOUR, wait.opened_at + 48 * HOUR)
    assert len(windows_missed([row], period)) == missed
