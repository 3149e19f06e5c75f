"""Messages and the rows that come with them: contacts, conversations, threads. Written in bulk."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from inbox.domain.conversation import WAITING
from inbox.domain.threading import Said
from inbox.store import files, notices, search
from inbox.store.sql import AnyRow, chunks, insert, update_many
from inbox.store.tables import Contact, Conversation, Message, MessageVersion, Reply, ThreadAlias

NO_CONTENT: dict[str, Any] = {
    "text": "",
    "subject": None,
    "attachments": [],
    "platform": {},
    "edited_at": None,
}
"""What a deleted message keeps of its content, whether it was edited before or not."""


def known(session: Session, account_id: int, external_ids: Sequence[str]) -> dict[str, AnyRow]:
    """Stored rows by external id."""
    found: dict[str, AnyRow] = {}
    columns = (
        Message.id,
        Message.external_id,
        Message.text,
        Message.edited_at,
        Message.deleted_at,
        Message.conversation_id,
        Message.role,
        Message.sent_at,
        Message.marks,
    )
    for part in chunks(external_ids):
        rows = session.execute(
            select(*columns).where(Message.account_id == account_id, Message.external_id.in_(part))
        )
        found |= {row.external_id: row for row in rows}
    return found


def known_mails(
    session: Session, account_id: int, message_ids: Sequence[str]
) -> set[tuple[str, str | None, str]]:
    """(Message-ID, digest, role) of stored mails with one of these Message-IDs."""
    found: set[tuple[str, str | None, str]] = set()
    for part in chunks(message_ids):
        rows = session.execute(
            select(Message.message_id, Message.digest, Message.role).where(
                Message.account_id == account_id, Message.message_id.in_(part)
            )
        )
        found |= {(row[0] or "", row[1], row[2]) for row in rows}
    return found


def upsert_contacts(
    session: Session,
    account_id: int,
    people: Iterable[tuple[str, str | None, str | None]],
    now: datetime,
) -> dict[str, int]:
    """Contact ids by external id; a name or handle given now replaces the one before."""
    newest: dict[str, tuple[str | None, str | None]] = {}
    for external, handle, name in people:
        before = newest.get(external, (None, None))
        newest[external] = (handle or before[0], name or before[1])
    rows = [
        {"account_id": account_id, "external_id": x, "handle": h, "name": n, "created_at": now}
        for x, (h, n) in newest.items()
    ]
    if not rows:
        return {}
    new = insert(session, Contact)
    upsert = new.on_conflict_do_update(
        index_elements=["account_id", "external_id"],
        set_={
            "handle": func.coalesce(new.excluded.handle, Contact.handle),
            "name": func.coalesce(new.excluded.name, Contact.name),
        },
    ).returning(Contact.external_id, Contact.id, Contact.handle, Contact.name)
    stored = session.execute(upsert, rows).all()
    search.update_contacts(session, stored)
    return {row.external_id: row.id for row in stored}


def name_contacts(
    session: Session, account_id: int, people: Iterable[tuple[str, str | None, str | None]]
) -> None:
    """Gives contacts that are known by their id alone the handle or name that is told now."""
    told = {external: (handle, name) for external, handle, name in people if handle or name}
    bare = or_(Contact.handle.is_(None), Contact.name.is_(None))
    named: list[Contact] = []
    for part in chunks(sorted(told)):
        wanted = Contact.account_id == account_id, Contact.external_id.in_(part), bare
        for contact in session.scalars(select(Contact).where(*wanted)):
            handle, name = told[contact.external_id]
            contact.handle = contact.handle or handle
            contact.name = contact.name or name
            named.append(contact)
    session.flush()
    search.update_contacts(session, named)


def upsert_conversations(
    session: Session, rows: Sequence[dict[str, Any]]
) -> dict[tuple[str, int], int]:
    """Conversation ids by (thread, contact id); rows name account, thread, contact, kind …"""
    if not rows:
        return {}
    untold: dict[str, Any] = {"alternatives": [], "labels": [], "findings": []}
    fresh = [row | {"token": secrets.token_hex(8), "status": WAITING} | untold for row in rows]
    session.execute(
        insert(session, Conversation).on_conflict_do_nothing(
            index_elements=["account_id", "thread", "contact_id"]
        ),
        fresh,
    )
    found: dict[tuple[str, int], int] = {}
    threads = sorted({row["thread"] for row in rows})
    for part in chunks(threads):
        stored = session.execute(
            select(Conversation.thread, Conversation.contact_id, Conversation.id).where(
                Conversation.account_id == rows[0]["account_id"], Conversation.thread.in_(part)
            )
        )
        found |= {(thread, contact): id_ for thread, contact, id_ in stored}
    return found


def add(session: Session, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Inserts what is new, in order; returns the new ids by external id (law 1)."""
    if not rows:
        return {}
    statement = (
        insert(session, Message)
        .on_conflict_do_nothing(index_elements=["account_id", "external_id"])
        .returning(Message.external_id, Message.id)
    )
    new = {external: id_ for external, id_ in session.execute(statement, list(rows))}
    search.add_messages(session, rows, new)
    return new


