"""Finds conversations: those with a message, a note of the team, or a note on their person, that
has all the words; the newest such message or note first.

Three ways lead to the same rows; the first that suffices is taken, so that none reads too much:
the messages of the few conversations that the filters leave, the newest messages one by one (a
common word is soon found often enough), and the index of words (a rare word has few). Without
words, conversations are walked by their last message.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    TableClause,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from inbox.store import filters
from inbox.store.filters import Wanted
from inbox.store.hits import Hit, beyond, is_within, newest_first, within
from inbox.store.search import EPOCH, key_of
from inbox.store.sql import chunks
from inbox.store.tables import (
    Contact,
    ContactNote,
    Conversation,
    Message,
    MessageSearch,
    Note,
    NoteSearch,
)

WALKED: Final = (500, 5_000)
"""So many of the newest messages are looked at one by one; more when the first did not do."""
FEW: Final = 2_000
"""Up to so many conversations are read whole instead of asking the index."""
NOTED: Final = 2_000
"""So many conversations are found by notes, those of the newest."""
BATCH: Final = 2_000
BIGGEST_BATCH: Final = 30_000
"""The index of SQLite is read in parts, newest first, until there are enough."""
LATEST: Final = 2**57
"""Microseconds since 1970 that a database's time can hold."""


_Other = aliased(Message)
_Words = aliased(MessageSearch)
_OtherNote = aliased(Note)
_NoteWords = aliased(NoteSearch)


def find(
    session: Session, wanted: Wanted, limit: int, after: tuple[int, int] | None = None
) -> list[Hit]:
    """At most so many conversations after a place, newest first."""
    if not wanted.query.needles:
        return _conversations(session, wanted, limit, after)
    by_notes = _by_notes(session, wanted)
    shown = [hit for hit in by_notes if after is None or hit.place < after]
    but = [hit.conversation_id for hit in by_notes]
    few = _few(session, wanted)
    here = None if few is None else [one for one in few if one not in {*but}]
    messages = _by_messages(session, wanted, limit, after, but, here)
    team = _by_team(session, wanted, limit, after, but, here)
    return sorted((*shown, *messages, *team), key=newest_first)[:limit]


def count(session: Session, wanted: Wanted, most: int) -> int:
    """How many conversations are found; at `most` counting stops."""
    if wanted.query.needles:
        return len(find(session, wanted, most))
    some = select(Conversation.id).where(*filters.of(session, wanted), *filters.last_within(wanted))
    return session.scalar(select(func.count()).select_from(some.limit(most).subquery())) or 0


def _by_messages(
    session: Session,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
    few: Sequence[int] | None,
) -> list[Hit]:
    """By their newest message that has the words, where no note of the team that has them is newer;
    of all but those of `but`, or of these `few`."""
    if few is not None:
        return _of_few(session, wanted, limit, after, few)
    return _by_words(session, _MESSAGES, wanted, limit, after, but)


def _by_team(
    session: Session,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
    few: Sequence[int] | None,
) -> list[Hit]:
    """By their newest note of the team that has the words, where no message that has them is."""
    if few is not None:
        return _team_of_few(session, wanted, limit, after, few)
    return _by_words(session, _TEAM, wanted, limit, after, but)


def _by_words(
    session: Session,
    index: "_Index",
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
) -> list[Hit]:
    """The newest one by one, else the index of words."""
    for walked in WALKED:
        found = _newest(session, index, wanted, limit, after, but, walked)
        if len(found) == limit:
            return found
    return _indexed(session, index, wanted, limit, after, but)


def _team_of_few(
    session: Session,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    few: Sequence[int],
) -> list[Hit]:
    """Reads all notes of the team in these conversations."""
    some = (
        select(*_TEAM.columns)
        .join(Note, Note.id == NoteSearch.note_id)
        .where(Note.conversation_id.in_(few), *within(NoteSearch.key, wanted, after))
        .subquery()
    )
    return _team_hits(session, some.c, wanted, limit, after, ())


def _newest(
    session: Session,
    index: "_Index",
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
    walked: int,
) -> list[Hit]:
    """Looks at so many of the newest one by one."""
    key = index.columns[0]
    newest = (
        select(*index.columns)
        .where(*within(key, wanted, after))
        .order_by(key.desc())
        .limit(walked)
        .subquery()
    )
    return index.hits(session, newest.c, wanted, limit, after, but)


