"""Finds conversations: those with a message, a note of the team, or a note on their person, that
has all the words; the newest such message or note first.

Three ways lead to the same rows; the first that suffices is taken, so that none reads too much:
the messages of the few conversations that the filters leave, the newest messages one by one (a
common word is soon found often enough), and the index of words (a rare word has few). Without
words, conversations are walked by their last message.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from heapq import nlargest
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, TableClause, func, null, or_, select
from sqlalchemy.orm import Session, aliased

from inbox.store import filters
from inbox.store.filters import Wanted
from inbox.store.hits import Hit, is_within, within
from inbox.store.search import EPOCH, key_of, second_of
from inbox.store.sql import chunks, in_many, planned_anew
from inbox.store.tables import (
    Contact,
    ContactNote,
    Conversation,
    Message,
    MessageSearch,
    Note,
    NoteSearch,
)

WALKED: Final = 5_000
"""So many of the newest messages are looked at one by one before the index is asked."""
FEW: Final = 5_000
"""Up to so many conversations are looked into instead of asking the index."""
SOME: Final = 200
"""So many of them are looked into first, to know how far back it is worth to look in the others."""
NOTED: Final = 2_000
"""So many conversations are found by notes on their person, those of the newest."""
PART: Final = 100
"""Rows are read in parts, newest first, until they are of enough conversations."""
BIGGEST_PART: Final = 20_000
LATEST: Final = 2**57
"""Microseconds since 1970 that a database's time can hold."""

After = tuple[int, int] | None
"""The place where the last page ended: a key and a conversation."""


class Spot(NamedTuple):
    """Where a conversation was found. Of two with one key, a message is told before a note of the
    team, and a note on the person before both."""

    key: int
    kind: int


ON_PERSON: Final = 2


def find(session: Session, wanted: Wanted, limit: int, after: After = None) -> list[Hit]:
    """At most so many conversations after a place, newest first."""
    with planned_anew(session):
        return _find(session, wanted, limit, after)


def _find(session: Session, wanted: Wanted, limit: int, after: After) -> list[Hit]:
    if not wanted.query.needles:
        return _conversations(session, wanted, limit, after)
    noted = _by_notes(session, wanted)
    found = _found(session, wanted, limit, after, noted)
    told: dict[int, Hit] = {}
    for index in (_MESSAGES, _TEAM):
        told |= _told(session, index, {i: s.key for i, s in found if s.kind == index.kind})
    return [noted[i] if s.kind == ON_PERSON else told[i] for i, s in found]


def count(session: Session, wanted: Wanted, most: int) -> int:
    """How many conversations are found; at `most` counting stops."""
    with planned_anew(session):
        return _count(session, wanted, most)


def _count(session: Session, wanted: Wanted, most: int) -> int:
    if wanted.query.needles:
        return len(_found(session, wanted, most, None, _by_notes(session, wanted)))
    some = select(Conversation.id).where(*filters.of(session, wanted), *filters.last_within(wanted))
    return session.scalar(select(func.count()).select_from(some.limit(most).subquery())) or 0


def _found(
    session: Session, wanted: Wanted, limit: int, after: After, noted: dict[int, Hit]
) -> list[tuple[int, Spot]]:
    """At most so many conversations after a place, newest first, and where each was found."""
    on_person = {id_: Spot(hit.place[0], ON_PERSON) for id_, hit in noted.items()}
    few = _few(session, wanted)
    if few is None:
        ways = [_newest(session, i, wanted, limit, after, on_person) for i in (_MESSAGES, _TEAM)]
        ways.append(_first(session, wanted, limit, after, on_person))
    else:
        most = limit if after is None else None  # of a later page, what stood before is told apart
        of = _messages_of(session, wanted, few, most), _notes_of(session, wanted, few, most)
        ways = [on_person, *of]
    newest: dict[int, Spot] = {}
    for way in ways:
        for id_, spot in way.items():
            newest[id_] = max(spot, newest.get(id_, spot))
    places = ((spot.key, id_) for id_, spot in newest.items())
    shown = sorted((place for place in places if after is None or place < after), reverse=True)
    return [(id_, newest[id_]) for _, id_ in shown[:limit]]


def _newest(
    session: Session,
    index: "_Index",
    wanted: Wanted,
    limit: int,
    after: After,
    on_person: dict[int, Spot],
) -> dict[int, Spot]:
    """Conversations by their newest row of this index that has the words, at least so many if there
    are. None that was found before the place: it stood on an earlier page."""
    found: dict[int, Spot] = {}
    earlier: set[int] = set()
    for rows in _rows(session, index, wanted, after):
        fresh: dict[int, Spot] = {}
        for key, id_ in rows:
            known = id_ in found or id_ in earlier
            if not known and (after is None or (key, id_) < after):
                fresh.setdefault(id_, Spot(key, index.kind))
        if after is not None:
            earlier |= _found_before(session, wanted, fresh, after, on_person)
        found |= {id_: spot for id_, spot in fresh.items() if id_ not in earlier}
        if len(found) >= limit:
            break
    return found


