"""Mailed reports as their page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from sqlalchemy.orm import Session

from inbox.domain.calendars import local_date
from inbox.store import accounts, audit_log, editions, report_mails
from inbox.store.audit_log import Asked
from inbox.store.tables import Brand, ReportRecipient
from inbox.web.desk import Desk
from inbox.web.pages import Frame
from inbox.web.pages_report_mails import (
    Done,
    Look,
    Preview,
    Reader,
    ReaderForm,
    ReportMailsPage,
    Tried,
    TryForm,
)
from reports import mails
from reports.editions import leaves_at
from templates.periods import KINDS, Days

PAGE: Final = 30
REPORT_AT: Final = "07:00"
"""Of a brand that is not named yet."""
TESTS: Final = 3
LOOK: Final = Look()
FIELDS: Final = ("address", "kinds", "locale", "at")


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody did or entered, or how far back they read."""

    look: Look = LOOK
    form: ReaderForm | None = None
    edit: int = 0
    test: TryForm | None = None
    before: int | None = None
    done: str = ""
    id: int = 0
    changed: str = ""


def report_mails_page(desk: Desk, around: Frame, shown: Shown) -> ReportMailsPage:
    """`/reports/mails`."""
    with desk.store.read() as session:
        brand = accounts.brand(session)
        clock = _clock(session, around, brand)
        readers = tuple(clock.reader(row) for row in report_mails.recipients(session))
        rows = report_mails.log(session, PAGE + 1, shown.before)
        tests = _tests(session) if around.me.admin else ()
        done = _done(session, shown, clock, tests)
    older = f"/reports/mails?before={rows[PAGE - 1].id}#log" if len(rows) > PAGE else None
    return ReportMailsPage(
        around,
        readers,
        clock.report_at,
        desk.settings.smtp_url is not None,
        [mails.told(row) | {"days": Days.of(row.kind, row.first)} for row in rows[:PAGE]],
        older,
        shown.form or _edited(readers, shown.edit),
        ReaderForm(locale=around.locale),
        shown.look,
        _preview(desk, around, shown.look) if around.me.admin else None,
        shown.test or TryForm(around.me.email),
        tests,
        done,
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """When mails leave: `coming` are the days of each kind whose report is not made yet, `waiting`
    the mails that are."""

    now: datetime
    zone: str
    report_at: str
    coming: Mapping[str, Sequence[Days]]
    waiting: Mapping[str, datetime]

    def reader(self, row: ReportRecipient) -> Reader:
        """A row, and when its next mail leaves."""
        at = time.fromisoformat(row.at or self.report_at)
        days = [one for kind in row.kinds for one in self.coming[kind]]
        leave = [leaves_at(one, at, self.zone) for one in days]
        leave += [self.waiting[row.address]] if row.address in self.waiting else []
        next_at = min(max(one, self.now) for one in leave)
        return Reader(row.id, row.address, tuple(row.kinds), row.locale, row.at or "", next_at)


def _clock(session: Session, around: Frame, brand: Brand | None) -> _Clock:
    """Nothing is made of days before the installation."""
    since = local_date(brand.created_at if brand else around.now, around.zone)
    today = local_date(around.now, around.zone)
    coming: dict[str, Sequence[Days]] = {}
    for kind in KINDS:
        days = Days.of(kind, today)
        made = days.before.last < since or editions.firsts(session, kind, [days.before.first])
        coming[kind] = [days] if made else [days.before, days]
    at, waiting = brand.report_at if brand else REPORT_AT, report_mails.waiting(session)
    return _Clock(around.now, around.zone, at, coming, waiting)


def _edited(readers: tuple[Reader, ...], id: int) -> ReaderForm | None:
    for one in readers:
        if one.id == id:
            return ReaderForm(one.id, one.address, one.kinds, one.locale, one.at)
    return None


def _preview(desk: Desk, around: Frame, look: Look) -> Preview:
    wanted = mails.Sample(look.kind, look.locale, around.me.email)
    message = mails.preview(desk.store, desk.settings, wanted, around.now)
    found = mails.looks(message)
    return Preview(desk.settings.mail_from, found.subject, found.text)


def _tests(session: Session) -> tuple[Tried, ...]:
    rows = audit_log.page(session, Asked(actions=(mails.TESTED,)), TESTS).rows
    return tuple(
        Tried(
            row.at,
            row.detail["address"],
            row.detail["kind"],
            row.detail["locale"],
            row.detail.get("reason", ""),
        )
        for row in rows
    )


def _done(session: Session, shown: Shown, clock: _Clock, tests: tuple[Tried, ...]) -> Done | None:
    """What was done, in so far as it is still so: the address of a page says it for a while."""
    if shown.done == "tested":
        return Done("tested", tests[0].address) if tests and not tests[0].reason else None
    if shown.done in ("again", "late"):
        mail = report_mails.mail(session, shown.id)
        return Done(shown.done, mail.recipient) if mail else None
    row = report_mails.recipient(session, shown.id)
    gone = shown.done == "removed"
    known = shown.done in ("added", "changed", "same", "restored", "removed")
    if row is None or not known or gone != (row.removed_at is not None):
        return None
    changed = tuple(name for name in FIELDS if name in shown.changed.split(","))
    return Done(shown.done, row.address, row.id, None if gone else clock.reader(row), changed)
