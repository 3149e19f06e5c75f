"""Accounts, their cursors, and what could not be read."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import MultiFernet
from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from connectors.core.contract import Account as ConnectorAccount
from connectors.core.contract import Message
from inbox.store import scope
from inbox.store.kept import kept
from inbox.store.sql import insert
from inbox.store.tables import Account, Brand, Cursor, HookEvent, OAuthStart, Quarantine

ACTIVE, PAUSED, REVOKED, IMPORTED = "active", "paused", "revoked", "imported"
INVENTED, INVENTED_HANDLE = "demo", "@lumenpay"
"""The channel whose customers are invented, and its account."""

_BRAND = select(Brand).where(Brand.id == 1)
_EVERYONE = select(Account).order_by(Account.channel, Account.handle)
"""Built once: every page asks."""


class StaleCursor(RuntimeError):
    """Another worker moved the cursor meanwhile; nothing of this page is kept."""


@kept
def brand(session: Session) -> Brand | None:
    """The brand, None before the first run is done."""
    return session.scalar(_BRAND)


def zone_of(brand: Brand | None) -> str:
    """The time zone in which the brand's days begin; UTC before the first run is done."""
    return brand.zone if brand else "UTC"


def brand_zone(session: Session) -> str:
    """The same, of the stored brand."""
    return zone_of(brand(session))


def add(
    session: Session,
    channel: str,
    handle: str,
    now: datetime,
    *,
    state: str = ACTIVE,
    external_id: str | None = None,
    base_url: str | None = None,
    settings: dict[str, Any] | None = None,
    sealed: str | None = None,
) -> int:
    """A new account's id; `sealed` are its encrypted secrets. A known (channel, handle) raises."""
    account = Account(
        channel=channel,
        handle=handle,
        external_id=external_id,
        base_url=base_url,
        settings=settings or {},
        secrets=sealed,
        state=state,
        hook_key=secrets.token_urlsafe(24),
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account.id


def seal(cipher: MultiFernet, values: dict[str, str]) -> str:
    """Encrypted form of an account's secrets."""
    return cipher.encrypt(json.dumps(values).encode()).decode()


def for_connector(account: Account, cipher: MultiFernet) -> ConnectorAccount:
    """What the platform's connector is given, with its secrets opened."""
    opened = json.loads(cipher.decrypt(account.secrets.encode())) if account.secrets else {}
    return ConnectorAccount(
        channel=account.channel,
        handle=account.handle,
        external_id=account.external_id,
        base_url=account.base_url,
        settings=account.settings,
        secrets=opened,
    )


def by_name(session: Session, channel: str, handle: str) -> Account | None:
    """The account of that channel and handle."""
    return session.scalar(
        select(Account).where(Account.channel == channel, Account.handle == handle)
    )


def by_hook_key(session: Session, channel: str, key: str) -> Account | None:
    """The account whose webhook address carries this key."""
    return session.scalar(
        select(Account).where(Account.hook_key == key, Account.channel == channel)
    )


def everyone(session: Session) -> list[Account]:
    """All accounts, by channel and handle."""
    return list(session.scalars(_EVERYONE))


def invented_only(session: Session) -> bool:
    """Whether no customer of any account is a real one."""
    real = select(Account.id).where(Account.channel != INVENTED)
    return session.scalar(real.limit(1)) is None


@kept
def seen(session: Session) -> list[Account]:
    """Those that this session's reader sees (`store.scope`)."""
    hidden = scope.hidden(session)
    return [account for account in everyone(session) if account.id not in hidden]


def may_poll(session: Session, now: datetime) -> list[Account]:
    """Active accounts that are rested and whose interval has passed, or that failed last time."""
    rested = or_(Account.not_before.is_(None), Account.not_before <= now)
    time_has_come = or_(
        Account.next_poll_at.is_(None), Account.next_poll_at <= now, Account.failures > 0
    )
    found = select(Account).where(Account.state == ACTIVE, rested, time_has_come)
    return list(session.scalars(found.order_by(Account.polled_at, Account.id)))


def set_state(session: Session, account_id: int, before: str, after: str) -> bool:
    """Moves the state once; False when it was no longer `before`."""
    found = update(Account).where(Account.id == account_id, Account.state == before)
    return _one(session, found.values(state=after))


def polled(session: Session, account_id: int, now: datetime, error: str | None = None) -> None:
    """A look that worked, at least for some streams: failures are forgotten."""
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(polled_at=now, last_success_at=now, failures=0, last_error=error, not_before=None)
    )


