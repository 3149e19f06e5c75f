"""Public holidays by country, China's make-up workdays, and years that are not final."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inbox.domain import written
from inbox.domain.calendars import end_of_nth_working_day
from inbox.domain.written import Unclear
from inbox.flows.holidays import published
from tests.clock import MONDAY


def test_holidays_close_and_make_up_days_open() -> None:
    known = published(["CN"], MONDAY)
    days = {(day, kind): name for day, kind, name in known.days}
    assert days["2026-02-17", "holiday"].startswith("Chinese New Year")
    assert days["2026-02-14", "make-up"] == "make-up workday (CN)"  # a Saturday
    calendar = written.calendar("cn", 1, {}, "Asia/Shanghai", known.days)
    assert calendar.is_working_day(date(2026, 2, 14))
    assert not calendar.is_working_day(date(2026, 2, 17))
    friday = datetime(2026, 2, 13, 4, tzinfo=UTC)
    ends = [end_of_nth_working_day(friday, n, calendar) for n in (1, 2)]
    shanghai = [(end + timedelta(hours=8)).date() for end in ends]
    assert shanghai == [date(2026, 2, 15), date(2026, 2, 25)]  # at 24:00 of the 14th and the 24th


def test_a_year_without_published_make_up_days_is_not_final() -> None:
    china, portugal = published(["CN"], MONDAY), published(["PT"], MONDAY)
    assert 2026 not in china.not_final
    assert 2030 in china.not_final
    assert portugal.not_final == []
    assert published(["CN", "PT"], MONDAY).not_final == china.not_final


def test_regions_have_holidays_of_their_own() -> None:
    whole, bavaria = published(["DE"], MONDAY), published(["DE-BY"], MONDAY)
    epiphany = ("2026-01-06", "holiday", "Epiphany")
    assert epiphany in bavaria.days
    assert epiphany not in whole.days


@pytest.mark.parametrize("country", ["XX", "pt", "Portugal", "DE-QQ", ""])
def test_an_unknown_country_or_region_is_refused(country: str) -> None:
    with pytest.raises(Unclear, match="is no country or region"):
        published([country], MONDAY)
