from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.domain.turns import (
    Answer,
    CustomerMessage,
    Excuse,
    Fact,
    Resolution,
    Turn,
    fold,
    open_turn,
)

ADA, BO = "ada@brand.example", "bo@brand.example"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def said(number: int, minute: int, deleted: int | None = None) -> CustomerMessage:
    return CustomerMessage(number, at(minute), None if deleted is None else at(deleted))


def wrote(number: int, minute: int, seen: int, agent: str = ADA) -> Answer:
    return Answer(number, at(minute), agent, seen)


def outside(number: int, minute: int) -> Answer:
    return Answer(number, at(minute), None, None)


def told(turns: Sequence[Turn]) -> list[tuple[tuple[int, ...], str | None, int | None]]:
    """What the tests below speak about: each turn's messages, its end and what ended it."""
    return [(turn.messages, turn.end, turn.ended_by) for turn in turns]


def test_no_facts_are_no_turns() -> None:
    assert fold([]) == ()
    assert open_turn(()) is None


def test_a_turn_opens_at_the_oldest_message_and_later_ones_do_not_restart_it() -> None:
    assert fold([said(1, 0), said(2, 5), said(3, 9)]) == (
        Turn(1, 1, True, 1, at(0), None, None, None, None, False, (1, 2, 3)),
    )


def test_an_answer_ends_the_turn_at_the_platforms_time_and_is_credited_to_its_author() -> None:
    assert fold([said(1, 0), wrote(2, 7, seen=1)]) == (
        Turn(1, 1, True, 1, at(0), "answered", 2, at(7), ADA, False, (1,)),
    )


def test_an_answer_of_a_person_outside_ends_the_turn_and_is_marked_so() -> None:
    (turn,) = fold([said(1, 0), outside(2, 7)])
    assert (turn.end, turn.agent, turn.answered_outside) == ("answered", None, True)


def test_an_imported_answer_of_an_agent_is_not_outside() -> None:
    (turn,) = fold([said(1, 0), Answer(2, at(7), BO, seen=None)])
    assert (turn.end, turn.agent, turn.answered_outside) == ("answered", BO, False)


def test_a_second_answer_to_the_same_wait_changes_nothing() -> None:
    facts: list[Fact] = [
        said(1, 0),
        wrote(2, 7, seen=1),
        wrote(3, 8, seen=2, agent=BO),
        outside(4, 9),
    ]
    assert told(fold(facts)) == [((1,), "answered", 2)]


def test_an_answer_without_a_question_opens_nothing() -> None:
    assert fold([wrote(1, 0, seen=0), outside(2, 1)]) == ()


def test_an_automated_answer_never_ends_a_turn() -> None:
    assert told(fold([said(1, 0), replace(outside(2, 7), automated=True)])) == [((1,), None, None)]


def test_where_outside_answers_do_not_count_an_agents_answer_still_does() -> None:
    ignored = replace(outside(2, 7), counts=False)
    ours = replace(wrote(3, 9, seen=1), counts=False)
    assert told(fold([said(1, 0), ignored, ours])) == [((1,), "answered", 3)]


def test_a_failed_answer_is_taken_back_and_the_turn_is_open_since_its_first_message() -> None:
    failed = replace(wrote(2, 7, seen=1), failed_at=at(60))
    facts: list[Fact] = [said(1, 0), failed, said(3, 20)]
    assert told(fold(facts)) == [((1, 3), None, None)]
    assert told(fold([*facts, wrote(4, 90, seen=3)])) == [((1, 3), "answered", 4)]


def test_a_message_stored_after_the_author_looked_stays_open_though_dated_before_the_answer() -> (
    None
):
    turns = fold([said(1, 0), wrote(2, 7, seen=1), said(3, 5)])
    assert told(turns) == [((1,), "answered", 2), ((3,), None, None)]
    assert turns[1].opened_at == at(5)


def test_a_message_that_the_author_was_shown_is_answered_though_dated_after_the_answer() -> None:
    (turn,) = fold([said(1, 8), wrote(2, 7, seen=1)])
    assert (turn.end, turn.opened_at, turn.ended_at) == ("answered", at(8), at(7))


def test_for_an_outside_answer_platform_time_alone_decides() -> None:
    turns = fold([outside(1, 7), said(2, 5), said(3, 8)])
    assert told(turns) == [((2,), "answered", 1), ((3,), None, None)]


