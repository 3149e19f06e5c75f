"""Notices by mail: one letter to each person, with everything that waits to be told.

Which lines leave together, and so the Message-ID, is stored before the first try: after a lost
answer of the server, or a killed process, the same letter is tried again under the same name.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from connectors.core.errors import ConnectorError, OutcomeUnknown, Refused
from inbox.config import Settings
from inbox.domain.outbox import backoff_s
from inbox.flows.mailing import language, post
from inbox.flows.outage_mails import title_of
from inbox.store import accounts, notices
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import Brand, User
from templates import render

STALE: Final = timedelta(days=1)
"""A line that could not leave for so long tells nothing new."""


def mail_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Sends what waits, at most one letter to each person; how many the server accepted."""
    if settings.smtp_url is None or not _waiting(store, now()):
        return 0
    with hold(store, settings.folder, "notice-mails", 0) as held:
        if not held:
            return 0
        _sort_out(store, now())
        letters: dict[int, list[AnyRow]] = defaultdict(list)
        for row in _waiting(store, now()):
            first = letters[row.user_id][:1]
            if not first or first[0].batch == row.batch:  # a later batch leaves at the next look
                letters[row.user_id].append(row)
        return sum(_send(store, settings, rows, now) for rows in letters.values())


def _waiting(store: Store, now: datetime) -> Sequence[AnyRow]:
    with store.read() as session:
        return notices.to_mail(session, now)


def _sort_out(store: Store, now: datetime) -> None:
    """Drops what need not be said any more, and puts together what leaves in one letter."""
    with store.write() as session:
        rows = notices.to_mail(session, now)
        said = {row.id for row in _worth_saying(rows, now)}
        notices.settle(session, [r.id for r in rows if r.id not in said], notices.QUIET, now)
        fresh: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            if row.id in said and row.batch is None:
                fresh[row.user_id].append(row.id)
        for ids in fresh.values():
            notices.put_together(session, ids, min(ids))


def _worth_saying(rows: Iterable[AnyRow], now: datetime) -> list[AnyRow]:
    """Of each wait that still lasts the highest step, and of the rest what nobody has read yet."""
    best: dict[tuple[int, str, object, object], AnyRow] = {}
    for row in rows:
        about = row.endpoint_id or row.surge_id or row.conversation_id
        stands = {"warning": row.waits, "webhook": True}.get(row.kind, row.unread)
        if stands and row.at > now - STALE:
            key = (row.user_id, row.kind, about, row.target)
            before = best.get(key)
            if before is None or (row.part or 0) > (before.part or 0):
                best[key] = row
    return list(best.values())


def _send(
    store: Store, settings: Settings, rows: Sequence[AnyRow], now: Callable[[], datetime]
) -> bool:
    with store.read() as session:
        to, brand = session.get_one(User, rows[0].user_id), accounts.brand(session)
    ids = [row.id for row in rows]
    subject, text = _words(settings, rows, to, brand, now())
    key, state = f"notice-{to.id}-{rows[0].batch}", notices.SENT
    try:
        post(settings, to=to.email, subject=subject, text=text, key=key)
    except Refused:
        state = notices.REFUSED
    except OutcomeUnknown:
        pass  # it may have arrived, and the notice stands in the app as well
    except ConnectorError as e:
        wait_s = getattr(e, "retry_after_s", None) or backoff_s(rows[0].failures + 1)
        with store.write() as session:
            notices.put_off(session, ids, now() + timedelta(seconds=wait_s))
        return False
    with store.write() as session:
        notices.settle(session, ids, state, now())
    return state == notices.SENT


def _words(
    settings: Settings, rows: Sequence[AnyRow], to: User, brand: Brand | None, now: datetime
) -> tuple[str, str]:
    """Subject and text: what is late first, then what colleagues tell."""
    lines = sorted(
        (row for row in rows if row.kind == "warning"),
        key=lambda row: (not row.breached, row.now_due_at or row.due_at),
    )
    said = {
        "lines": [(row, title_of(row.channel)) for row in lines],
        "late": sum(1 for row in lines if row.breached),
        "told": [row for row in rows if row.kind not in ("warning", "webhook")],
        "stopped": [row for row in rows if row.kind == "webhook"],
        "brand": brand.name if brand else "",
        "base": settings.base_url,
        "now": now,
    }
    spoken, zone = language(to.locale, brand), accounts.zone_of(brand)
    subject = render("mail/notices_subject.txt", spoken, zone, **said)
    return subject, render("mail/notices.txt", spoken, zone, **said)
