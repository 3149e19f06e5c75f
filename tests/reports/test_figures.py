import random
import statistics
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.turns import End
from reports.counting import Evidence as Numbered
from reports.figures import (
    AGES_S,
    Figures,
    MessageRow,
    Period,
    Totals,
    TurnRow,
    backlog,
    figures,
    spread,
)
from reports.sums import Sums
from reports.tallies import tally
from templates.histogram import Waits

ADA, BO = "ada@brand.example", "bo@brand.example"
HOUR = timedelta(hours=1)
START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + 24 * HOUR
AFTERWARDS = Period(START, END, START + 1000 * HOUR)
NO_WAITS = {"count": 0, "median": None, "p90": None, "p95": None, "max": None}


def at(hour: float) -> datetime:
    return START + hour * HOUR


def turn(
    opened: float,
    end: End | None = None,
    ended: float | None = None,
    *,
    due: float | None = None,
    agent: str | None = ADA,
    is_first: bool = True,
    channel: str = "x",
    category: str | None = "payment",
    urgency: str | None = "normal",
    language: str | None = "en",
    episode: int = 1,
    reason: str | None = None,
) -> TurnRow:
    """Hours after the start of the period; due 24 hours after opening."""
    return TurnRow(
        conversation_id=1,
        channel=channel,
        account="@brand",
        category=category,
        urgency=urgency,
        language=language,
        episode=episode,
        opened_at=at(opened),
        due_at=at(opened + 24 if due is None else due),
        end=end,
        ended_at=None if ended is None else at(ended),
        agent=agent if end == "answered" else None,
        outside=end == "answered" and agent is None,
        is_first=is_first,
        reason=reason,
    )


def totals(*turns: TurnRow, as_of: float = 1000) -> Totals:
    return figures(turns, (), replace(AFTERWARDS, as_of=at(as_of))).totals


def message(hour: float) -> MessageRow:
    return MessageRow(1, "x", "@brand", "payment", "normal", "en", at(hour))


def test_an_empty_period_has_zeros_and_no_shares() -> None:
    assert figures((), (), AFTERWARDS).to_json() == {
        "as_of": "2026-04-12T16:00:00Z",
        "received": 0,
        "turns_opened": 0,
        "reopened": 0,
        "turns_due": 0,
        "answered_in_time": 0,
        "share_in_time": None,
        "overdue_open": 0,
        "running": 0,
        "excused": 0,
        "withdrawn": 0,
        "first_response_s": NO_WAITS,
        "next_response_s": NO_WAITS,
        "open_hours": {"first_response_s": NO_WAITS, "next_response_s": NO_WAITS},
        "answered_within": dict.fromkeys(("900", "3600", "14400", "86400")),
        "by_channel": {},
        "by_account": {},
        "by_language": {},
        "by_category": {},
        "by_urgency": {},
        "by_agent": {},
    }


def test_received_counts_messages_from_the_start_to_before_the_end_and_up_to_as_of() -> None:
    rows = [message(hour) for hour in (-0.001, 0, 12, 23.999, 24)]
    assert figures((), rows, AFTERWARDS).totals.received == 3
    assert figures((), rows, replace(AFTERWARDS, as_of=at(12))).totals.received == 2


def test_turns_opened_are_those_whose_opening_is_in_the_period() -> None:
    assert totals(*map(turn, (-0.001, 0, 23.999, 24))).turns_opened == 2
    assert totals(turn(5), as_of=4.999).turns_opened == 0


def test_turns_due_are_those_whose_due_time_is_in_the_period_and_has_come() -> None:
    rows = [turn(due - 24, due=due) for due in (-0.001, 0, 23.999, 24)]
    assert totals(*rows).turns_due == 2
    assert totals(turn(-12), as_of=12).turns_due == 1
    assert totals(turn(-12), as_of=11.999).turns_due == 0


def test_an_answer_at_exactly_the_due_time_is_in_time() -> None:
    found = totals(turn(-12, "answered", 12), turn(-12, "answered", 12.001))
    assert (found.turns_due, found.answered_in_time, found.share_in_time) == (2, 1, 0.5)


