"""Connecting an account: sign in, then store it with its secrets encrypted."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.core.contract import Account as ConnectorAccount
from connectors.core.contract import Identity
from connectors.core.registry import capabilities, connector
from inbox.config import Settings
from inbox.flows.poll import allowing, open_connector
from inbox.store import accounts, audit
from inbox.store.session import Store
from inbox.store.tables import Account


class AccountExists(ValueError):
    """The channel has an account of that name already."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person gives to connect an account."""

    channel: str
    handle: str
    base_url: str | None
    settings: dict[str, Any]
    secrets: dict[str, str]


@dataclass(frozen=True, slots=True)
class Added:
    """A connected account; `hook` is the address that the platform is to call, where it calls."""

    id: int
    handle: str
    hook: str | None
    missing: tuple[str, ...]


def add_account(
    store: Store,
    settings: Settings,
    wanted: NewAccount,
    *,
    actor: str,
    now: Callable[[], datetime],
    check: bool = True,
) -> Added:
    """Signs in (unless told not to) and stores the account. An imported one of the same name
    becomes connected, with its history. Raises `AccountExists` and the connector's errors."""
    offered = capabilities(wanted.channel)
    known = ConnectorAccount(
        wanted.channel, wanted.handle, None, wanted.base_url, wanted.settings, wanted.secrets
    )
    identity = None
    if check:
        platform = connector(wanted.channel)(allowing(known, settings), now)
        with closing(platform):
            identity = platform.check()
    with store.write() as session:
        row = accounts.by_name(session, wanted.channel, wanted.handle)
        if row is not None and row.state != accounts.IMPORTED:
            raise AccountExists(f"{wanted.handle} is already connected on {offered.title}.")
        if row is None:
            id_ = accounts.add(session, wanted.channel, wanted.handle, now())
            row = session.get_one(Account, id_)
        row.state = accounts.ACTIVE
        row.base_url = wanted.base_url
        row.settings = wanted.settings
        row.secrets = accounts.seal(settings.cipher, wanted.secrets)
        row.external_id = identity.external_id if identity else row.external_id
        audit.record(session, actor, "connect", f"account:{row.id}", now(), channel=row.channel)
        hook = f"{settings.base_url}/hooks/{row.channel}/{row.hook_key}"
    return Added(
        row.id,
        row.handle,
        hook if offered.receives else None,
        identity.missing if identity else (),
    )


def check_account(
    store: Store, settings: Settings, account: Account, now: Callable[[], datetime]
) -> Identity:
    """Signs in with the stored credentials; raises the connector's errors."""
    platform = open_connector(account, settings, now)
    with closing(platform):
        identity = platform.check()
    with store.write() as session:
        session.get_one(Account, account.id).external_id = identity.external_id
    return identity
