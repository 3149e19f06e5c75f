"""The days of a period one by one: each has the figures of its own report."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from inbox.domain.calendars import local_day_bounds
from reports.document import report_json
from reports.rollups import keep
from templates.periods import DAY
from tests.reports.office import Office, answers, asks, at
from tests.reports.test_document import TODAY, a_busy_week


def of_a_day(office: Office, day: date, zone: str | None, as_of: datetime) -> dict[str, Any]:
    """What the day's own report says of what `by_day` has."""
    own = report_json(office.store, day, day, zone, as_of)
    found = {name: own[name] for name in own["by_day"][day.isoformat()]}
    opened = dict(found["open_hours"])
    del opened["resolution_s"]
    return found | {"open_hours": opened}


@pytest.mark.parametrize("kept", [True, False])
def test_each_day_has_the_figures_of_its_own_report(office: Office, kept: bool) -> None:
    """Of stored days, of rows, and of conversations that changed since."""
    office.open(zone="Asia/Kathmandu")
    a_busy_week(office, 5)
    if kept:
        keep(office.store, at(40), 99, ending=lambda: False)
    office.take(asks("late", at(-30)), answers("late", at(-2)), stored_at=at(24 * 61))
    office.correct("c3", at(24 * 61), category="refund")
    for first, last in ((TODAY - 2 * DAY, TODAY + 4 * DAY), (TODAY + DAY, TODAY + DAY)):
        for as_of in (at(40), at(24 * 62)):
            told = report_json(office.store, first, last, None, as_of)["by_day"]
            for day, figures in told.items():
                assert figures == of_a_day(office, date.fromisoformat(day), None, as_of)
            assert sum(one["turns_due"] for one in told.values()) > 5


def test_days_that_are_still_to_come_or_that_the_zone_has_not_are_left_out(
    sqlite_office: Office,
) -> None:
    """Samoa went to bed on the 29th of December 2011 and woke on the 31st."""
    office = sqlite_office.open(zone="Pacific/Apia")
    as_of = local_day_bounds(date(2012, 1, 1), "Pacific/Apia")[0]
    office.take(asks("ann", as_of - timedelta(hours=30)))
    told = report_json(office.store, date(2011, 12, 28), date(2012, 1, 7), None, as_of)["by_day"]
    assert {day: one["received"] for day, one in told.items()} == {
        "2011-12-28": 0,
        "2011-12-29": 1,
        "2011-12-31": 0,
        "2012-01-01": 0,
    }
    assert told["2012-01-01"]["share_in_time"] is None
    week = report_json(office.store, date(2012, 1, 1), date(2012, 1, 1), None, as_of)["by_day"]
    assert next(iter(week)) == "2011-12-26"
    assert len(week) == 6
