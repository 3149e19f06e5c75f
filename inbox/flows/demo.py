"""Prepares a data folder for the demo: an account whose customers are invented."""

from datetime import datetime

from inbox.store import accounts
from inbox.store.session import Store

HANDLE = "@lumenpay"


def prepare(store: Store, now: datetime) -> None:
    """Adds the demo account once."""
    with store.write() as session:
        if accounts.by_name(session, "demo", HANDLE) is None:
            accounts.add(session, "demo", HANDLE, now)
