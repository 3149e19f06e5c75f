"""Asks a platform what is new: page by page, each committed with its cursor."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

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
        try:
            platform = open_connector(account, settings, now)
        except Transient as e:
            note_failure(store, account, e, now())
            return Polled(error=e.reason)
        with closing(platform):
            return _streams(store, account, platform, classifier, now)


def open_connector(
    account: Account, settings: Settings, now: Callable[[], datetime]
) -> ConnectorContract:
    """The account's connector with its secrets opened. Raises `Transient` where they cannot be:
    with the right key everything works again."""
    try:
        opened = accounts.for_connector(account, settings.cipher)
    except InvalidToken as e:
        raise Transient("The stored credentials need another secret key.") from e
    known = allowing(opened, settings)
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
    """Stream by stream: one that is limited or not permitted rests, the others go on."""
    done = Polled()
    worked = False
    with store.read() as session:
        resting = accounts.resting(session, account.id, now())
    for stream in platform.capabilities.streams:
        if stream in resting:
            continue
        try:
            for counts in _stream(store, account, platform, stream, classifier, now):
                done = replace(
                    done,
                    new=done.new + counts.new,
                    duplicate=done.duplicate + counts.duplicate,
                    refused=done.refused + counts.refused,
                )
            worked = True
        except accounts.StaleCursor as e:
            return replace(done, error=str(e))
        except (AuthRevoked, Transient) as e:
            note_failure(store, account, e, now())
            return replace(done, error=e.reason)
        except ConnectorError as e:
            done = replace(done, error=mask(e.reason).text)
            _rest(store, account, stream, rest_until(e, now()), now())
    if worked or not done.error:
        with store.write() as session:
            accounts.polled(session, account.id, now(), done.error)
            if account.failures or account.last_error != done.error:
                events.announce(session, "account", now())
    else:
        note_failure(store, account, Transient(done.error), now())
    return done


def _stream(
    store: Store,
    account: Account,
    platform: ConnectorContract,
    stream: str,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> Iterator[Counts]:
    """Page by page to the end of a stream; what was stored counts, also when the next one fails."""
    for _ in range(MAX_PAGES):
        page, counts = _one_page(store, account, platform, stream, classifier, now)
        yield counts
        if page.not_before is not None:
            _rest(store, account, stream, page.not_before, now())
        if not page.more or page.not_before is not None:
            break


def _rest(store: Store, account: Account, stream: str, until: datetime, now: datetime) -> None:
    with store.write() as session:
        accounts.rest(session, account.id, stream, until, now)


def rest_until(error: ConnectorError, now: datetime) -> datetime:
    """When to try again what the platform limits or does not permit."""
    if isinstance(error, RateLimited) and error.resets_at is not None:
        return max(error.resets_at, now)
    return now + timedelta(seconds=REST_S)


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
    if isinstance(error, Transient) and error.retry_after_s is not None:
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
