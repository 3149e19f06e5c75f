"""Connecting an account: sign in, then store it with its secrets encrypted."""

import secrets as random
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.contract import Account as ConnectorAccount
from connectors.core.contract import Budget, Capabilities, Identity, Renewed, word
from connectors.core.errors import ConnectorError
from connectors.core.registry import capabilities, connector
from inbox.config import Settings
from inbox.flows.opening import allowing, open_connector
from inbox.flows.rotated import made_fresh
from inbox.store import accounts, audit, events
from inbox.store.session import Store
from inbox.store.tables import Account

NEEDED = word("{what} is needed.")
KNOWN = word("{name} is already connected on {channel}.")


class AccountExists(ValueError):
    """The channel has an account of that name already."""


class OtherAccount(ValueError):
    """The credentials belong to another account than the one that is to be connected again."""


class Incomplete(ValueError):
    """Something that the channel needs was not given; `fields` names what, in plain words."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person gives to connect an account. `renewed` are credentials from a sign-in on the
    platform's page."""

    channel: str
    handle: str
    base_url: str | None
    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)
    renewed: Renewed | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A connected account; `signed_in` is its name on the platform. `hook` is the address that the
    platform is to call, where it calls, and `made` are secrets made up by us, to be entered on the
    platform (shown once)."""

    id: int
    handle: str
    hook: str | None
    missing: tuple[str, ...]
    made: tuple[tuple[str, str], ...] = ()
    signed_in: str = ""


@dataclass(frozen=True, slots=True)
class _SignedIn:
    known: ConnectorAccount
    identity: Identity | None
    fresh_until: datetime | None
    budgets: tuple[Budget, ...] = ()


def complete(wanted: NewAccount) -> tuple[NewAccount, tuple[tuple[str, str], ...]]:
    """The wanted account with what we make up ourselves, and (prompt, value) of that.

    Raises `Incomplete`.
    """
    offered = capabilities(wanted.channel)
    given = {name: value for name, value in wanted.secrets.items() if value}
    made = {
        s.name: random.token_urlsafe(24)
        for s in offered.wanted(wanted.settings)
        if s.made and s.name not in given
    }
    missing = {
        s.name: NEEDED.format(what=s.prompt)
        for s in offered.wanted(wanted.settings)
        if not s.optional and s.name not in given | made
    }
    missing |= _unset(offered, wanted.settings, wanted.base_url)
    if not wanted.handle.strip():
        missing["handle"] = word("The account needs a name.")
    if missing:
        raise Incomplete(missing)
    prompts = {s.name: s.prompt for s in offered.secrets if s.shown}
    shown = tuple((prompts[name], value) for name, value in made.items() if name in prompts)
    return replace(wanted, secrets=given | made), shown


def _unset(
    offered: Capabilities, settings: Mapping[str, Any], base_url: str | None
) -> dict[str, str]:
    """The settings that are needed and empty."""
    asked = [s for s in offered.asked(settings) if s.required and not settings.get(s.name)]
    if offered.server and not base_url:
        asked.append(offered.server)
    return {s.name: NEEDED.format(what=s.label) for s in asked}


def try_out(
    store: Store, settings: Settings, wanted: NewAccount, now: Callable[[], datetime]
) -> Identity:
    """Signs in without connecting anything. Raises `Incomplete` and the connector's errors."""
    ready, _ = complete(wanted)
    identity = _sign_in(store, settings, ready, now, check=True).identity
    assert identity is not None
    return identity


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
    becomes connected, with its history. Raises `Incomplete`, `AccountExists` and the connector's
    errors."""
    ready, made = complete(wanted)
    offered = capabilities(wanted.channel)
    _refuse_known(store, ready, offered)
    signed = _sign_in(store, settings, ready, now, check=check)
    with store.write() as session:
        row = accounts.by_name(session, ready.channel, ready.handle)
        if row is not None and row.state != accounts.IMPORTED:
            raise AccountExists(KNOWN.format(name=ready.handle, channel=offered.title))
        if row is None:
            id_ = accounts.add(session, ready.channel, ready.handle, now())
            row = session.get_one(Account, id_)
        row.base_url = ready.base_url
        row.settings = ready.settings
        _store(session, settings, row, signed, now())
        audit.record(session, actor, "connect", f"account:{row.id}", now(), channel=row.channel)
        events.announce(session, "account", now())
    return _added(settings, row, signed.identity, made)


def reconnect(
    store: Store,
    settings: Settings,
    account_id: int,
    entered: Mapping[str, str],
    *,
    actor: str,
    now: Callable[[], datetime],
    renewed: Renewed | None = None,
    sign_in: str = "",
) -> Added:
    """New credentials for a known account: its history and its place in every stream stay.

    What is not entered again is kept; `sign_in` chooses another way to sign in.
    Raises `OtherAccount`, `Incomplete`, the connector's errors.
    """
    with store.read() as session:
        account = session.get_one(Account, account_id)
    kept = dict(accounts.for_connector(account, settings.cipher).secrets)
    wanted = NewAccount(
        account.channel,
        account.handle,
        account.base_url,
        {**account.settings, **({"sign_in": sign_in} if sign_in else {})},
        kept | {name: value for name, value in entered.items() if value},
        renewed,
    )
    ready, made = complete(wanted)
    signed = _sign_in(store, settings, ready, now, check=True)
    identity = signed.identity
    if identity and account.external_id and identity.external_id != account.external_id:
        raise OtherAccount(
            word("These credentials belong to {other}, not to {name}.").format(
                other=identity.handle, name=account.handle
            )
        )
    with store.write() as session:
        row = session.get_one(Account, account_id)
        row.settings = ready.settings
        _store(session, settings, row, signed, now())
        audit.record(session, actor, "reconnect", f"account:{account_id}", now())
        events.announce(session, "account", now())
    return _added(settings, row, identity, made)


def _added(
    settings: Settings,
    row: Account,
    identity: Identity | None,
    made: tuple[tuple[str, str], ...],
) -> Added:
    missing, name = (identity.missing, identity.handle) if identity else ((), "")
    return Added(row.id, row.handle, hook_address(settings, row), missing, made, name)


def configure(
    store: Store,
    account_id: int,
    *,
    base_url: str | None,
    settings: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> bool:
    """Changes an account's settings. Another server gets none of the stored credentials: they are
    deleted then, and must be entered again; returns whether that was so. Raises `Incomplete`."""
    with store.write() as session:
        row = session.get_one(Account, account_id)
        offered = capabilities(row.channel)
        if unset := _unset(offered, settings, base_url):
            raise Incomplete(unset)
        moved = (row.base_url or None) != (base_url or None) or any(
            (row.settings.get(s.name) or s.default) != (settings.get(s.name) or s.default)
            for s in offered.settings
            if s.leads
        )
        changed = sorted(
            name
            for name in {*row.settings, *settings}
            if (row.settings.get(name) or "") != (settings.get(name) or "")
        )
        row.base_url = base_url or None
        row.settings = {name: value for name, value in settings.items() if value}
        row.next_poll_at = None
        accounts.unproven(session, row.id, offered.listed(row.settings))
        if moved:
            row.secrets, row.fresh_until, row.state = None, None, accounts.REVOKED
            row.last_error = word("The server’s address was changed. Enter the credentials again.")
        detail = {"settings": changed, "base_url": base_url if moved else None}
        audit.record(session, actor, "configure", f"account:{account_id}", now, **detail)
        events.announce(session, "account", now)
    return moved


def set_state(
    store: Store, account_id: int, before: str, after: str, *, actor: str, now: datetime
) -> bool:
    """Pauses or resumes; False when the account was no longer in `before`."""
    with store.write() as session:
        done = accounts.set_state(session, account_id, before, after)
        if done:
            session.get_one(Account, account_id).next_poll_at = None
            audit.record(session, actor, after, f"account:{account_id}", now)
            events.announce(session, "account", now)
    return done


def check_account(
    store: Store, settings: Settings, account: Account, now: Callable[[], datetime]
) -> Identity:
    """Signs in with the stored credentials, and lets an account that failed be asked for news at
    once (one that is called only is well by this); raises the connector's errors."""
    with closing(open_connector(store, account, settings, now)) as platform:
        identity = platform.check()
        budgets = platform.budgets()
    with store.write() as session:
        note_identity(session, account.id, identity, budgets, now())
        accounts.answered(session, account.id)
        if not capabilities(account.channel).is_polled(account.settings):
            accounts.polled(session, account.id, now())
        events.announce(session, "account", now())
    return identity


