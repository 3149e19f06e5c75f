"""The days of a report on its page and in its mail: every number of `by_day`, and a way to each."""

import re
from dataclasses import replace

import pytest

from reports.document import document
from reports.render import file_of, page_of, text_summary
from templates import render
from templates.periods import DAY, Days
from templates.report import ReportPage
from templates.report_further import Times
from templates.report_trend import DayFigures, Trend
from tests.reports.office import Office, at
from tests.reports.test_document import TODAY
from tests.reports.test_render import Seen, html_and_text

AS_OF = at(30)
WEEK, MONTH = Days.week(TODAY), Days.month(TODAY)
BEGUN = [day for day in WEEK if day <= TODAY + DAY]


def chart_of(shown: ReportPage) -> str:
    return render("parts/_report_trend.html", "en", shown.zone, report=shown)


def test_each_day_that_has_begun_leads_to_its_report(week: Office) -> None:
    shown = page_of(document(week.store, WEEK.first, WEEK.last, None, AS_OF))
    html = chart_of(replace(shown, drills=True))
    links = re.findall(r'<a class="chart-mark" href="([^"]+)" aria-label="([^"]+)"', html)
    assert [path for path, _ in links] == [f"/reports/{day}" for day in BEGUN]
    assert 'class="chart trend-chart" role="group"' in html
    for (_, said), one in zip(links, shown.trend or (), strict=True):
        told = f"{one.figures.late} late" if one.figures.turns_due else "nothing due"
        assert told in said
        assert f"{one.figures.received} message" in said


@pytest.mark.parametrize("outside", [True, False])
def test_where_figures_lead_nowhere_the_chart_is_a_picture_that_says_the_same(
    week: Office, outside: bool
) -> None:
    made = page_of(document(week.store, WEEK.first, WEEK.last, None, AS_OF))
    html = file_of(replace(made, outside=outside), "en")
    (label,) = re.findall(r'trend-chart" role="img" aria-label="([^"]+)"', html)
    assert label.count("; ") == len(BEGUN) - 1
    assert not any("/reports/2" in link for link in Seen(html).links)


def test_a_day_shows_the_week_up_to_it_and_marks_itself(week: Office) -> None:
    made = page_of(document(week.store, TODAY, TODAY, None, AS_OF))
    html = chart_of(replace(made, drills=True))
    assert "The week that led here" in html
    assert [one.day for one in made.trend or () if one.own] == [TODAY]
    marked = f'href="/reports/{TODAY}"[^>]* aria-current="page"'
    assert len(re.findall(marked, html)) == 2


def test_the_mail_of_a_week_has_its_days_and_that_of_a_month_the_worst(week: Office) -> None:
    for days in (WEEK, MONTH, Days.day(TODAY)):
        made = document(week.store, days.first, days.last, None, at(24 * 14))
        shown = page_of(made, base="https://desk.example")
        assert shown.trend is not None
        html, plain = html_and_text(shown)
        told = re.findall(r"https://desk.example/reports/(\d{4}-\d\d-\d\d)\"", html)
        listed = {"week": list(shown.trend), "month": shown.trend.below[:7]}.get(days.kind, [])
        here = [str(one.day) for one in listed] or [str(TODAY)]
        assert [*dict.fromkeys(told)][: len(here)] == here
        for one in listed:
            counts = f"({one.figures.answered_in_time} of {one.figures.turns_due})"
            assert counts in plain
        assert ("Day by day" in plain) == (days.kind == "week")
        assert days.kind != "month" or len(listed) > 1


def test_the_terminal_lists_the_days(week: Office) -> None:
    made = document(week.store, WEEK.first, WEEK.last, None, AS_OF)
    said = text_summary(made.figures)
    assert all(re.search(rf"^{day} +\d", said, re.MULTILINE) for day in BEGUN)


def test_groups_have_opening_hours_and_figures_what_was_before(week: Office) -> None:
    made = page_of(document(week.store, TODAY, TODAY, None, AS_OF))
    text = Seen(file_of(made, "en")).text
    groups = sum(name in text for name in ("By channel", "By language", "By category", "By team"))
    assert text.count("Waits by the clock and in opening hours") >= groups
    assert made.earlier is not None
    assert made.earlier.resolution_s == Times()
    assert text.count("before: ") > 4


def test_the_line_breaks_where_nothing_was_due_and_the_axis_holds_every_share() -> None:
    shares = (0.96, None, 0.91, 0.52)
    by_day = {
        day: DayFigures(share_in_time=share, turns_due=0 if share is None else 100)
        for day, share in zip(WEEK, shares, strict=False)
    }
    trend = Trend(WEEK, by_day, 0.95)
    assert [one.before is not None for one in trend] == [False, False, False, True]
    assert [one.misses(0.95) for one in trend] == [False, False, True, True]
    assert trend.floor == 0.5
    assert all(0 <= trend.height(share) <= 1 for share in (*shares, 0.95) if share is not None)
    assert Trend(WEEK, {}, None).floor == 0.0
