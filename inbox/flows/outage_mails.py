"""Mails to the admins: an account is down, an account is back. Each once to each of them."""

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.core.errors import ConnectorError, Refused
from connectors.core.registry import UnknownChannel, capabilities
from inbox.config import Settings
from inbox.domain.outbox import backoff_s
from inbox.flows.mailing import language, post
from inbox.store import accounts, outages, people
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Account, Brand, Outage, User
from templates import render


def mail_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Sends the notices that are due; returns how many the mail server accepted."""
    if settings.smtp_url is None or not _waiting(store, now()):
        return 0
    with hold(store, settings.folder, "notice-mail", 0) as held:
        waiting = _waiting(store, now()) if held else []
        return sum(_tell(store, settings, outage, account, now) for outage, account in waiting)


def _waiting(store: Store, now: datetime) -> list[tuple[Outage, Account]]:
    with store.read() as session:
        return list(outages.to_mail(session, now))


def _tell(
    store: Store,
    settings: Settings,
    outage: Outage,
    account: Account,
    now: Callable[[], datetime],
) -> int:
    """One notice to every admin who has not got it yet."""
    which = "ended" if outage.ended_at else "began"
    with store.read() as session:
        brand = accounts.brand(session)
        admins = [u for u in people.everyone(session) if u.role == "admin" and not u.disabled_at]
    told = 0
    for admin in admins:
        mark = f"{which} {admin.email}"
        if mark in outage.mailed:
            continue
        try:
            _send(settings, outage, account, admin, brand, which)
        except Refused:
            pass  # this address takes no mail; the others are told
        except ConnectorError as e:
            _again(store, outage.id, e, now())
            return told
        _mark(store, outage.id, mark)
        told += 1
    _done(store, outage.id, which, now())
    return told


def _send(
    settings: Settings, outage: Outage, account: Account, to: User, brand: Brand | None, which: str
) -> None:
    locale = language(to.locale, brand)
    zone = accounts.zone_of(brand)
    said = {
        "account": account.handle,
        "channel": title_of(account.channel),
        "brand": brand.name if brand else "",
        "since": outage.silent_since,
        "ended": outage.ended_at,
        "reason": outage.reason,
        "arrived": outage.arrived,
        "late": outage.late,
        "link": f"{settings.base_url}/accounts/{account.id}",
    }
    post(
        settings,
        to=to.email,
        subject=render("mail/outage_subject.txt", locale, zone, **said),
        text=render("mail/outage.txt", locale, zone, **said),
        key=f"outage-{outage.id}-{which}-{to.id}",
    )


def _mark(store: Store, outage_id: int, mark: str) -> None:
    with store.write() as session:
        row = session.get_one(Outage, outage_id)
        row.mailed = [*row.mailed, mark]


def _done(store: Store, outage_id: int, which: str, now: datetime) -> None:
    with store.write() as session:
        row = session.get_one(Outage, outage_id)
        setattr(row, f"{which}_mailed_at", now)
        row.mail_failures, row.mail_not_before = 0, None


def _again(store: Store, outage_id: int, error: ConnectorError, now: datetime) -> None:
    with store.write() as session:
        row = session.get_one(Outage, outage_id)
        row.mail_failures += 1
        wait_s = getattr(error, "retry_after_s", None) or backoff_s(row.mail_failures)
        row.mail_not_before = now + timedelta(seconds=wait_s)


def title_of(channel: str) -> str:
    """A platform's own name."""
    try:
        return capabilities(channel).title
    except UnknownChannel:
        return channel
