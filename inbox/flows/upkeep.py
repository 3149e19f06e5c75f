"""Forgets what is past its time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from inbox.store import events, files
from inbox.store.session import Store
from inbox.store.tables import OneTimeLink, UserSession

KEEP_DRAFTS: Final = timedelta(days=1)


def tidy(store: Store, now: datetime) -> None:
    """Old event rows, ended sessions, links that no longer work, uploads that became no answer."""
    with store.write() as session:
        events.prune(session, now)
        files.prune_drafts(session, now - KEEP_DRAFTS)
        session.execute(delete(UserSession).where(UserSession.expires_at < now))
        session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now))