def change(
    session: Session, message_id: int, before: str | None, until: datetime, **values: Any
) -> None:
    """Edits a stored message; `before` is kept as an older version."""
    if before is not None:
        session.execute(
            insert(session, MessageVersion),
            [{"message_id": message_id, "text": before, "until": until}],
        )
    session.execute(update(Message).where(Message.id == message_id).values(**values))
    search.update_message(session, message_id)


def forget(session: Session, message_id: int, at: datetime) -> None:
    """A deleted message loses its content here too: its older versions and its files."""
    session.execute(
        update(Message).where(Message.id == message_id).values(**NO_CONTENT, deleted_at=at)
    )
    session.execute(delete(MessageVersion).where(MessageVersion.message_id == message_id))
    search.update_message(session, message_id)
    files.forget(session, message_id)
    notices.forget_words(session, message_id)


def last_written(session: Session, conversation_id: int) -> datetime | None:
    """When the customer last wrote: what a reply window counts from."""
    found = select(func.max(Message.sent_at)).where(
        Message.conversation_id == conversation_id, Message.role == "customer"
    )
    return session.scalar(found)


def answers_since(session: Session, conversation_id: int, since: datetime | None) -> int:
    """Our answers after that instant, with those on their way."""
    sent = select(func.count()).where(
        Message.conversation_id == conversation_id, Message.role == "ours"
    )
    waiting = select(func.count()).where(
        Reply.conversation_id == conversation_id, Reply.state.in_(("queued", "sending", "unknown"))
    )
    if since is not None:
        sent = sent.where(Message.sent_at > since)
        waiting = waiting.where(Reply.created_at > since)
    return (session.scalar(sent) or 0) + (session.scalar(waiting) or 0)


def took_back(session: Session, message_id: int, at: datetime, reason: str | None) -> None:
    """An answer that the platform had taken was not delivered after all, or our people deleted it;
    the first word stands. A customer's message is none."""
    own = (Message.id == message_id, Message.role == "ours", Message.failed_at.is_(None))
    session.execute(update(Message).where(*own).values(failed_at=at, failed_why=reason))


def note_receipt(session: Session, message_id: int, kind: str, at: datetime) -> None:
    """An answer was delivered or read."""
    column = {"delivered": Message.delivered_at, "read": Message.read_at}.get(kind)
    if column is not None:
        session.execute(update(Message).where(Message.id == message_id).values({column: at}))


def mark(session: Session, message_id: int, name: str, on: bool) -> None:
    """Sets a mark of moderation on a message, or takes it off."""
    row = session.get_one(Message, message_id)
    row.marks = [m for m in row.marks if m != name] + ([name] if on else [])


def mark_person(session: Session, row: AnyRow, name: str, on: bool) -> None:
    """The same on all messages of that message's author in its conversation."""
    same = (Message.conversation_id == row.conversation_id, Message.author_id == row.author_id)
    for message_id in session.scalars(select(Message.id).where(*same)).all():
        mark(session, message_id, name, on)


def drop_context(session: Session, message_ids: Sequence[int]) -> None:
    """Messages that were kept as context only and turn out to be more are stored anew."""
    for part in chunks(message_ids):
        session.execute(delete(Message).where(Message.id.in_(part), Message.role == "third"))


