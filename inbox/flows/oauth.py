"""Signing in on a platform's own page (OAuth 2.0 with PKCE).

The start is bound to the browser session that made it: an answer with a `state` that this session
did not begin, or that is older than ten minutes, or that was used, is refused. The code verifier
and what was entered are kept sealed until then.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from connectors.core.contract import Account as Known
from connectors.core.contract import ConnectorContract
from connectors.core.registry import connector
from inbox.config import Settings
from inbox.flows.accounts import Added, NewAccount, add_account, reconnect
from inbox.flows.opening import allowing
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account, OAuthStart

TTL = timedelta(minutes=10)
CALLBACK = "/accounts/oauth/callback"


class SignInLost(ValueError):
    """The answer belongs to no sign-in of this session that is still open."""


@dataclass(frozen=True, slots=True)
class Started:
    """Where the browser goes, and the `state` that its answer must bring."""

    url: str
    state: str


def redirect_uri(settings: Settings) -> str:
    """Where the platform sends the browser back; it must be registered there."""
    return f"{settings.base_url}{CALLBACK}"


def start(
    store: Store,
    settings: Settings,
    wanted: NewAccount,
    *,
    session_key: str,
    account_id: int | None,
    now: Callable[[], datetime],
) -> Started:
    """Begins a sign-in. Raises the connector's errors."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    with closing(_platform(settings, wanted, now)) as platform:
        begun = platform.begin(redirect_uri(settings), state, verifier)
    kept = {"verifier": verifier, "secrets": {**wanted.secrets, **begun.secrets}}
    with store.write() as session:
        accounts.forget_oauth_starts(session, now() - TTL)
        session.add(
            OAuthStart(
                state_hash=_hash(state),
                session_hash=_hash(session_key),
                account_id=account_id,
                channel=wanted.channel,
                handle=wanted.handle,
                base_url=wanted.base_url,
                settings=wanted.settings,
                sealed=settings.cipher.encrypt(json.dumps(kept).encode()).decode(),
                created_at=now(),
            )
        )
    return Started(begun.url, state)


def begun(store: Store, state: str, session_key: str) -> OAuthStart | None:
    """The sign-in of this session that an answer belongs to, while it is open."""
    with store.read() as session:
        found = session.get(OAuthStart, _hash(state))
    return found if found is not None and found.session_hash == _hash(session_key) else None


def finish(
    store: Store,
    settings: Settings,
    *,
    state: str,
    code: str,
    session_key: str,
    actor: str,
    now: Callable[[], datetime],
) -> Added:
    """Turns the platform's answer into a connected account. Raises `SignInLost`, the errors of
    `add_account` and `reconnect`, and the connector's."""
    begun = _take(store, state, session_key, now())
    if begun.account_id is not None:
        _still_there(store, begun.account_id, begun.base_url)
    try:
        kept = json.loads(settings.cipher.decrypt(begun.sealed.encode()))
    except InvalidToken as e:
        raise SignInLost("The secret key was changed meanwhile. Start again.") from e
    wanted = NewAccount(
        begun.channel, begun.handle, begun.base_url, begun.settings, kept["secrets"]
    )
    with closing(_platform(settings, wanted, now)) as platform:
        renewed = platform.exchange(code, redirect_uri(settings), kept["verifier"])
    if begun.account_id is not None:
        return reconnect(
            store,
            settings,
            begun.account_id,
            kept["secrets"],
            actor=actor,
            now=now,
            renewed=renewed,
            sign_in=str(begun.settings.get("sign_in") or ""),
        )
    ready = NewAccount(
        wanted.channel, wanted.handle, wanted.base_url, wanted.settings, wanted.secrets, renewed
    )
    return add_account(store, settings, ready, actor=actor, now=now)


def _take(store: Store, state: str, session_key: str, now: datetime) -> OAuthStart:
    """The start that this answer belongs to; it works once."""
    with store.write() as session:
        begun = session.get(OAuthStart, _hash(state))
        mine = begun is not None and begun.session_hash == _hash(session_key)
        if begun is None or not mine or begun.created_at + TTL < now:
            raise SignInLost("This sign-in was not begun here, or too long ago. Start again.")
        session.delete(begun)
    return begun


def _still_there(store: Store, account_id: int, base_url: str | None) -> None:
    """What was entered for one server is not for another that the account has got meanwhile."""
    with store.read() as session:
        account = session.get_one(Account, account_id)
    if (account.base_url or None) != (base_url or None):
        raise SignInLost("The account’s address was changed meanwhile. Start again.")


def _platform(
    settings: Settings, wanted: NewAccount, now: Callable[[], datetime]
) -> ConnectorContract:
    known = Known(
        wanted.channel, wanted.handle, None, wanted.base_url, wanted.settings, wanted.secrets
    )
    return connector(wanted.channel)(allowing(known, settings), now)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
