"""Forgets what is past its time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from inbox.flows.forgotten import RESET_LASTS
from inbox.store import accounts, events, files, hooks, letters, report_links, tokens
from inbox.store.session import Store
from inbox.store.tables import OneTimeLink, UserSession

KEEP_DRAFTS: Final = timedelta(days=1)
KEEP_CALLS: Final = timedelta(days=35)
KEEP_ANSWERS: Final = timedelta(days=1)
KEEP_ENDED: Final = timedelta(days=30)


def tidy(store: Store, now: datetime) -> None:
    """Old event rows, ended sessions, links that no longer work, uploads that became no answer,
    webhook calls, in and out, and links to reports that ended over a month ago, answers to
    yesterday's calls of the API."""
    with store.write() as session:
        events.prune(session, now)
        accounts.prune_events(session, now - KEEP_CALLS)
        files.prune_drafts(session, now - KEEP_DRAFTS)
        tokens.prune(session, now - KEEP_ANSWERS)
        hooks.prune(session, now - KEEP_CALLS)
        report_links.prune(session, now - KEEP_ENDED)
        session.execute(delete(UserSession).where(UserSession.expires_at < now))
        session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now))
        letters.forget_old_resets(session, now, RESET_LASTS)