def test_at_one_instant_the_stored_number_says_which_came_first() -> None:
    assert told(fold([said(1, 5), outside(2, 5)])) == [((1,), "answered", 2)]
    assert told(fold([outside(1, 5), said(2, 5)])) == [((2,), None, None)]


def test_two_agents_who_answered_with_different_pages_end_what_each_was_shown() -> None:
    facts: list[Fact] = [said(1, 0), said(2, 3), wrote(3, 6, seen=1), wrote(4, 8, seen=2, agent=BO)]
    turns = fold(facts)
    assert told(turns) == [((1,), "answered", 3), ((2,), "answered", 4)]
    assert [turn.agent for turn in turns] == [ADA, BO]


def test_a_late_older_message_opens_a_turn_of_its_own_where_the_answer_did_not_see_it() -> None:
    turns = fold([said(1, 5), wrote(2, 7, seen=1), said(3, 0)])
    assert told(turns) == [((3,), None, None), ((1,), "answered", 2)]
    assert [(turn.seq, turn.is_first) for turn in turns] == [(1, True), (2, False)]


def test_no_reply_needed_ends_what_was_open_then_and_names_who_said_so() -> None:
    turns = fold([said(1, 0), said(2, 9), Excuse(1, at(7), ADA, "only a thank you", None)])
    assert told(turns) == [((1,), "excused", 1), ((2,), None, None)]
    assert (turns[0].agent, turns[0].answered_outside) == (ADA, False)


def test_an_excuse_leaves_open_what_its_author_was_not_shown() -> None:
    turns = fold([said(1, 0), Excuse(1, at(7), ADA, "thanks", seen=1), said(2, 5)])
    assert told(turns) == [((1,), "excused", 1), ((2,), None, None)]


def test_an_excuse_leaves_later_messages_alone_and_their_order_as_it_is() -> None:
    facts: list[Fact] = [Excuse(1, at(1), ADA, "thanks", 2), said(2, 5), said(5, 3), outside(9, 9)]
    assert told(fold(facts)) == [((5, 2), "answered", 9)]


def test_an_excuse_reaches_a_message_of_the_same_instant_whatever_their_numbers() -> None:
    assert told(fold([said(9, 7), Excuse(1, at(7), ADA, "spam", None)])) == [((9,), "excused", 1)]


def test_an_excuse_by_a_rule_names_nobody_and_is_no_answer_from_outside() -> None:
    (turn,) = fold([said(1, 0), Excuse(1, at(7), None, "rule: praise", None)])
    assert (turn.end, turn.agent, turn.answered_outside) == ("excused", None, False)


def test_an_excuse_after_the_answer_changes_nothing() -> None:
    facts: list[Fact] = [said(1, 0), wrote(2, 7, seen=1), Excuse(1, at(8), BO, "thanks", None)]
    assert told(fold(facts)) == [((1,), "answered", 2)]


def test_an_older_outside_answer_that_reaches_us_late_replaces_the_excuse() -> None:
    facts: list[Fact] = [said(1, 0), Excuse(1, at(8), BO, "thanks", None), outside(2, 7)]
    assert told(fold(facts)) == [((1,), "answered", 2)]


def test_deleting_all_messages_withdraws_the_turn_at_the_last_deletion() -> None:
    for first, second in ((6, 4), (4, 6)):
        (turn,) = fold([said(1, 0, first), said(2, 3, second), wrote(3, 9, seen=2)])
        assert (turn.end, turn.ended_by, turn.ended_at) == ("withdrawn", None, at(6))


def test_deleting_the_opener_alone_keeps_the_wait_and_its_beginning() -> None:
    (turn,) = fold([said(1, 0, deleted=4), said(2, 3), wrote(3, 9, seen=2)])
    assert (turn.opened_by, turn.opened_at, turn.end) == (1, at(0), "answered")


def test_a_message_after_all_were_deleted_opens_a_new_turn() -> None:
    turns = fold([said(1, 0, deleted=4), said(2, 5), outside(3, 9)])
    assert told(turns) == [((1,), "withdrawn", None), ((2,), "answered", 3)]
    assert [turn.is_first for turn in turns] == [True, False]


