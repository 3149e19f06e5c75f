"""The further figures as read from the store, on both engines."""

import random
from datetime import timedelta
from typing import Any

import pytest

from inbox.flows import complaints, states, teams
from inbox.store import outages, report_cases
from inbox.store.reports import Span
from inbox.store.tables import Message as MessageRow
from inbox.store.tables import Step
from reports.behind import Figure, Stored, behind
from reports.document import report_json
from reports.figures import Period
from reports.figures_cases import Matter
from reports.figures_cases import resolved as resolved_of
from reports.further import resolved
from reports.rollups import tallies_of
from reports.sums import Sums
from templates.periods import DAY as ONE
from templates.periods import Days
from tests.reports.office import ADA, Office, answers, asks, at
from tests.reports.test_document import TODAY

LATER = at(40 * 24)


def step(
    office: Office, who: str, hour: float, kind: str, reason: str = "thanks: all well"
) -> None:
    conversation = office.conversation(who)
    states.move(
        office.store,
        conversation_id=conversation.id,
        kind=kind,
        agent_id=1,
        actor=ADA,
        seen=conversation.last_message_id or 0,
        now=at(hour),
        reason=reason,
    )


def listed(office: Office, name: str, group: str = "", key: str = "", as_of: float = 30) -> int:
    found = behind(office.store, Days.day(TODAY), at(as_of), Figure(name, group, key), 50)
    shown = len(found.waits) + len(found.matters) + sum(one.messages for one in found.heard)
    assert found.count == shown
    return shown


def counted(office: Office, as_of: float = 30, **days: Any) -> dict[str, Any]:
    return report_json(office.store, TODAY, TODAY, days.get("zone"), at(as_of))


def test_a_matter_takes_from_its_first_message_to_its_resolution(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-5)), answers("ann", at(1)))
    step(office, "ann", 3, "resolve")
    office.take(asks("ben", at(2)), answers("ben", at(4)))
    step(office, "ben", 5, "spam")
    office.take(asks("cai", at(6)))
    step(office, "cai", 8, "resolve", "thanks")
    found = counted(office)
    assert (found["resolution_s"]["count"], found["resolution_s"]["max"]) == (2, 8 * 3600.0)
    assert found["open_hours"]["resolution_s"] == found["resolution_s"], "a Wednesday, all open"
    assert found["turns_closed"] == 3
    assert found["by_reason"] == {"thanks": {"excused": 1}}
    assert (listed(office, "resolved"), listed(office, "excused", "reason", "thanks")) == (2, 1)
    assert listed(office, "excused", "reason", "spam") == 0
    step(office, "ann", 31, "reopen")
    assert counted(office)["resolution_s"]["count"] == 2
    assert counted(office, 31)["resolution_s"]["count"] == 1
    assert counted(office, 7.5)["resolution_s"]["count"] == 1


def test_a_matter_has_the_tag_of_its_first_wait_and_an_excuse_that_of_its_own(
    office: Office,
) -> None:
    office.open()
    office.take(asks("ann", at(1), "payment low a"), answers("ann", at(2)))
    office.correct("ann", at(3), category="refund")
    office.take(asks("ann", at(4), "spam high a", number=1))
    office.excuse("ann", at(5))
    step(office, "ann", 6, "resolve")
    said = [asks("ben", at(-20), "account low b"), answers("ben", at(9))]
    office.take(*said, channel="whatsapp", stored_at=at(9))
    with office.store.read() as session:
        whole = tallies_of(session, Days.day(TODAY), "UTC", at(30))[TODAY]
    found = {}
    for cell in whole.cells:
        some = whole.only(cell.__eq__)
        reasons = Sums(some, at(30)).excused_by_reason()
        found[cell[3]] = (len(some.resolved), len(some.missed), reasons)
    assert found == {
        "refund": (1, 0, {}),
        "spam": (0, 0, {"thanks": 1}),
        "account": (0, 1, {}),
    }


def test_what_may_have_been_resolved_is_found_whatever_the_history(office: Office) -> None:
    rng = random.Random(7)
    office.open()
    for number in range(12):
        who, hour = f"c{number}", rng.randrange(-30, 20)
        for turn in range(4):
            office.take(asks(who, at(hour), number=turn), stored_at=at(hour + rng.choice((0, 9))))
            if rng.random() < 0.6:
                office.take(answers(who, at(hour + 2), number=turn), stored_at=at(hour + 2))
            seen = office.conversation(who).last_message_id or 0
            with office.store.write() as session:
                kind = rng.choice(("resolve", "resolve", "reopen", "spam"))
                about = {"conversation_id": office.conversation(who).id, "agent_id": 1}
                session.add(Step(**about, kind=kind, at=at(hour + 3), seen=seen))
            hour += rng.randrange(4, 14)
        office.take(asks(who, at(hour), number=9), answers(who, at(hour + 1), number=9))
    with office.store.read() as session:
        whole = Span(at(-1000), at(1000), LATER)
        matters = [
            Matter(id_, *story)
            for stories in report_cases.stories(session, whole)
            for id_, story in stories.items()
        ]
        for start, end, as_of in ((0, 24, 40), (-24, 24, 30), (12, 36, 20), (-60, 90, 99)):
            period = Period(at(start), at(end), at(as_of))
            expected = resolved_of(matters, period)
            assert resolved(session, period) == expected
        assert len(expected) > 10