def paced(
    session: Session, account_id: int, next_poll_at: datetime, budgets: list[Any] | None
) -> None:
    """When the account is asked next, and the quotas that the platform told (None: nothing new)."""
    values: dict[str, Any] = {"next_poll_at": next_poll_at}
    if budgets is not None:
        values["budgets"] = budgets
    session.execute(update(Account).where(Account.id == account_id).values(**values))


def ran_out(session: Session, account_id: int, now: datetime) -> None:
    """The access credentials no longer work; they are renewed before the next use."""
    session.execute(update(Account).where(Account.id == account_id).values(fresh_until=now))


def called(session: Session, account_id: int, now: datetime) -> None:
    """The platform called us: what it told is stored."""
    session.execute(
        update(Account).where(Account.id == account_id).values(called_at=now, last_success_at=now)
    )


def answered(session: Session, account_id: int) -> None:
    """It can be signed in to: an account that failed is asked for news at once."""
    failing = update(Account).where(Account.id == account_id, Account.failures > 0)
    again = {"failures": 0, "last_error": None, "not_before": None, "next_poll_at": None}
    session.execute(failing.values(**again))


def failed(session: Session, account_id: int, now: datetime, wait_s: float, reason: str) -> None:
    """A poll or send that did not work: counted, and the account rests for `wait_s`."""
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(
            polled_at=now,
            failures=Account.failures + 1,
            last_error=reason,
            not_before=now + timedelta(seconds=wait_s),
        )
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through a stream's list: when it began, and the oldest item it has come to."""

    began_at: datetime
    oldest_at: datetime | None = None

    def past(self, page: Sequence[Message]) -> "Walk":
        """The walk after one more page."""
        times = [m.sent_at for m in page if not m.context]
        oldest = min((*times, *([self.oldest_at] if self.oldest_at else [])), default=None)
        return Walk(self.began_at, oldest)


def walk(session: Session, account_id: int, stream: str, now: datetime) -> Walk:
    """The walk under way through a stream, else one that begins now."""
    row = session.get(Cursor, (account_id, stream))
    if row is None or row.walk_began_at is None:
        return Walk(now)
    return Walk(row.walk_began_at, row.walk_oldest_at)


def walked(session: Session, account_id: int, finished: Mapping[str, Walk]) -> None:
    """These streams were read to their end: all that was listed when the walk began is stored.

    The first walk tells how far back that reaches; later ones only add what is new.
    """
    for stream, walk in finished.items():
        row = session.get(Cursor, (account_id, stream))
        if row is None:
            row = Cursor(account_id=account_id, stream=stream, version=0, state={})
            row.updated_at = walk.began_at
            session.add(row)
        row.complete_from = row.complete_from or walk.oldest_at or walk.began_at
        row.complete_to = max(row.complete_to or walk.began_at, walk.began_at)
        row.walk_began_at = row.walk_oldest_at = None


def unproven(session: Session, account_id: int, listed: Sequence[str]) -> None:
    """Nothing is known to be complete of streams that are no longer listed."""
    others = (Cursor.account_id == account_id, Cursor.stream.not_in(listed))
    session.execute(
        update(Cursor)
        .where(*others)
        .values(complete_from=None, complete_to=None, walk_began_at=None, walk_oldest_at=None)
    )


def cursor(session: Session, account_id: int, stream: str) -> tuple[dict[str, Any], int]:
    """(state, version) of a stream; ({}, 0) before its first page."""
    row = session.get(Cursor, (account_id, stream))
    return (row.state, row.version) if row else ({}, 0)