@pytest.mark.parametrize("end", ["excused", "withdrawn"])
def test_what_was_excused_or_withdrawn_by_the_due_time_is_not_due_and_later_stays_broken(
    end: End,
) -> None:
    found = totals(turn(-12, end, 11), turn(-12, end, 12), turn(-12, end, 12.001))
    assert (found.turns_due, found.answered_in_time, found.overdue_open) == (1, 0, 0)
    assert getattr(found, end) == 3


def test_overdue_open_are_due_turns_without_an_end_as_of_the_instant() -> None:
    rows = (turn(-12), turn(-12, "answered", 20))
    assert totals(*rows).overdue_open == 1
    assert totals(*rows, as_of=19.999).overdue_open == 2
    assert totals(turn(-12), as_of=12).overdue_open == 1


def test_running_were_opened_in_the_period_are_open_and_due_after_as_of() -> None:
    rows = (turn(-1), turn(1), turn(2, "answered", 9))
    assert totals(*rows, as_of=9).running == 1
    assert totals(*rows, as_of=8.999).running == 2
    assert totals(turn(1), as_of=25).running == 0
    assert totals(turn(30), as_of=31).running == 0


def test_an_answer_or_excuse_after_as_of_has_not_been_given_yet() -> None:
    found = totals(turn(-12, "answered", 11), turn(0, "excused", 11), as_of=10)
    assert (found.first_response_s.count, found.excused, found.running) == (0, 0, 1)


def test_response_figures_are_waits_of_turns_answered_in_the_period_whenever_opened() -> None:
    found = totals(
        turn(-50, "answered", 0),
        turn(1, "answered", 2),
        turn(3, "answered", 4, is_first=False),
        turn(23, "answered", 24),
        turn(5, "excused", 6),
    )
    assert (found.first_response_s.count, found.first_response_s.max) == (2, 180_000.0)
    assert (found.next_response_s.count, found.next_response_s.median) == (1, 3600.0)


def test_an_answer_dated_before_its_message_waited_0_and_counts_once_both_are_known() -> None:
    crossed = turn(10, "answered", 9)
    assert totals(crossed).first_response_s.max == 0.0
    assert totals(crossed, as_of=9.5).first_response_s.count == 0


def test_an_open_turn_has_no_wait() -> None:
    with pytest.raises(ValueError, match="open turn"):
        _ = turn(1).wait_s


def test_agents_are_credited_with_what_they_sent_in_the_period_and_in_time_by_its_own_due() -> None:
    rows = (
        turn(1, "answered", 2),
        turn(-30, "answered", 3, is_first=False),
        turn(1, "answered", 5, agent=BO),
        turn(1, "answered", 6, agent=None),
        turn(1, "excused", 7),
        turn(1, "answered", 30),
    )
    found = figures(rows, (), AFTERWARDS).by_agent
    assert list(found) == [ADA, BO, "outside"]
    assert (found[ADA].answered, found[ADA].answered_in_time) == (2, 1)
    assert found[ADA].first_response_s.median == 3600.0
    assert found[ADA].next_response_s.median == 33 * 3600.0
    assert found["outside"].answered == 1


def test_an_answer_from_outside_or_without_a_name_is_credited_to_outside() -> None:
    named = replace(turn(1, "answered", 2), outside=True)
    nameless = replace(turn(1, "answered", 2, agent=None), outside=False)
    assert list(figures([named, nameless], (), AFTERWARDS).by_agent) == ["outside"]


def test_groups_hold_the_same_figures_and_leave_out_what_lies_beyond_the_period() -> None:
    rows = (turn(1, channel="x"), turn(2, channel="email", category=None, urgency=None))
    beyond = turn(-90, "answered", -80, channel="line")
    found = figures((*rows, beyond), [message(3)], AFTERWARDS)
    assert list(found.by_channel) == ["email", "x"]
    assert list(found.by_category) == ["payment", "untagged"]
    assert list(found.by_urgency) == ["normal", "untagged"]
    assert found.by_channel["x"] == figures(rows[:1], [message(3)], AFTERWARDS).totals
    assert set(found.to_json()["by_channel"]["x"]) == set(asdict(found.totals))


