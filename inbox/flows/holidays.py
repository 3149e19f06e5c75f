"""Public holidays and make-up workdays by country, from the package `holidays`.

A calendar keeps what was known when it was made: a later release of the package changes no verdict
until somebody makes a new version of the calendar.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.core.contract import word
from inbox.domain.written import Day, Kind, Unclear

FIRST_YEAR = 2020
AHEAD = 9
"""So many years beyond the present one are looked up."""
STILL_USUAL = 3
"""A country that had no make-up day for so many years has given them up."""
COUNTRY = re.compile(r"([A-Z]{2})(?:-([A-Za-z0-9 ]{1,40}))?")


@dataclass(frozen=True, slots=True)
class Published:
    """(ISO date, `holiday` or `make-up`, English name) in order; and which years are not final."""

    days: list[Day]
    not_final: list[int]


def published(countries: Iterable[str], now: datetime) -> Published:
    """What is known for these countries (`PT`, `DE-BY`), where a holiday of one is one for all.

    A year is not final where a country moves working days (China) and those of that year are not
    known, or where a date is an estimate. Raises `Unclear` for a country that is not known.
    """
    years = range(FIRST_YEAR, now.year + AHEAD + 1)
    days: dict[tuple[str, Kind], str] = {}
    not_final: set[int] = set()
    for country in countries:
        found = _found(country, years)
        for day, name in sorted(found.items()):
            days.setdefault((day.isoformat(), "holiday"), name)
        for day in found.weekend_workdays:
            if day.year in years:
                days[day.isoformat(), "make-up"] = f"make-up workday ({country})"
        not_final |= _not_final(found, years, now.year)
    rows = [(day, kind, name) for (day, kind), name in sorted(days.items())]
    return Published(rows, sorted(not_final))


def _found(country: str, years: range) -> Any:
    """The package's dict of dates, with English names where it has them."""
    import holidays  # slow to import, and needed when a calendar changes

    parts = COUNTRY.fullmatch(country)
    try:
        if parts is None:
            raise NotImplementedError
        known = holidays.country_holidays(parts[1], subdiv=parts[2])
        english = [one for one in known.supported_languages if one.startswith("en")]
        return holidays.country_holidays(
            parts[1],
            subdiv=parts[2],
            years=years,
            language="en_US" if "en_US" in english else next(iter(english), None),
        )
    except NotImplementedError as e:
        raise Unclear(
            word("“{country}” is no country or region; write for example PT, CN or DE-BY."),
            country=country,
        ) from e


def _not_final(found: Any, years: range, this_year: int) -> set[int]:
    estimated = {day.year for day, name in found.items() if "estimated" in name.lower()}
    moved = [day.year for day in found.weekend_workdays]
    if not moved or max(moved) < this_year - STILL_USUAL:
        return estimated
    return estimated | {year for year in years if year > max(moved)}
