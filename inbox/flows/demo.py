"""The demo: an account whose customers are invented, beside the real ones or in a data folder of
its own. It is the only account that can be removed with all that came by it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from inbox.config import Settings
from inbox.flows import demo_team
from inbox.flows.refold import refold
from inbox.store import accounts, audit, events, persons, removing
from inbox.store.locks import hold
from inbox.store.session import Store, lock_account, lock_matters, lock_people, lock_surges
from inbox.store.tables import Account

CHANNEL = accounts.INVENTED
HANDLE = accounts.INVENTED_HANDLE


class DemoBusy(RuntimeError):
    """It is being read at this very moment."""


def prepare(store: Store, now: datetime, actor: str = "system") -> None:
    """Adds the demo account once; a paused one goes on."""
    with store.write() as session:
        row = accounts.by_name(session, CHANNEL, HANDLE)
        if row is not None and row.state == accounts.ACTIVE:
            return
        if row is None:
            accounts.add(session, CHANNEL, HANDLE, now)
        else:
            row.state = accounts.ACTIVE
        audit.record(session, actor, "demo", "brand:1", now)
        events.announce(session, "account", now)


def standing(store: Store) -> int | None:
    """How many invented conversations there are; None without the demo."""
    with store.read() as session:
        row = accounts.by_name(session, CHANNEL, HANDLE)
        return None if row is None else removing.conversations(session, row.id)


def remove(store: Store, settings: Settings, *, actor: str, now: datetime) -> int:
    """Removes the demo: its account, customers, conversations, answers, notes, tags and verdicts,
    and the invented colleagues with their shifts.

    Returns how many conversations went. The audit log and the reports that were made stay as they
    are. Raises `DemoBusy`; does nothing where there is no demo.
    """
    with store.read() as session:
        row = accounts.by_name(session, CHANNEL, HANDLE)
    if row is None:
        return 0
    with hold(store, settings.folder, "poll", row.id) as held:
        if not held:
            raise DemoBusy
        with store.write() as session:
            if session.get(Account, row.id) is None:
                return 0
            return _remove(session, row.id, actor, now)


def _remove(session: Session, account_id: int, actor: str, now: datetime) -> int:
    lock_people(session)
    lock_matters(session)
    lock_surges(session)
    lock_account(session, account_id)
    many = removing.conversations(session, account_id)
    colleagues = demo_team.members(session)
    parted = removing.remove_account(session, account_id)
    demo_team.remove(session, colleagues, actor=actor, now=now)
    refold(session, persons.unresolved(session, sorted(parted)), now)
    audit.record(session, actor, "demo_removed", "brand:1", now, conversations=many)
    events.announce(session, "account", now)
    events.announce(session, "conversation", now)
    return many
