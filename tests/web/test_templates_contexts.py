"""Contexts are derived from plain data: clocks, tags, groups, tide, foot, rails, histogram."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.web import render
from inbox.web.pages import channel, day_line, initials, tags, waiting_line
from inbox.web.pages_accounts import Account, Health
from inbox.web.pages_list import LEAST_HEIGHT, Row, foot, group_key, groups, tide, views
from inbox.web.pages_report_links import SharedReportPage
from inbox.web.pages_thread import Message, Turn, languages, ledger
from inbox.web.style_people import ZONE, X, sample_door, sample_rows
from inbox.web.style_report import sample_quiet, sample_report, sample_waits
from inbox.web.style_report_links import sample_shared
from inbox.web.style_thread import sample_messages, sample_turns
from templates.histogram import AXIS_S, NO_WAITS, Bar, Waits, by_two_hours, histogram, percentile
from templates.periods import Days
from templates.report import Figures

NOW = datetime(2026, 11, 19, 13, 20, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def due_in(left: timedelta) -> datetime:
    return NOW + left


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (3 * HOUR, "calm"),
        (2 * HOUR, "soon"),
        (timedelta(0), "soon"),
        (timedelta(microseconds=-1), "late"),
    ],
)
def test_a_line_turns_soon_at_two_hours_and_late_past_its_due_time(
    left: timedelta, state: str
) -> None:
    due = due_in(left)
    assert day_line(due - DAY, due, NOW).state == state


def test_a_line_shows_the_part_that_has_gone() -> None:
    assert day_line(NOW - 6 * HOUR, NOW + 18 * HOUR, NOW).used == 0.25
    assert day_line(NOW - 30 * HOUR, NOW - 6 * HOUR, NOW).used == 1.0


def test_an_answer_at_the_due_time_is_in_time_and_one_after_it_late_for_good() -> None:
    opened, due = NOW - 30 * HOUR, NOW - 6 * HOUR
    assert day_line(opened, due, NOW, due).state == "kept"
    assert day_line(opened, due, NOW, due + timedelta(seconds=1)).state == "late"
    assert day_line(opened, due, NOW, opened + 6 * HOUR).used == 0.25


@given(st.timedeltas(-4 * DAY, 4 * DAY), st.timedeltas(-DAY, 9 * DAY))
def test_a_line_never_leaves_its_track(before: timedelta, target: timedelta) -> None:
    assert 0 <= day_line(NOW - before, NOW - before + target, NOW).used <= 1


def test_tags_show_what_is_known() -> None:
    """One label is the tag, two are suggestions, more or none ask (docs/labels.md)."""
    near = [("payment", 0.48), ("refund", 0.41), ("account", 0.06)]
    one = tags(near, labels=("payment",), topic="charged_twice")
    assert (one.state, one.category, one.about) == ("sure", "payment", "Charged twice or wrongly")
    two = tags(near, labels=("payment", "refund"), topic="charged_twice")
    assert (two.state, two.category, two.second) == ("two", "payment", "refund")
    assert (two.share, two.second_share, two.about) == (0.48, 0.41, "")
    assert tags(near, labels=("payment", "refund", "account")).state == "ask"
    assert tags(near).state == "ask"
    assert tags([], labels=("payment",)).state == "ask"
    person = tags([("general", 0.9)], ("high", 0.7), by_person="refund")
    assert (person.state, person.category, person.urgency) == ("person", "refund", "high")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Voss", "AV"), ("ada", "A"), ("林月 Lin Yue", "林"), ("a.b@c.example", "AE"), ("", "?")],
)
def test_initials_are_one_or_two_letters(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_channel_without_a_sign_gets_the_plain_bubble() -> None:
    assert channel("x", "X").glyph == "x"
    assert channel("pigeon", "Pigeon").glyph == "other"


def test_a_row_stands_under_the_day_it_falls_due_on_the_readers_clock() -> None:
    due = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    line = day_line(due - DAY, due, NOW)
    today = NOW.date()
    lisbon = ZoneInfo("Europe/Lisbon")
    assert group_key(line, today, lisbon) == "today"
    assert group_key(line, today, ZoneInfo("Asia/Shanghai")) == "tomorrow"
    assert group_key(waiting_line(NOW), today, lisbon) == "wait"
    assert group_key(day_line(NOW - DAY, NOW, NOW, NOW), today, lisbon) == "done"
    later = NOW + 4 * DAY
    assert group_key(day_line(NOW, later, NOW), today, lisbon) == "later"


def test_groups_keep_the_order_of_the_rows() -> None:
    found = groups(sample_rows(), NOW, ZONE)
    assert [group.key for group in found] == ["late", "soon", "today", "tomorrow", "wait"]
    assert [row.id for group in found for row in group.rows] == [row.id for row in sample_rows()]


def test_tomorrow_is_folded_only_under_a_full_list() -> None:
    tomorrow = [row for row in sample_rows() if row.id in range(20, 25)]
    today = [replace(sample_rows()[0], id=100 + i) for i in range(8)]
    assert not folded([*tomorrow])
    assert not folded([*today[:7], *tomorrow])
    assert folded([*today, *tomorrow])
    assert not folded([*today, replace(tomorrow[0], selected=True), *tomorrow[1:]])


def folded(rows: list[Row]) -> bool:
    return any(group.folded for group in groups(rows, NOW, ZONE) if group.key == "tomorrow")


def test_the_tide_counts_by_local_hour_and_puts_what_is_late_first() -> None:
    soon = [(NOW + timedelta(minutes=10), 1), (NOW + timedelta(minutes=30), 1)]
    found = tide(2, [*soon, (NOW + 24 * HOUR, 1)], NOW, ZONE)
    assert found is not None
    assert found.late == 2
    assert [(bar.count, bar.state) for bar in found.bars] == [(2, "soon"), (1, "calm")]
    assert found.bars[0].at == datetime(2026, 11, 19, 13, tzinfo=UTC)
    assert found.bars[-1].x + found.bars[-1].width < 1


def test_the_tide_shades_the_hours_in_which_nobody_is_on_duty() -> None:
    """NOW is 20 minutes into the first hour."""
    spans = [
        (NOW, NOW + HOUR),
        (NOW + 2 * HOUR, NOW + 3 * HOUR),
        (NOW + 23 * HOUR, NOW + 24 * HOUR),
    ]
    found = tide(3, [], NOW, ZONE, spans)
    assert found is not None
    since_now, between, beyond = found.alone
    assert (since_now.starts_at, since_now.ends_at) == (None, NOW + HOUR)
    assert (between.starts_at, between.ends_at) == spans[1]
    assert (beyond.starts_at, beyond.ends_at) == (NOW + 23 * HOUR, None)
    assert between.width == pytest.approx(0.92 / 25)
    assert between.x - since_now.x == pytest.approx(2 * 0.92 / 25)
    assert beyond.x + beyond.width <= 1


def test_a_few_due_now_stay_to_be_seen_beside_many_later_and_the_scale_is_told() -> None:
    found = tide(0, [(NOW + HOUR, 1), (NOW + 9 * HOUR, 100), (NOW + 10 * HOUR, 25)], NOW, ZONE)
    assert found is not None
    assert [bar.height for bar in found.bars] == [0.1, 1, 0.5]
    assert (found.squeezed, found.top) == (True, 100)
    few = tide(0, [(NOW + HOUR, 3), (NOW + 9 * HOUR, 12)], NOW, ZONE)
    assert few is not None
    assert ([bar.height for bar in few.bars], few.squeezed) == ([0.25, 1], False)
    most = tide(0, [(NOW + HOUR, 1), (NOW + 9 * HOUR, 1000)], NOW, ZONE)
    assert most is not None
    assert most.bars[0].height == LEAST_HEIGHT


def test_a_tide_of_less_than_three_is_not_shown() -> None:
    assert tide(1, [(NOW + HOUR, 1)], NOW, ZONE) is None


def test_a_tide_counts_to_a_thousand_in_an_hour() -> None:
    found = tide(1001, [(NOW, 1000), (NOW + HOUR, 1001)], NOW, ZONE)
    assert found is not None
    assert (found.late, found.late_more, found.late_height) == (1000, True, 1)
    assert [(b.count, b.more, b.height) for b in found.bars] == [(1000, False, 1), (1000, True, 1)]


def test_the_tides_hours_go_on_by_the_clock_across_its_change() -> None:
    before = datetime(2026, 10, 24, 12, 30, tzinfo=UTC)
    found = tide(0, [(before + i * HOUR, 1) for i in range(24)], before, ZONE)
    assert found is not None
    assert sum(bar.count for bar in found.bars) == 24
    assert [at.astimezone(UTC).hour for at, _ in found.ticks] == [17, 23, 6, 12]


def test_views_stand_in_their_order_and_one_is_active() -> None:
    found = views("mine", {"due": 3, "mine": 0})
    assert [view.key for view in found if view.active] == ["mine"]
    assert [view.count for view in found] == [3, 0, *[None] * (len(found) - 2)]


def test_the_foot_names_the_account_that_is_worst_off() -> None:
    states = ("ok", "silent", "revoked", "limited", "paused", "imported")
    accounts = [Account(i, X, f"@{state}", Health(state)) for i, state in enumerate(states)]
    found = foot(accounts)
    assert (found.delivering, found.total) == (1, 4)
    assert found.worst is not None
    assert (found.worst.handle, found.others) == ("@revoked", 2)
    assert foot(accounts[:1]).worst is None


def rails(messages: list[Message], turns: list[Turn]) -> list[tuple[str, bool, bool]]:
    days = ledger(messages, turns, NOW, ZONE)
    return [(e.rail, e.starts, e.ends) for day in days for e in day.entries]


def said(number: int, hours_ago: float, side: str = "in") -> Message:
    at = NOW - timedelta(hours=hours_ago)
    return Message(number, at, "in" if side == "in" else "out", "Cy", "words")


def test_the_rail_runs_from_what_opened_a_turn_to_what_ended_it() -> None:
    messages = [said(1, 9), said(2, 8), said(3, 7, "out"), said(4, 6, "out"), said(5, 5)]
    opened = NOW - 9 * HOUR
    turns = [
        Turn(1, opened, opened + DAY, 3, NOW - 7 * HOUR, end="answered"),
        Turn(5, NOW - 5 * HOUR, NOW + 19 * HOUR),
    ]
    assert rails(messages, turns) == [
        ("kept", True, False),
        ("kept", False, False),
        ("kept", False, True),
        ("", False, False),
        ("open", True, False),
    ]


def test_a_turn_past_its_due_time_is_red_also_after_its_answer() -> None:
    opened = NOW - 40 * HOUR
    late = Turn(1, opened, opened + DAY, 2, NOW - 2 * HOUR, end="answered")
    messages = [said(1, 40), said(2, 2, "out")]
    assert [rail for rail, _, _ in rails(messages, [late])] == ["late", "late"]
    entry = ledger(messages, [late], NOW, ZONE)[-1].entries[-1]
    assert (entry.in_time, entry.answered_s) == (False, 38 * 3600)


def test_answers_on_their_way_stand_on_the_open_rail() -> None:
    days = ledger(sample_messages(), sample_turns(), NOW, ZONE)
    assert [entry.rail for entry in days[-1].entries] == ["open"]
    assert days[-1].rail == "open"
    assert days[0].rail == ""


def test_an_excused_turn_ends_without_an_answer() -> None:
    turn = Turn(1, NOW - HOUR, NOW + 23 * HOUR, None, NOW, end="excused", reason="thanks")
    turn = replace(turn, ended_at=NOW - HOUR / 4)
    assert rails([said(1, 1), said(2, 0.5), said(3, 0.1, "out")], [turn]) == [
        ("kept", True, False),
        ("kept", False, False),
        ("", False, False),
    ]


def test_languages_stand_once_in_the_order_of_their_first_use() -> None:
    assert languages(["zh", "", "en", "zh"]) == ("zh", "en")


def test_a_wait_of_exactly_a_day_is_left_of_the_wall() -> None:
    bars = histogram(Waits.of([86_400.0, 86_400.1, 1_800.0, 0.0, 10 * 86_400.0])).bars
    assert [(bar.from_s // 1800, bar.count, bar.late) for bar in bars] == [
        (0, 2, False),
        (47, 1, False),
        (48, 1, True),
        (63, 1, True),
    ]
    assert bars[-1].to_s is None


@given(st.lists(st.floats(0, 3 * AXIS_S), min_size=1, max_size=60))
def test_the_histogram_counts_every_wait_once(waits: list[float]) -> None:
    counted = Waits.of(waits)
    for seconds in (900, 3_600, 86_400):
        assert counted.within(seconds) == sum(wait <= seconds for wait in waits)
    assert sum(by_two_hours(counted)) == len(counted) == len(waits)
    found = histogram(counted)
    assert found.late == by_two_hours(counted)[-1] == sum(wait > 86_400 for wait in waits)
    assert sum(bar.count for bar in found.bars) == len(waits)
    assert sum(bar.count for bar in found.bars if bar.late) == found.late
    assert all(0 < bar.height <= 1 and inside(bar) for bar in found.bars)
    assert len(found.steps) <= 5


def inside(bar: Bar) -> bool:
    return bar.x >= 0 and bar.x + bar.width <= 1 + 1e-9


def test_an_empty_histogram_is_no_error() -> None:
    assert histogram(NO_WAITS).bars == ()
    assert by_two_hours(Waits.of([])) == (0,) * 13


def test_percentiles_are_linearly_interpolated() -> None:
    assert percentile([0.0, 10.0], 0.9) == 9.0
    assert percentile([4.0], 0.5) == 4.0


def test_the_verdict_compares_with_the_target() -> None:
    report = sample_report()
    assert report.kept is True
    assert replace(report, target_share=0.97).kept is False
    assert replace(report, figures=Figures()).kept is None
    assert round(report.better_points or 0, 1) == 1.3


def test_the_pager_stops_at_today() -> None:
    report = sample_report()
    assert report.following == Days.day(NOW.date())
    assert replace(report, first=NOW.date(), last=NOW.date()).following is None


def test_the_sample_day_agrees_with_itself() -> None:
    report = sample_report()
    figures = report.figures
    assert figures.late == len(report.broken) == 15
    assert sum(group.figures.turns_due for group in report.by_channel) == figures.turns_due
    assert figures.answered_late == sum(wait > 86_400 for wait in sample_waits())


def test_a_shared_report_leads_nowhere() -> None:
    quiet = replace(sample_quiet(), drills=False, outside=True)
    for report in (sample_shared(), quiet):
        page = SharedReportPage(sample_door(), report, NOW)
        assert "<a " not in render.page(page)
