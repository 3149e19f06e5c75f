from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import Calendar, end_of_nth_working_day
from inbox.domain.sla import (
    Outcome,
    Policy,
    Target,
    due_at,
    evaluate,
    internal_policies,
    outcome,
    public_policy,
)
from inbox.domain.turns import Answer, CustomerMessage, End, Excuse, fold

ADA = "ada@brand.example"
OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = OPENED + timedelta(hours=24)
SECOND = timedelta(seconds=1)
CALENDAR = Calendar("office", 4, "Europe/Berlin")
SOCIAL = Policy("social", 2, "Social media", Target.parse("24h"))


@pytest.mark.parametrize("text", ["24h", "90m", "3bd", "8bh", "45d"])
def test_a_target_reads_as_it_is_written(text: str) -> None:
    assert str(Target.parse(text)) == text


@pytest.mark.parametrize("text", ["", "24", "h", "0h", "-1h", "1.5h", "3 bd", "d", "24h ", "٣h"])
def test_anything_else_is_no_target(text: str) -> None:
    with pytest.raises(ValueError, match="no target"):
        Target.parse(text)


def test_hours_and_minutes_are_elapsed_time_and_business_days_are_the_calendars() -> None:
    assert due_at(OPENED, Target(24, "h"), CALENDAR) == OPENED + timedelta(seconds=86_400)
    assert due_at(OPENED, Target(90, "m"), CALENDAR) == OPENED + timedelta(minutes=90)
    expected = end_of_nth_working_day(OPENED, 3, CALENDAR)
    assert due_at(OPENED, Target(3, "bd"), CALENDAR) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 2**31),
    st.sampled_from(sorted(available_timezones())),
)
def test_24_hours_are_86400_seconds_in_every_zone_and_season(epoch_s: int, zone: str) -> None:
    opened = datetime.fromtimestamp(epoch_s, ZoneInfo(zone))
    due = due_at(opened, Target(24, "h"), Calendar("c", 1, zone))
    assert due.timestamp() == epoch_s + 86_400
    assert due.tzinfo is UTC


def rule(name: str, **given: Any) -> Policy:
    return Policy(name, 1, name, Target(4, "h"), **given)


def test_the_policy_with_the_most_conditions_wins_then_the_one_that_stands_first() -> None:
    on_x = rule("x", channels=frozenset("x"))
    refunds = rule("refunds", categories=frozenset({"refund"}))
    both = rule("both", channels=frozenset("x"), categories=frozenset({"refund"}))
    policies = (SOCIAL, on_x, refunds, both)
    about = ("dm", "refund", None)
    assert public_policy(policies, "x", *about) is both
    assert public_policy(policies[:3], "x", *about) is on_x
    assert public_policy((refunds, on_x, SOCIAL), "x", *about) is refunds
    assert public_policy(policies, "email", *about) is refunds
    assert public_policy(policies, "email", "email", None, None) is SOCIAL
    assert public_policy((refunds,), "x", "dm", None, None) is None


def test_every_internal_policy_that_fits_stands_beside_the_public_one() -> None:
    hour = rule("hour", urgencies=frozenset({"critical"}), public=False)
    any_ = rule("any", public=False)
    about = ("x", "dm", "security", "critical")
    assert public_policy((hour, any_, SOCIAL), *about) is SOCIAL
    assert internal_policies((hour, any_, SOCIAL), *about) == (hour, any_)
    assert internal_policies((hour, SOCIAL), "x", "dm", "security", "high") == ()


def test_later_turns_of_an_episode_have_a_target_of_their_own() -> None:
    policy = rule("p", next_target=Target(8, "h"))
    assert [str(policy.target_for(is_first)) for is_first in (True, False)] == ["4h", "8h"]
    assert str(SOCIAL.target_for(False)) == "24h"


@pytest.mark.parametrize(
    ("end", "ended_s", "as_of_s", "said"),  # seconds around the due time
    [
        (None, None, -1, "running"),
        (None, None, 0, "overdue"),
        (None, None, 1, "overdue"),
        ("answered", -1, 9, "kept"),
        ("answered", 0, 9, "kept"),
        ("answered", 1, 9, "breached"),
        ("excused", 0, 9, "excused"),
        ("excused", 1, 9, "breached"),
        ("withdrawn", 0, 9, "withdrawn"),
        ("withdrawn", 1, 9, "breached"),
        ("answered", -1, -2, "running"),  # not yet answered as of then
        ("answered", 3, 2, "overdue"),
        ("answered", 3, 3, "breached"),
        ("excused", -1, -1, "excused"),
    ],
)
def test_the_outcome_follows_from_end_due_time_and_as_of(
    end: End | None, ended_s: int | None, as_of_s: int, said: Outcome
) -> None:
    ended_at = None if ended_s is None else DUE + ended_s * SECOND
    assert outcome(end, ended_at, DUE, DUE + as_of_s * SECOND) == said


def test_a_verdict_carries_all_that_it_follows_from() -> None:
    answered = OPENED + timedelta(hours=2)
    (turn,) = fold([CustomerMessage(7, OPENED), Answer(8, answered, ADA, seen=7)])
    verdict = evaluate(turn, SOCIAL, CALENDAR, as_of=DUE)
    assert (verdict.turn_seq, verdict.episode, verdict.opened_by) == (1, 1, 7)
    assert (verdict.opened_at, verdict.due_at) == (OPENED, DUE)
    assert (verdict.end, verdict.ended_by, verdict.ended_at) == ("answered", 8, answered)
    assert (verdict.verdict, verdict.used_s) == ("kept", 7200.0)
    assert (verdict.policy_id, verdict.policy_version, verdict.public) == ("social", 2, True)
    assert (verdict.calendar_name, verdict.calendar_version) == ("office", 4)


def test_as_of_an_instant_before_the_answer_the_turn_is_still_open() -> None:
    (turn,) = fold([CustomerMessage(7, OPENED), Excuse(1, DUE + SECOND, ADA, "thanks", None)])
    verdict = evaluate(turn, SOCIAL, CALENDAR, as_of=DUE)
    assert (verdict.end, verdict.ended_by, verdict.ended_at) == (None, None, None)
    assert (verdict.verdict, verdict.used_s) == ("overdue", 86_400.0)


def test_an_answer_dated_before_its_message_used_no_time() -> None:
    (turn,) = fold([CustomerMessage(7, OPENED), Answer(8, OPENED - SECOND, ADA, seen=7)])
    verdict = evaluate(turn, SOCIAL, CALENDAR, as_of=DUE)
    assert (verdict.verdict, verdict.used_s) == ("kept", 0.0)


def test_when_a_job_looks_does_not_change_a_verdict_once_the_turn_has_ended() -> None:
    (turn,) = fold([CustomerMessage(7, OPENED), Answer(8, DUE + SECOND, ADA, seen=7)])
    soon, late = (evaluate(turn, SOCIAL, CALENDAR, DUE + n * SECOND) for n in (1, 10**7))
    assert soon == late
    assert soon.verdict == "breached"
