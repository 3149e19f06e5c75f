"""The report of each local day: made once when its hour has come, then mailed until it is taken.

A day's report is edition 1, stored with its figures and its mails in one transaction; whoever is
second finds it there. `refresh` adds later editions, which are not mailed. A mail keeps its
Message-ID over all tries: when the line breaks after the text, the same one goes out again.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from email.utils import parseaddr

from connectors.core.errors import ConnectorError, Refused, Transient
from connectors.core.mail import Smtp
from inbox.config import Settings
from inbox.domain.calendars import first_instant, local_date, local_day_bounds
from inbox.domain.outbox import backoff_s
from inbox.store import accounts
from inbox.store import reports as stored
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Edition as EditionRow
from inbox.store.tables import ReportMail
from reports.document import Document, document, report_json
from reports.render import mail, page_of
from templates.report import Mailed, ReportPage

__all__ = [
    "Edition",
    "edition_for",
    "mail_due",
    "make_due",
    "page",
    "page_for",
    "refresh",
    "report_json",
]

DAYS_BACK = 7


@dataclass(frozen=True, slots=True)
class Edition:
    """A stored report: what it showed when it was made, it shows forever."""

    local_date: date
    number: int
    zone: str
    as_of: datetime
    made_at: datetime
    document: Document


def page(
    store: Store, first: date, last: date, zone: str | None, as_of: datetime, base: str = ""
) -> ReportPage:
    """A report of the days `first` … `last`, taken now and not stored."""
    return page_of(document(store, first, last, zone, as_of), base=base)


def page_for(
    store: Store, settings: Settings, day: date, now: datetime, number: int | None = None
) -> ReportPage | None:
    """The day's page: its newest edition, or that of `number`; the figures of now without one.

    None when there is no edition of that number.
    """
    edition = edition_for(store, day, number)
    if edition is None and number is not None:
        return None
    shown = page_of(edition.document, edition.number) if edition else None
    shown = shown or page_of(document(store, day, day, None, now, ahead=True))
    with store.read() as session:
        mails = stored.mails(session, day)
    return replace(
        shown,
        now_day=local_date(now, shown.zone),
        mail_server=settings.smtp_url is not None,
        mails=tuple(
            Mailed(m.recipient, m.state, m.accepted_at, m.not_before, m.reason) for m in mails
        ),
    )


def edition_for(store: Store, local_date: date, number: int | None = None) -> Edition | None:
    """The stored report of a day: the newest edition, or that of `number`."""
    with store.read() as session:
        row = stored.edition(session, local_date, number)
    return _edition(row) if row else None


def make_due(store: Store, now: datetime) -> list[date]:
    """Makes the reports whose hour has come, the oldest first; returns the days made by this call.

    Of the last seven days that have none: after a pause the missed ones are made at once, with the
    figures of now. None is made for days before the installation existed.
    """
    with store.read() as session:
        brand = accounts.brand(session)
        if brand is None:
            return []
        days = days_due(now, brand.zone, time.fromisoformat(brand.report_at), brand.created_at)
        days = sorted(set(days) - stored.editions_of(session, days))
    return [day for day in days if _make(store, day, brand.zone, now, brand.report_recipients)]


def days_due(now: datetime, zone: str, report_at: time, since: datetime) -> list[date]:
    """The last days whose report time, on the local day after, has passed; none before `since`.

    A report time that the clocks skip is the first instant after the jump. A day that the zone left
    out has no report.
    """
    today, oldest = local_date(now, zone), local_date(since, zone)
    days = [today - timedelta(days=n) for n in range(DAYS_BACK, 0, -1)]
    return [day for day in days if day >= oldest and _is_due(day, zone, report_at, now)]


def _is_due(day: date, zone: str, report_at: time, now: datetime) -> bool:
    start, end = local_day_bounds(day, zone)
    return start < end and first_instant(day + timedelta(days=1), report_at, zone) <= now


def refresh(store: Store, day: date, now: datetime) -> Edition | None:
    """A new edition with the figures of now, not mailed; None while the day's first is not made."""
    first = edition_for(store, day, 1)
    if first is None:
        return None
    fresh = document(store, day, day, first.zone, now, ahead=True)
    while True:
        with store.write() as session:
            number = stored.next_edition(session, day)
            row = _row(day, number, first.zone, now, fresh)
            if stored.add_edition(session, row) is not None:
                return Edition(day, number, first.zone, now, now, fresh)


