"""Watches whether accounts deliver: one notice when one is down, one when it is back.

An outage is a row that begins with the level *stale*. Its mail goes out at *alarm* (an hour), at
once where the platform refused the credentials, because then only a person can help. What arrived
late is told in the notice of the end: one digest, however much it was.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.core.errors import AuthRevoked, ConnectorError
from connectors.core.registry import UnknownChannel, capabilities
from inbox.config import Settings
from inbox.domain import health as judge
from inbox.flows import hooks
from inbox.flows.accounts import note_identity
from inbox.flows.opening import open_connector
from inbox.flows.trouble import note_failure
from inbox.store import accounts, events, outages, reads
from inbox.store.accounts import ACTIVE, REVOKED
from inbox.store.session import Store
from inbox.store.tables import Account

CHECK_EVERY = timedelta(hours=6)
_DOWN = (judge.ALARM, judge.CRITICAL)
CHECK_UNPOLLED_EVERY = timedelta(minutes=15)  # their only sign of life beside calls


def watch(store: Store, now: datetime) -> None:
    """Opens, raises and ends outages. Asked often: it writes only when something changed."""
    with store.read() as session:
        rows = accounts.everyone(session)
        open_ones = outages.open_by_account(session)
        changed = [a for a in rows if _differs(a, open_ones.get(a.id), now)]
    if not changed:
        return
    with store.write() as session:
        for account in changed:
            _follow(session, account.id, now)
        events.announce(session, "account", now)


def interval(account: Account) -> timedelta:
    """How often we hear of an account that is well."""
    try:
        offered = capabilities(account.channel)
    except UnknownChannel:
        return CHECK_EVERY
    if not offered.is_polled(account.settings):
        return CHECK_UNPOLLED_EVERY
    planned = timedelta(seconds=offered.poll_interval_s)
    if account.next_poll_at is not None and account.polled_at is not None:
        planned = max(planned, account.next_poll_at - account.polled_at)
    return planned


def level_of(account: Account, now: datetime) -> str:
    """How bad an account's silence is now; `ok` for those that a person paused or imported."""
    if account.state not in (ACTIVE, REVOKED):
        return judge.OK
    since = account.last_success_at or account.created_at
    found = judge.level(since, interval(account), now)
    return judge.worse(found, judge.STALE) if account.state == REVOKED else found


def _outage_level(account: Account, now: datetime) -> str:
    """The same for an outage: refused credentials are an alarm at once, only a person can help."""
    found = level_of(account, now)
    return judge.worse(found, judge.ALARM) if account.state == REVOKED else found


def _differs(account: Account, outage: outages.Open | None, now: datetime) -> bool:
    found = _outage_level(account, now)
    return found != (outage.level if outage else judge.OK) and not (
        outage and found != judge.OK and judge.worse(found, outage.level) == outage.level
    )


def _follow(session: Session, account_id: int, now: datetime) -> None:
    account = session.get_one(Account, account_id)
    found, outage = _outage_level(account, now), outages.open_of(session, account_id)
    was = outage.level if outage else judge.OK
    if outage is None and found != judge.OK:
        since = account.last_success_at or account.created_at
        outages.begin(session, account_id, since, found, account.last_error, now)
    elif outage is not None and found == judge.OK:
        by_person = account.state not in (ACTIVE, REVOKED)
        since = outage.silent_since
        arrived = 0 if by_person else reads.arrived_between(session, account_id, since, now)
        late = 0 if by_person else outages.late_now(session, account_id, now)
        outages.end(session, outage, now, arrived, late, tell=not by_person)
        if was in _DOWN and not by_person:
            hooks.account(session, account, now, down=False)
    elif outage is not None:
        outage.level = judge.worse(found, outage.level)
        outage.reason = account.last_error
    if found in _DOWN and was not in _DOWN:
        hooks.account(session, account, now, down=True)


def check_due(store: Store, now: datetime) -> list[int]:
    """Accounts to sign in to again, to learn what is missing and that they still live."""
    with store.read() as session:
        return [
            a.id
            for a in accounts.everyone(session)
            if a.state == ACTIVE and (a.not_before is None or a.not_before <= now)
            if a.checked_at is None or a.checked_at + _check_every(a) <= now
        ]


def _check_every(account: Account) -> timedelta:
    try:
        polled = capabilities(account.channel).is_polled(account.settings)
    except UnknownChannel:
        return CHECK_EVERY
    return CHECK_EVERY if polled else CHECK_UNPOLLED_EVERY


def check(store: Store, settings: Settings, account_id: int, now: Callable[[], datetime]) -> None:
    """Signs in and stores what the platform says; a failure rests on the account."""
    with store.read() as session:
        account = session.get_one(Account, account_id)
    try:
        with closing(open_connector(store, account, settings, now)) as platform:
            identity = platform.check()
            budgets = platform.budgets()
    except ConnectorError as e:
        with store.write() as session:
            session.get_one(Account, account_id).checked_at = now()
        if isinstance(e, AuthRevoked) or not _is_polled(account):
            note_failure(store, account, e, now())
        return
    with store.write() as session:
        note_identity(session, account_id, identity, budgets, now())
        if not _is_polled(account):
            accounts.polled(session, account_id, now())


def _is_polled(account: Account) -> bool:
    return capabilities(account.channel).is_polled(account.settings)
