"""Complaints: a person starts several deadlines at once, at the customer's time, and ends them."""

from datetime import timedelta
from typing import Any

import pytest

from inbox.domain import complaints as rules
from inbox.domain.complaints import FCA, PSD2, REG_E
from inbox.domain.written import Unclear
from inbox.flows import case_warnings, complaints
from inbox.flows.finding import find
from inbox.flows.policies import change_calendar, read_toml
from inbox.flows.refold import refold
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import inbox_list
from inbox.store.tables import Audit, CaseClockRow, Complaint, Message, TurnWarning
from tests.factories import make_brand, make_user
from tests.flows.desk import Desk, at, own, says
from tests.flows.test_case_clocks import clocks, move, told
from tests.flows.test_refold import Says
from tests.flows.test_warnings import connected

DAY = timedelta(days=1)
ADA = "ada@lumen.example"


def mark(
    desk: Desk, template: str = "psd2", message: str = "1", reason: str = "asks for it"
) -> int:
    return complaints.mark(
        desk.store,
        conversation_id=desk.conversation().id,
        template_id=template,
        message_id=desk.message(message).id,
        reason=reason,
        actor=ADA,
        now=desk.clock(),
    )


def end(desk: Desk, answer: str | None) -> None:
    message_id = None if answer is None else desk.message(answer).id
    about: dict[str, Any] = {"conversation_id": desk.conversation().id, "message_id": message_id}
    complaints.end(desk.store, **about, actor=ADA, now=desk.clock())


def undo(desk: Desk, reason: str = "a question") -> None:
    about: dict[str, Any] = {"conversation_id": desk.conversation().id, "reason": reason}
    complaints.undo(desk.store, **about, actor=ADA, now=desk.clock())


def due(desk: Desk) -> dict[str, Any]:
    return {row.policy["target"]: row.due_at for row in clocks(desk)}


@pytest.mark.parametrize(
    ("template", "targets"),
    [(PSD2, ["15bd", "35bd"]), (FCA, ["3bd", "56d"]), (REG_E, ["10bd", "45d"])],
)
def test_the_deadlines_are_those_that_the_regulators_name(
    template: rules.Template, targets: list[str]
) -> None:
    assert [str(one.target) for one in template.deadlines] == targets
    assert template.source
    assert not template.pauses
    assert rules.restored(rules.snapshot(template)) == template


def test_every_deadline_runs_from_the_customers_message_whenever_it_is_marked(desk: Desk) -> None:
    """Monday, 23 November: 15 business days end with 14 December, 35 with 11 January."""
    desk.take(says("1", minutes=-30), says("2", minutes=-5))
    desk.clock.forward(days=2)
    mark(desk)
    assert due(desk) == {"15bd": at(15 * 60) + 21 * DAY, "35bd": at(15 * 60) + 49 * DAY}
    assert {row.opened_at for row in clocks(desk)} == {at(-30)}
    row = desk.conversation()
    assert (row.complaint_id is not None, row.complaint_due_at) == (True, at(15 * 60) + 21 * DAY)
    (log,) = [a for a in desk.rows(Audit) if a.action == "complaint"]
    assert (log.actor, log.detail["template"], log.detail["reason"]) == (ADA, "psd2", "asks for it")


def test_calendar_days_end_at_local_midnight(sqlite_desk: Desk) -> None:
    make_brand(sqlite_desk.store, zone="Asia/Shanghai")
    sqlite_desk.take(says("1", minutes=0))
    mark(sqlite_desk, "fca")
    assert due(sqlite_desk)["56d"] == at(7 * 60) + 56 * DAY


def test_the_final_response_ends_them_at_its_own_time_and_only_if_it_arrived(desk: Desk) -> None:
    desk.take(says("1", minutes=0))
    mark(desk)
    desk.clock.forward(days=22)
    desk.take(own("2", minutes=20 * 24 * 60))
    end(desk, "2")
    assert [(one["verdict"], one["ended_by"]) for one in told(desk)] == [
        ("kept", desk.message("2").id)
    ] * 2
    assert desk.conversation().complaint_due_at is None
    end(desk, None)
    assert {one["end"] for one in told(desk)} == {None}
    with pytest.raises(CannotMove):
        end(desk, "1")  # the customer's


