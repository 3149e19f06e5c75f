"""The state is a fold of facts: any order of arrival gives the same, and nobody waits unseen."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain import conversation
from inbox.domain.conversation import ENDS_EPISODE, LEADS_TO, OFFERED, PARKS
from inbox.domain.snooze import choices, chosen
from inbox.domain.states import Move, comes_back, standing
from inbox.domain.turns import (
    Answer,
    CustomerMessage,
    Excuse,
    Fact,
    Reopening,
    Resolution,
    fold,
    open_turn,
)

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Told:
    """A conversation as people and platforms tell it, one minute after the other."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.moves: list[Move] = []
        self.minute = 0
        self.number = 0

    @property
    def state(self) -> str:
        return standing(self.moves, fold(self.facts), self.facts).state

    def says(self, late: int = 0) -> None:
        self.minute += 1
        self.number += 1
        self.facts.append(CustomerMessage(self.number, at(self.minute - late)))

    def answers(self, failed_after: int | None = None) -> None:
        self.minute += 1
        self.number += 1
        gone = None if failed_after is None else at(self.minute + failed_after)
        seen = self.number - 1
        self.facts.append(Answer(self.number, at(self.minute), "ada", seen, failed_at=gone))

    def step(self, kind: str) -> None:
        """As `flows.states.move` does it."""
        self.minute += 1
        now = at(self.minute)
        if kind not in OFFERED[self.state]:
            return
        if kind in PARKS and open_turn(fold(self.facts)):
            self.facts.append(Excuse(self.number, now, "ada", "thanks", self.number))
        until = now + timedelta(hours=1) if kind == "snooze" else None
        self.moves.append(Move(len(self.moves), now, kind, "ada", "", self.number, until))
        ends = kind in ENDS_EPISODE
        self.facts.append(
            Resolution(self.number, now, "ada") if ends else Reopening(self.number, now)
        )


Acts = list[tuple[str, Any]]
KINDS = sorted(set(sum(OFFERED.values(), ())))
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.integers(0, 3)),
        st.tuples(st.just("answers"), st.none() | st.integers(0, 3)),
        st.tuples(st.just("step"), st.sampled_from(KINDS)),
    ),
    max_size=12,
)


def played(acts: Acts) -> Told:
    told = Told()
    for name, value in acts:
        getattr(told, name)(value)
    return told


@given(ACTS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_state(acts: Acts, rng: Random) -> None:
    told = played(acts)
    facts, moves = list(told.facts), list(told.moves)
    rng.shuffle(facts)
    rng.shuffle(moves)
    assert standing(moves, fold(facts), facts) == standing(told.moves, fold(told.facts), told.facts)


@given(ACTS)
def test_a_waiting_customer_is_open_or_snoozed_by_someone_who_saw_them(acts: Acts) -> None:
    told = played(acts)
    waits = open_turn(fold(told.facts))
    if waits is None:
        assert told.state != "open" or told.moves[-1].kind == "reopen"
    else:
        assert told.state in ("open", "snoozed")
        assert told.state == "open" or max(waits.messages) <= told.moves[-1].seen


@given(ACTS)
def test_a_customers_message_opens_whatever_state_it_was_in(acts: Acts) -> None:
    told = played(acts)
    resolved = told.state in ("resolved", "spam")
    before = max((turn.episode for turn in fold(told.facts)), default=0)
    told.says(0)
    assert told.state == "open"
    if resolved and before:
        assert fold(told.facts)[-1].episode == before + 1


@given(ACTS)
def test_a_step_and_its_undo_leave_the_state_as_it_was(acts: Acts) -> None:
    told = played(acts)
    before, facts, moves = told.state, list(told.facts), list(told.moves)
    for kind in KINDS:
        told.step(kind)
        told.facts, told.moves = list(facts), list(moves)
        assert told.state == before


def test_what_was_reopened_is_still_the_same_episode() -> None:
    told = played([("says", 0), ("answers", None), ("step", "resolve"), ("step", "reopen")])
    assert told.state == "open"
    told.says()
    assert [turn.episode for turn in fold(told.facts)] == [1, 1]


def test_an_answer_puts_a_reopened_conversation_back_to_waiting() -> None:
    told = played([("says", 0), ("answers", None), ("step", "resolve"), ("step", "reopen")])
    told.answers()
    assert told.state == "waiting"


def test_an_answer_that_fails_while_snoozed_brings_the_conversation_back() -> None:
    told = played([("says", 0), ("answers", 5), ("step", "snooze")])
    assert told.state == "open"


def test_tables_that_contradict_each_other_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(conversation.OFFERED, "spam", ("fly",))
    with pytest.raises(conversation.BadMoves):
        conversation.check_moves()
    assert set(LEADS_TO.values()) == set(OFFERED)


def snooze(hours: float) -> Move:
    return Move(1, START, "snooze", "ada", "", 9, START + timedelta(hours=hours))


@given(st.integers(1, 2000), st.integers(-2000, 0), st.integers(1, 3000))
def test_a_snooze_never_outlasts_the_next_warning_of_a_clock_that_ends_before_it(
    asked: int, opened: int, whole: int
) -> None:
    move, due = snooze(asked / 60), at(opened + whole)
    warnings = [at(opened) + (due - at(opened)) * part for part in (0.5, 0.75, 0.9)]
    back = comes_back(move, due, warnings)
    assert move.until is not None
    ahead = min((one for one in warnings if one > START), default=START)
    assert back == (move.until if due > move.until else ahead)


def test_a_snooze_that_ends_before_the_due_time_lasts_as_asked() -> None:
    move = snooze(3)
    assert comes_back(move, at(600), [at(60)]) == move.until
    assert comes_back(move, None, ()) == move.until


def test_moments_are_local_and_of_that_very_day() -> None:
    found = choices(datetime(2026, 11, 27, 15, 7, tzinfo=UTC), "Asia/Shanghai")
    assert found == {
        "tomorrow": datetime(2026, 11, 28, 1, tzinfo=UTC),
        "monday": datetime(2026, 11, 30, 1, tzinfo=UTC),
    }
    early = choices(datetime(2026, 11, 29, 1, 7, tzinfo=UTC), "Asia/Shanghai")
    assert early == {
        "later": datetime(2026, 11, 29, 4, 15, tzinfo=UTC),
        "tomorrow": datetime(2026, 11, 30, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T09:00", "0001-01-01T00:00"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert chosen(text, "Asia/Shanghai") is None


def test_a_chosen_time_is_local() -> None:
    assert chosen("2026-11-30T09:00", "Asia/Shanghai") == datetime(2026, 11, 30, 1, tzinfo=UTC)


def test_a_chosen_time_that_the_clocks_skip_is_the_first_after_it() -> None:
    assert chosen("2026-03-29T02:30", "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert chosen("2026-10-25T02:30", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
