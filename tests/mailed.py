"""A report's mail for tests of its page and calls."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from inbox.store.session import Store
from inbox.store.tables import Edition, ReportMail, ReportRecipient
from tests.clock import MONDAY


def make_report_mail(
    store: Store, to: str = "desk@lumenpay.example", state: str = "refused", **given: Any
) -> ReportMail:
    """The mail of a report, which nobody opens, to a reader who gets all of them: all are made."""
    with store.write() as session:
        edition = session.scalars(select(Edition)).first() or Edition(
            kind="day",
            local_date=MONDAY.date() - timedelta(days=30),
            edition=1,
            zone="Europe/Lisbon",
            as_of=MONDAY,
            figures={},
            made_at=MONDAY,
        )
        session.add(edition)
        session.add(ReportRecipient(address=to, locale="en", kinds=["day", "week", "month"]))
        session.flush()
        mail = ReportMail(
            edition_id=edition.id, recipient=to, message_id=f"report-{to}", state=state, **given
        )
        session.add(mail)
    return mail
