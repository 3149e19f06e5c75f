"""Files of messages are fetched, and agents' uploads kept; their bytes decide what they are.

Only here are files of customers fetched, through their account's connector (law 13): the agent's
browser never asks the platform for anything. Nothing sleeps (law 8): a file that cannot be had now
is put off, one that cannot be had at all says why.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.core.contract import Attachment, ConnectorContract
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    RateLimited,
    Refused,
)
from connectors.core.text import clean
from inbox.config import Settings
from inbox.domain.outbox import MAX_FAILURES, backoff_s
from inbox.flows.opening import open_connector
from inbox.flows.poll import rest_until
from inbox.flows.trouble import note_failure
from inbox.guard.files import preview, safe_name, sniff
from inbox.guard.secrets import mask
from inbox.store import events, files
from inbox.store.files import Content
from inbox.store.session import Store
from inbox.store.tables import Account, Conversation, File, Message

MOST: Final = 25 * 1024 * 1024
"""Bytes of one file, in or out."""
A_RUN: Final = 20  # files; the next look goes on, so that no account keeps a worker
SOON: Final = timedelta(minutes=1)  # until the account's credentials are renewed


def fetch_due(
    store: Store,
    settings: Settings,
    now: Callable[[], datetime],
    *,
    account_id: int | None = None,
) -> int:
    """Fetches what waits (of one account, or of all); returns how many files came."""
    with store.read() as session:
        accounts = files.accounts_due(session, now())
    wanted = accounts if account_id is None else [a for a in accounts if a == account_id]
    return sum(_account(store, settings, one, now) for one in wanted)


def read(data: bytes) -> Content:
    """What the bytes are."""
    mime = sniff(data)
    picture = preview(data) if mime.startswith("image/") else None
    return Content(mime, hashlib.sha256(data).hexdigest(), data, picture)


def keep_upload(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    name: str,
    claimed: str | None,
    data: bytes,
    now: datetime,
) -> int:
    """An agent's file, kept as a draft until a reply takes it; a day later it is forgotten."""
    content = read(data)
    with store.write() as session:
        conversation = session.get_one(Conversation, conversation_id)
        return files.add_draft(
            session,
            account_id=conversation.account_id,
            conversation_id=conversation_id,
            agent_id=agent_id,
            name=safe_name(clean(name), content.mime),
            claimed=clean(claimed) if claimed else None,
            content=content,
            now=now,
        )


def _account(store: Store, settings: Settings, account_id: int, now: Callable[[], datetime]) -> int:
    with store.read() as session:
        account = session.get_one(Account, account_id)
        waiting = files.due(session, now(), account_id, A_RUN)
    try:
        platform = open_connector(store, account, settings, now)
    except ConnectorError as e:
        if isinstance(e, AuthExpired | AuthRevoked):
            note_failure(store, account, e, now())
        with store.write() as session:
            files.put_off_account(session, account_id, now() + SOON)
        return 0
    came = 0
    with closing(platform):
        for file_id in waiting:
            try:
                came += _fetch(store, platform, file_id, now)
            except (RateLimited, AuthExpired) as e:
                until = now() + SOON if isinstance(e, AuthExpired) else rest_until(e, now())
                if isinstance(e, AuthExpired):
                    note_failure(store, account, e, now())
                with store.write() as session:
                    files.put_off_account(session, account_id, until)
                break
    return came


def _fetch(
    store: Store, platform: ConnectorContract, file_id: int, now: Callable[[], datetime]
) -> bool:
    """One file. Raises `RateLimited` and `AuthExpired`, which concern the account's others too."""
    with store.write() as session:
        file = files.claim(session, file_id, now(), now() + timedelta(seconds=backoff_s(1)))
        if file is None:
            return False
        tries = file.failures
        if tries > MAX_FAILURES:
            files.refuse(session, file_id, file.reason or "It could not be fetched.", now())
            _tell(session, file, now())
            return False
    try:
        got = platform.download(Attachment(**file.source), MOST)
    except (RateLimited, AuthExpired) as e:
        with store.write() as session:
            files.put_off(session, file_id, now(), mask(e.reason).text, tries - 1)
        raise
    except ConnectorError as e:
        _not_had(store, file, e, now())
        return False
    if len(got.data) > MOST:
        _not_had(store, file, Refused("The file is too large."), now())
        return False
    content = read(got.data)
    with store.write() as session:
        done = files.store(session, file, safe_name(file.name, content.mime), content, now())
        _tell(session, file, now())
    return done


def _not_had(store: Store, file: File, error: ConnectorError, now: datetime) -> None:
    """Refused for good, or after so many tries; else later. It may be the sender's server that
    refused our credentials, so the account is left alone: its polls tell the truth."""
    reason = mask(error.reason).text
    again = getattr(error, "retry_after_s", None) or backoff_s(file.failures)
    with store.write() as session:
        if isinstance(error, Refused) or file.failures >= MAX_FAILURES:
            files.refuse(session, file.id, reason, now)
        else:
            until = now + timedelta(seconds=again)
            files.put_off(session, file.id, until, reason, file.failures)
        _tell(session, file, now)


def _tell(session: Session, file: File, now: datetime) -> None:
    """Open pages show what became of it."""
    found = select(Message.conversation_id).where(Message.id == file.message_id)
    events.announce(session, "conversation", now, session.scalar(found))
