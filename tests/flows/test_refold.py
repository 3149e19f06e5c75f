"""Evidence is appended, never overwritten; a person's tag stands (law 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import Sent
from inbox.domain.turns import Resolution
from inbox.flows.correct import correct
from inbox.flows.deliver import deliver_due
from inbox.flows.refold import refold, verdict
from inbox.flows.states import ReasonNeeded
from inbox.flows.steps import excuse, resolve
from inbox.store import turns as stored
from inbox.store.tables import Event, Tagging, TurnRow
from tests.flows.desk import Desk, at, own, says

FIXED = [c.name for c in TurnRow.__table__.columns if c.name != "superseded_at"]


@dataclass
class Guess:
    category: str = "refund"
    urgency: str = "normal"
    category_confidence: float = 0.8
    urgency_confidence: float = 0.8
    lang: str = "en"
    needs_review: bool = False
    alternatives: Sequence[Any] = ()
    labels: Sequence[str] = ()
    outside: bool = False
    topic: str | None = None
    tone: str = "neutral"


class Says:
    """A classifier that says what a text says: its first word is the category."""

    def tag(self, texts: Sequence[str]) -> list[Guess]:
        return [Guess(t.split()[0], "critical" if "now" in t else "normal") for t in texts]


def evidence(desk: Desk) -> list[tuple[Any, ...]]:
    return [tuple(getattr(t, name) for name in FIXED) for t in desk.rows(TurnRow)]


def current(desk: Desk) -> list[TurnRow]:
    rows: list[TurnRow] = desk.rows(TurnRow)
    return sorted((t for t in rows if t.superseded_at is None), key=lambda t: t.seq)


def again(desk: Desk) -> None:
    with desk.store.write() as session:
        refold(session, [desk.conversation().id], desk.clock())


def test_a_second_run_writes_no_evidence(desk: Desk) -> None:
    desk.take(says("1", "refund please"), own("2"), says("3", "account now", -1), classifier=Says())
    before = (
        evidence(desk),
        len(desk.rows(Tagging)),
        vars(desk.conversation()) | {"_sa_instance_state": 0},
    )
    desk.clock.forward(hours=30)
    again(desk)
    after = (
        evidence(desk),
        len(desk.rows(Tagging)),
        vars(desk.conversation()) | {"_sa_instance_state": 0},
    )
    assert after == before


def test_evidence_is_appended_and_nothing_is_overwritten(desk: Desk) -> None:
    """Each step of a long story leaves all earlier rows as they were."""
    ends: list[Iterable[Any]] = [
        [says("2", minutes=-50)],
        [own("3", minutes=-40)],
        [says("1", minutes=-60)],
        [own("0", minutes=-55, automated=True)],
        [says("4", minutes=-30), says("5", minutes=-20, deleted_at=at(-10))],
        [says("4", minutes=-30, deleted_at=at(-5))],
    ]
    before: list[tuple[Any, ...]] = []
    for page in ends:
        desk.clock.forward(minutes=1)
        desk.take(*page)
        assert evidence(desk)[: len(before)] == before
        before = evidence(desk)
    replaced = [t for t in desk.rows(TurnRow) if t.superseded_at is not None]
    assert replaced
    for old in replaced:
        newer = [t for t in desk.rows(TurnRow) if t.evaluated_at == old.superseded_at]
        assert newer, "what replaced a row was written at the same instant"


def test_a_verdict_follows_from_times_not_from_when_it_was_looked_at(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", minutes=0))
    (turn,) = current(desk)
    due = at(0) + timedelta(hours=24)
    assert turn.due_at == due
    seconds = [verdict(turn, due + timedelta(seconds=s)) for s in (-1, 0, 1)]
    assert seconds == ["running", "overdue", "overdue"]
    desk.clock.forward(days=3)
    desk.take(own("2", minutes=24 * 60))
    assert verdict(current(desk)[0], desk.clock()) == "kept"


def test_a_change_of_verdict_is_recorded(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", minutes=-3000))
    desk.clock.forward(minutes=1)
    desk.take(own("2", minutes=-2))
    desk.clock.forward(minutes=1)
    desk.take(own("3", minutes=-2900))
    told = [(t.end, verdict(t, desk.clock()), t.superseded_at is None) for t in desk.rows(TurnRow)]
    assert told == [
        (None, "overdue", False),
        ("answered", "breached", False),
        ("answered", "kept", True),
    ]


def tag(desk: Desk, category: str) -> None:
    correct(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=desk.agent_id,
        actor="ada",
        category=category,
        urgency=None,
        now=desk.clock(),
    )


def test_a_correction_stands_against_later_guesses(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "general hello"), classifier=Says())
    tag(desk, "payment")
    desk.take(says("2", "security now", -5), classifier=Says())
    assert (desk.conversation().category, desk.conversation().tagged_by) == (
        "payment",
        desk.agent_id,
    )
    assert [(t.category, t.agent_id) for t in desk.rows(Tagging)] == [
        ("general", None),
        ("payment", desk.agent_id),
    ]


def test_a_correction_stays_with_its_turn_when_an_older_message_opens_it(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("2", "general hello"), classifier=Says())
    tag(desk, "payment")
    desk.take(says("1", "security now", -60), classifier=Says())
    assert (desk.conversation().category, desk.conversation().tagged_by) == (
        "payment",
        desk.agent_id,
    )
    newest = desk.rows(Tagging)[-1]
    assert (newest.opener_id, newest.category) == (desk.message("1").id, "payment")
    again(desk)
    assert desk.rows(Tagging)[-1].id == newest.id


def test_the_next_turn_is_tagged_afresh(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "general hello"), classifier=Says())
    tag(desk, "payment")
    desk.take(own("2"), says("3", "refund please", -1), classifier=Says())
    assert (desk.conversation().category, desk.conversation().tagged_by) == ("refund", None)


def test_critical_words_set_an_internal_hour_beside_the_promise(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1", "security now"), classifier=Says())
    row = desk.conversation()
    assert row.internal_due_at == at(-10) + timedelta(hours=1)
    assert row.due_at == at(-10) + timedelta(hours=24)


def end(desk: Desk, reason: str | None = None) -> None:
    resolve(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=desk.agent_id,
        actor="ada",
        reason=reason,
        seen=desk.newest(),
        now=desk.clock(),
    )


def test_resolving_while_a_customer_waits_needs_a_reason(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"))
    with pytest.raises(ReasonNeeded):
        end(desk, "  ")
    end(desk, "thanks only")
    assert desk.conversation().status == "resolved"
    (turn,) = current(desk)
    assert (turn.end, turn.reason) == ("excused", "thanks only")


def test_a_message_after_the_resolution_starts_the_next_episode(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"), own("2"))
    end(desk)
    assert desk.conversation().status == "resolved"
    desk.clock.forward(minutes=5)
    desk.take(says("3", minutes=1))
    assert desk.conversation().status == "open"
    assert [(t.episode, t.is_first) for t in current(desk)] == [(1, True), (2, True)]


def test_what_nobody_had_seen_at_the_resolution_does_not_resolve_itself(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"), own("2"))
    end(desk)
    desk.clock.forward(minutes=5)
    desk.take(says("3", minutes=-1))
    assert desk.conversation().status == "open"
    desk.script.on_send = lambda _: Sent("r1", desk.clock())
    desk.answer()
    deliver_due(desk.store, desk.settings, desk.clock)
    assert desk.conversation().status == "waiting"


def test_an_excuse_covers_what_was_seen(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"))
    seen = desk.newest()
    desk.take(says("2", minutes=-1))
    ask: dict[str, Any] = {"conversation_id": desk.conversation().id, "agent_id": desk.agent_id}
    excuse(desk.store, **ask, actor="ada", reason="spam", seen=seen, now=desk.clock())
    assert [(t.end, t.reason) for t in current(desk)] == [("excused", "spam"), (None, None)]


def test_many_conversations_are_folded_in_few_statements(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(*(says(f"{n}", author=f"u{n}") for n in range(40)))
    assert len(desk.rows(TurnRow)) == len(desk.rows(Event)) == 40
    with desk.store.read() as session:
        story = stored.stories(session, [1])[0]
    assert not [f for f in story.facts if isinstance(f, Resolution)]
