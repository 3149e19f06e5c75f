"""What a report reads from the store: the figures of a plain count over the same messages."""

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import templates
from connectors.core.contract import Message
from reports.document import Document, document, report_json
from reports.editions import page
from tests.reports.office import ADA, BO, DAY, Office, answers, asks, at, deleted

TODAY = DAY.date()
LATER = at(24 * 60)


@dataclass
class Wait:
    """One wait as a person with pen and paper would note it."""

    who: str
    channel: str
    category: str
    opened: datetime
    ended: datetime | None = None
    end: str = ""
    by: str | None = None
    first: bool = False


def in_day(moment: datetime | None, day: date, zone: str, as_of: datetime) -> bool:
    if moment is None or moment > as_of:
        return False
    return moment.astimezone(ZoneInfo(zone)).date() == day


def a_busy_week(office: Office, seed: int) -> tuple[list[Wait], list[tuple[str, datetime]]]:
    """Sixty customers over six days; the waits and the (channel, time) of each message."""
    rng = random.Random(seed)
    waits: list[Wait] = []
    received: list[tuple[str, datetime]] = []
    for number in range(60):
        who = f"c{number}"
        channel = rng.choice(("x", "email", "webhook"))
        moment = at(rng.uniform(-60, 60))
        story: list[Message] = []
        for turn in range(rng.randint(1, 3)):
            category = rng.choice(("payment", "refund", "spam"))
            wait = Wait(who, channel, category, moment, first=turn == 0)
            story.append(asks(who, moment, f"{category} normal help", number=turn))
            received.append((channel, moment))
            waits.append(wait)
            if rng.random() < 0.2:
                break
            wait.ended = moment + timedelta(minutes=rng.choice((3, 90, 600, 1440, 1441, 2500)))
            wait.by, wait.end = rng.choice((ADA, BO, None)), "answered"
            story.append(answers(who, wait.ended, wait.by, number=turn))
            moment = wait.ended + timedelta(minutes=rng.uniform(1, 900))
        if len(story) == 1 and rng.random() < 0.6:
            waits[-1].ended = story[0].sent_at + timedelta(hours=rng.choice((2, 30)))
            waits[-1].end = "withdrawn"
            story[0] = deleted(story[0], waits[-1].ended)
            waits[-1].category = "untagged"
        rng.shuffle(story)
        office.take(*story, channel=channel, stored_at=LATER)
    return waits, received


def counted(
    waits: list[Wait], received: list[datetime], day: date, zone: str, as_of: datetime
) -> dict[str, Any]:
    """The same figures, counted one by one."""

    def happened(wait: Wait) -> str:
        return wait.end if wait.ended is not None and wait.ended <= as_of else ""

    due = [w for w in waits if in_day(w.opened + timedelta(days=1), day, zone, as_of)]
    due = [
        w
        for w in due
        if happened(w) in ("", "answered") or (w.ended or w.opened) > w.opened + timedelta(days=1)
    ]
    kept = [
        w
        for w in due
        if happened(w) == "answered" and w.ended and w.ended <= w.opened + timedelta(days=1)
    ]
    ended = [w for w in waits if in_day(w.ended, day, zone, as_of)]
    spans = [
        (w.first, (w.ended - w.opened).total_seconds())
        for w in ended
        if w.end == "answered" and w.ended
    ]
    opened = [w for w in waits if in_day(w.opened, day, zone, as_of)]
    first = [s for is_first, s in spans if is_first]
    return {
        "received": sum(in_day(moment, day, zone, as_of) for moment in received),
        "turns_opened": len(opened),
        "turns_due": len(due),
        "answered_in_time": len(kept),
        "share_in_time": len(kept) / len(due) if due else None,
        "overdue_open": sum(happened(w) == "" for w in due),
        "running": sum(happened(w) == "" and w.opened + timedelta(days=1) > as_of for w in opened),
        "withdrawn": sum(w.end == "withdrawn" for w in ended),
        "first_count": len(first),
        "first_median": median(first) if first else None,
        "next_count": len(spans) - len(first),
    }


def told(figures: dict[str, Any]) -> dict[str, Any]:
    """The same names from `report --json`."""
    first = figures["first_response_s"]
    return {
        **{key: figures[key] for key in figures if key in PLAIN},
        "first_count": first["count"],
        "first_median": first["median"],
        "next_count": figures["next_response_s"]["count"],
    }


