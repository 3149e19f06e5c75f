"""Steps move a conversation, tell why, and can be taken back; a snooze ends once, by itself."""

from datetime import timedelta
from typing import Any

import pytest

from inbox.flows import states
from inbox.flows.policies import change_policies, read_toml
from inbox.flows.states import CannotMove, ReasonNeeded, reopen_due
from inbox.flows.steps import excuse
from inbox.store import inbox_list, steps
from inbox.store.tables import Audit, Event, Step, TurnRow
from reports.document import report_json
from tests.flows.desk import Desk, own, says

ADA = "ada@lumenpay.example"


def move(desk: Desk, kind: str, **more: Any) -> str:
    row = desk.conversation()
    seen = more.pop("seen", row.last_message_id or 0)
    states.move(
        desk.store,
        conversation_id=row.id,
        kind=kind,
        agent_id=desk.agent_id,
        actor=ADA,
        seen=seen,
        now=desk.clock(),
        **more,
    )
    return desk.conversation().status


def undo(desk: Desk) -> str:
    row = desk.conversation()
    with desk.store.read() as session:
        step = steps.newest(session, row.id)
    assert step is not None
    states.undo(desk.store, conversation_id=row.id, step_id=step.id, actor=ADA, now=desk.clock())
    return desk.conversation().status


def told(desk: Desk) -> list[tuple[str, Any, Any, Any]]:
    """(action, from, to, reason) of the audit log."""
    kinds = {*states.ACTIONS.values(), "undo"}
    return [
        (a.action, a.detail["from"], a.detail["to"], a.detail["reason"])
        for a in desk.rows(Audit)
        if a.action in kinds
    ]


def in_view(desk: Desk, view: str) -> int:
    with desk.store.read() as session:
        return len(inbox_list.page(session, view, desk.agent_id)[0])


def test_a_conversation_waits_on_others_until_the_customer_writes(desk: Desk) -> None:
    desk.take(says("1"), own("2"))
    with pytest.raises(ReasonNeeded):
        move(desk, "third", reason=" ")
    assert move(desk, "third", reason="the bank") == "third"
    assert (in_view(desk, "waiting"), in_view(desk, "due")) == (1, 0)
    desk.take(says("3", minutes=1))
    assert desk.conversation().status == "open"
    assert told(desk) == [("wait_on_third", "waiting", "third", "the bank")]


@pytest.mark.parametrize("kind", ["customer", "third", "resolve", "spam"])
def test_parking_a_customer_who_waits_asks_for_a_reason_and_excuses(desk: Desk, kind: str) -> None:
    desk.take(says("1"))
    with pytest.raises(ReasonNeeded):
        move(desk, kind)
    assert desk.conversation().status == "open"
    move(desk, kind, reason=" no longer 4111 1111 1111 1111 ")
    (turn,) = [t for t in desk.rows(TurnRow) if t.superseded_at is None]
    assert (turn.end, turn.reason) == ("excused", "no longer 4••• •••• •••• 1111")
    assert undo(desk) == "open"
    assert desk.conversation().due_at is not None
    parked, back = told(desk)
    assert (parked[1], back[:3]) == ("open", ("undo", parked[2], "open"))


def test_a_message_to_what_was_spam_opens_it_with_a_clock_in_a_new_episode(desk: Desk) -> None:
    desk.take(says("1"))
    assert move(desk, "spam", reason="spam") == "spam"
    assert in_view(desk, "spam") == 1
    desk.clock.forward(minutes=2)
    desk.take(says("2", minutes=1))
    row = desk.conversation()
    assert (row.status, row.due_at is not None) == ("open", True)
    assert [t.episode for t in desk.rows(TurnRow) if t.superseded_at is None] == [1, 2]


def test_a_step_done_twice_is_done_once_and_one_that_does_not_fit_is_refused(desk: Desk) -> None:
    desk.take(says("1"), own("2"))
    assert move(desk, "resolve") == move(desk, "resolve") == "resolved"
    assert len(desk.rows(Step)) == 1
    with pytest.raises(CannotMove):
        move(desk, "customer")
    assert move(desk, "reopen") == "open"
    assert (in_view(desk, "due"), in_view(desk, "all")) == (1, 1)


