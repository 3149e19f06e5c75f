"""Fresh credentials for an account that is being connected.

A provider may end a refresh token as soon as it is used, and give the next one along. While an
account is only tried out, or a later step of connecting fails, nobody stores that one: it is kept
sealed for ten minutes here, for whoever enters the first token again.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from connectors.core.contract import Account as Known
from connectors.core.contract import Renewed
from connectors.core.errors import Unsupported
from connectors.core.registry import connector
from inbox.config import Settings
from inbox.flows.opening import allowing
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import OAuthStart

KEPT = timedelta(minutes=10)
NO_SESSION = "rotated"  # no browser's: such a row is never the start of a sign-in
TOKEN = "refresh_token"


def made_fresh(
    store: Store, settings: Settings, known: Known, now: Callable[[], datetime]
) -> Renewed | None:
    """Fresh credentials; None where those of this way of signing in do not run out. Raises the
    connector's errors."""
    entered = known.secrets.get(TOKEN, "")
    key = hashlib.sha256(f"{known.channel} {TOKEN} {entered}".encode()).hexdigest()
    if entered:
        known = replace(known, secrets={**known.secrets, **_kept(store, settings, key, now())})
    with closing(connector(known.channel)(allowing(known, settings), now)) as platform:
        try:
            fresh = platform.renew()
        except Unsupported:
            return None
    if entered and fresh.secrets.get(TOKEN, entered) != entered:
        _keep(store, settings, key, known, fresh.secrets[TOKEN], now())
    return fresh


def _kept(store: Store, settings: Settings, key: str, now: datetime) -> dict[str, str]:
    """The token that took the place of the entered one."""
    with store.read() as session:
        row = session.get(OAuthStart, key)
    if row is None or row.created_at + KEPT < now:
        return {}
    try:
        return {TOKEN: settings.cipher.decrypt(row.sealed.encode()).decode()}
    except InvalidToken:
        return {}


def _keep(
    store: Store, settings: Settings, key: str, known: Known, token: str, now: datetime
) -> None:
    with store.write() as session:
        accounts.forget_oauth_starts(session, now - KEPT)
        session.merge(
            OAuthStart(
                state_hash=key,
                session_hash=NO_SESSION,
                channel=known.channel,
                handle=known.handle,
                settings={},
                sealed=settings.cipher.encrypt(token.encode()).decode(),
                created_at=now,
            )
        )
