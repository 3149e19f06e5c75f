"""What went wrong with an account, stored with the time to try again (law 8)."""

from datetime import datetime

from connectors.core.errors import AuthExpired, AuthRevoked, ConnectorError, Transient
from inbox.domain.outbox import backoff_s
from inbox.guard.secrets import mask
from inbox.store import accounts, events
from inbox.store.session import Store
from inbox.store.tables import Account


def note_failure(store: Store, account: Account, error: ConnectorError, now: datetime) -> None:
    """Stores what went wrong and when to try again; refused credentials stop the account, those
    that ran out are renewed at the next try."""
    wait = backoff_s(account.failures + 1)
    if isinstance(error, Transient) and error.retry_after_s is not None:
        wait = error.retry_after_s
    if isinstance(error, AuthExpired) and not account.failures:
        wait = 1.0
    with store.write() as session:
        accounts.failed(session, account.id, now, max(wait, 1.0), mask(error.reason).text)
        if isinstance(error, AuthRevoked):
            accounts.set_state(session, account.id, accounts.ACTIVE, accounts.REVOKED)
        if isinstance(error, AuthExpired):
            accounts.ran_out(session, account.id, now)
        events.announce(session, "account", now)
