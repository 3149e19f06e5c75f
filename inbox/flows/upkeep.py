"""Forgets what is past its time."""

from datetime import datetime

from sqlalchemy import delete

from inbox.store import events
from inbox.store.session import Store
from inbox.store.tables import OneTimeLink, UserSession


def tidy(store: Store, now: datetime) -> None:
    """Old event rows, ended sessions, links that no longer work."""
    with store.write() as session:
        events.prune(session, now)
        session.execute(delete(UserSession).where(UserSession.expires_at < now))
        session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now))