def test_broken_promises_come_with_the_longest_late_first() -> None:
    late, waiting, excused = turn(-12, "answered", 20), turn(-14), turn(-13, "excused", 15)
    rows = (late, waiting, excused, turn(-12, "answered", 1), turn(-12, "excused", 1))
    of = {id(row): n for n, row in enumerate(rows)}
    numbered = [Numbered(**asdict(row), id=of[id(row)], target="24h") for row in rows]
    found = Sums(tally(numbered, (), AFTERWARDS), AFTERWARDS.as_of).broken()
    assert found == [(of[id(waiting)], False), (of[id(late)], True), (of[id(excused)], True)]


def test_quantiles_are_interpolated_between_the_closest_waits() -> None:
    found = spread([40, 10, 20, 30])
    assert (found.count, found.median, found.max) == (4, 25.0, 40)
    assert found.p90 == pytest.approx(37.0)
    assert found.p95 == pytest.approx(38.5)
    assert asdict(spread([7.5])) == {"count": 1, "median": 7.5, "p90": 7.5, "p95": 7.5, "max": 7.5}


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_quantiles_agree_with_the_standard_librarys_inclusive_method(waits: list[float]) -> None:
    found = spread(waits)
    cuts = statistics.quantiles(waits, n=20, method="inclusive")
    assert found.median == pytest.approx(statistics.median(waits))
    assert found.p90 == pytest.approx(cuts[17])
    assert found.p95 == pytest.approx(cuts[18])
    assert found.max == max(waits)


def test_shares_are_of_waits_at_or_below_each_limit() -> None:
    ends = (0.25, 0.25 + 1 / 3600, 1, 24)
    found = figures([turn(0, "answered", end) for end in ends], (), replace(AFTERWARDS, end=at(25)))
    assert list(found.answered_within.values()) == [0.25, 0.75, 0.75, 1.0]


@st.composite
def rows_and_period(draw: st.DrawFn) -> tuple[list[TurnRow], list[MessageRow], Period]:
    """Hours are few and whole, so that edges meet often."""
    rng = random.Random(draw(st.integers(0, 2**32)))  # a hundred draws of hypothesis would be slow
    rows = []
    for _ in range(rng.randrange(12)):
        opened = rng.randrange(-8, 30)
        end: End | None = rng.choice(["answered", "answered", "excused", "withdrawn", None])
        rows.append(
            turn(
                opened,
                end,
                None if end is None else opened + rng.randrange(-1, 10),
                due=opened + rng.randrange(1, 8),
                agent=rng.choice([ADA, BO, None]),
                is_first=rng.random() < 0.5,
                channel=rng.choice(["x", "email", "line"]),
                category=rng.choice(["payment", "refund", None]),
                urgency=rng.choice(["low", "critical", None]),
                language=rng.choice(["en", "zh", None]),
                episode=rng.choice([1, 2]),
            )
        )
    messages = [
        replace(
            message(rng.randrange(-3, 30)),
            channel=rng.choice(["x", "email"]),
            category=rng.choice(["payment", "refund"]),
            language=rng.choice(["en", None]),
        )
        for _ in range(rng.randrange(6))
    ]
    return rows, messages, Period(at(0), at(24), at(rng.randrange(-2, 40)))


ADDS_UP = (
    *("received", "turns_opened", "reopened", "turns_due", "answered_in_time"),
    *("overdue_open", "running", "excused", "withdrawn"),
)


def added(groups: dict[str, Totals]) -> Counter[str]:
    """What the groups' counts come to; `first` and `next` are the counts of their waits."""
    found: Counter[str] = Counter()
    for group in groups.values():
        found.update({name: getattr(group, name) for name in ADDS_UP})
        found.update(first=group.first_response_s.count, next=group.next_response_s.count)
    return +found


@settings(max_examples=300, deadline=None)
@given(rows_and_period())
def test_figures_add_up(case: tuple[list[TurnRow], list[MessageRow], Period]) -> None:
    rows, messages, period = case
    found = figures(rows, messages, period)
    whole = added({"all": found.totals})
    assert added(found.by_channel) == whole
    assert added(found.by_account) == added(found.by_language) == whole
    assert added(found.by_category) == whole
    assert added(found.by_urgency) == whole
    answered = found.totals.first_response_s.count + found.totals.next_response_s.count
    assert sum(agent.answered for agent in found.by_agent.values()) == answered
    sums = Sums(tally(rows, messages, period, "Asia/Shanghai"), period.as_of)
    waits = [row.wait_s for row in rows if row.ended_in(period, "answered")]
    assert sums.waits() == Waits.of(waits)
    assert len(waits) == answered
    assert sum(hour["received"] for hour in sums.by_hour().values()) == found.totals.received
    broken = sums.broken()
    assert len(broken) == found.totals.turns_due - found.totals.answered_in_time
    assert len(broken) == sum(over for _, over in broken) + found.totals.overdue_open


