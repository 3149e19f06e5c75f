"""Writes what searches read: every message's and customer's words, in the transaction that changes
them (the search itself is in `store.finding`)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.domain.search import search_text
from inbox.store.sql import AnyRow, insert
from inbox.store.tables import (
    Contact,
    ContactSearch,
    Message,
    MessageSearch,
    Note,
    NoteSearch,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 2**33 - 1
_IDS = 30  # bits of a key that tell messages of one second apart

_MESSAGE = (
    Message.id,
    Message.role,
    Message.sent_at,
    Message.deleted_at,
    Message.subject,
    Message.text,
    Message.author_name,
    Message.author_handle,
)


def key_at(instant: datetime) -> int:
    """The smallest key of that second: keys sort as platform times do."""
    seconds = int((instant - EPOCH).total_seconds())
    return min(max(seconds, 0), _LAST_SECOND) << _IDS


def second_of(key: int) -> datetime:
    """The second in which a key lies."""
    return EPOCH + timedelta(seconds=key >> _IDS)


def key_of(sent_at: datetime, message_id: int) -> int:
    """A message's place in time, newest last; later ids later within a second."""
    return key_at(sent_at) | (message_id & ((1 << _IDS) - 1))


def add_messages(session: Session, rows: Sequence[dict[str, Any]], ids: Mapping[str, int]) -> None:
    """Makes new messages found; `rows` as they were stored, `ids` by external id."""
    fresh = {row["external_id"]: row for row in rows if row["external_id"] in ids}
    _write(session, (row | {"id": ids[external]} for external, row in fresh.items()))


def update_message(session: Session, message_id: int) -> None:
    """A message was changed: it is found by what it says now, a deleted one by nothing."""
    session.execute(delete(MessageSearch).where(MessageSearch.message_id == message_id))
    rows = session.execute(select(*_MESSAGE).where(Message.id == message_id))
    _write(session, [row._asdict() for row in rows])


def add_note(session: Session, note_id: int, at: datetime, text: str) -> None:
    """Makes a new note of the team found."""
    session.execute(insert(session, NoteSearch), [_note(note_id, at, text)])


def index_notes(session: Session, chunk: int) -> None:
    """Makes all notes of the team found, so many rows at a time."""
    for part in _parts(session, (Note.id, Note.at, Note.text), Note.id, chunk):
        session.execute(insert(session, NoteSearch), [_note(*row) for row in part])


def _note(id_: int, at: datetime, text: str) -> dict[str, Any]:
    return {"key": key_of(at, id_), "note_id": id_, "search_text": search_text(text)}


def update_contacts(session: Session, contacts: Iterable[AnyRow | Contact]) -> None:
    """These customers are found by the names they have now; rows name id, external_id, handle and
    name."""
    rows = [
        {"contact_id": c.id, "search_text": search_text(c.name, c.handle, c.external_id)}
        for c in contacts
    ]
    if not rows:
        return
    new = insert(session, ContactSearch)
    upsert = new.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={"search_text": new.excluded.search_text},
        where=ContactSearch.search_text != new.excluded.search_text,
    )
    session.execute(upsert, rows)


def index_everything(session: Session, chunk: int) -> None:
    """Makes all that is stored found, so many rows at a time."""
    for part in _parts(session, _MESSAGE, Message.id, chunk):
        _write(session, [row._asdict() for row in part])
    names = (Contact.id, Contact.external_id, Contact.handle, Contact.name)
    for part in _parts(session, names, Contact.id, chunk):
        update_contacts(session, part)


def _parts(session: Session, columns: Collection[Any], id_: Any, chunk: int) -> Any:
    last = 0
    while part := session.execute(
        select(*columns).where(id_ > last).order_by(id_).limit(chunk)
    ).all():
        yield part
        last = part[-1].id


def _write(session: Session, messages: Iterable[Mapping[str, Any]]) -> None:
    """Context by others and deleted messages are not found."""
    rows = [
        {
            "key": key_of(m["sent_at"], m["id"]),
            "message_id": m["id"],
            "search_text": _words(m),
        }
        for m in messages
        if m["role"] != "third" and m.get("deleted_at") is None
    ]
    if rows:
        session.execute(insert(session, MessageSearch), rows)


def _words(message: Mapping[str, Any]) -> str:
    """A customer's message is also found by their name."""
    by = ("author_name", "author_handle") if message["role"] == "customer" else ()
    return search_text(*(message.get(name) for name in ("subject", "text", *by)))
