"""A report for readers outside the house: every figure of it, and nobody's name.

What is left out is left out before it is stored, so that no page, cache or backup of a link can
tell it: customers (each broken promise, who waits now, what will be late), agents, and teams. A
team of two is two people, and how the house is divided is no part of the promise. What a report is
filtered by stands in its head; of people and teams that says how many they are.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from inbox.store.report_links import Frozen
from inbox.store.session import Store
from reports.document import Document, document
from reports.editions import edition_for
from reports.render import page_of
from templates.filters import EVERYTHING, Filter
from templates.periods import Days
from templates.report import ReportPage


def frozen(
    store: Store,
    days: Days,
    zone: str | None,
    as_of: datetime,
    edition: int | None = None,
    only: Filter = EVERYTHING,
) -> Frozen | None:
    """The report of these days as of an instant, `only` of a part, or as it is in a stored edition,
    to be kept at a link. None when there is no such edition: none is of a part."""
    if edition is not None:
        if only:
            return None
        stored = edition_for(store, days, edition)
        if stored is None:
            return None
        return _kept(days, stored.document, stored.zone, stored.as_of, stored.number)
    made = document(store, days.first, days.last, zone, as_of, only=only)
    return _kept(days, made, made.figures["zone"], as_of, None)


def shown(kept: dict[str, Any], edition: int | None) -> ReportPage:
    """The page of what a link keeps."""
    return replace(page_of(Document.from_json(kept), edition), outside=True)


def unnamed(made: Document) -> Document:
    """Without anybody's name, and without what stands now instead of in the days."""
    told = Filter.of(made.figures.get("filter", {})).unnamed.to_json()
    return replace(
        made,
        figures=made.figures | {"by_agent": {}, "by_team": {}, "filter": told},
        names={},
        broken=(),
        late_now=(),
        late_count=None,
        due_today=0,
        due_before_noon=0,
        ahead=None,
    )


def _kept(days: Days, made: Document, zone: str, as_of: datetime, number: int | None) -> Frozen:
    return Frozen(days.first, days.last, zone, as_of, number, unnamed(made).to_json())
