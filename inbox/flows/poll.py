"""Asks a platform what is new: page by page, each committed with its cursor."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.core.contract import ConnectorContract, Page
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    RateLimited,
    Transient,
)
from connectors.core.registry import capabilities
from inbox.config import Settings
from inbox.domain import pace
from inbox.flows import pacing
from inbox.flows.accounts import told
from inbox.flows.deliver import settle_named
from inbox.flows.ingest import Counts, CursorMove, Tagger, ingest
from inbox.flows.opening import open_connector
from inbox.flows.trouble import note_failure
from inbox.guard.secrets import mask
from inbox.store import accounts, events
from inbox.store.accounts import Walk
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
    unfinished: bool = False


@dataclass(slots=True)
class _Run:
    """One poll of one account: what it works with, and what it has found out so far."""

    store: Store
    account: Account
    platform: ConnectorContract
    classifier: Tagger | None
    now: Callable[[], datetime]
    done: Polled = Polled()
    worked: bool = False
    calls: int = 0
    finished: dict[str, Walk] = field(default_factory=dict)


def due(store: Store, now: datetime) -> list[int]:
    """Accounts to ask now: active, rested, and their interval has passed."""
    with store.read() as session:
        return [
            a.id
            for a in accounts.may_poll(session, now)
            if capabilities(a.channel).is_polled(a.settings)
        ]


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
            account = session.get(Account, account_id)
        if account is None:  # removed since its time was seen to have come
            return Polled()
        try:
            platform = open_connector(store, account, settings, now)
        except ConnectorError as e:
            note_failure(store, account, e, now())
            return Polled(error=e.reason)
        with closing(platform):
            return _streams(_Run(store, account, platform, classifier, now))


def _streams(run: _Run) -> Polled:
    """Stream by stream: one that is limited or not permitted rests, the others go on."""
    with run.store.read() as session:
        resting = accounts.resting(session, run.account.id, run.now())
    streams = run.platform.capabilities.listed(run.account.settings)
    if set(streams) <= set(resting):  # nothing was asked: that is neither a success nor a failure
        _rest_all(run, min(resting.values(), default=None))
        return run.done
    for stream in streams:
        if stream in resting:
            continue
        try:
            for counts in _stream(run, stream):
                run.done = _added(run.done, counts)
            run.worked = True
        except accounts.StaleCursor as e:
            return replace(run.done, error=str(e))
        except (AuthRevoked, AuthExpired, Transient) as e:
            note_failure(run.store, run.account, e, run.now())
            return replace(run.done, error=e.reason)
        except ConnectorError as e:
            run.done = replace(run.done, error=mask(e.reason).text)
            _rest(run, stream, rest_until(e, run.now()))
    _finish(run)
    return run.done


def _rest_all(run: _Run, until: datetime | None) -> None:
    if until is not None:
        with run.store.write() as session:
            accounts.rest_account(session, run.account.id, until)


def _finish(run: _Run) -> None:
    account, error, now = run.account, run.done.error, run.now()
    if error and not run.worked:
        note_failure(run.store, account, Transient(error), now)
        return
    budgets = run.platform.budgets()
    with run.store.write() as session:
        accounts.polled(session, account.id, now, error)
        accounts.walked(session, account.id, run.finished)
        again = pacing.next_poll_at(session, account, budgets, run.calls, now)
        if run.done.unfinished:
            again = now
        accounts.paced(session, account.id, again, told(budgets) or None)
        if account.failures or account.last_error != error or account.last_success_at is None:
            events.announce(session, "account", now)


def _added(done: Polled, counts: Counts) -> Polled:
    return replace(
        done,
        new=done.new + counts.new,
        duplicate=done.duplicate + counts.duplicate,
        refused=done.refused + counts.refused,
    )


def _stream(run: _Run, stream: str) -> Iterator[Counts]:
    """Page by page to the end of a stream; what was stored counts, also when the next one fails."""
    for _ in range(MAX_PAGES):
        page, counts, walk = _one_page(run, stream)
        yield counts
        until = _asked_to_wait(page, run.now()) or _money_spent(run, stream)
        if until is not None:
            _rest(run, stream, until)
        if not page.more:
            run.finished[stream] = walk
        if not page.more or until is not None:
            return
    run.done = replace(run.done, unfinished=True)


def _asked_to_wait(page: Page, now: datetime) -> datetime | None:
    return page.not_before and pace.rest_until(page.not_before, now, REST_S)


def _money_spent(run: _Run, stream: str) -> datetime | None:
    """When reading may go on, if this day's money for it is spent."""
    with run.store.read() as session:
        return pacing.rests_for_money(session, run.account, stream, run.now())


def _rest(run: _Run, stream: str, until: datetime) -> None:
    with run.store.write() as session:
        accounts.rest(session, run.account.id, stream, until, run.now())


def rest_until(error: ConnectorError, now: datetime) -> datetime:
    """When to try again what the platform limits or does not permit."""
    told = error.resets_at if isinstance(error, RateLimited) else None
    return pace.rest_until(told, now, REST_S)


def _one_page(run: _Run, stream: str) -> tuple[Page, Counts, Walk]:
    with run.store.read() as session:
        state, version = accounts.cursor(session, run.account.id, stream)
        walk = accounts.walk(session, run.account.id, stream, run.now())
    page = run.platform.pull(stream, state)
    run.calls += 1
    walk = walk.past(page.messages)
    if not (page.messages or page.malformed or page.events) and page.cursor == state:
        return page, Counts(), walk
    settle_named(run.store, run.account.id, page.events, run.now())
    counts = ingest(
        run.store,
        run.account,
        page.messages,
        classifier=run.classifier,
        now=run.now(),
        move=CursorMove(stream, version, page.cursor, walk),
        malformed=page.malformed,
        events=page.events,
    )
    return page, counts, walk