def _few(session: Session, wanted: Wanted) -> list[int] | None:
    """The conversations that the filters leave; None when they leave many."""
    leave = filters.of(session, wanted)
    if not leave:
        return None
    some = session.scalars(select(Conversation.id).where(*leave).limit(FEW + 1)).all()
    return list(some) if len(some) <= FEW else None


def _of_few(
    session: Session,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    few: Sequence[int],
) -> list[Hit]:
    """Reads all messages of these conversations: each one's newest that has the words."""
    # A scalar subquery: the planner may not turn it into a scan of all messages' words.
    key = (
        select(MessageSearch.key)
        .where(MessageSearch.message_id == Message.id)
        .where(*filters.contains(session, MessageSearch.search_text, wanted.query.needles))
        .where(*within(MessageSearch.key, wanted))
        .scalar_subquery()
    )
    newest = (
        select(Message.conversation_id, func.max(key).label("key"))
        .where(Message.conversation_id.in_(few))
        .group_by(Message.conversation_id)
        .subquery()
    )
    noted = _noted_since(session, newest.c.key, wanted, newest.c.conversation_id)
    found = select(newest).where(newest.c.key.is_not(None), ~noted)
    if after is not None:
        found = found.where(beyond(newest.c.key, newest.c.conversation_id, after))
    found = found.order_by(newest.c.key.desc()).limit(limit)
    keys = {row.key: row.conversation_id for row in session.execute(found)}
    rows = session.execute(
        select(MessageSearch.key, Message.id, Message.subject, Message.text)
        .join(Message, Message.id == MessageSearch.message_id)
        .where(MessageSearch.key.in_(keys))
    )
    hits = [Hit(keys[r.key], (r.key, keys[r.key]), r.id, r.subject, r.text) for r in rows]
    return sorted(hits, key=newest_first)


def _indexed(
    session: Session,
    index: "_Index",
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
) -> list[Hit]:
    """Asks the index of words."""
    needles, key = wanted.query.needles, index.columns[0]
    if session.get_bind().dialect.name == "postgresql":
        days = within(key, wanted, after)
        having = select(*index.columns).where(filters.has_lexemes(needles), *days)
        some = having.cte("having").prefix_with("MATERIALIZED")
        return index.hits(session, some.c, wanted, limit, after, but)
    found: list[Hit] = []
    batch = BATCH
    while len(found) < limit:
        keys = session.scalars(
            select(index.words.c.rowid)
            .where(index.words.c[index.words.name].op("MATCH")(filters.phrases(needles)))
            .where(*within(index.words.c.rowid, wanted, after))
            .order_by(index.words.c.rowid.desc())
            .limit(batch)
        ).all()
        these = select(*index.columns).where(key.in_(keys)).subquery()
        found += index.hits(session, these.c, wanted, limit - len(found), after, but)
        if len(keys) < batch:
            break
        after, batch = (keys[-1], 0), min(batch * 4, BIGGEST_BATCH)
    return found


def _by_notes(session: Session, wanted: Wanted) -> list[Hit]:
    """The conversations of people on whom a note has the words, newest first. Notes are few beside
    messages, so they are read whole, up to `NOTED`; where the newest message, or note of the team,
    that has the words is newer than the note, that one was found."""
    needles = wanted.query.needles
    own, same = aliased(Contact), aliased(Contact)
    rows = session.execute(
        select(ContactNote.id, ContactNote.created_at, ContactNote.text, Conversation.id)
        .join(own, own.id == ContactNote.contact_id)
        .join(same, or_(same.id == own.id, same.person_id == own.person_id))
        .join(Conversation, Conversation.contact_id == same.id)
        .where(ContactNote.id.in_(filters.noted_ids(session, needles)))
        .where(*filters.of(session, wanted))
        .order_by(ContactNote.created_at.desc(), ContactNote.id.desc(), Conversation.id.desc())
        .limit(NOTED)
    )
    found: dict[int, Hit] = {}
    for note_id, created_at, text, id_ in rows:
        key = key_of(created_at, note_id)
        known = found.get(id_)
        if is_within(key, wanted) and (known is None or known.place[0] < key):
            found[id_] = Hit(id_, (key, id_), None, None, text, is_note=True)
    for part in chunks(sorted(found)):
        newer = (
            *_of_few(session, wanted, len(part), None, part),
            *_team_of_few(session, wanted, len(part), None, part),
        )
        for hit in newer:
            if hit.place > found[hit.conversation_id].place:
                found[hit.conversation_id] = hit
    return sorted(found.values(), key=newest_first)