@settings(max_examples=300, deadline=None)
@given(rows_and_period())
def test_figures_agree_with_a_walk_through_the_hours(
    case: tuple[list[TurnRow], list[MessageRow], Period],
) -> None:
    """Another telling: events happen hour by hour until as-of, and are counted as they happen."""
    rows, messages, period = case
    seen: Counter[str] = Counter()
    state = dict.fromkeys(range(len(rows)), "unknown")
    due_state: dict[int, str] = {}
    hour = at(-20)
    while hour <= period.as_of:
        inside = period.start <= hour < period.end
        seen["received"] += inside * sum(m.sent_at == hour for m in messages)
        for n, row in enumerate(rows):
            if row.opened_at == hour:
                seen["turns_opened"] += inside
                seen["reopened"] += inside and row.is_first and row.episode > 1
                state[n] = "open"
            if row.end and row.ended_at == hour:
                seen[row.end] += inside and row.opened_at <= period.as_of
                state[n] = row.end
            if row.opened_at == hour and row.end and row.ended_at and row.ended_at <= hour:
                state[n] = row.end
            if row.due_at == hour and inside:
                due_state[n] = state[n]
        hour += HOUR
    counted = [n for n, then in due_state.items() if then in ("open", "answered")]
    found = figures(rows, messages, period).totals
    assert (found.received, found.turns_opened) == (seen["received"], seen["turns_opened"])
    assert found.reopened == seen["reopened"]
    waiting = [period.as_of - rows[n].opened_at for n in state if state[n] == "open"]
    ages = Counter(
        next((f"to_{s}" for s in AGES_S if age <= timedelta(seconds=s)), f"over_{AGES_S[-1]}")
        for age in waiting
    )
    aged = backlog(rows, period.as_of)
    assert aged == {"all": len(waiting), **{key: ages[key] for key in aged if key != "all"}}
    assert (found.excused, found.withdrawn) == (seen["excused"], seen["withdrawn"])
    assert found.first_response_s.count + found.next_response_s.count == seen["answered"]
    assert found.turns_due == len(counted)
    assert found.answered_in_time == sum(due_state[n] == "answered" for n in counted)
    assert found.overdue_open == sum(state[n] == "open" for n in counted)
    opened_here = [n for n, row in enumerate(rows) if period.start <= row.opened_at < period.end]
    running = [n for n in opened_here if state[n] == "open" and rows[n].due_at > period.as_of]
    assert found.running == len(running)


GROWS = ("received", "turns_opened", "turns_due", "answered_in_time", "excused", "withdrawn")


@settings(max_examples=200, deadline=None)
@given(rows_and_period(), st.integers(0, 30))
def test_a_later_as_of_takes_nothing_back(
    case: tuple[list[TurnRow], list[MessageRow], Period], hours: int
) -> None:
    rows, messages, period = case
    sooner = figures(rows, messages, period).totals
    later = figures(rows, messages, replace(period, as_of=period.as_of + hours * HOUR)).totals
    for name in GROWS:
        assert getattr(sooner, name) <= getattr(later, name)
    assert sooner.first_response_s.count <= later.first_response_s.count


@settings(max_examples=100, deadline=None)
@given(rows_and_period())
def test_days_add_up_to_their_week_and_the_order_of_rows_says_nothing(
    case: tuple[list[TurnRow], list[MessageRow], Period],
) -> None:
    rows, messages, period = case
    halves = (replace(period, end=at(11)), replace(period, start=at(11)))
    parts = {str(n): figures(rows, messages, half).totals for n, half in enumerate(halves)}
    whole: Figures = figures(rows, messages, period)
    assert added(parts) == added({"all": whole.totals})
    backwards: dict[str, Any] = figures(rows[::-1], messages[::-1], period).to_json()
    assert backwards == whole.to_json()
