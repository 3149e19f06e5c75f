"""The days of a report and those before them, and a period's figures on every way out."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.calendars import local_day_bounds
from reports.by_day import period_of
from reports.document import report_json
from reports.sheet import csv_text
from templates.periods import DAY, Days
from tests.reports.office import Office, asks, at
from tests.reports.test_document import TODAY

DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(DATES, st.integers(0, 400))
def test_the_days_before_and_after_touch_and_undo_each_other(first: date, more: int) -> None:
    for days in (Days(first, first + more * DAY), Days.week(first), Days.month(first)):
        before, after = days.before, days.after
        assert before.last + DAY == days.first <= days.last == after.first - DAY
        if days.kind != "custom":
            assert before.kind == after.kind == days.kind
            assert before.after == after.before == days


@given(DATES)
def test_a_day_lies_in_its_week_and_month(day: date) -> None:
    week, month = Days.week(day), Days.month(day)
    assert week.first <= day <= week.last
    assert month.first <= day <= month.last
    assert (week.kind, month.kind, Days.day(day).kind) == ("week", "month", "day")
    assert (week.first.weekday(), month.first.day, (month.last + DAY).day) == (0, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "kind", "hours"),
    [
        (date(2026, 3, 23), date(2026, 3, 29), "week", 167),
        (date(2026, 10, 19), date(2026, 10, 25), "week", 169),
        (date(2026, 3, 1), date(2026, 3, 31), "month", 743),
        (date(2026, 3, 29), date(2026, 3, 29), "day", 23),
    ],
)
def test_a_period_over_a_change_of_clocks_has_its_real_hours(
    first: date, last: date, kind: str, hours: int
) -> None:
    assert Days(first, last).kind == kind
    period = period_of(Days(first, last), "Europe/Lisbon", at(0))
    assert period.end - period.start == timedelta(hours=hours)
    before = Days(first, last).before
    assert period_of(before, "Europe/Lisbon", at(0)).end == period.start
    assert local_day_bounds(first, "Europe/Lisbon")[0] == period.start


def test_the_days_before_have_the_figures_of_their_own_report(week: Office) -> None:
    for first, last in ((TODAY, TODAY), (TODAY - DAY, TODAY + DAY), (TODAY, TODAY + 3 * DAY)):
        now = report_json(week.store, first, last, None, at(50))
        before = Days(first, last).before
        own = report_json(week.store, before.first, before.last, None, at(50))
        told = now["previous"]
        assert told == {key: own[key] for key in told}
        assert told["received"] + now["received"] > 0


def unfolded(text: str) -> dict[tuple[str, str, str], str]:
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    return {(row["group"], row["key"], row["figure"]): row["value"] for row in rows}


def test_the_sheet_has_every_number_of_the_json_to_the_digit(week: Office) -> None:
    figures = report_json(week.store, TODAY - DAY, TODAY + DAY, None, at(30))
    told = unfolded(csv_text(figures))

    def walk(group: str, key: str, figure: str, value: Any) -> int:
        if isinstance(value, dict):
            inner = ((f"{figure}.{name}" if figure else name, deep) for name, deep in value.items())
            return sum(walk(group, key, name, deep) for name, deep in inner)
        assert told[group, key, figure] == ("" if value is None else str(value))
        return 1

    count = 0
    for name, value in figures.items():
        if name.startswith("by_"):
            count += sum(walk(name, key, "", group) for key, group in value.items())
        elif name not in ("from", "to", "zone", "as_of"):
            count += walk("all", "", name, value)
    assert count == len(told) > 60


def test_no_formula_starts_in_the_sheet(sqlite_office: Office) -> None:
    office = sqlite_office.open()
    office.take(asks("ann", at(1), "=cmd|x normal help"))
    figures = report_json(office.store, TODAY, TODAY, None, at(30))
    assert "=cmd|x" in figures["by_category"]
    assert ("by_category", "'=cmd|x", "received") in unfolded(csv_text(figures))
