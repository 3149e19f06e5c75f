"""Defects of answer clocks that were found in the best existing systems, each with its proof that
it is none here."""

from datetime import timedelta
from typing import Any

from inbox.flows import states
from inbox.flows.calculations import calculations
from inbox.flows.policies import change_calendar, change_policies, read_toml
from inbox.flows.refold import verdict
from inbox.flows.warnings import look
from inbox.store import turns
from inbox.store.tables import TurnRow
from reports.document import report_json
from tests.flows.desk import Desk, at, own, says

HOUR = timedelta(hours=1)
TWO_DAYS = '[[policy]]\nid = "social"\nname = "Social"\nfirst = "2bd"\n'
FOUR_HOURS = '[[policy]]\nid = "social"\nname = "Social"\nfirst = "4h"\n'


def current(desk: Desk) -> list[TurnRow]:
    rows: list[TurnRow] = desk.rows(TurnRow)
    return sorted((t for t in rows if t.superseded_at is None), key=lambda t: t.seq)


def move(desk: Desk, kind: str, **more: Any) -> None:
    row = desk.conversation()
    about: dict[str, Any] = {"conversation_id": row.id, "agent_id": desk.agent_id, "actor": "ada"}
    seen = row.last_message_id or 0
    states.move(desk.store, kind=kind, seen=seen, now=desk.clock(), **about, **more)


def test_the_clock_starts_when_the_customer_wrote_not_when_the_row_was_made(waits: Desk) -> None:
    """An outage of ours does not give us more time."""
    waits.clock.forward(hours=20)
    waits.take(says("late", minutes=-60, author="bob", conversation="c2"))
    (turn,) = [t for t in current(waits) if t.conversation_id == waits.conversation("bob").id]
    assert (turn.opened_at, turn.due_at) == (at(-60), at(-60) + 24 * HOUR)
    assert turn.evaluated_at == waits.clock()


def test_an_answer_of_a_bot_does_not_stop_the_clock(waits: Desk) -> None:
    waits.take(own("2", "We received your message.", minutes=-9, automated=True))
    (turn,) = current(waits)
    assert (turn.end, waits.conversation().due_at) == (None, at(-10) + 24 * HOUR)


def test_a_late_answer_keeps_its_real_time(waits: Desk) -> None:
    """Nothing is cut at the due time, and a breach does not end the clock."""
    waits.clock.forward(hours=60)
    look(waits.store, waits.clock())
    waits.take(own("2", minutes=50 * 60))
    (turn,) = current(waits)
    assert (turn.ended_at, verdict(turn, waits.clock())) == (at(50 * 60), "breached")
    day = at(50 * 60).date()
    figures = report_json(waits.store, day, day, "UTC", waits.clock())
    assert figures["first_response_s"]["max"] == (50 * 60 + 10) * 60


def test_what_was_late_between_two_looks_of_a_job_is_not_counted_as_kept(waits: Desk) -> None:
    """Answered an hour after due, resolved right then; no job looked between due and answer."""
    waits.clock.forward(hours=25)
    waits.take(own("2", minutes=24 * 60 + 50))
    move(waits, "resolve")
    assert look(waits.store, waits.clock.forward(hours=1)) == 0
    (turn,) = current(waits)
    assert verdict(turn, waits.clock()) == "breached"
    day = at(24 * 60).date()
    figures = report_json(waits.store, day, day, "UTC", waits.clock())
    assert (figures["turns_due"], figures["answered_in_time"]) == (1, 0)


def test_a_conversation_that_is_opened_again_has_a_new_clock(waits: Desk) -> None:
    waits.take(own("2"))
    move(waits, "resolve")
    waits.clock.forward(hours=100)
    waits.take(says("3", minutes=99 * 60))
    first, again = current(waits)
    assert (first.episode, again.episode, again.is_first) == (1, 2, True)
    assert waits.conversation().due_at == again.due_at == at(99 * 60) + 24 * HOUR


def test_a_policy_can_be_changed_and_judges_what_is_still_open(waits: Desk) -> None:
    waits.take(says("a", author="bob", conversation="c2"), own("b", conversation="c2"))
    change_policies(waits.store, read_toml(FOUR_HOURS), actor="ada", now=waits.clock())
    by_conversation = {t.conversation_id: t for t in current(waits)}
    still_open = by_conversation[waits.conversation().id]
    ended = by_conversation[waits.conversation("bob").id]
    assert (still_open.policy["version"], still_open.due_at) == (2, at(-10) + 4 * HOUR)
    assert (ended.policy["version"], ended.due_at) == (1, at(-10) + 24 * HOUR)


def test_holidays_do_not_count_as_business_days(waits: Desk) -> None:
    """Portugal's 1 and 8 December 2026; opened on Monday, 30 November."""
    portugal = read_toml('zone = "Europe/Lisbon"\ncountries = ["PT"]')
    change_calendar(waits.store, "working days", portugal, actor="ada", now=waits.clock())
    change_policies(waits.store, read_toml(TWO_DAYS), actor="ada", now=waits.clock())
    waits.clock.forward(days=7)
    waits.take(says("2", minutes=7 * 24 * 60 - 1, author="bob", conversation="c2"))
    (turn,) = [t for t in current(waits) if t.conversation_id == waits.conversation("bob").id]
    assert turn.due_at.isoformat() == "2026-12-04T00:00:00+00:00"
    with waits.store.read() as session:
        (how,) = calculations(session, [turn])
    assert [(day.day.day, day.name) for day in how.skipped] == [
        (1, "Restoration of Independence Day")
    ]


def test_a_verdict_has_evidence_that_nothing_overwrites(waits: Desk) -> None:
    """Which message, which answer, which versions; what was thought before stays readable."""
    waits.take(own("2"))
    waits.clock.forward(minutes=5)
    waits.take(says("0", minutes=-30))  # an older message reaches us late
    with waits.store.read() as session:
        whole = turns.evidence(session, waits.conversation().id, history=True)
    first, second, now = sorted(whole, key=lambda t: t.id)
    assert first.superseded_at == second.evaluated_at
    assert (second.end, now.end) == ("answered", "answered")
    assert (second.opened_at, now.opened_at) == (at(-10), at(-30))
    assert now.ended_by == waits.message("2").id
    assert (now.policy["id"], now.policy["version"]) == ("social", 1)
    assert now.calendar == {"name": "clock", "version": 1, "zone": "UTC"}
