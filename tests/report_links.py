"""Links to reports for tests."""

from datetime import timedelta

from inbox.flows import report_links
from inbox.store.session import Store
from reports.sharing import frozen
from templates.periods import Days
from tests.clock import MONDAY


def make_report_link(store: Store) -> str:
    """The address of a link to last week's report, for a week."""
    report = frozen(store, Days.week(MONDAY.date() - timedelta(days=7)), None, MONDAY)
    assert report is not None
    about = {"base_url": "", "actor": "ada@lumenpay.example"}
    return report_links.make(store, report, 7, **about, now=MONDAY).url