def subscribe(
    store: Store, settings: Settings, account: Account, now: Callable[[], datetime]
) -> str:
    """Tells the platform where to call us; returns what was done. Raises the connector's errors.
    What was missing before is asked for anew, so that no page goes on to say it."""
    with closing(open_connector(store, account, settings, now)) as platform:
        told = platform.subscribe(hook_address(settings, account) or "")
    with suppress(ConnectorError):  # it is done; the next look at the account says what fails
        check_account(store, settings, account, now)
    return told


def hook_address(settings: Settings, account: Account) -> str | None:
    """Where the platform calls this account; None for one that is only polled."""
    if not capabilities(account.channel).is_called(account.settings):
        return None
    return f"{settings.base_url}/hooks/{account.channel}/{account.hook_key}"


def note_identity(
    session: Session,
    account_id: int,
    identity: Identity,
    budgets: Sequence[Budget],
    now: datetime,
) -> None:
    """Stores what the platform said when we signed in."""
    row = session.get_one(Account, account_id)
    row.external_id = identity.external_id
    row.missing = list(identity.missing)
    row.expires_at = identity.expires_at
    row.checked_at = now
    if budgets:
        row.budgets = told(budgets)


def told(budgets: Sequence[Budget]) -> list[dict[str, Any]]:
    """Quotas as they are stored."""
    return [
        asdict(b) | {"resets_at": b.resets_at.isoformat() if b.resets_at else None} for b in budgets
    ]