def test_an_answer_that_is_older_than_the_complaint_is_no_final_response(desk: Desk) -> None:
    """Else one click would keep every deadline, with evidence from before there was a complaint."""
    desk.take(says("1", minutes=-9), own("2", minutes=-8), says("3", minutes=-7))
    mark(desk, message="3")
    with pytest.raises(CannotMove, match="older"):
        end(desk, "2")
    assert {row.end for row in clocks(desk)} == {None}


def test_a_complaint_can_be_taken_back_with_a_reason_and_stays_readable(desk: Desk) -> None:
    desk.take(says("1"))
    mark(desk)
    with pytest.raises(CannotMove):
        mark(desk)
    with pytest.raises(ReasonNeeded):
        undo(desk, " ")
    undo(desk)
    assert (clocks(desk), desk.conversation().complaint_id) == ([], None)
    assert len(desk.rows(CaseClockRow)) == 2
    (row,) = desk.rows(Complaint)
    assert (row.undone_by, row.undone_why) == (ADA, "a question")
    with pytest.raises(CannotMove):
        undo(desk)
    mark(desk, "fca")
    assert len(clocks(desk)) == 2


@pytest.mark.parametrize(
    ("template", "message", "reason", "error"),
    [
        ("psd2", "1", "", ReasonNeeded),
        ("psd9", "1", "why", CannotMove),
        ("psd2", "2", "why", CannotMove),
    ],
)
def test_what_does_not_fit_starts_nothing(
    sqlite_desk: Desk, template: str, message: str, reason: str, error: type[Exception]
) -> None:
    sqlite_desk.take(says("1"), own("2"))
    with pytest.raises(error):
        mark(sqlite_desk, template, message, reason)
    assert sqlite_desk.rows(Complaint) == []