def threads_of(session: Session, account_id: int, aliases: Collection[str]) -> dict[str, str]:
    """The known thread of each Message-ID."""
    found: dict[str, str] = {}
    for part in chunks(sorted(aliases)):
        rows = session.execute(
            select(ThreadAlias.alias, ThreadAlias.thread).where(
                ThreadAlias.account_id == account_id, ThreadAlias.alias.in_(part)
            )
        )
        found |= {alias: thread for alias, thread in rows}
    return found


def add_aliases(session: Session, account_id: int, aliases: dict[str, str]) -> None:
    """Remembers to which thread Message-IDs belong; the first word stands."""
    rows = [{"account_id": account_id, "alias": a, "thread": t} for a, t in aliases.items()]
    if rows:
        session.execute(insert(session, ThreadAlias).on_conflict_do_nothing(), rows)


def thread_by_token(session: Session, account_id: int, tokens: Collection[str]) -> dict[str, str]:
    """The thread of each address token."""
    rows = session.execute(
        select(Conversation.token, Conversation.thread).where(
            Conversation.account_id == account_id, Conversation.token.in_(sorted(tokens))
        )
    )
    return {token: thread for token, thread in rows}


def own_messages(
    session: Session, account_id: int, threads: Sequence[str]
) -> dict[str, dict[str, AnyRow]]:
    """Own messages by thread and external id: (id, external_id, thread, conversation_id,
    outbox_id, in_reply_to, sent_at)."""
    found: dict[str, dict[str, AnyRow]] = {}
    columns = (
        Message.id,
        Message.external_id,
        Message.thread,
        Message.conversation_id,
        Message.outbox_id,
        Message.in_reply_to,
        Message.sent_at,
    )
    for part in chunks(threads):
        rows = session.execute(
            select(*columns).where(
                Message.account_id == account_id, Message.thread.in_(part), Message.role == "ours"
            )
        )
        for row in rows:
            found.setdefault(row.thread, {})[row.external_id] = row
    return found


def customers_of(
    session: Session, account_id: int, threads: Sequence[str]
) -> dict[str, dict[str, Said]]:
    """What customers said, by thread and external id; every thread asked for is there."""
    found: dict[str, dict[str, Said]] = {thread: {} for thread in threads}
    columns = (Message.thread, Message.external_id, Message.conversation_id, Message.sent_at)
    for part in chunks(threads):
        rows = session.execute(
            select(*columns).where(
                Message.account_id == account_id,
                Message.thread.in_(part),
                Message.role == "customer",
            )
        )
        for thread, external, said_in, at in rows:
            if said_in is not None:
                found[thread][external] = Said(said_in, at)
    return found


def mark_dirty(session: Session, conversation_ids: Sequence[int]) -> None:
    """Notes that these conversations have messages that their turns do not know yet."""
    for part in chunks(conversation_ids):
        session.execute(update(Conversation).where(Conversation.id.in_(part)).values(dirty=True))


def dirty(session: Session, limit: int) -> list[int]:
    """Conversations to fold, oldest first."""
    found = select(Conversation.id).where(Conversation.dirty).order_by(Conversation.id)
    return list(session.scalars(found.limit(limit)))


def place(session: Session, places: Mapping[int, int | None]) -> None:
    """Moves own messages to the conversations they answer: conversation by message."""
    rows = [{"key": message, "conversation_id": c} for message, c in places.items()]
    update_many(session, Message, rows)


def fail(
    session: Session, account_id: int, message_id: str, at: datetime, bounced: Collection[str] = ()
) -> set[int]:
    """An own mail that was not delivered after all; returns its conversation, once. Where only
    those `bounced` who got a copy, the customer has it."""
    own = (
        Message.account_id == account_id,
        Message.message_id == message_id,
        Message.role == "ours",
        Message.failed_at.is_(None),
    )
    rows = session.execute(
        select(Message.id, Message.conversation_id, Message.platform).where(*own)
    )
    lost = [row for row in rows if not bounced or not _copied(row.platform) >= set(bounced)]
    ids = [row.id for row in lost]
    session.execute(update(Message).where(Message.id.in_(ids)).values(failed_at=at))
    return {row.conversation_id for row in lost if row.conversation_id}


def _copied(platform: Mapping[str, Any]) -> set[str]:
    return {address for address, _ in platform.get("others", ())}