def _first(
    session: Session, wanted: Wanted, limit: int, after: After, on_person: dict[int, Spot]
) -> dict[int, Spot]:
    """The same by notes on the person."""
    if after is None:
        return on_person
    found: dict[int, Spot] = {}
    places = ((spot.key, id_) for id_, spot in on_person.items())
    for part in chunks(sorted((place for place in places if place < after), reverse=True)):
        ids = [id_ for _, id_ in part]
        earlier = _found_before(session, wanted, ids, after, on_person)
        found |= {id_: on_person[id_] for id_ in ids if id_ not in earlier}
        if len(found) >= limit:
            break
    return found


def _found_before(
    session: Session,
    wanted: Wanted,
    ids: Collection[int],
    after: tuple[int, int],
    on_person: dict[int, Spot],
) -> set[int]:
    """Which of these conversations stand at or before a place."""
    found = {id_ for id_ in ids if id_ in on_person and (on_person[id_].key, id_) >= after}
    for index in (_MESSAGES, _TEAM):
        some = (
            select(index.words.key, index.row.conversation_id)
            .join(index.row, index.row.id == index.row_id)
            .where(in_many(session, index.row.conversation_id, ids), index.words.key >= after[0])
            .where(*index.has(session, wanted), *within(index.words.key, wanted))
        )
        found |= {id_ for key, id_ in session.execute(some) if (key, id_) >= after}
    return found


def _rows(
    session: Session, index: "_Index", wanted: Wanted, after: After
) -> Iterator[Sequence[tuple[int, int]]]:
    """Parts of the rows that are found, as (key, conversation), newest first: of the newest by
    looking at each, of those before them by the index of words."""
    key = index.words.key
    until = after[0] if after else None
    newest = select(key).where(*within(key, wanted, until)).order_by(key.desc())
    last = session.scalar(newest.offset(WALKED).limit(1))
    each = index.looked_at(session, wanted)
    if last is not None:
        each = each.where(key > last)
    yield from _parts(session, each, key, wanted, until)
    if last is not None:
        asked, key = index.asked(session, wanted)
        yield from _parts(session, asked, key, wanted, last)


def _parts(
    session: Session, found: Select[Any], key: Any, wanted: Wanted, until: int | None
) -> Iterator[Sequence[tuple[int, int]]]:
    size = PART
    while True:
        part = found.where(*within(key, wanted, until)).order_by(key.desc()).limit(size)
        rows = session.execute(part).all()
        yield rows
        if len(rows) < size:
            return
        until, size = rows[-1][0] - 1, min(size * 4, BIGGEST_PART)


def _few(session: Session, wanted: Wanted) -> list[int] | None:
    """The conversations that the filters leave, newest first; None when they leave many."""
    leave = filters.of(session, wanted)
    if not leave:
        return None
    some = session.scalars(select(Conversation.id).where(*leave).limit(FEW + 1)).all()
    return sorted(some, reverse=True) if len(some) <= FEW else None


def _messages_of(
    session: Session, wanted: Wanted, few: Sequence[int], most: int | None
) -> dict[int, Spot]:
    """Reads the messages of these conversations: each one's newest that has the words; at least the
    newest so many conversations. None is read that is older than what is found in enough others."""
    found: dict[int, Spot] = {}
    for part in (few[:SOME], few[SOME : SOME * 5], few[SOME * 5 :]):
        keys = nlargest(most, (spot.key for spot in found.values())) if most is not None else []
        floor = keys[-1] if keys and len(keys) == most else 0
        found |= _messages_since(session, wanted, part, floor) if part else {}
    return found


def _messages_since(
    session: Session, wanted: Wanted, few: Sequence[int], floor: int
) -> dict[int, Spot]:
    # A scalar subquery: the planner may not turn it into a scan of all messages' words.
    key = (
        select(MessageSearch.key)
        .where(MessageSearch.message_id == Message.id, MessageSearch.key >= floor)
        .where(*_MESSAGES.has(session, wanted), *within(MessageSearch.key, wanted))
        .scalar_subquery()
    )
    newest = (
        select(Message.conversation_id, func.max(key))
        .where(in_many(session, Message.conversation_id, few))
        .group_by(Message.conversation_id)
    )
    if floor:
        newest = newest.where(Message.sent_at >= second_of(floor))
    found = session.execute(newest)
    return {id_: Spot(at, _MESSAGES.kind) for id_, at in found if at is not None}


