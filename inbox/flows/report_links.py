"""Links at which somebody without an account sees one report, made and ended by a lead.

Who has a link reads it, so it is random, only its SHA-256 is stored, and it ends by itself. It
shows the report as it was when the link was made: nothing is counted for a stranger.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.flows.keys import token_hash
from inbox.store import audit, report_links
from inbox.store.report_links import WORKS, Frozen, Listed, state_of
from inbox.store.session import Store
from inbox.store.tables import ReportLink

DAYS: Final = 7
LONGEST_DAYS: Final = 90


class LinkInvalid(ValueError):
    """No link can last so long."""


class NoSuchLink(LookupError):
    """There is no such link, or it is past what was asked for."""


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh link: the only time that its address is known."""

    id: int
    url: str
    expires_at: datetime


def make(
    store: Store, report: Frozen, days: int, *, base_url: str, actor: str, now: datetime
) -> Made:
    """A new link that ends after so many days. Raises `LinkInvalid`."""
    url, row = _fresh(base_url, _lasts(days), actor, now)
    with store.write() as session:
        id_ = report_links.add(session, report, row)
        _note(session, "report_link", id_, (report.first, report.last), actor, now)
    return Made(id_, url, row["expires_at"])


def renew(
    store: Store, id: int, days: int | None, *, base_url: str, actor: str, now: datetime
) -> Made:
    """Another address of the same report, for so many days (None: as many as before); the one
    before stops working. Raises `LinkInvalid`, `NoSuchLink`."""
    with store.write() as session:
        link = _link(session, id)
        lasts = link.expires_at - link.made_at if days is None else _lasts(days)
        url, row = _fresh(base_url, lasts, actor, now)
        report_links.renew(session, id, row)
        _note(session, "report_link_renew", id, _shown(link), actor, now)
    return Made(id, url, row["expires_at"])


def revoke(store: Store, id: int, *, actor: str, now: datetime) -> None:
    """It stops working at once; `restore` undoes it. Raises `NoSuchLink`."""
    with store.write() as session:
        link = _link(session, id)
        if not report_links.revoke(session, id, now):
            raise NoSuchLink(word("This link has ended already."))
        _note(session, "report_link_revoke", id, _shown(link), actor, now)


def restore(store: Store, id: int, *, actor: str, now: datetime) -> None:
    """Undoes `revoke`: the same address works again, until it ends. Raises `NoSuchLink`."""
    with store.write() as session:
        link = _link(session, id)
        if report_links.restore(session, id):
            _note(session, "report_link_restore", id, _shown(link), actor, now)


def opened(store: Store, token: str, now: datetime) -> ReportLink | None:
    """The link of an address, counted as opened if it works (`state_of`); None for any other
    address."""
    with store.read() as session:
        link = report_links.at(session, token_hash(token))
    if link is not None and state_of(link, now) == WORKS:
        with store.write() as session:
            report_links.touch(session, link.id, now)
    return link


def told(listed: Listed, now: datetime) -> Mapping[str, Any]:
    """A link for programs and people."""
    link = listed.link
    return {
        "id": link.id,
        "from": link.first_day,
        "to": link.last_day,
        "zone": link.zone,
        "as_of": link.as_of,
        "edition": link.edition,
        "state": state_of(link, now),
        "made_by": link.made_by,
        "made_at": link.made_at,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
        "opened": link.opened,
        "opened_at": link.opened_at,
    }


def _link(session: Session, id: int) -> ReportLink:
    found = report_links.one(session, id)
    if found is None:
        raise NoSuchLink(word("There is no such link."))
    return found.link


def _lasts(days: int) -> timedelta:
    if not 1 <= days <= LONGEST_DAYS:
        raise LinkInvalid(word("A link lasts from 1 to 90 days."))
    return timedelta(days=days)


def _fresh(
    base_url: str, lasts: timedelta, actor: str, now: datetime
) -> tuple[str, dict[str, Any]]:
    """An address nobody has yet, and its columns."""
    token = secrets.token_urlsafe(32)
    row = {
        "token_hash": token_hash(token),
        "made_by": actor,
        "made_at": now,
        "expires_at": now + lasts,
    }
    return f"{base_url}/shared/reports/{token}", row


def _shown(link: ReportLink) -> tuple[date, date]:
    return link.first_day, link.last_day


def _note(
    session: Session, act: str, id: int, days: tuple[date, date], actor: str, now: datetime
) -> None:
    told = {"first": days[0].isoformat(), "last": days[1].isoformat()}
    audit.record(session, actor, act, f"report_link:{id}", now, **told)