def test_a_snooze_ends_once_with_an_event_and_an_audit_row(desk: Desk) -> None:
    desk.take(says("1"), own("2"))
    until = desk.clock() + timedelta(hours=5)
    assert move(desk, "snooze", until=until) == "snoozed"
    assert desk.conversation().back_at == until
    assert reopen_due(desk.store, desk.clock()) == 0
    desk.clock.forward(hours=5)
    events = len(desk.rows(Event))
    assert [reopen_due(desk.store, desk.clock()) for _ in range(2)] == [1, 0]
    assert desk.conversation().status == "open"
    assert len(desk.rows(Event)) == events + 1
    assert told(desk)[-1] == ("wake", "snoozed", "open", None)
    assert [a.actor for a in desk.rows(Audit) if a.action == "wake"] == ["system"]
    assert in_view(desk, "due") == 1
    with pytest.raises(CannotMove):
        undo(desk)


def test_a_customers_message_ends_a_snooze_that_then_never_wakes(desk: Desk) -> None:
    desk.take(says("1"), own("2"))
    move(desk, "snooze", until=desk.clock() + timedelta(hours=5))
    desk.take(says("3", minutes=1))
    assert (desk.conversation().status, desk.conversation().back_at) == ("open", None)
    desk.clock.forward(hours=6)
    assert reopen_due(desk.store, desk.clock()) == 0


def test_a_snooze_hides_no_running_clock_beyond_its_next_warning(desk: Desk) -> None:
    desk.take(says("1", minutes=0))
    due = desk.conversation().due_at
    assert due is not None
    assert move(desk, "snooze", until=due + timedelta(days=2)) == "snoozed"
    assert desk.conversation().back_at == desk.clock() + timedelta(hours=12)
    assert desk.conversation().due_at == due
    desk.clock.forward(hours=23)
    assert reopen_due(desk.store, desk.clock()) == 1
    with pytest.raises(CannotMove):
        move(desk, "snooze", until=due + timedelta(days=2))
    assert (desk.conversation().status, len(desk.rows(Step))) == ("open", 2)
    assert move(desk, "snooze", until=due - timedelta(minutes=5)) == "snoozed"


BUSINESS = """
[[policy]]
id = "social"
name = "Social"
first = "2bd"
"""


def test_a_warning_of_business_days_is_no_moment_of_the_weekend(desk: Desk) -> None:
    """Friday 09:00 to Tuesday 24:00 are 63 working hours: half of them are gone on Monday."""
    change_policies(desk.store, read_toml(BUSINESS), actor=ADA, now=desk.clock())
    friday = desk.clock.forward(days=4)
    desk.take(says("1", minutes=4 * 24 * 60))
    move(desk, "snooze", until=friday + timedelta(days=6))
    assert desk.conversation().back_at == friday + timedelta(days=3, hours=7.5)


@pytest.mark.parametrize("hours", [None, 0, -1, 9000])
def test_a_snooze_needs_a_time_within_a_year(desk: Desk, hours: float | None) -> None:
    desk.take(says("1"), own("2"))
    until = None if hours is None else desk.clock() + timedelta(hours=hours)
    with pytest.raises(CannotMove):
        move(desk, "snooze", until=until)
    assert desk.conversation().status == "waiting"


def test_only_the_newest_step_can_be_taken_back_and_only_once(desk: Desk) -> None:
    desk.take(says("1"), own("2"))
    move(desk, "third", reason="the bank")
    desk.clock.forward(minutes=1)
    move(desk, "resolve")
    assert undo(desk) == "third"
    (gone,) = [s for s in desk.rows(Step) if s.undone_at]
    assert (gone.kind, gone.undone_by) == ("resolve", ADA)
    with pytest.raises(CannotMove):
        states.undo(
            desk.store,
            conversation_id=gone.conversation_id,
            step_id=gone.id,
            actor=ADA,
            now=desk.clock(),
        )
    assert undo(desk) == "waiting"


def test_an_excuse_can_be_taken_back(desk: Desk) -> None:
    desk.take(says("1"))
    row = desk.conversation()
    excuse(
        desk.store,
        conversation_id=row.id,
        agent_id=desk.agent_id,
        actor=ADA,
        reason="thanks",
        seen=row.last_message_id or 0,
        now=desk.clock(),
    )
    assert desk.conversation().status == "waiting"
    assert undo(desk) == "open"


def test_a_snoozed_customer_stands_in_the_figures_of_open_turns(desk: Desk) -> None:
    desk.take(says("1", minutes=0))
    move(desk, "snooze", until=desk.clock() + timedelta(hours=1))
    desk.clock.forward(hours=30)  # nobody looked meanwhile
    day = (desk.clock() - timedelta(hours=6)).date()
    figures = report_json(desk.store, day, day, "UTC", desk.clock())
    assert figures["overdue_open"] == 1
