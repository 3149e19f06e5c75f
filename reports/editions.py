"""The report of each day, week and month: made once, when the report time after its last day comes.

A report is edition 1, stored with its figures and its mails in one transaction; whoever is second
finds it there. `refresh` adds later editions by hand, which are not mailed (`reports.mails`).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from inbox.config import Settings
from inbox.domain.calendars import first_instant, local_date, local_day_bounds
from inbox.store import accounts, audit, report_mails
from inbox.store import editions as stored
from inbox.store.session import Store
from inbox.store.tables import Brand, ReportRecipient
from inbox.store.tables import Edition as EditionRow
from reports.document import Document, document
from reports.render import page_of
from templates.filters import EVERYTHING, Filter
from templates.periods import KINDS, Days, ReportKind
from templates.report import Mailed, ReportPage

__all__ = [
    "Edition",
    "Kept",
    "Refreshed",
    "edition_for",
    "kept",
    "make_due",
    "page",
    "page_for",
    "periods_due",
    "read",
    "refresh",
]

BACK: Final = {"day": 7, "week": 4, "month": 2}
"""So many of each kind are caught up with after a pause."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A stored report: what it showed when it was made, it shows forever."""

    days: Days
    number: int
    zone: str
    as_of: datetime
    made_at: datetime
    document: Document


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The number of the newest edition, and whether this call made it."""

    number: int
    made: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """An edition in a list, with the figures that a report opens with. `made_by` is an actor of the
    audit log, None for the first, which makes itself; `person` has that address."""

    number: int
    as_of: datetime
    made_by: str | None
    person: str | None
    mailed: int
    received: int
    turns_due: int
    answered_in_time: int
    overdue_open: int
    share_in_time: float | None


def page(
    store: Store,
    first: date,
    last: date,
    zone: str | None,
    as_of: datetime,
    base: str = "",
    only: Filter = EVERYTHING,
) -> ReportPage:
    """A report of the days `first` … `last`, or `only` of a part, taken now and not stored."""
    return page_of(document(store, first, last, zone, as_of, only=only), base=base)


def page_for(
    store: Store, settings: Settings, days: Days, now: datetime, number: int | None = None
) -> ReportPage | None:
    """The page of a day, week or month: its newest edition, or that of `number`; the figures of now
    without one.

    None when there is no edition of that number.
    """
    edition = edition_for(store, days, number)
    if edition is None and number is not None:
        return None
    shown = page_of(edition.document, edition.number) if edition else None
    shown = shown or page_of(document(store, days.first, days.last, None, now, ahead=True))
    with store.read() as session:
        mails = report_mails.of_report(session, days.kind, days.first)
    return replace(
        shown,
        now_day=local_date(now, shown.zone),
        mail_server=settings.smtp_url is not None,
        mails=tuple(
            Mailed(m.recipient, m.state, m.accepted_at, m.not_before, m.reason) for m in mails
        ),
    )


def edition_for(store: Store, days: Days, number: int | None = None) -> Edition | None:
    """The stored report of a day, week or month: the newest edition, or that of `number`."""
    with store.read() as session:
        row = stored.one(session, days.kind, days.first, number)
    return read(row) if row else None


def read(row: EditionRow) -> Edition:
    """An edition as it was stored."""
    made = Document.from_json(row.figures)
    days = Days.of(row.kind, row.local_date)
    return Edition(days, row.edition, row.zone, row.as_of, row.made_at, made)


def make_due(store: Store, now: datetime) -> list[Days]:
    """Makes the reports whose time has come, days before weeks before months, the oldest first;
    returns those that this call made.

    After a pause the missed ones (`BACK`) are made at once, with the figures of now. None is made
    for days before the installation existed.
    """
    with store.read() as session:
        brand = accounts.brand(session)
        if brand is None:
            return []
        due = [days for kind in KINDS for days in _missing(session, brand, kind, now)]
    return [days for days in due if _make(store, days, brand, now)]


def _missing(session: Session, brand: Brand, kind: ReportKind, now: datetime) -> list[Days]:
    """What is due and not made."""
    report_at = _first_time(report_mails.recipients_of(session, kind), brand)
    due = periods_due(kind, now, brand.zone, report_at, brand.created_at)
    made = stored.firsts(session, kind, [days.first for days in due])
    return [days for days in due if days.first not in made]


def _first_time(recipients: Iterable[ReportRecipient], brand: Brand) -> time:
    """When a report is made: at the earliest time of those who get it, else at the brand's."""
    times = [one.at or brand.report_at for one in recipients]
    return time.fromisoformat(min(times, default=brand.report_at))


