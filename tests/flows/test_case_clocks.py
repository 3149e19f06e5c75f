"""Clocks of whole matters: they pause, end with the matter, keep evidence, and warn once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import event

from inbox.flows import case_telling, case_warnings, states
from inbox.flows.correct import correct
from inbox.flows.policies import change_policies, read_toml
from inbox.flows.refold import refold
from inbox.store import steps
from inbox.store.session import Store
from inbox.store.tables import CaseClockRow, Notice, TurnWarning
from tests.clock import Clock
from tests.factories import make_user
from tests.flows.desk import Desk, at, own, says
from tests.flows.test_refold import Says
from tests.flows.test_warnings import connected

HOUR = timedelta(hours=1)
RULES = """
[[policy]]
id = "social"
name = "Social"
first = "24h"

[[policy]]
id = "matter"
name = "The whole matter"
first = "{}"
until = "resolved"
"""


def promise(desk: Desk, target: str = "10h") -> None:
    document = read_toml(RULES.format(target))
    change_policies(desk.store, document, actor="ada", now=desk.clock())


def clocks(desk: Desk) -> list[CaseClockRow]:
    """The current ones, in order of their begin."""
    rows: list[CaseClockRow] = desk.rows(CaseClockRow)
    return sorted((r for r in rows if r.superseded_at is None), key=lambda r: r.opened_at)


def told(desk: Desk) -> list[dict[str, Any]]:
    with desk.store.read() as session:
        return case_telling.of_conversation(session, desk.conversation().id, desk.clock())


def move(desk: Desk, kind: str, **more: Any) -> None:
    row = desk.conversation()
    about: dict[str, Any] = {"conversation_id": row.id, "agent_id": desk.agent_id, "actor": "ada"}
    seen = row.last_message_id or 0
    states.move(desk.store, kind=kind, seen=seen, now=desk.clock(), **about, **more)


def test_a_refund_is_reviewed_within_three_business_days(desk: Desk) -> None:
    """What a new installation promises; from the first wait about a refund on, whatever it began
    with. A corrected tag moves it, and what was thought before stays readable."""
    desk.take(says("1", "general hello", -60), own("2", minutes=-50), classifier=Says())
    assert clocks(desk) == []
    desk.take(says("3", "refund please", -10), classifier=Says())
    (clock,) = clocks(desk)
    assert (clock.target, clock.opened_at) == ("resolution:refund-review", at(-10))
    assert clock.due_at == at(15 * 60 + 3 * 24 * 60)  # Thursday, 24:00
    about = {"conversation_id": clock.conversation_id, "agent_id": desk.agent_id, "actor": "ada"}
    tag: dict[str, Any] = {**about, "category": "payment", "urgency": None, "now": desk.clock()}
    correct(desk.store, **tag)
    assert clocks(desk) == []
    assert [row.superseded_at for row in desk.rows(CaseClockRow)] == [desk.clock()]


def test_it_stands_still_while_it_waits_on_others_and_says_who_put_it_there(desk: Desk) -> None:
    promise(desk)
    desk.clock.forward(hours=1)
    desk.take(says("1", minutes=0), own("2", minutes=60))
    (answered,) = told(desk)
    assert (answered["verdict"], answered["due_at"]) == ("paused", None)
    desk.clock.forward(hours=2)
    move(desk, "third", reason="the bank")
    desk.clock.forward(hours=20)
    move(desk, "reopen")
    (clock,) = told(desk)
    assert [(p["on"], p["since"], p["until"], p["why"]) for p in clock["pauses"]] == [
        ("customer", at(60), at(180), "answered"),
        ("third", at(180), at(23 * 60), "third"),
    ]
    assert (clock["pauses"][1]["by"], clock["pauses"][1]["reason"]) == (
        "ada@lumen.example",
        "the bank",
    )
    assert (clock["verdict"], clock["due_at"]) == ("running", at(0) + (10 + 22) * HOUR)
    assert (clock["used_s"], clock["left_s"], clock["paused_s"]) == (3600, 9 * 3600, 22 * 3600)
    desk.clock.forward(hours=8)
    move(desk, "resolve")
    (clock,) = told(desk)
    assert (clock["verdict"], clock["used_s"], clock["end"]) == ("kept", 9 * 3600, "resolved")


def test_resolved_too_late_it_is_breached_whenever_somebody_looks(desk: Desk) -> None:
    promise(desk, "1h")
    desk.take(says("1", minutes=0))
    desk.clock.forward(hours=2)
    assert told(desk)[0]["verdict"] == "overdue"
    move(desk, "resolve", reason="thanks")
    assert told(desk)[0]["verdict"] == "breached"
    assert states.reopen_due(desk.store, desk.clock()) == 0


def test_the_next_episode_has_a_clock_of_its_own_and_a_reopened_one_goes_on(desk: Desk) -> None:
    promise(desk)
    desk.take(says("1", minutes=0), own("2", minutes=5))
    desk.clock.forward(hours=1)
    move(desk, "resolve")
    desk.clock.forward(hours=1)
    move(desk, "reopen")
    assert [(c.episode, c.end) for c in clocks(desk)] == [(1, None)]
    move(desk, "resolve")
    desk.clock.forward(hours=1)
    desk.take(says("3", minutes=150))
    assert [(c.episode, c.end, c.opened_at) for c in clocks(desk)] == [
        (1, "resolved", at(0)),
        (2, None, at(150)),
    ]


def test_an_undone_step_was_no_pause(desk: Desk) -> None:
    promise(desk)
    desk.take(says("1", minutes=0), own("2", minutes=5))
    move(desk, "reopen")
    running = told(desk)[0]["due_at"]
    desk.clock.forward(minutes=30)
    move(desk, "third", reason="the bank")
    assert told(desk)[0]["due_at"] is None
    with desk.store.read() as session:
        step = steps.newest(session, desk.conversation().id)
    assert step is not None
    about = {"conversation_id": step.conversation_id, "step_id": step.id, "actor": "ada"}
    desk.clock.forward(hours=1)
    undo: dict[str, Any] = about | {"now": desk.clock()}
    states.undo(desk.store, **undo)
    assert told(desk)[0]["due_at"] == running


def test_late_edited_and_reordered_messages_give_the_same_clock(desk: Desk) -> None:
    promise(desk)
    desk.clock.forward(hours=5)
    story = [
        says("1", minutes=0),
        own("2", minutes=30),
        says("3", minutes=90),
        own("4", minutes=100),
        says("5", minutes=200),
    ]
    names = ["c1", "c2", "c3"]
    orders = [story, story[::-1], [story[n] for n in (2, 4, 0, 3, 1)]]
    for name, order in zip(names, orders, strict=True):
        for one in order:
            given: dict[str, Any] = {
                "conversation": name,
                "external_id": f"{name}{one.external_id}",
            }
            desk.take(replace(one, **given))
    edited = says("c11", "hello, edited", 0, conversation="c1", edited_at=at(150))
    desk.take(edited)
    found = [(c.opened_at, c.due_at, c.pauses) for c in clocks(desk)]
    assert len(found) == 3
    assert found[0] == found[1] == found[2]
    assert found[0][1] == at(0) + 10 * HOUR + timedelta(minutes=160)


def test_a_second_run_adds_no_evidence_and_a_changed_policy_appends_some(desk: Desk) -> None:
    promise(desk)
    desk.take(says("1", minutes=-10), own("2", minutes=-5))
    before = len(desk.rows(CaseClockRow))
    with desk.store.write() as session:
        refold(session, [desk.conversation().id], desk.clock.forward(hours=1))
    assert len(desk.rows(CaseClockRow)) == before
    promise(desk, "20h")  # nobody waits for an answer, and yet it is judged anew
    old, new = desk.rows(CaseClockRow)[-2:]
    assert (old.superseded_at, new.superseded_at) == (desk.clock(), None)
    assert (old.budget_s, new.budget_s) == (10 * 3600, 20 * 3600)
    assert (old.policy["version"], new.policy["version"]) == (2, 3)


def test_two_who_judge_at_once_leave_one_clock(desk: Desk) -> None:
    """The second has begun when the first commits, and must not go by what it saw before that."""
    promise(desk)
    desk.take(says("1", minutes=-10), own("2", minutes=-5))
    id_, now, begun = desk.conversation().id, desk.clock(), Event()

    def note(*args: Any) -> None:
        if "FOR UPDATE" in args[2]:
            begun.set()

    def again() -> None:
        with desk.store.write() as session:
            refold(session, [id_], now)

    with ThreadPoolExecutor() as pool:
        with desk.store.write() as session:
            steps.add_step(session, "third", id_, desk.agent_id, "the bank", 2, now)
            refold(session, [id_], now)
            event.listen(desk.store.writer, "before_cursor_execute", note)
            second = pool.submit(again)
            assert desk.store.is_sqlite or begun.wait(20)
        second.result(20)
    event.remove(desk.store.writer, "before_cursor_execute", note)
    assert [clock.pauses[-1]["on"] for clock in clocks(desk)] == ["third"]


def test_each_step_is_told_once_and_none_while_it_stands_still(desk: Desk) -> None:
    connected(desk, -60)
    make_user(desk.store, "Lee Lead", "lead")
    promise(desk)
    desk.clock.forward(hours=30)
    desk.take(says("1", minutes=0), own("2", minutes=60))
    assert case_warnings.look(desk.store, desk.clock()) == 0
    move(desk, "reopen")
    desk.clock.forward(hours=4)
    assert [case_warnings.look(desk.store, desk.clock()) for _ in range(2)] == [1, 0]
    desk.take(says("0", minutes=-1))  # an older message opens it now; nothing is told again
    assert case_warnings.look(desk.store, desk.clock()) == 0
    desk.clock.forward(hours=5)
    assert [case_warnings.look(desk.store, desk.clock()) for _ in range(2)] == [1, 0]
    parts = [(w.part, w.target, w.clock) for w in desk.rows(TurnWarning)]
    name = "The whole matter"
    assert parts == [(50, "resolution:matter", name), (100, "resolution:matter", name)]
    assert {notice.why for notice in desk.rows(Notice)} == {"lead"}


def test_on_postgresql_a_look_leaves_alone_what_is_being_judged(
    postgres_url: str, tmp_path: Path, clock: Clock
) -> None:
    """It would wait for the judge, who waits for the clock that the look has locked."""
    desk = Desk.open(Store(postgres_url), tmp_path, clock)
    connected(desk, -60)
    promise(desk)
    desk.take(says("1", minutes=0))
    now = desk.clock.forward(hours=6)
    with ThreadPoolExecutor() as pool:
        with desk.store.write() as session:
            refold(session, [desk.conversation().id], now)
            assert pool.submit(case_warnings.look, desk.store, now).result(10) == 0
        assert case_warnings.look(desk.store, now) == 1
    desk.store.close()


def test_history_is_not_warned_of(desk: Desk) -> None:
    promise(desk)
    desk.take(says("1", minutes=-9000))
    assert [clock.warn_at for clock in clocks(desk)] == [None]