def test_a_deletion_at_or_after_the_answer_changes_nothing() -> None:
    for minute in (7, 8):
        assert told(fold([said(1, 0, deleted=minute), wrote(2, 7, seen=1)])) == [
            ((1,), "answered", 2)
        ]


def test_a_deletion_dated_before_the_message_counts_from_the_message() -> None:
    (turn,) = fold([said(1, 5, deleted=2)])
    assert (turn.end, turn.ended_at) == ("withdrawn", at(5))


def test_a_message_after_the_resolution_starts_the_next_episode_with_a_first_turn() -> None:
    facts: list[Fact] = [
        said(1, 0),
        wrote(2, 5, seen=1),
        said(3, 6),
        wrote(4, 7, seen=3),
        Resolution(1, at(8), ADA),
        said(5, 9),
    ]
    turns = fold(facts)
    assert [(turn.episode, turn.is_first) for turn in turns] == [(1, True), (1, False), (2, True)]


def test_resolving_twice_or_before_anything_was_said_adds_no_episode() -> None:
    resolved = [Resolution(n, at(m), ADA) for n, m in ((1, 0), (2, 5), (3, 6))]
    turns = fold([*resolved, said(1, 1), outside(2, 2), said(3, 9)])
    assert [turn.episode for turn in turns] == [1, 2]


def test_a_message_at_the_instant_of_the_resolution_belongs_to_the_resolved_episode() -> None:
    assert [turn.episode for turn in fold([Resolution(1, at(5), ADA), said(9, 5)])] == [1]


def test_a_resolution_leaves_an_open_turn_open_and_the_next_answer_ends_both_episodes_turns() -> (
    None
):
    facts: list[Fact] = [said(1, 0), Resolution(1, at(5), ADA), said(2, 9)]
    assert told(fold(facts)) == [((1,), None, None), ((2,), None, None)]
    turns = fold([*facts, wrote(3, 12, seen=2)])
    assert [(turn.episode, turn.ended_by) for turn in turns] == [(1, 3), (2, 3)]


def test_the_open_turn_is_the_one_that_has_waited_longest() -> None:
    turns = fold([said(1, 0), outside(2, 1), said(3, 4), Resolution(1, at(5), ADA), said(4, 9)])
    waiting = open_turn(turns)
    assert waiting is not None
    assert waiting.opened_by == 3
    assert open_turn(turns[:1]) is None


@st.composite
def histories(draw: st.DrawFn, *, platform_time_alone: bool = False) -> list[Fact]:
    """Random facts on 12 minutes, numbered in an order of storing that time says nothing about."""
    minute, seldom = st.integers(0, 11), st.integers(0, 4).map(lambda n: n == 4)
    facts: list[Fact] = []
    for number in range(1, draw(st.integers(1, 9)) + 1):
        seen = None if platform_time_alone else draw(st.none() | st.integers(0, 9))
        when = at(draw(minute))
        kind = draw(st.sampled_from("mmmmaaaer"))
        if kind == "m":
            deleted = draw(st.none() | minute.map(at))
            facts.append(CustomerMessage(number, when, deleted))
        elif kind == "a":
            automated, outside_counts = draw(seldom), not draw(seldom)
            failed = at(11) if not platform_time_alone and draw(seldom) else None
            agent = draw(st.sampled_from([None, ADA, BO]))
            facts.append(Answer(number, when, agent, seen, automated, outside_counts, failed))
        elif kind == "e":
            facts.append(Excuse(number, when, ADA, "thanks", seen))
        else:
            facts.append(Resolution(number, when, ADA))
    return facts


def first_end(m: CustomerMessage, facts: Sequence[Fact]) -> Answer | Excuse | None:
    ends: list[tuple[datetime, int, int, Answer | Excuse]] = []
    for f in facts:
        if isinstance(f, Answer):
            ignored = not f.counts and f.agent is None
            if f.automated or f.failed_at or ignored:
                continue
            before = f.at > m.at or (f.at == m.at and f.number > m.number)
            if before if f.seen is None else f.seen >= m.number:
                ends.append((f.at, 0, f.number, f))
        elif isinstance(f, Excuse) and f.at >= m.at and (f.seen is None or f.seen >= m.number):
            ends.append((f.at, 1, f.number, f))
    return min(ends, key=lambda e: e[:3])[3] if ends else None