def test_a_window_that_closed_before_the_answer_is_counted_when_it_closed(office: Office) -> None:
    """WhatsApp takes free answers for 24 hours after each message of the customer."""
    office.open()

    def told(who: str, *hours: float, answer: float | None = None) -> None:
        said = [asks(who, at(h), number=n) for n, h in enumerate(hours)]
        said += [answers(who, at(answer))] if answer is not None else []
        office.take(*said, channel="whatsapp", stored_at=at(40))

    told("late", -20, answer=9)
    told("kept", -20, answer=3)
    told("again", -20, -2, answer=9)
    told("open", -3)
    told("before", -30)
    office.take(asks("public", at(-20)), channel="x", stored_at=at(40))
    assert counted(office)["windows_missed"] == listed(office, "windows_missed") == 2
    assert counted(office, 20)["windows_missed"] == 1


def test_a_complaints_deadlines_are_counted_by_rules(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-49 * 24)), answers("ann", at(-40)))
    with office.store.read() as session:
        said = {m.role: m.id for m in session.query(MessageRow)}
    about: dict[str, Any] = {"conversation_id": office.conversation("ann").id, "actor": ADA}
    mark: dict[str, Any] = {
        "template_id": "fca",
        "message_id": said["customer"],
        "reason": "says so",
    }
    complaints.mark(office.store, **about, **mark, now=at(5))
    assert counted(office, 4)["by_complaint"] == {}
    found = counted(office, 30)["by_complaint"]
    assert {key: one["running"] for key, one in found.items()} == {"fca final": 1}
    assert found["fca final"]["deadline"] == "Final response"
    assert listed(office, "complaint_running", "complaint", "fca final") == 1
    assert listed(office, "complaint_running", "complaint", "fca summary") == 0
    complaints.end(office.store, **about, message_id=said["ours"], now=at(6))
    two_days_ago = report_json(office.store, TODAY - 2 * ONE, TODAY, None, at(30))
    told = two_days_ago["by_complaint"]["fca final"]
    assert (told["met"], told["missed"], told["running"]) == (1, 0, 0)
    month = report_json(office.store, TODAY - 60 * ONE, TODAY, None, at(30))["by_complaint"]
    assert (month["fca summary"]["missed"], month["fca final"]["met"]) == (1, 1)


def test_corrections_masks_and_silences_are_those_of_the_period(office: Office) -> None:
    office.open()
    card = "payment normal 4111 1111 1111 1111"
    office.take(asks("ann", at(1), card), asks("ben", at(2)), asks("cai", at(-3), card))
    office.correct("ann", at(5), category="refund", urgency="normal")
    office.correct("ben", at(6), category="payment", urgency="normal")
    office.correct("cai", at(6), category="refund", urgency="normal")
    with office.store.write() as session:
        outages.begin(session, 1, at(-2), "stale", None, at(-1))
    found = counted(office, 20)
    said = {"messages": 2, "confidence": 0.9, "asked": 0, "turns": 2, "corrected": 1}
    assert found["classifier"] == said
    assert found["masked"] == listed(office, "masked", as_of=20) == 1
    assert listed(office, "corrected", as_of=20) == 1
    assert found["by_silence"] == {"x @lumen": {"silent_s": 20 * 3600.0, "silences": 1}}
    assert counted(office, 4)["classifier"]["corrected"] == 0
    assert counted(office, -3)["by_silence"] == {}


def test_teams_have_the_figures_of_the_accounts_that_they_serve(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(1)), answers("ann", at(2)))
    office.take(asks("ben", at(1)), channel="email")
    assert counted(office)["by_team"] == {}
    wanted = teams.Wanted("Cards", frozenset(), frozenset({office.account("x").id}), None)
    teams.add(office.store, wanted, actor="cli", now=at(0))
    found = counted(office)
    assert found["by_team"]["Cards"] == found["by_channel"]["x"]
    assert listed(office, "received", "team", "Cards") == 1
    assert listed(office, "turns_opened", "team", "everyone") == 1
    assert found["by_team"]["everyone"] == found["by_channel"]["email"]
    assert found["by_hour"]["wed 01"]["first_response_s"]["median"] == 3600.0


def test_a_night_when_the_clocks_change_lasts_as_long_as_it_does(sqlite_office: Office) -> None:
    """Saturday noon to Monday noon in Lisbon: no hour of the weekend is open."""
    office = sqlite_office.open(zone="Europe/Lisbon")
    saturday = at(-25 * 24 + 11)
    office.take(asks("ann", saturday), answers("ann", saturday + timedelta(hours=49)))
    monday = (saturday + timedelta(hours=49)).date()
    found = report_json(office.store, monday, monday, None, LATER)
    assert found["first_response_s"]["max"] == 49 * 3600.0
    assert found["open_hours"]["first_response_s"]["max"] == 12 * 3600.0
    assert list(found["by_hour"]) == ["sat 12"]


@pytest.mark.parametrize("as_of", [0, 24])
def test_a_period_that_has_not_begun_has_no_figures(sqlite_office: Office, as_of: float) -> None:
    office = sqlite_office.open()
    office.take(asks("ann", at(30)), stored_at=at(31))
    found = report_json(office.store, TODAY + ONE, TODAY + ONE, None, at(as_of))
    assert (found["turns_closed"], found["windows_missed"], found["masked"]) == (0, 0, 0)
    assert found["classifier"]["confidence"] is None


def test_a_stored_report_is_listed_in_the_zone_that_it_was_made_in(sqlite_office: Office) -> None:
    office = sqlite_office.open(zone="UTC")
    office.take(asks("ann", at(-7)), asks("ben", at(20)), asks("cai", at(21)), stored_at=at(22))
    received, days = Figure("received"), Days.day(TODAY)
    now = behind(office.store, days, at(30), received, 9)
    then = behind(office.store, days, at(30), received, 9, Stored(1, "Asia/Shanghai"))
    assert (now.count, then.count, then.zone) == (2, 1, "Asia/Shanghai")
    assert then.report_path == f"/reports/{TODAY}?edition=1"