def _hits(
    session: Session,
    some: Any,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
) -> list[Hit]:
    """Which of some messages (columns of `_SEARCHED`) are found, one of each conversation."""
    found = (
        select(Message.conversation_id, some.key, Message.id, Message.subject, Message.text)
        .join(Message, Message.id == some.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*filters.contains(session, some.search_text, wanted.query.needles))
        .where(filters.checked(filters.of(session, wanted)), ~_newer(session, some.key, wanted))
        .where(~_noted_since(session, some.key, wanted, Conversation.id))
        .order_by(some.key.desc())
        .limit(limit)
    )
    if after is not None:
        found = found.where(beyond(some.key, Message.conversation_id, after))
    if but:
        found = found.where(Message.conversation_id.not_in(but))
    return [
        Hit(row[0], (row.key, row[0]), row.id, row.subject, row.text)
        for row in session.execute(found)
    ]


def _team_hits(
    session: Session,
    some: Any,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
) -> list[Hit]:
    """Which of some notes of the team are found, one of each conversation."""
    found = (
        select(Note.conversation_id, some.key, Note.text)
        .join(Note, Note.id == some.note_id)
        .join(Conversation, Conversation.id == Note.conversation_id)
        .where(*filters.contains(session, some.search_text, wanted.query.needles))
        .where(filters.checked(filters.of(session, wanted)))
        .where(~_newer(session, some.key - 1, wanted))  # of one key the message is found
        .where(~_noted_since(session, some.key, wanted, Conversation.id))
        .order_by(some.key.desc())
        .limit(limit)
    )
    if after is not None:
        found = found.where(beyond(some.key, Note.conversation_id, after))
    if but:
        found = found.where(Note.conversation_id.not_in(but))
    return [
        Hit(id_, (key, id_), None, None, text, is_note=True)
        for id_, key, text in session.execute(found)
    ]


def _noted_since(
    session: Session, key: Any, wanted: Wanted, conversation_id: Any
) -> ColumnElement[bool]:
    """Whether a newer note of the team in the same conversation is found as well."""
    return exists(
        select(1)
        .select_from(_OtherNote)
        .join(_NoteWords, _NoteWords.note_id == _OtherNote.id)
        .where(_OtherNote.conversation_id == conversation_id, _NoteWords.key > key)
        .where(*filters.contains(session, _NoteWords.search_text, wanted.query.needles))
        .where(*within(_NoteWords.key, wanted))
        .correlate_except(_OtherNote, _NoteWords)
    )


def _newer(session: Session, key: Any, wanted: Wanted) -> ColumnElement[bool]:
    """Whether a newer message of the same conversation is found as well."""
    return exists(
        select(1)
        .select_from(_Other)
        .join(_Words, _Words.message_id == _Other.id)
        .where(_Other.conversation_id == Conversation.id, _Words.key > key)
        .where(*filters.contains(session, _Words.search_text, wanted.query.needles))
        .where(*within(_Words.key, wanted))
        .correlate_except(_Other, _Words)
    )


def _conversations(
    session: Session, wanted: Wanted, limit: int, after: tuple[int, int] | None
) -> list[Hit]:
    """By filters alone, newest last message first."""
    last: Any = Conversation.last_message_at
    found = select(Conversation.id, last.label("at"))
    found = found.where(*filters.of(session, wanted), *filters.last_within(wanted))
    if after is not None:
        at = EPOCH + timedelta(microseconds=min(after[0], LATEST))
        found = found.where(last <= at, or_(last < at, Conversation.id < after[1]))
    rows = session.execute(found.order_by(last.desc(), Conversation.id.desc()).limit(limit))
    return [Hit(row.id, ((row.at - EPOCH) // timedelta(microseconds=1), row.id)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Index:
    """An index of words: SQLite's table, the columns that are searched (the key first), and how
    rows of those become hits."""

    words: TableClause
    columns: tuple[Any, ...]
    hits: Callable[..., list[Hit]]


_SEARCHED = (MessageSearch.key, MessageSearch.message_id, MessageSearch.search_text)
_MESSAGES = _Index(filters.MESSAGE_WORDS, _SEARCHED, _hits)
_TEAM = _Index(
    filters.TEAM_NOTE_WORDS,
    (NoteSearch.key, NoteSearch.note_id, NoteSearch.search_text),
    _team_hits,
)