PLAIN = (
    *("received", "turns_opened", "turns_due", "answered_in_time", "share_in_time"),
    *("overdue_open", "running", "withdrawn"),
)


@pytest.mark.parametrize("seed", range(2))
def test_the_figures_are_a_plain_count_of_the_messages(office: Office, seed: int) -> None:
    office.open()
    waits, received = a_busy_week(office, seed)
    rng = random.Random(seed)
    for _ in range(12):
        day = TODAY + timedelta(days=rng.randint(-3, 3))
        zone = rng.choice(("UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Kiritimati"))
        as_of = rng.choice((LATER, at(rng.uniform(-40, 80))))
        figures = report_json(office.store, day, day, zone, as_of)
        moments = [moment for _, moment in received]
        assert told(figures) == counted(waits, moments, day, zone, as_of)
        for channel, group in figures["by_channel"].items():
            ours = [w for w in waits if w.channel == channel]
            moments = [moment for on, moment in received if on == channel]
            assert told(group) == counted(ours, moments, day, zone, as_of)
        by = Counter(
            w.by or "outside"
            for w in waits
            if w.end == "answered" and in_day(w.ended, day, zone, as_of)
        )
        assert {name: agent["answered"] for name, agent in figures["by_agent"].items()} == by


def test_a_period_of_days_begins_and_ends_at_local_midnights(office: Office) -> None:
    office.open(zone="Asia/Shanghai")
    office.take(*(asks(f"c{hour}", at(hour)) for hour in (-8.1, -8, 15.9, 16, 39.9, 40)))
    two_days = report_json(office.store, TODAY, TODAY + timedelta(days=1), None, LATER)
    assert (two_days["from"], two_days["to"]) == ("2026-11-18", "2026-11-19")
    assert (two_days["zone"], two_days["received"]) == ("Asia/Shanghai", 4)
    one_day = report_json(office.store, TODAY, TODAY, "UTC", LATER)
    assert (one_day["zone"], one_day["received"]) == ("UTC", 2)


def test_a_report_needs_no_brand(office: Office) -> None:
    figures = report_json(office.store, TODAY, TODAY, None, LATER)
    assert (figures["zone"], figures["received"], figures["share_in_time"]) == ("UTC", 0, None)


def test_a_tag_counts_as_it_was_corrected_by_the_instant(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(1), "payment normal help"))
    office.correct("ann", at(5), category="refund", urgency="high")
    office.correct("ann", at(9), category="security", urgency="high")

    def category(as_of: datetime) -> list[str]:
        return list(report_json(office.store, TODAY, TODAY, None, as_of)["by_category"])

    assert category(at(4)) == ["payment"]
    assert category(at(5)) == ["refund"]
    assert category(at(20)) == ["security"]


def test_a_tag_given_after_the_instant_is_better_than_none(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(1), "payment normal help"), stored_at=at(30))
    assert list(report_json(office.store, TODAY, TODAY, None, at(2))["by_category"]) == ["payment"]


def test_what_came_after_the_instant_has_not_happened(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-20)), answers("ann", at(3.5)), stored_at=at(40))
    office.take(asks("ben", at(-20)), answers("ben", at(10)), stored_at=at(40))
    before = report_json(office.store, TODAY, TODAY, None, at(5))
    after = report_json(office.store, TODAY, TODAY, None, at(11))
    assert (before["turns_due"], before["answered_in_time"], before["overdue_open"]) == (2, 1, 1)
    assert (after["turns_due"], after["answered_in_time"], after["overdue_open"]) == (2, 1, 0)


def test_a_figure_of_the_past_is_not_changed_by_later_work(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-20)))
    before = document(office.store, TODAY, TODAY, None, at(5))
    office.take(answers("ann", at(30)))
    office.take(asks("ben", at(31)))
    assert document(office.store, TODAY, TODAY, None, at(5)) == before