def periods_due(
    kind: ReportKind, now: datetime, zone: str, report_at: time, since: datetime
) -> list[Days]:
    """The last days, weeks or months whose report time, on the local day after, has passed, the
    oldest first; none that ended before `since`.

    A report time that the clocks skip is the first instant after the jump. A day that the zone left
    out has no report.
    """
    days, found = Days.of(kind, local_date(now, zone)), list[Days]()
    for _ in range(BACK[kind]):
        days = days.before
        if days.last >= local_date(since, zone) and _is_due(days, zone, report_at, now):
            found.insert(0, days)
    return found


def _is_due(days: Days, zone: str, report_at: time, now: datetime) -> bool:
    start, end = local_day_bounds(days.first, zone)[0], local_day_bounds(days.last, zone)[1]
    return start < end and leaves_at(days, report_at, zone) <= now


def leaves_at(days: Days, at: time, zone: str) -> datetime:
    """The instant of a local time on the day after these days."""
    return first_instant(days.last + timedelta(days=1), at, zone)


def kept(store: Store, days: Days) -> tuple[Kept, ...]:
    """The editions of a day, week or month, the newest first; of other days there are none."""
    with store.read() as session:
        rows = stored.listed(session, days.kind, days.first)
    return tuple(Kept(**row._mapping) for row in rows)


def refresh(
    store: Store, days: Days, now: datetime, *, actor: str, after: int | None = None
) -> Refreshed | None:
    """A new edition with the figures of now, not mailed; None while the first is not made.

    It comes after `after`, the newest that its maker has seen (None: the newest that there is).
    Where somebody made it meanwhile theirs is told and nothing made, so two presses make one.
    """
    with store.read() as session:
        newest = stored.one(session, days.kind, days.first)
    if newest is None:
        return None
    if after not in (None, newest.edition):
        return Refreshed(newest.edition, made=False)
    number, zone = newest.edition + 1, newest.zone
    fresh = document(store, days.first, days.last, zone, now, ahead=True)
    with store.write() as session:
        edition_id = stored.add(session, _row(days, number, zone, now, fresh))
        if edition_id is not None:
            told = {"first": days.first.isoformat(), "last": days.last.isoformat()}
            told |= {"edition": str(number)}
            audit.record(session, actor, stored.MADE, f"edition:{edition_id}", now, **told)
    return Refreshed(number, made=edition_id is not None)


def _make(store: Store, days: Days, brand: Brand, now: datetime) -> bool:
    """Whether this call made the first edition, with its mails."""
    made = document(store, days.first, days.last, brand.zone, now, ahead=True)
    with store.write() as session:
        edition_id = stored.add(session, _row(days, 1, brand.zone, now, made))
        if edition_id is None:
            return False
        recipients = report_mails.recipients_of(session, days.kind)
        report_mails.add(session, [_mail(edition_id, days, one, brand) for one in recipients])
        return True


def _mail(edition_id: int, days: Days, to: ReportRecipient, brand: Brand) -> dict[str, object]:
    """Leaves at its own recipient's time."""
    at = time.fromisoformat(to.at or brand.report_at)
    return {
        "edition_id": edition_id,
        "recipient": to.address,
        "locale": to.locale,
        "message_id": f"report-{days.kind}-{days.first}-1-{secrets.token_hex(8)}",
        "not_before": leaves_at(days, at, brand.zone),
    }


def _row(days: Days, number: int, zone: str, now: datetime, made: Document) -> dict[str, object]:
    return {
        "kind": days.kind,
        "local_date": days.first,
        "edition": number,
        "zone": zone,
        "as_of": now,
        "figures": made.to_json(),
        "made_at": now,
    }