def _notes_of(
    session: Session, wanted: Wanted, few: Sequence[int], most: int | None
) -> dict[int, Spot]:
    """The same of the team's notes."""
    newest = (
        select(Note.conversation_id, func.max(NoteSearch.key))
        .join(NoteSearch, NoteSearch.note_id == Note.id)
        .where(in_many(session, Note.conversation_id, few))
        .where(*_TEAM.has(session, wanted), *within(NoteSearch.key, wanted))
        .group_by(Note.conversation_id)
        .order_by(func.max(NoteSearch.key).desc())
        .limit(most)
    )
    return {id_: Spot(key, _TEAM.kind) for id_, key in session.execute(newest)}


def _by_notes(session: Session, wanted: Wanted) -> dict[int, Hit]:
    """The conversations of people on whom a note has the words, by the newest such note. Notes are
    few beside messages, so they are read whole, up to `NOTED`."""
    noted = filters.noted_ids(session, wanted.query.needles)
    if session.scalar(noted.limit(1)) is None:
        return {}
    own, same = aliased(Contact), aliased(Contact)
    rows = session.execute(
        select(ContactNote.id, ContactNote.created_at, ContactNote.text, Conversation.id)
        .join(own, own.id == ContactNote.contact_id)
        .join(same, or_(same.id == own.id, same.person_id == own.person_id))
        .join(Conversation, Conversation.contact_id == same.id)
        .where(ContactNote.id.in_(noted))
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
    return found


def _told(session: Session, index: "_Index", keys: dict[int, int]) -> dict[int, Hit]:
    """What is told of conversations that were found at these keys of an index."""
    found: dict[int, Hit] = {}
    if keys:
        rows = session.execute(
            select(index.row.conversation_id, index.words.key, *index.told)
            .select_from(index.words)
            .join(index.row, index.row.id == index.row_id)
            .where(in_many(session, index.words.key, keys.values()))
        )
        for id_, key, message_id, subject, text in rows:
            found[id_] = Hit(id_, (key, id_), message_id, subject, text, is_note=index is _TEAM)
    return found


def _conversations(session: Session, wanted: Wanted, limit: int, after: After) -> list[Hit]:
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
        self, kind: int, table: TableClause, words: Any, row: Any, row_id: Any, told: Any
    ) -> None:
        self.kind, self.table, self.words = kind, table, words
        self.row, self.row_id, self.told = row, row_id, told

    def has(self, session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
        """The rule itself."""
        return filters.contains(session, self.words.search_text, wanted.query.needles)

    def looked_at(self, session: Session, wanted: Wanted) -> Select[Any]:
        """(key, conversation) of the rows that have the words, by looking at each."""
        found = select(self.words.key, self.row.conversation_id).select_from(self.words)
        found = found.join(self.row, self.row.id == self.row_id)
        return _left(session, found, self.row, wanted).where(*self.has(session, wanted))

    def asked(self, session: Session, wanted: Wanted) -> tuple[Select[Any], Any]:
        """The same by the index of words, and the column of its key."""
        needles, words = wanted.query.needles, self.words
        if session.get_bind().dialect.name == "postgresql":
            having = select(words.key, self.row_id.label("row_id")).where(
                filters.has_lexemes(needles, pairs=True), *self.has(session, wanted)
            )
            some = having.cte("having").prefix_with("MATERIALIZED").c
            found = select(some.key, self.row.conversation_id).select_from(some.key.table)
            found = found.join(self.row, self.row.id == some.row_id)
            return _left(session, found, self.row, wanted), some.key
        key = self.table.c.rowid
        found = select(key, self.row.conversation_id).select_from(self.table)
        found = found.join(words, words.key == key).join(self.row, self.row.id == self.row_id)
        matching = self.table.c[self.table.name].op("MATCH")(filters.phrases(needles))
        return _left(session, found, self.row, wanted).where(matching), key


def _left(session: Session, found: Select[Any], row: Any, wanted: Wanted) -> Select[Any]:
    """Those that the filters leave."""
    leave = filters.of(session, wanted)
    if not leave:
        return found.where(row.conversation_id.is_not(None))
    here = Conversation.id == row.conversation_id
    return found.join(Conversation, here).where(filters.checked(leave))


_MESSAGES: Final = _Index(
    1,
    filters.MESSAGE_WORDS,
    MessageSearch,
    Message,
    MessageSearch.message_id,
    (Message.id, Message.subject, Message.text),
)
_TEAM: Final = _Index(
    0, filters.TEAM_NOTE_WORDS, NoteSearch, Note, NoteSearch.note_id, (null(), null(), Note.text)
)
