"""Warnings: which step is due when, each once, and who is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.calendars import Calendar, open_time
from inbox.domain.promises import Promise
from inbox.domain.sla import Policy, Target, due_at
from inbox.domain.warnings import BREACH, Step, Team, due, next_at, steps, to_tell

OPENED = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday
WEEK = Calendar("working days", 1, "UTC")
HOUR = timedelta(hours=1)


def promise(target: str, **policy: Any) -> Promise:
    wanted = Target.parse(target)
    made = replace(Policy("social", 1, "Social", wanted), **policy)
    return Promise(made, wanted, WEEK, due_at(OPENED, wanted, WEEK))


def plan(target: str = "24h", **policy: Any) -> tuple[Step, ...]:
    return steps("public", OPENED, promise(target, **policy))


def parts(found: Sequence[Step]) -> list[int]:
    return [step.part for step in found]


def test_steps_come_at_half_three_quarters_nine_tenths_and_the_due_time() -> None:
    hours = [(step.part, (step.at - OPENED) / HOUR) for step in plan()]
    assert hours == [(50, 12.0), (75, 18.0), (90, 21.6), (100, 24.0)]


def test_parts_of_business_days_are_parts_of_their_open_time() -> None:
    """Opened on Friday at 17:00, due on Wednesday at midnight: 79 open hours, none at the weekend,
    and the calendar's weekend lies before the half of them."""
    found = plan("3bd")
    assert [open_time(OPENED, step.at, WEEK) / HOUR for step in found] == [39.5, 59.25, 71.1, 79.0]
    assert found[0].at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert found[-1].at == promise("3bd").due_at


def test_a_clock_change_on_the_way_moves_no_elapsed_step() -> None:
    opened = datetime(2026, 3, 28, 11, tzinfo=UTC)  # the night in which Berlin loses an hour
    berlin = replace(WEEK, zone="Europe/Berlin")
    wanted = Target.parse("24h")
    made = Promise(
        Policy("social", 1, "Social", wanted), wanted, berlin, due_at(opened, wanted, berlin)
    )
    assert [step.at - opened for step in steps("public", opened, made)][:2] == [
        12 * HOUR,
        18 * HOUR,
    ]


def test_only_the_highest_step_that_has_passed_is_due() -> None:
    assert parts(due(plan(), {}, OPENED + 11 * HOUR)) == []
    assert parts(due(plan(), {}, OPENED + 12 * HOUR)) == [50]
    assert parts(due(plan(), {}, OPENED + 50 * HOUR)) == [100]
    assert parts(due(plan(), {"public": 100}, OPENED + 50 * HOUR)) == []


def test_each_target_has_steps_of_its_own() -> None:
    both = plan() + steps("internal", OPENED, promise("1h"))
    found = due(both, {"public": 50}, OPENED + 18 * HOUR)
    assert sorted((step.target, step.part) for step in found) == [("internal", 100), ("public", 75)]


WARN_AT = st.lists(st.integers(1, 99), max_size=5, unique=True).map(
    lambda found: tuple(n / 100 for n in sorted(found))
)


@given(
    warn_at=WARN_AT,
    target=st.sampled_from(["24h", "90m", "3bd", "8bh"]),
    looks=st.lists(st.floats(0, 2), min_size=1, max_size=12).map(sorted),
)
def test_however_often_one_looks_each_step_is_told_at_most_once_and_none_is_left(
    warn_at: tuple[float, ...], target: str, looks: list[float]
) -> None:
    all_steps, whole = plan(target, warn_at=warn_at), promise(target).due_at - OPENED
    told: dict[str, int] = {}
    seen: list[int] = []
    for look in looks:
        now = OPENED + whole * look
        found = due(all_steps, told, now)
        assert len(found) <= 1
        seen += parts(found)
        told |= {step.target: step.part for step in found}
        assert due(all_steps, told, now) == []
        after = next_at(all_steps, told, now)
        assert (after is None) == (told.get("public") == BREACH or now >= all_steps[-1].at)
        assert after is None or after > now
    assert seen == sorted(set(seen))
    passed = [step.part for step in all_steps if step.at <= now]
    assert seen[-1:] == passed[-1:]


@given(before=WARN_AT, after=WARN_AT, look=st.floats(0, 1.2))
def test_a_change_of_the_policy_repeats_nothing(
    before: tuple[float, ...], after: tuple[float, ...], look: float
) -> None:
    now = OPENED + 24 * HOUR * look
    told = {step.target: step.part for step in due(plan(warn_at=before), {}, now)}
    again = due(plan("48h", warn_at=after), told, now)
    assert all(step.part > told.get("public", 0) for step in again)


TEAM = Team(assignee=7, leading=(2, 3), wide=(1, 2, 3, 4))


def test_the_circle_of_who_is_told_grows_with_the_wait() -> None:
    told = [to_tell(step, TEAM) for step in plan()]
    assert [sorted(people) for people in told] == [[7], [2, 3, 7], [2, 3, 7], [1, 2, 3, 4, 7]]
    assert told[-1] == {7: "assignee", 2: "lead", 3: "lead", 1: "wide", 4: "wide"}


def test_a_policy_says_from_where_on_more_are_told() -> None:
    told = [sorted(to_tell(s, TEAM)) for s in plan(lead_from=50, all_from=90)]
    assert told == [[2, 3, 7], [2, 3, 7], [1, 2, 3, 4, 7], [1, 2, 3, 4, 7]]


def test_nobodys_conversation_reaches_who_leads_at_once_and_without_one_everybody() -> None:
    first = plan()[0]
    assert to_tell(first, replace(TEAM, assignee=None)) == {2: "lead", 3: "lead"}
    nobody = Team(None, (), (1, 4))
    assert to_tell(first, nobody) == {1: "wide", 4: "wide"}
    assert to_tell(first, Team(7, (), (1,))) == {7: "assignee"}


def test_a_lead_whose_conversation_it_is_is_told_once() -> None:
    assert to_tell(plan()[-1], replace(TEAM, assignee=2))[2] == "assignee"
