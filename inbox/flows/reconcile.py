"""Compares the platform's own list with what is stored, and fetches what is missing.

It walks each stream from the top to the end of what the platform lists, with a place of its own, so
polling goes on beside it. Each page is stored like any other; what was new had been missing. At the
end the stream is complete from the oldest item listed to the moment the walk began.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from connectors.core.contract import ConnectorContract
from connectors.core.errors import ConnectorError, RateLimited, Transient
from connectors.core.registry import capabilities, channels
from inbox.config import Settings
from inbox.domain import pace
from inbox.flows.deliver import settle_named
from inbox.flows.ingest import Tagger, ingest
from inbox.flows.opening import open_connector
from inbox.flows.poll import REST_S, rest_until
from inbox.guard.secrets import mask
from inbox.store import accounts, audit, events, reads
from inbox.store import reconciliations as stored
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Account, Reconciliation

PAGES = 20  # a run ends there; the next tick goes on
EVERY = timedelta(hours=24)


class NothingToCompare(ValueError):
    """The account's platform lists nothing: what it sends by webhook is all there is."""


def start(store: Store, account_id: int, *, actor: str, now: datetime) -> int:
    """Begins a comparison of every stream that has none under way; returns how many.

    Raises `NothingToCompare`.
    """
    with store.write() as session:
        account = session.get_one(Account, account_id)
        streams = listed_streams(account)
        if not streams:
            raise NothingToCompare(f"{account.handle} is not listed by its platform.")
        begun = stored.begin(session, account_id, streams, now)
        if begun:
            audit.record(session, actor, "reconcile", f"account:{account_id}", now)
            events.announce(session, "account", now)
    return begun


def listed_streams(account: Account) -> Sequence[str]:
    """The streams whose platform gives a list to compare with."""
    offered = capabilities(account.channel)
    return offered.listed(account.settings) if offered.is_polled(account.settings) else ()


def start_due(store: Store, now: datetime) -> int:
    """Begins the daily comparisons: where reading costs money, or the day's quota, only a person
    begins one."""
    with store.read() as session:
        waiting = [
            a.id
            for a in accounts.everyone(session)
            if a.state == accounts.ACTIVE and _compares_daily(a)
            if stored.last_begun(session, a.id, a.created_at) + EVERY <= now
        ]
    return sum(start(store, account_id, actor="system", now=now) for account_id in waiting)


def _compares_daily(account: Account) -> bool:
    if account.channel not in channels():
        return False
    offered = capabilities(account.channel)
    return offered.price is None and offered.compares_daily and bool(listed_streams(account))


def due(store: Store, now: datetime) -> list[int]:
    """Accounts with a comparison under way that is not resting."""
    with store.read() as session:
        return stored.accounts_due(session, now)


def work(
    store: Store,
    settings: Settings,
    account_id: int,
    *,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> int:
    """Goes on with an account's comparisons; returns how many missing messages were found."""
    with hold(store, settings.folder, "poll", account_id) as held:
        if not held:
            return 0
        with store.read() as session:
            account = session.get_one(Account, account_id)
            rows = stored.running(session, account_id, now())
        try:
            platform = open_connector(store, account, settings, now)
        except ConnectorError as e:
            for row in rows:
                _stop(store, row.id, e, now())
            return 0
        with closing(platform):
            return sum(_walk(store, account, platform, row, classifier, now) for row in rows)


def _walk(
    store: Store,
    account: Account,
    platform: ConnectorContract,
    row: Reconciliation,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> int:
    found, cursor = 0, dict(row.cursor)
    for _ in range(PAGES):
        try:
            page = platform.pull(row.stream, cursor)
        except ConnectorError as e:
            _stop(store, row.id, e, now())
            return found
        settle_named(store, account.id, page.events, now())
        counts = ingest(
            store,
            account,
            page.messages,
            classifier=classifier,
            now=now(),
            malformed=page.malformed,
            events=page.events,
        )
        found, cursor = found + counts.new, page.cursor
        oldest = min((m.sent_at for m in page.messages if not m.context), default=None)
        with store.write() as session:
            reads.add(session, account.id, row.stream, len(page.messages), now())
            done = not page.more
            stored.step(session, row.id, cursor, len(page.messages), counts.new, oldest)
            if done:
                stored.finish(session, row.id, now())
            elif page.not_before is not None:
                until = pace.rest_until(page.not_before, now(), REST_S)
                stored.rest(session, row.id, until)
            events.announce(session, "account", now())
        if done or page.not_before is not None:
            return found
    return found


def _stop(store: Store, row_id: int, error: ConnectorError, now: datetime) -> None:
    """A limit or a broken line rests; anything else ends the comparison with its reason."""
    with store.write() as session:
        if isinstance(error, RateLimited | Transient):
            stored.rest(session, row_id, rest_until(error, now), mask(error.reason).text)
        else:
            stored.fail(session, row_id, mask(error.reason).text, now)
        events.announce(session, "account", now)