def test_late_now_is_whoever_waits_past_the_promise_whenever_it_was_due(office: Office) -> None:
    office.open()
    office.take(asks("old", at(-100)))
    office.take(asks("late", at(0.5)))
    office.take(asks("fine", at(2)), answers("fine", at(3)))
    office.take(asks("morning", at(7)))
    office.take(asks("noon", at(12)))
    office.take(asks("tomorrow", at(24.5)))
    office.excuse("fine", at(24.6))
    shown = page(office.store, TODAY, TODAY, None, at(25))
    assert [(one.who, one.open) for one in shown.late_now] == [("Old", True), ("Late", True)]
    assert shown.late_now[1].over_s == 1800
    assert (shown.due_today, shown.due_before_noon) == (2, 1)


def test_late_now_is_taken_as_of_the_instant_too(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-20)), answers("ann", at(10)), stored_at=at(40))
    assert [one.who for one in page(office.store, TODAY, TODAY, None, at(5)).late_now] == ["Ann"]
    assert page(office.store, TODAY, TODAY, None, at(10)).late_now == ()
    assert page(office.store, TODAY, TODAY, None, at(-21)).due_today == 0


def test_each_broken_promise_comes_with_its_evidence(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-20), "refund high now"), stored_at=at(-19))
    office.take(answers("ann", at(10), BO))
    office.take(asks("ben", at(-22)))
    office.excuse("ben", at(20))
    office.take(asks("cat", at(-1)))
    shown = page(office.store, TODAY, TODAY, None, at(47))
    cat, ben, ann = shown.broken
    assert (ann.who, ann.category, ann.over_s) == ("Ann", "refund", 6 * 3600)
    assert (ann.opened_at, ann.stored_at, ann.due_at) == (at(-20), at(-19), at(4))
    assert (ann.answered_at, ann.answered_by) == (at(10), "Bo Narin")
    assert (ann.policy, ann.calendar) == ("Social media v1", "clock")
    assert (ben.who, ben.excused, ben.open, ben.over_s) == ("Ben", True, False, 18 * 3600)
    assert (cat.who, cat.open, cat.over_s) == ("Cat", True, 24 * 3600)
    assert shown.within_h == 24


def test_only_the_longest_late_come_with_their_evidence_and_all_are_counted(office: Office) -> None:
    """Of the others there may be thousands: the mail still says who was answered late."""
    office.open()
    office.take(*(asks(f"open{n}", at(-23 + n / 100)) for n in range(101)))
    office.take(asks("ann", at(-20)), answers("ann", at(4.5)), stored_at=at(4.5))
    shown = page(office.store, TODAY, TODAY, None, at(24))
    assert (len(shown.late_now), shown.late_count) == (20, 101)
    assert [one.who for one in shown.late_now[:2]] == ["Open0", "Open1"]
    assert (len(shown.broken), shown.figures.late) == (101, 102)
    assert [one.who for one in shown.broken if not one.open] == ["Ann"]
    assert shown.broken[-1].over_s == 1800
    text = templates.render("mail/report.txt", "en", shown.zone, report=shown)
    assert ("Late now: 101" in text, "Came late\n- Ann" in text) == (True, True)


def test_the_day_before_is_compared_by_its_share(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(-40)), answers("ann", at(-39)), stored_at=at(-39))
    office.take(asks("ben", at(-30)))
    office.take(asks("cat", at(-20)), answers("cat", at(-19)), stored_at=at(-19))
    shown = page(office.store, TODAY, TODAY, None, at(30))
    assert (shown.before, shown.better_points) == (0.5, 50.0)
    two = page(office.store, TODAY, TODAY + timedelta(days=1), None, at(60))
    assert two.previous is not None
    assert (two.before, two.previous.turns_due) == (0.5, 2)


def test_a_document_survives_being_stored_to_the_digit(office: Office) -> None:
    office.open()
    a_busy_week(office, 7)
    made = document(office.store, TODAY, TODAY, None, at(26.123456))
    assert made.waits
    assert made.broken
    assert made.late_now
    assert Document.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_document_that_was_stored_with_each_wait_shows_the_same(office: Office) -> None:
    office.open()
    office.take(asks("ann", at(1)), answers("ann", at(3)), asks("ben", at(2)))
    office.take(answers("ben", at(2.5)), stored_at=at(4))
    made = document(office.store, TODAY, TODAY, None, at(26))
    older = made.to_json()
    older["waits_s"] = [7_200.0, 1_800.0]
    del older["waits"]
    assert Document.from_json(older) == made