def oracle(facts: Sequence[Fact]) -> set[tuple[object, ...]]:
    """The same rules said message by message: each finds its own end, then looks for company.

    Two messages share a turn if they share episode and end, and at the time of the later one some
    older message of theirs was still there to be answered.
    """
    messages = sorted(
        (f for f in facts if isinstance(f, CustomerMessage)), key=lambda m: (m.at, m.number)
    )
    resolved = [f.at for f in facts if isinstance(f, Resolution)]
    episode = {
        m.number: 1
        + sum(
            any(a.at <= r < b.at for r in resolved)
            for a, b in pairwise(messages)
            if (b.at, b.number) <= (m.at, m.number)
        )
        for m in messages
    }
    end = {m.number: first_end(m, facts) for m in messages}

    def gone(m: CustomerMessage) -> datetime:
        when = at(10_000) if m.deleted_at is None else max(m.at, m.deleted_at)
        ender = end[m.number]
        return at(10_000) if ender is not None and when >= ender.at else when

    groups: list[list[CustomerMessage]] = []
    for m in messages:
        for group in groups:
            same = episode[group[0].number] == episode[m.number]
            same = same and end[group[0].number] is end[m.number]
            if same and any(gone(o) > m.at for o in group):
                group.append(m)
                break
        else:
            groups.append([m])
    turns = set()
    for group in groups:
        ender, last = end[group[0].number], max(map(gone, group))
        outcome: tuple[object, ...] = (None, None, None)
        if last < at(10_000):
            outcome = ("withdrawn", None, last)
        elif ender is not None:
            kind = "answered" if isinstance(ender, Answer) else "excused"
            outcome = (kind, ender.number, ender.at)
        numbers = tuple(m.number for m in group)
        turns.add((episode[numbers[0]], group[0].at, *outcome, numbers))
    return turns


@settings(max_examples=400, deadline=None)
@given(histories())
def test_the_fold_agrees_with_rules_said_message_by_message(facts: list[Fact]) -> None:
    turns = fold(facts)
    assert {
        (t.episode, t.opened_at, t.end, t.ended_by, t.ended_at, t.messages) for t in turns
    } == oracle(facts)


@settings(max_examples=100, deadline=None)
@given(histories().flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts))))
def test_any_order_of_arrival_folds_to_the_same_turns(
    orders: tuple[list[Fact], list[Fact]],
) -> None:
    assert fold(orders[0]) == fold(orders[1])


@settings(max_examples=100, deadline=None)
@given(histories())
def test_every_message_is_in_one_turn_and_each_episode_has_one_first_and_at_most_one_open_turn(
    facts: list[Fact],
) -> None:
    turns = fold(facts)
    assert sorted(n for turn in turns for n in turn.messages) == [
        fact.number for fact in facts if isinstance(fact, CustomerMessage)
    ]
    assert [turn.seq for turn in turns] == list(range(1, len(turns) + 1))
    assert [turn.opened_at for turn in turns] == sorted(turn.opened_at for turn in turns)
    for episode in {turn.episode for turn in turns}:
        own = [turn for turn in turns if turn.episode == episode]
        assert [turn.is_first for turn in own] == [True] + [False] * (len(own) - 1)
        assert sum(turn.end is None for turn in own) <= 1


@settings(max_examples=200, deadline=None)
@given(histories(platform_time_alone=True), st.integers(0, 11).map(at))
def test_turns_cut_at_an_instant_are_the_turns_of_what_had_happened_by_then(
    facts: list[Fact], as_of: datetime
) -> None:
    known: list[Fact] = []
    for fact in facts:
        if fact.at <= as_of:
            deleted = isinstance(fact, CustomerMessage) and fact.deleted_at
            if isinstance(fact, CustomerMessage) and deleted and deleted > as_of:
                fact = replace(fact, deleted_at=None)
            known.append(fact)

    def by_then(turns: Sequence[Turn]) -> list[tuple[object, ...]]:
        return [
            (t.episode, t.is_first, t.opened_by, *((t.end, t.ended_by) if ended else (None, None)))
            for t in turns
            if t.opened_at <= as_of
            for ended in [t.ended_at is not None and t.ended_at <= as_of]
        ]

    assert by_then(fold(facts)) == by_then(fold(known))
