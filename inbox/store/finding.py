"""Finds conversations: those with a message, a note of the team, or a note on their person, that
has all the words; the newest such message or note first.

Three ways lead to the same rows; the first that suffices is taken, so that none reads too much:
the messages of the few conversations that the filters leave, the newest messages one by one (a
common word is soon found often enough), and the index of words (a rare word has few). Without
words, conversations are walked by their last message.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    TableClause,
    exists,
    func,
    null,
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
    for index in (_MESSAGES, _TEAM):
        if here is None:
            shown += _by_words(session, index, wanted, limit, after, but)
        else:
            shown += index.of_few(session, wanted, limit, after, here)
    return sorted(shown, key=newest_first)[:limit]


def count(session: Session, wanted: Wanted, most: int) -> int:
    """How many conversations are found; at `most` counting stops."""
    if wanted.query.needles:
        return len(find(session, wanted, most))
    some = select(Conversation.id).where(*filters.of(session, wanted), *filters.last_within(wanted))
    return session.scalar(select(func.count()).select_from(some.limit(most).subquery())) or 0


def _by_words(
    session: Session,
    index: "_Index",
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
) -> list[Hit]:
    """Conversations by their newest row of this index that has the words, where no row of the other
    that has them is newer: the newest rows are looked at one by one, else the words are asked for.
    """
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
        select(*_TEAM.searched)
        .join(Note, Note.id == NoteSearch.note_id)
        .where(Note.conversation_id.in_(few), *within(NoteSearch.key, wanted, after))
        .subquery()
    )
    return _hits(session, _TEAM, some.c, wanted, limit, after, ())


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
    key = index.words.key
    newest = (
        select(*index.searched)
        .where(*within(key, wanted, after))
        .order_by(key.desc())
        .limit(walked)
        .subquery()
    )
    return _hits(session, index, newest.c, wanted, limit, after, but)


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
    noted = _newer(session, _TEAM, newest.c.key, wanted, newest.c.conversation_id)
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
    needles, key = wanted.query.needles, index.words.key
    if session.get_bind().dialect.name == "postgresql":
        days = within(key, wanted, after)
        having = select(*index.searched).where(filters.has_lexemes(needles), *days)
        some = having.cte("having").prefix_with("MATERIALIZED")
        return _hits(session, index, some.c, wanted, limit, after, but)
    found: list[Hit] = []
    batch = BATCH
    while len(found) < limit:
        keys = session.scalars(
            select(index.table.c.rowid)
            .where(index.table.c[index.table.name].op("MATCH")(filters.phrases(needles)))
            .where(*within(index.table.c.rowid, wanted, after))
            .order_by(index.table.c.rowid.desc())
            .limit(batch)
        ).all()
        these = select(*index.searched).where(key.in_(keys)).subquery()
        found += _hits(session, index, these.c, wanted, limit - len(found), after, but)
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
    index: "_Index",
    some: Any,
    wanted: Wanted,
    limit: int,
    after: tuple[int, int] | None,
    but: Sequence[int],
) -> list[Hit]:
    """Which of some rows (columns of `index.searched`) are found, one of each conversation."""
    row, here = index.row, Conversation.id
    said = some.key - 1 if index is _TEAM else some.key  # of one key the message is found
    found = (
        select(here, some.key, *index.told)
        .select_from(some.key.table)
        .join(row, row.id == some.id)
        .join(Conversation, here == row.conversation_id)
        .where(*filters.contains(session, some.search_text, wanted.query.needles))
        .where(filters.checked(filters.of(session, wanted)))
        .where(~_newer(session, _MESSAGES, said, wanted, here))
        .where(~_newer(session, _TEAM, some.key, wanted, here))
        .order_by(some.key.desc())
        .limit(limit)
    )
    if after is not None:
        found = found.where(beyond(some.key, row.conversation_id, after))
    if but:
        found = found.where(row.conversation_id.not_in(but))
    return [
        Hit(id_, (key, id_), message_id, subject, text, is_note=index is _TEAM)
        for id_, key, message_id, subject, text in session.execute(found)
    ]


def _newer(
    session: Session, index: "_Index", key: Any, wanted: Wanted, conversation_id: Any
) -> ColumnElement[bool]:
    """Whether a row of this index that is newer than a key is found in a conversation as well."""
    row, words = index.other_row, index.other_words
    return exists(
        select(1)
        .select_from(row)
        .join(words, getattr(words, index.id) == row.id)
        .where(row.conversation_id == conversation_id, words.key > key)
        .where(*filters.contains(session, words.search_text, wanted.query.needles))
        .where(*within(words.key, wanted))
        .correlate_except(row, words)
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


class _Index:
    """Words of one kind of rows: where SQLite has them, the folded copies, and the rows. `told` is
    what a hit tells of a row: id and subject of a message, and the text."""

    def __init__(
        self, table: TableClause, words: Any, row: Any, id: str, told: Any, of_few: "_Of"
    ) -> None:
        self.table, self.words, self.row, self.id = table, words, row, id
        self.told, self.of_few = told, of_few
        self.searched = (words.key, getattr(words, id).label("id"), words.search_text)
        self.other_row, self.other_words = aliased(row), aliased(words)


_Of: TypeAlias = Callable[[Session, Wanted, int, tuple[int, int] | None, Sequence[int]], list[Hit]]
_MESSAGES: Final = _Index(
    filters.MESSAGE_WORDS,
    MessageSearch,
    Message,
    "message_id",
    (Message.id, Message.subject, Message.text),
    _of_few,
)
_TEAM: Final = _Index(
    filters.TEAM_NOTE_WORDS, NoteSearch, Note, "note_id", (null(), null(), Note.text), _team_of_few
)
