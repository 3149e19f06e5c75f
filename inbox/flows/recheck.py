"""Asks platforms for single messages: the posts above a comment, and edits and deletions.

Few platforms tell of an edit or a deletion by themselves. So when somebody opens a conversation,
its messages are asked for again (not more often than every 10 minutes), and what is stored follows.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.core.contract import Author, Deletion, Direction, Fetched, Kind, Ref, Visibility
from connectors.core.errors import AuthExpired, AuthRevoked, ConnectorError
from connectors.core.registry import UnknownChannel, capabilities
from inbox.config import Settings
from inbox.flows.ingest import Tagger, ingest
from inbox.flows.opening import open_connector
from inbox.flows.trouble import note_failure
from inbox.store import looking, reads
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import Account

EVERY = timedelta(minutes=10)
FETCH = "single messages"  # what they are counted and priced as, beside the streams
BATCH = 50
FEW = 5  # where each look costs money


def want(store: Store, conversation_id: int, now: datetime) -> bool:
    """Somebody looks at a conversation; whether its platform will be asked for news of it."""
    with store.read() as session:
        place = looking.place(session, conversation_id)
    if place is None or not _fetches(place.channel) or place.account_state != "active":
        return False
    if place.looked_at is not None and place.looked_at + EVERY > now:
        return False
    if place.look_wanted_at is None:
        with store.write() as session:
            looking.want(session, conversation_id, now)
    return True


def due(store: Store, now: datetime) -> list[int]:
    """Active, rested accounts with something to ask for."""
    with store.read() as session:
        return [id_ for id_, channel in looking.accounts_due(session, now) if _fetches(channel)]


def work(
    store: Store,
    settings: Settings,
    account_id: int,
    *,
    classifier: Tagger | None,
    now: Callable[[], datetime],
) -> int:
    """Asks for what is wanted of one account; returns how many stored messages changed."""
    with store.read() as session:
        account = session.get_one(Account, account_id)
        wanted = looking.wanted(session, account_id)
        orphans = looking.orphans(session, account_id, BATCH)
    if not wanted and not orphans:
        return 0
    try:
        with closing(open_connector(store, account, settings, now)) as platform:
            for row in wanted:
                _look_again(store, account, platform.fetch, row, classifier, now())
            if orphans:
                _find_parents(store, account, platform.fetch, orphans, classifier, now())
    except ConnectorError as e:
        _put_off(store, [row.id for row in wanted], [o.id for o in orphans], now())
        if isinstance(e, AuthExpired | AuthRevoked):
            note_failure(store, account, e, now())
    return len(wanted) + len(orphans)


Fetch = Callable[[Sequence[Ref]], Fetched]


def _look_again(
    store: Store,
    account: Account,
    fetch: Fetch,
    conversation: AnyRow,
    classifier: Tagger | None,
    now: datetime,
) -> None:
    with store.read() as session:
        most = BATCH if capabilities(account.channel).price is None else FEW
        rows = looking.messages(session, conversation.id, most)
    told = fetch([ref(row) for row in rows])
    _take(store, account, told, classifier, now)
    with store.write() as session:
        looking.done(session, conversation.id, now)


def _find_parents(
    store: Store,
    account: Account,
    fetch: Fetch,
    orphans: Sequence[AnyRow],
    classifier: Tagger | None,
    now: datetime,
) -> None:
    """The posts above these comments, kept as context."""
    names = {name: o for o in orphans for name in (o.in_reply_to, o.thread) if name}
    refs = [
        Ref(name, o.thread, Kind(o.kind), Visibility(o.visibility), platform=o.platform)
        for name, o in names.items()
        if name != o.external_id
    ]
    told = fetch(refs)
    around = tuple(
        replace(m, context=True)
        for m in told.messages
        if m.direction is Direction.IN or m.in_reply_to is None
    )
    ours = tuple(m for m in told.messages if m.direction is Direction.OUT and m.in_reply_to)
    _take(store, account, Fetched((*around, *ours), (), told.malformed), classifier, now)
    with store.write() as session:
        looking.sought(session, [o.id for o in orphans])


def _take(
    store: Store, account: Account, told: Fetched, classifier: Tagger | None, now: datetime
) -> None:
    with store.write() as session:
        reads.add(session, account.id, FETCH, len(told.messages), now)
    gone = tuple(Deletion(name, now) for name in told.gone)
    ingest(
        store,
        account,
        told.messages,
        classifier=classifier,
        now=now,
        malformed=told.malformed,
        events=gone,
    )


def _put_off(
    store: Store, conversations: Sequence[int], orphans: Sequence[int], now: datetime
) -> None:
    """Not answered: the next opening, or the next comment, asks again."""
    with store.write() as session:
        for conversation_id in conversations:
            looking.done(session, conversation_id, now)
        looking.sought(session, orphans)


def ref(row: AnyRow) -> Ref:
    """A stored message as its connector needs it."""
    author = Author(row.author_id, row.author_handle, row.author_name) if row.author_id else None
    return Ref(
        row.external_id,
        row.thread,
        Kind(row.kind),
        Visibility(row.visibility),
        row.role == "ours",
        author,
        row.platform,
    )


def _fetches(channel: str) -> bool:
    try:
        return capabilities(channel).fetches
    except UnknownChannel:
        return False