def test_an_angry_message_is_proposed_and_starts_nothing(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1", "feedback terrible"), classifier=Says())
    assert complaints.proposes("feedback", "angry")
    assert not complaints.proposes("feedback", "praise")
    assert not complaints.proposes("refund", "angry")
    assert sqlite_desk.rows(Complaint) == []
    assert [row for row in clocks(sqlite_desk) if row.target.startswith("complaint")] == []


OWN = """
id = "ombudsman"
name = "Ombudsman"
pauses = true

[[deadline]]
name = "Answer"
within = "10h"
"""


def test_a_template_of_the_brands_own_may_pause_and_binds_what_was_marked_with_it(
    desk: Desk,
) -> None:
    document = read_toml(OWN)
    complaints.change_template(desk.store, document, actor="ada", now=desk.clock())
    desk.clock.forward(hours=2)
    desk.take(says("1", minutes=0), own("2", minutes=60))
    mark(desk, "ombudsman")
    assert [(one["verdict"], one["used_s"]) for one in told(desk)] == [("paused", 3600)]
    move(desk, "reopen")
    assert told(desk)[0]["due_at"] == at(11 * 60)
    document["deadline"][0]["within"] = "1h"
    complaints.change_template(desk.store, document, actor="ada", now=desk.clock())
    complaints.remove_template(desk.store, "ombudsman", actor="ada", now=desk.clock())
    move(desk, "snooze", until=desk.clock() + DAY)
    assert clocks(desk)[0].policy["target"] == "10h"
    with desk.store.read() as session:
        assert [one.id for one in complaints.templates(session)] == ["psd2", "fca", "reg-e"]


@pytest.mark.parametrize(
    ("change", "says_"),
    [
        ({"id": "psd2"}, "came with the program"),
        ({"id": "No"}, "lower-case"),
        ({"name": ""}, "needs a name"),
        ({"deadline": []}, "1 to 6"),
        ({"deadline": [{"name": "x", "within": "soon"}]}, "such as 15bd"),
        ({"calendar": "moon"}, "no calendar"),
        ({"pauses": "yes"}, "true or false"),
        ({"law": "x"}, "means nothing"),
    ],
)
def test_a_template_that_says_nothing_clear_is_refused(
    sqlite_desk: Desk, change: dict[str, Any], says_: str
) -> None:
    document = read_toml(OWN) | change
    with pytest.raises(Unclear, match=says_):
        complaints.change_template(sqlite_desk.store, document, actor="a", now=sqlite_desk.clock())


def test_each_deadline_warns_at_its_own_steps_each_once(desk: Desk) -> None:
    connected(desk, -60)
    make_user(desk.store, "Lee Lead", "lead")
    desk.take(says("1", minutes=0), own("2", minutes=0))
    mark(desk, "reg-e")
    parts: list[tuple[str, int]] = []
    for day in range(50):
        desk.clock.now = at(0) + day * DAY
        case_warnings.look(desk.store, desk.clock())
        case_warnings.look(desk.store, desk.clock())
        rows = desk.rows(TurnWarning)
        parts = [(row.target.rpartition(":")[2], row.part) for row in rows]
    assert [p for name, p in parts if name == "determine"] == [50, 75, 90, 100]
    assert [p for name, p in parts if name == "complete"] == [50, 75, 90, 100]
    assert desk.rows(TurnWarning)[-1].clock == "Complaint: Investigation completed"


def test_calendar_days_warn_by_the_zone_that_they_were_counted_in(desk: Desk) -> None:
    """Monday 09:00 in London is Monday evening in Auckland: Tuesday ends there at 11:00 in UTC. The
    name of a policy lends a template nothing of that policy's."""
    connected(desk, -60)
    make_user(desk.store, "Lee Lead", "lead")
    about: dict[str, Any] = {"actor": "ada", "now": desk.clock()}
    change_calendar(desk.store, "south", {"zone": "Pacific/Auckland"}, **about)
    template = {"id": "refund-review", "name": "Ours", "calendar": "south"}
    rows = {"deadline": [{"name": "Answer", "within": "1d"}]}
    complaints.change_template(desk.store, template | rows, **about)
    desk.take(says("1", minutes=0), own("2", minutes=0))
    mark(desk, "refund-review")
    due_at = at(0) + timedelta(hours=26)
    assert due(desk) == {"1d": due_at}
    desk.clock.now = due_at - timedelta(minutes=1)
    case_warnings.look(desk.store, desk.clock())
    desk.clock.now = due_at
    case_warnings.look(desk.store, desk.clock())
    told_ = [(row.part, row.due_at, row.clock) for row in desk.rows(TurnWarning)]
    assert told_ == [(90, due_at, "Complaint: Answer"), (100, due_at, "Complaint: Answer")]


def test_complaints_are_found_and_shown_in_the_list(desk: Desk) -> None:
    desk.take(says("1"), says("a", author="bob", conversation="c2"))
    mark(desk)
    with desk.store.read() as session:
        found = find(session, "is:complaint", now=desk.clock(), me=None).found
        rows, _ = inbox_list.page(session, "all", desk.agent_id)
    assert [one.conversation_id for one in found] == [desk.conversation().id]
    assert sorted(bool(row.complaint_id) for row in rows) == [False, True]


def test_a_complaint_follows_its_message_to_another_conversation(desk: Desk) -> None:
    desk.take(says("1"), says("2", minutes=-8), says("a", author="bob", conversation="c2"))
    mark(desk, message="2")
    ann, bob = desk.conversation(), desk.conversation("bob")
    with desk.store.write() as session:
        session.get_one(Message, desk.message("2").id).conversation_id = bob.id
        session.flush()
        refold(session, [ann.id, bob.id], desk.clock())
    assert {row.conversation_id for row in clocks(desk)} == {bob.id}
    assert desk.conversation().complaint_id is None
    assert desk.conversation("bob").complaint_due_at is not None
