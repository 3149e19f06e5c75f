"""Policies change; verdicts stand. The same facts and versions give the same promises."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.calendars import CLOSED, Calendar, Special
from inbox.domain.promises import (
    Choice,
    Matter,
    NothingPromised,
    Promises,
    Version,
    choices,
    in_force,
    with_calendar,
    with_policies,
)
from inbox.domain.sla import Policy, Target
from inbox.domain.turns import Fact, fold
from tests.domain.test_turns import at, histories

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
MATTER = Matter("x", "dm", "refund", None)
HOUR = timedelta(hours=1)


def promising(*targets: str) -> tuple[Policy, ...]:
    """A public promise for every turn, then internal ones."""
    return tuple(
        Policy(f"p{n}", 1, "Promise", Target.parse(text), public=n == 0)
        for n, text in enumerate(targets)
    )


def promises(*targets: str) -> Promises:
    return Promises(
        [Version(1, ALWAYS, lambda: promising(*targets))],
        {"working days": [Version(1, ALWAYS, lambda: Calendar("working days", 1, "UTC"))]},
    )


def due(known: Promises, ended_at: datetime | None, is_first: bool = True) -> timedelta:
    return known.public(MATTER, at(0), is_first, ended_at).due_at - at(0)


def test_an_open_turn_is_judged_by_the_newest_version_and_an_ended_one_by_that_of_its_day() -> None:
    known = with_policies(promises("24h"), at(10), promising("2h"))
    assert due(known, None) == 2 * HOUR
    assert due(known, at(9)) == 24 * HOUR
    assert due(known, at(10)) == 2 * HOUR


def test_of_what_rules_chose_the_one_due_first_judges_while_there_is_such_a_policy() -> None:
    three = (*promising("24h", "1h"), Policy("slow", 1, "Slow", Target.parse("90h")))
    fast = Policy("fast", 1, "Fast", Target.parse("2h"))
    known = with_policies(promises("24h"), at(10), (*three, fast))
    chosen = replace(MATTER, chosen=("slow", "fast", "p1", "none"))  # p1 is the team's own

    def policy(matter: Matter, ended_at: datetime | None) -> str:
        return known.public(matter, at(0), True, ended_at).policy.id

    assert policy(chosen, None) == "fast"
    assert policy(replace(MATTER, chosen=("slow",)), None) == "slow"
    assert policy(chosen, at(9)) == "p0"  # it was not promised then
    assert policy(replace(MATTER, chosen=("p1", "none")), None) == "p0"


@given(histories())
def test_a_choice_holds_for_its_wait_and_goes_on_within_the_episode(facts: list[Fact]) -> None:
    turns = fold(facts)
    said = {m: Choice(f"p{m % 3}", "r", "R", 1) for t in turns for m in t.messages if m % 2}
    found = choices(turns, said)
    episode = 0
    before: tuple[Choice, ...] = ()
    for turn in turns:
        own = {said[m] for m in turn.messages if m in said}
        kept = before if turn.episode == episode else ()
        assert set(found[turn.opened_by]) == (own or set(kept))
        episode, before = turn.episode, found[turn.opened_by]


def test_what_ended_before_the_first_version_is_judged_by_it() -> None:
    versions = [Version(1, at(5), lambda: "one"), Version(2, at(6), lambda: "two")]
    assert in_force(versions, at(0)) == "one"


def test_a_version_in_force_since_earlier_judges_what_has_ended_since_then() -> None:
    known = with_policies(promises("24h"), at(-60), promising("2h"))
    assert due(known, at(-59)) == 2 * HOUR
    assert due(known, at(-61)) == 24 * HOUR


def test_a_calendar_changes_business_days_of_open_turns_only() -> None:
    known = promises("1bd")  # opened on Monday
    tuesday = {at(24 * 60).date(): Special(CLOSED, "Carnival", "team")}
    changed = with_calendar(known, at(10), Calendar("working days", 2, "UTC", days=tuesday))
    assert due(changed, None) - due(known, None) == 24 * HOUR
    assert due(changed, at(9)) == due(known, at(9))


def test_internal_targets_stand_beside_the_public_one_the_earliest_first() -> None:
    known = promises("24h", "8h", "1h")
    found = known.internal(MATTER, at(0), True, None)
    assert [str(promise.target) for promise in found] == ["1h", "8h"]
    assert due(known, None) == 24 * HOUR


def test_a_set_that_promises_nothing_is_an_error() -> None:
    policy = Policy("p", 1, "P", Target(1, "h"), channels=frozenset({"email"}))
    known = with_policies(promises("24h"), at(0), (policy,))
    with pytest.raises(NothingPromised):
        known.public(MATTER, at(0), True, None)


targets = st.sampled_from(["1m", "5m", "2h", "24h", "1bd", "3bd", "2bh"])
changes = st.lists(
    st.tuples(st.integers(0, 11).map(at), targets), max_size=4, unique_by=lambda c: c[0]
).map(sorted)


def judged(facts: Sequence[Fact], known: Promises) -> list[tuple[object, ...]]:
    """Each turn's due times and whether it was kept."""
    return [
        (turn.messages, turn.end, turn.ended_at, public.due_at, str(public.target))
        for turn in fold(facts)
        for public in [known.public(MATTER, turn.opened_at, turn.is_first, turn.ended_at)]
    ]


def after(begin: Promises, made: Sequence[tuple[datetime, str]]) -> Promises:
    for since, target in made:
        begin = with_policies(begin, since, promising(target))
    return begin


@settings(max_examples=150, deadline=None)
@given(
    histories().flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts))),
    changes,
)
def test_facts_in_any_order_and_twice_between_changes_of_policy_give_the_same_verdicts(
    orders: tuple[list[Fact], list[Fact]], made: list[tuple[datetime, str]]
) -> None:
    known = after(promises("24h"), made)
    assert judged(orders[0], known) == judged(orders[1], known)


@settings(max_examples=150, deadline=None)
@given(histories(platform_time_alone=True), changes, st.integers(0, 11).map(at), targets)
def test_a_change_of_policy_leaves_every_turn_alone_that_had_ended_before_it(
    facts: list[Fact], made: list[tuple[datetime, str]], since: datetime, target: str
) -> None:
    before = after(promises("24h"), [one for one in made if one[0] < since])
    changed = with_policies(before, since, promising(target))
    for old, new in zip(judged(facts, before), judged(facts, changed), strict=True):
        ended_at = old[2]
        if isinstance(ended_at, datetime) and ended_at < since:
            assert new == old
        else:
            assert new[4] == target
