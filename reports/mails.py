"""The mails of the reports: sent until they are taken, looked at beforehand, and tried out.

A mail keeps its Message-ID over all tries: when the line breaks after the text, the same one goes
out again.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Final

from connectors.core.contract import word
from connectors.core.errors import ConnectorError, Refused, Transient
from connectors.core.mail import Smtp
from inbox.config import Settings
from inbox.domain.calendars import local_date
from inbox.domain.outbox import backoff_s
from inbox.store import accounts, audit, report_mails
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import ReportMail
from reports.document import document
from reports.editions import Edition, read
from reports.render import data_uri, mail, mail_html, page_of
from templates.periods import Days, ReportKind
from templates.report import ReportPage

REMOVED: Final = "removed"
"""A mail that waits for somebody who gets no reports any more is not sent."""
TESTED: Final = "report_mail_test"
"""The act of a test in the audit log; with a `reason` it did not leave."""


def mail_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Sends the queued mails whose time has come; returns how many the server accepted.

    Without a mail server they stay queued. One process sends at a time; the others pass.
    """
    if settings.smtp_url is None or not _due(store, now()):
        return 0
    with hold(store, settings.folder, "report-mail", 0) as held:
        waiting = _due(store, now()) if held else []
        return sum(_send(store, settings, mail_id, now) for mail_id in waiting)


@dataclass(frozen=True, slots=True)
class Sample:
    """Which mail to look at: of a kind, in a language (a key of `templates.LOCALES`), to whom."""

    kind: ReportKind
    locale: str
    to: str


def preview(
    store: Store, settings: Settings, wanted: Sample, now: datetime, *, test: bool = False
) -> EmailMessage:
    """The mail about the last day, week or month that is over, as it would look now."""
    shown = _over(store, settings, wanted.kind, now)
    message_id = f"report-test-{secrets.token_hex(8)}@{_domain(settings)}"
    return mail(shown, wanted.locale, settings.mail_from, wanted.to, message_id, test=test)


def preview_html(
    store: Store, settings: Settings, kind: ReportKind, locale: str, now: datetime
) -> str:
    """The same mail as a page for a browser: its styles stand in one sheet, none in an element."""
    return mail_html(_over(store, settings, kind, now), locale)


def _over(store: Store, settings: Settings, kind: ReportKind, now: datetime) -> ReportPage:
    with store.read() as session:
        zone = accounts.zone_of(accounts.brand(session))
    days = Days.of(kind, local_date(now, zone)).before
    made = document(store, days.first, days.last, None, now, ahead=True)
    return page_of(made, base=settings.base_url)


def send_test(
    store: Store, settings: Settings, wanted: Sample, now: datetime, *, actor: str
) -> None:
    """Sends such a mail at once, marked as a test, and writes down what came of it. Raises
    `ConnectorError`, whose reason says why it did not leave."""
    said = {"address": wanted.to, "kind": wanted.kind, "locale": wanted.locale}
    try:
        if settings.smtp_url is None:
            raise Refused(word("No mail server is set. Set REPLYDESK_SMTP_URL."))
        _post(settings, preview(store, settings, wanted, now, test=True), wanted.to)
    except ConnectorError as e:
        _write_down(store, actor, now, **said, reason=e.reason)
        raise
    _write_down(store, actor, now, **said)


def _write_down(store: Store, actor: str, now: datetime, **said: str) -> None:
    with store.write() as session:
        audit.record(session, actor, TESTED, "brand:1", now, **said)


@dataclass(frozen=True, slots=True)
class Looks:
    """A mail as its reader sees it."""

    subject: str
    text: str
    html: str


def looks(message: EmailMessage) -> Looks:
    """Subject and both bodies of a report's mail, its pictures in the HTML itself."""
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (str(body.get_content()) for body in bodies if body is not None)
    for part in message.walk():
        if content_id := part["Content-ID"]:
            png = part.get_content()
            html = html.replace(f"cid:{content_id.strip('<>')}", data_uri(png))
    return Looks(str(message["Subject"]), text, html)


def told(row: AnyRow) -> dict[str, Any]:
    """A row of `report_mails.log` for programs and people."""
    days = Days.of(row.kind, row.first)
    return {
        "id": row.id,
        "recipient": row.recipient,
        "locale": row.locale,
        "kind": row.kind,
        "from": days.first,
        "to": days.last,
        "edition": row.edition,
        "made_at": row.made_at,
        "state": row.state if row.gets or row.state != report_mails.QUEUED else REMOVED,
        "not_before": row.not_before if row.state == report_mails.QUEUED else None,
        "accepted_at": row.accepted_at,
        "tries": row.tries,
        "tried_at": row.tried_at,
        "reason": row.reason,
        "message_id": row.message_id,
    }


def _due(store: Store, now: datetime) -> list[int]:
    with store.read() as session:
        return report_mails.due(session, now)


def _send(store: Store, settings: Settings, mail_id: int, now: Callable[[], datetime]) -> bool:
    """One try of one mail; whether the server accepted it."""
    row, edition = _claim(store, mail_id, _domain(settings), now())
    try:
        if not row.recipient.isprintable():
            raise Refused("This is not an e-mail address.")
        shown = page_of(edition.document, edition.number, base=settings.base_url)
        message = mail(shown, row.locale, settings.mail_from, row.recipient, row.message_id)
        _post(settings, message, row.recipient)
    except Refused as e:
        values: dict[str, Any] = {"state": report_mails.REFUSED, "reason": e.reason}
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
        values = {"state": report_mails.ACCEPTED, "accepted_at": now(), "reason": None}
    with store.write() as session:
        report_mails.settle(session, mail_id, **values)
    return values.get("state") == report_mails.ACCEPTED


def _claim(store: Store, mail_id: int, domain: str, now: datetime) -> tuple[ReportMail, Edition]:
    """A mail with its edition, counted as tried. Its Message-ID gets its domain at the first
    try."""
    with store.write() as session:
        row, edition = report_mails.with_edition(session, mail_id)
        row.tries, row.tried_at = row.tries + 1, now
        if "@" not in row.message_id:
            row.message_id += f"@{domain}"
    return row, read(edition)


def _post(settings: Settings, message: EmailMessage, to: str) -> None:
    """Raises `Transient` for an SMTP address that cannot be read: a person may still correct it."""
    assert settings.smtp_url is not None
    try:
        door = Smtp.from_url(settings.smtp_url.get_secret_value())
    except ValueError as e:
        raise Transient(f"REPLYDESK_SMTP_URL: {e}") from e
    door.send(message, parseaddr(settings.mail_from)[1], to)


def _domain(settings: Settings) -> str:
    return parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"
