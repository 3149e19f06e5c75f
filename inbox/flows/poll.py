"""Asks a platform what is new: page by page, each committed with its cursor."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.core.contract import Account as Known
from connectors.core.contract import ConnectorContract, Page
from connectors.core.errors import AuthRevoked, ConnectorError, RateLimited, Transient
from connectors.core.registry import capabilities, connector
from inbox.config import Settings
from inbox.domain.outbox import backoff_s
from inbox.flows.ingest import Counts, CursorMove, Tagger, ingest
from inbox.guard.secrets import mask
from inbox.store import accounts, events
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Account

MAX_PAGES = 200  # a run ends there and the next tick goes on, so that no account starves others
REST_S = 900.0  # a limit whose end the platform did not name


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought. `error` in plain words; `busy` when another worker had the account."""

    new: int = 0
    duplicate: int = 0
    refused: int = 0
    error: str | None = None
    busy: bool = False


def due(store: Store, now: datetime) -> list[int]:
    """Accounts to ask now: active, rested, and their interval has passed."""
    with store.read() as session:
        return [a.id for a in accounts.may_poll(session, now) if _interval_over(a, now)]


def poll(
    store: Store,
    settings: Settings,
    account_id: int,
    *,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> Polled:
    """Reads every stream of an account to its end. Never sleeps (law 8), never raises a
    `ConnectorError`: a failure is stored on the account with the time to try again."""
    with hold(store, settings.folder, "poll", account_id) as held:
        if not held:
            return Polled(busy=True)
        with store.read() as session:
            account = session.get_one(Account, account_id)
        platform = open_connector(account, settings, now)
        with closing(platform):
            return _streams(store, account, platform, classifier, now)


def open_connector(
    account: Account, settings: Settings, now: Callable[[], datetime]
) -> ConnectorContract:
    """The account's connector with its secrets opened."""
    known = allowing(accounts.for_connector(account, settings.cipher), settings)
    return connector(account.channel)(known, now)


def allowing(known: Known, settings: Settings) -> Known:
    """The account with the private addresses that the environment allows (law 13)."""
    allowed = [pair.strip() for pair in settings.allow_private.split(",") if pair.strip()]
    return replace(known, settings={**known.settings, "allow_private": allowed})


def _streams(
    store: Store,
    account: Account,
    platform: ConnectorContract,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> Polled:
    total = Counts()
    rest: datetime | None = None
    try:
        for stream in platform.capabilities.streams:
            for _ in range(MAX_PAGES):
                page, counts = _one_page(store, account, platform, stream, classifier, now)
                total = Counts(
                    total.new + counts.new,
                    total.duplicate + counts.duplicate,
                    total.refused + counts.refused,
                )
                rest = max(filter(None, (rest, page.not_before)), default=None)
                if not page.more or page.not_before is not None:
                    break
    except accounts.StaleCursor as e:
        return Polled(total.new, total.duplicate, total.refused, error=str(e))
    except ConnectorError as e:
        note_failure(store, account, e, now())
        return Polled(total.new, total.duplicate, total.refused, error=e.reason)
    with store.write() as session:
        accounts.polled(session, account.id, now(), rest)
        if account.failures:
            events.announce(session, "account", now())
    return Polled(total.new, total.duplicate, total.refused)


def _one_page(
    store: Store,
    account: Account,
    platform: ConnectorContract,
    stream: str,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> tuple[Page, Counts]:
    with store.read() as session:
        state, version = accounts.cursor(session, account.id, stream)
    page = platform.pull(stream, state)
    if not page.messages and not page.malformed and page.cursor == state:
        return page, Counts()
    counts = ingest(
        store,
        account,
        page.messages,
        classifier=classifier,
        now=now(),
        move=CursorMove(stream, version, page.cursor),
        malformed=page.malformed,
    )
    return page, counts


def note_failure(store: Store, account: Account, error: ConnectorError, now: datetime) -> None:
    """Stores what went wrong and when to try again; refused credentials stop the account."""
    wait = backoff_s(account.failures + 1)
    if isinstance(error, RateLimited):
        wait = (error.resets_at - now).total_seconds() if error.resets_at else REST_S
    elif isinstance(error, Transient) and error.retry_after_s is not None:
        wait = error.retry_after_s
    with store.write() as session:
        accounts.failed(session, account.id, now, max(wait, 1.0), mask(error.reason).text)
        if isinstance(error, AuthRevoked):
            accounts.set_state(session, account.id, accounts.ACTIVE, accounts.REVOKED)
        events.announce(session, "account", now)


def _interval_over(account: Account, now: datetime) -> bool:
    offered = capabilities(account.channel)
    if not offered.polls:
        return False
    every = timedelta(seconds=offered.poll_interval_s)
    return account.polled_at is None or account.failures > 0 or account.polled_at + every <= now
