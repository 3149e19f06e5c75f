"""Connected accounts as the pages show them."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from connectors.core.contract import Capabilities
from connectors.core.registry import UnknownChannel, capabilities
from inbox.domain.health import OK
from inbox.flows import health as watching
from inbox.store.accounts import ACTIVE
from inbox.store.due import COUNT_TO
from inbox.store.tables import Account as Row
from inbox.web.pages import Channel, channel
from inbox.web.pages_accounts import Account, Health


def offered(key: str) -> Capabilities | None:
    """What a channel offers; None for a channel of an import that has no connector here."""
    try:
        return capabilities(key)
    except UnknownChannel:
        return None


@lru_cache(maxsize=256)
def named(key: str) -> Channel:
    """A channel with its own name and sign."""
    known = offered(key)
    return channel(key, known.title if known else key.replace("_", " ").title())


def shown(rows: Iterable[Row], now: datetime, counts: dict[int, int]) -> tuple[Account, ...]:
    """Accounts with their health; `counts` are conversations by account, up to `COUNT_TO`."""
    return tuple(
        Account(
            id=row.id,
            channel=named(row.channel),
            handle=row.handle,
            health=health(row, now),
            base_url=row.base_url,
            conversations=min(counts.get(row.id, 0), COUNT_TO - 1),
            more=counts.get(row.id, 0) >= COUNT_TO,
        )
        for row in rows
    )


def health(row: Row, now: datetime) -> Health:
    """How an account delivers, from what its last polls left."""
    since, why = row.last_success_at, row.last_error or ""
    if row.state != ACTIVE:
        return Health(row.state, since, why=why)
    if row.failures:
        return Health("failing", since, row.not_before, why)
    if row.not_before is not None and row.not_before > now:
        return Health("limited", since, row.not_before)
    if since is None:
        return Health("new")
    if watching.level_of(row, now) != OK:
        return Health("silent", since)
    return Health("ok", since)
