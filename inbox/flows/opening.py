"""Opens an account's connector, with credentials that have not run out.

Platforms whose tokens live for minutes or hours are renewed here, by one process at a time: the
fresh credentials are stored in one transaction before anything uses them, because the old ones may
be dead by then.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from connectors.core.contract import Account as Known
from connectors.core.contract import ConnectorContract
from connectors.core.errors import Transient
from connectors.core.registry import capabilities, connector
from inbox.config import Settings
from inbox.store import accounts
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Account

MARGIN = timedelta(minutes=5)  # renewed so long before the credentials run out
BUSY_S = 2.0


def open_connector(
    store: Store,
    account: Account,
    settings: Settings,
    now: Callable[[], datetime],
    *,
    renew: bool = True,
) -> ConnectorContract:
    """The account's connector with its secrets opened, and renewed where they soon run out.

    Raises `Transient` where the secrets cannot be opened (with the right key everything works
    again) or another worker is renewing them, and what the platform says to a renewal.
    `renew=False` asks nothing of the platform.
    """
    known = allowing(_opened(account, settings), settings)
    if renew and _runs_out(account, now()):
        known = _renewed(store, account, settings, now)
    return connector(account.channel)(known, now)


def allowing(known: Known, settings: Settings) -> Known:
    """The account with the private addresses that the environment allows (law 13)."""
    allowed = sorted(settings.allowed)
    return replace(known, settings={**known.settings, "allow_private": allowed})


def _opened(account: Account, settings: Settings) -> Known:
    try:
        return accounts.for_connector(account, settings.cipher)
    except InvalidToken as e:
        raise Transient("The stored credentials need another secret key.") from e


def _runs_out(account: Account, now: datetime) -> bool:
    renews = capabilities(account.channel).renews
    return renews and account.fresh_until is not None and account.fresh_until <= now + MARGIN


def _renewed(
    store: Store, account: Account, settings: Settings, now: Callable[[], datetime]
) -> Known:
    with hold(store, settings.folder, "renew", account.id) as held:
        if not held:
            raise Transient("The credentials are being renewed.", BUSY_S)
        with store.read() as session:  # another worker may have done it meanwhile
            current = session.get_one(Account, account.id)
        known = allowing(_opened(current, settings), settings)
        if current.fresh_until != account.fresh_until and not _runs_out(current, now()):
            return known
        with closing(connector(account.channel)(known, now)) as platform:
            fresh = platform.renew()
        merged = {**known.secrets, **fresh.secrets}
        with store.write() as session:
            row = session.get_one(Account, account.id)
            if row.secrets != current.secrets:
                raise Transient("The credentials were changed meanwhile.", BUSY_S)
            row.secrets = accounts.seal(settings.cipher, merged)
            row.fresh_until = fresh.expires_at
        return replace(known, secrets=merged)