def cursors(session: Session, account_id: int) -> Sequence[Cursor]:
    """The places of an account in its streams."""
    return session.scalars(select(Cursor).where(Cursor.account_id == account_id)).all()


def quarantined(session: Session, account_id: int) -> int:
    """How many items of an account could not be read."""
    found = select(func.count()).where(Quarantine.account_id == account_id)
    return session.scalar(found) or 0


def resting(session: Session, account_id: int, now: datetime) -> dict[str, datetime]:
    """Streams that may not be read yet, and until when."""
    found = select(Cursor.stream, Cursor.not_before).where(
        Cursor.account_id == account_id, Cursor.not_before > now
    )
    return {stream: until for stream, until in session.execute(found) if until is not None}


def rest_account(session: Session, account_id: int, until: datetime) -> None:
    """Every stream rests: the account is not asked before then."""
    session.execute(update(Account).where(Account.id == account_id).values(not_before=until))


def rest(
    session: Session, account_id: int, stream: str, until: datetime | None, now: datetime
) -> None:
    """Lets a stream rest until an instant; its cursor stays where it is."""
    first = insert(session, Cursor).values(
        account_id=account_id, stream=stream, version=0, state={}, not_before=until, updated_at=now
    )
    session.execute(
        first.on_conflict_do_update(
            index_elements=["account_id", "stream"], set_={"not_before": until}
        )
    )


def move_cursor(
    session: Session,
    account_id: int,
    stream: str,
    version: int,
    state: dict[str, Any],
    now: datetime,
    walk: Walk | None = None,
) -> None:
    """Writes the cursor if it is still at `version`, else raises `StaleCursor` (law 1)."""
    new: dict[str, Any] = {"version": version + 1, "state": state, "updated_at": now}
    if walk is not None:
        new |= {"walk_began_at": walk.began_at, "walk_oldest_at": walk.oldest_at}
    first = insert(session, Cursor).values(account_id=account_id, stream=stream, **new)
    moved: Any = first.on_conflict_do_update(
        index_elements=["account_id", "stream"], set_=new, where=Cursor.version == version
    )
    if version:
        held = (Cursor.account_id == account_id, Cursor.stream == stream, Cursor.version == version)
        moved = update(Cursor).where(*held).values(**new)
    if (
        session.scalar(moved.returning(Cursor.version)) is None
    ):  # PostgreSQL counts no inserted rows
        raise StaleCursor(f"Stream {stream} of account {account_id} was moved by another worker.")


def forget_oauth_starts(session: Session, before: datetime) -> None:
    """Sign-ins begun before that instant can no longer be finished."""
    session.execute(delete(OAuthStart).where(OAuthStart.created_at < before))


def quarantine(
    session: Session, account_id: int, stream: str, reason: str, raw: Any, now: datetime
) -> None:
    """Keeps an unreadable item once; `raw` comes masked."""
    written = json.dumps(raw, sort_keys=True, default=str)
    row = {
        "account_id": account_id,
        "stream": stream,
        "reason": reason,
        "raw": json.loads(written),
        "raw_hash": hashlib.sha256(written.encode()).hexdigest(),
        "at": now,
    }
    session.execute(insert(session, Quarantine).on_conflict_do_nothing(), [row])


def event_hash(session: Session, account_id: int, event_id: str) -> str | None:
    """The body hash stored for a webhook event, None for a new one."""
    known = session.get(HookEvent, (account_id, event_id))
    return known.body_hash if known else None


def note_event(
    session: Session, account_id: int, event_id: str, body_hash: str, now: datetime
) -> None:
    """Remembers a webhook event; the first body stands."""
    row = {"account_id": account_id, "event_id": event_id, "body_hash": body_hash, "at": now}
    session.execute(insert(session, HookEvent).on_conflict_do_nothing(), [row])


def prune_events(session: Session, before: datetime) -> None:
    """Forgets calls of long ago; what they brought is still known by its own id."""
    session.execute(delete(HookEvent).where(HookEvent.at < before))


def _one(session: Session, statement: Any) -> bool:
    done = session.execute(statement)
    return isinstance(done, CursorResult) and done.rowcount == 1