def _refuse_known(store: Store, wanted: NewAccount, offered: Capabilities) -> None:
    with store.read() as session:
        row = accounts.by_name(session, wanted.channel, wanted.handle)
    if row is not None and row.state != accounts.IMPORTED:
        raise AccountExists(KNOWN.format(name=wanted.handle, channel=offered.title))


def _sign_in(
    store: Store,
    settings: Settings,
    ready: NewAccount,
    now: Callable[[], datetime],
    *,
    check: bool,
) -> _SignedIn:
    """The account as it will be stored: with fresh credentials where they run out."""
    known = ConnectorAccount(
        ready.channel, ready.handle, None, ready.base_url, ready.settings, ready.secrets
    )
    fresh, fresh_until = ready.renewed, None
    if fresh is None and check and capabilities(ready.channel).renews:
        fresh = made_fresh(store, settings, known, now)
    if fresh is not None:
        known = replace(known, secrets={**known.secrets, **fresh.secrets})
        fresh_until = fresh.expires_at
    if not check:
        return _SignedIn(known, None, fresh_until)
    with closing(connector(ready.channel)(allowing(known, settings), now)) as platform:
        identity = platform.check()
        return _SignedIn(known, identity, fresh_until, platform.budgets())


def _store(
    session: Session, settings: Settings, row: Account, signed: _SignedIn, now: datetime
) -> None:
    row.state = accounts.ACTIVE
    row.secrets = accounts.seal(settings.cipher, dict(signed.known.secrets))
    row.fresh_until = signed.fresh_until
    row.failures, row.last_error = 0, None
    row.not_before = row.next_poll_at = None
    session.flush()
    if signed.identity is not None:
        note_identity(session, row.id, signed.identity, signed.budgets, now)