def mail_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Sends the queued mails whose time has come; returns how many the server accepted.

    Without a mail server they stay queued. One process sends at a time; the others pass.
    """
    if settings.smtp_url is None or not _due(store, now()):
        return 0
    with hold(store, settings.folder, "report-mail", 0) as held:
        waiting = _due(store, now()) if held else []
        return sum(_send(store, settings, mail_id, now) for mail_id in waiting)


def _due(store: Store, now: datetime) -> list[int]:
    with store.read() as session:
        return stored.mails_due(session, now)


def _make(store: Store, day: date, zone: str, now: datetime, recipients: list[str]) -> bool:
    """Whether this call made the day's first edition, with its mails."""
    made = document(store, day, day, zone, now, ahead=True)
    with store.write() as session:
        edition_id = stored.add_edition(session, _row(day, 1, zone, now, made))
        if edition_id is None:
            return False
        ids = {to: f"report-{day}-1-{secrets.token_hex(8)}" for to in recipients}
        stored.add_mails(session, edition_id, ids)
        return True


def _row(day: date, number: int, zone: str, now: datetime, made: Document) -> dict[str, object]:
    return {
        "local_date": day,
        "edition": number,
        "zone": zone,
        "as_of": now,
        "figures": made.to_json(),
        "made_at": now,
    }


def _edition(row: EditionRow) -> Edition:
    made = Document.from_json(row.figures)
    return Edition(row.local_date, row.edition, row.zone, row.as_of, row.made_at, made)


def _send(store: Store, settings: Settings, mail_id: int, now: Callable[[], datetime]) -> bool:
    """One try of one mail; whether the server accepted it."""
    sender = parseaddr(settings.mail_from)[1]
    row, edition, locale = _claim(store, mail_id, sender.rpartition("@")[2])
    try:
        if not row.recipient.isprintable():
            raise Refused("This is not an e-mail address.")
        shown = page_of(edition.document, edition.number, base=settings.base_url)
        message = mail(shown, locale, settings.mail_from, row.recipient, row.message_id)
        _door(settings).send(message, sender, row.recipient)
    except Refused as e:
        values: dict[str, object] = {"state": stored.REFUSED, "reason": e.reason}
    except ConnectorError as e:  # sign-in, a broken line, an answer lost: the same mail again
        wait_s = backoff_s(row.failures + 1)
        if isinstance(e, Transient) and e.retry_after_s:
            wait_s = max(wait_s, e.retry_after_s)
        values = {
            "failures": row.failures + 1,
            "not_before": now() + timedelta(seconds=wait_s),
            "reason": e.reason,
        }
    else:
        values = {"state": stored.ACCEPTED, "accepted_at": now(), "reason": None}
    with store.write() as session:
        stored.settle_mail(session, mail_id, **values)
    return values.get("state") == stored.ACCEPTED


def _claim(store: Store, mail_id: int, domain: str) -> tuple[ReportMail, Edition, str]:
    """A mail with its edition and its language. Its Message-ID gets its domain at the first try."""
    with store.write() as session:
        row, edition = stored.mail(session, mail_id)
        brand = accounts.brand(session)
        if "@" not in row.message_id:
            row.message_id += f"@{domain or 'localhost'}"
    return row, _edition(edition), brand.locale if brand else "en"


def _door(settings: Settings) -> Smtp:
    """Raises `Transient` for an address that cannot be read: a person may still correct it."""
    assert settings.smtp_url is not None
    try:
        return Smtp.from_url(settings.smtp_url.get_secret_value())
    except ValueError as e:
        raise Transient(f"REPLYDESK_SMTP_URL: {e}") from e
