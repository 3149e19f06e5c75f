"""Finds conversations: those with a message that has all the words, newest such message first.

Three ways lead to the same rows; the first that suffices is taken, so that none reads too much:
the newest messages one by one (a common word is soon found often enough), the messages of the few
conversations that the filters leave, and the index of words (a rare word has few). Without words,
conversations are walked by their last message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased

from inbox.domain.conversation import OPEN
from inbox.domain.search import Query
from inbox.store import persons
from inbox.store.search import EPOCH, key_at
from inbox.store.tables import (
    Account,
    ContactNote,
    ContactSearch,
    Conversation,
    Message,
    MessageSearch,
    User,
)
from inbox.store.tables.search import LEXEMES

WALKED: Final = (500, 5_000)
"""So many of the newest messages are looked at one by one; more when the first did not do."""
FEW: Final = 2_000
"""Up to so many conversations are read whole instead of asking the index."""
BATCH: Final = 2_000
BIGGEST_BATCH: Final = 30_000
"""The index of SQLite is read in parts, newest first, until there are enough."""
LATEST: Final = 2**57
"""Microseconds since 1970 that a database's time can hold."""

Where: TypeAlias = list[ColumnElement[bool]]

_Other = aliased(Message)
_Words = aliased(MessageSearch)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search for the store: local days are instants, people are numbers."""

    query: Query
    now: datetime
    me: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found. `place` is where a page goes on after it; `subject` and `text`
    are those of the message that was found, None when no words were asked for."""

    conversation_id: int
    place: tuple[int, int]
    message_id: int | None = None
    subject: str | None = None
    text: str | None = None


def find(
    session: Session, wanted: Wanted, limit: int, after: tuple[int, int] | None = None
) -> list[Hit]:
    """At most so many conversations after a place, newest first."""
    if not wanted.query.needles:
        return _conversations(session, wanted, limit, after)
    top = after[0] if after else None
    for way in (_newest, _of_few):
        found = way(session, wanted, limit, top)
        if found is not None:
            return found
    return _indexed(session, wanted, limit, top)


def count(session: Session, wanted: Wanted, most: int) -> int:
    """How many conversations are found; at `most` counting stops."""
    if wanted.query.needles:
        return len(find(session, wanted, most))
    some = select(Conversation.id).where(*_filters(session, wanted), *_last_within(wanted))
    return session.scalar(select(func.count()).select_from(some.limit(most).subquery())) or 0


def _newest(session: Session, wanted: Wanted, limit: int, top: int | None) -> list[Hit] | None:
    """Looks at the newest messages one by one; None when they hold too few."""
    for walked in WALKED:
        newest = (
            select(*_SEARCHED)
            .where(*_times(wanted, top))
            .order_by(MessageSearch.key.desc())
            .limit(walked)
            .subquery()
        )
        found = _hits(session, newest.c, wanted, limit)
        if len(found) == limit:
            return found
    return None


def _of_few(session: Session, wanted: Wanted, limit: int, top: int | None) -> list[Hit] | None:
    """Reads the conversations that the filters leave; None when they leave many."""
    filters = _filters(session, wanted)
    if not filters:
        return None
    few = session.scalars(select(Conversation.id).where(*filters).limit(FEW + 1)).all()
    if len(few) > FEW:
        return None
    theirs = (
        select(*_SEARCHED)
        .join(Message, Message.id == MessageSearch.message_id)
        .where(Message.conversation_id.in_(few), *_times(wanted, top))
        .subquery()
    )
    return _hits(session, theirs.c, wanted, limit)


def _indexed(session: Session, wanted: Wanted, limit: int, top: int | None) -> list[Hit]:
    """Asks the index of words."""
    needles = wanted.query.needles
    if session.get_bind().dialect.name == "postgresql":
        having = select(*_SEARCHED).where(_has_lexemes(needles), *_times(wanted, top))
        return _hits(session, having.cte("having").prefix_with("MATERIALIZED").c, wanted, limit)
    found: list[Hit] = []
    batch = BATCH
    while len(found) < limit:
        keys = session.scalars(
            select(_MESSAGE_WORDS.c.rowid)
            .where(_MESSAGE_WORDS.c.message_words.op("MATCH")(_phrases(needles)))
            .where(*_within(_MESSAGE_WORDS.c.rowid, wanted, top))
            .order_by(_MESSAGE_WORDS.c.rowid.desc())
            .limit(batch)
        ).all()
        these = select(*_SEARCHED).where(MessageSearch.key.in_(keys)).subquery()
        found += _hits(session, these.c, wanted, limit - len(found))
        if len(keys) < batch:
            break
        top, batch = keys[-1], min(batch * 4, BIGGEST_BATCH)
    return found


def _hits(session: Session, some: Any, wanted: Wanted, limit: int) -> list[Hit]:
    """Which of some messages (columns of `_SEARCHED`) are found, one of each conversation."""
    rows = session.execute(
        select(Message.conversation_id, some.key, Message.id, Message.subject, Message.text)
        .join(Message, Message.id == some.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*_contains(session, some.search_text, wanted.query.needles))
        .where(_checked(_filters(session, wanted)), ~_newer(session, some.key, wanted))
        .order_by(some.key.desc())
        .limit(limit)
    )
    return [Hit(row[0], (row.key, 0), row.id, row.subject, row.text) for row in rows]


def _checked(filters: Where) -> ColumnElement[bool]:
    """Filters that no index answers: a database that began with all open conversations would read
    each one's messages, instead of looking up those of the messages at hand."""
    return func.coalesce(and_(true(), *filters), false())


def _newer(session: Session, key: Any, wanted: Wanted) -> ColumnElement[bool]:
    """Whether a newer message of the same conversation is found as well."""
    return exists(
        select(1)
        .select_from(_Other)
        .join(_Words, _Words.message_id == _Other.id)
        .where(_Other.conversation_id == Conversation.id, _Words.key > key)
        .where(*_contains(session, _Words.search_text, wanted.query.needles))
        .where(*_within(_Words.key, wanted))
        .correlate_except(_Other, _Words)
    )


def _conversations(
    session: Session, wanted: Wanted, limit: int, after: tuple[int, int] | None
) -> list[Hit]:
    """By filters alone, newest last message first."""
    last: Any = Conversation.last_message_at
    found = select(Conversation.id, last.label("at"))
    found = found.where(*_filters(session, wanted), *_last_within(wanted))
    if after is not None:
        at = EPOCH + timedelta(microseconds=min(after[0], LATEST))
        found = found.where(last <= at, or_(last < at, Conversation.id < after[1]))
    rows = session.execute(found.order_by(last.desc(), Conversation.id.desc()).limit(limit))
    return [Hit(row.id, ((row.at - EPOCH) // timedelta(microseconds=1), row.id)) for row in rows]


def _last_within(wanted: Wanted) -> Where:
    """The days asked for, as those of a conversation's last message."""
    found: Where = []
    if wanted.since is not None:
        found.append(Conversation.last_message_at >= wanted.since)
    if wanted.until is not None:
        found.append(Conversation.last_message_at < wanted.until)
    return found


def _filters(session: Session, wanted: Wanted) -> Where:
    """What the filters ask of a conversation."""
    query = wanted.query
    found: Where = [_state(name, wanted) for name in sorted(query.states)]
    accounts: Where = []
    if query.channel is not None:
        accounts.append(Account.channel == query.channel)
    if query.account is not None:
        handle = query.account.lower()
        accounts.append(func.lower(Account.handle).in_((handle, f"@{handle.lstrip('@')}")))
    if accounts:
        found.append(Conversation.account_id.in_(select(Account.id).where(*accounts)))
    for column_, value in (
        (Conversation.category, query.category),
        (Conversation.urgency, query.urgency),
        (Conversation.lang, query.lang),
    ):
        if value is not None:
            found.append(column_ == value)
    if query.assignee is not None:
        people = select(User.id).where(User.email == query.assignee.lower())
        found.append(Conversation.assignee_id.in_(people))
    if query.sender:
        found.append(Conversation.contact_id.in_(named(session, query.sender)))
    if query.tag is not None:
        found.append(Conversation.contact_id.in_(persons.tagged(query.tag)))
    if query.note:
        found.append(Conversation.contact_id.in_(persons.with_same(noted(session, query.note))))
    return found


def _state(name: str, wanted: Wanted) -> ColumnElement[bool]:
    overdue = and_(Conversation.status == OPEN, Conversation.due_at < wanted.now)
    if name in persons.MARKS:
        return Conversation.contact_id.in_(persons.having(name))
    states: dict[str, ColumnElement[bool]] = {
        "overdue": overdue,
        "unassigned": Conversation.assignee_id.is_(None),
        "mine": Conversation.assignee_id == wanted.me,
        "unread": Conversation.unread > 0,
        "complaint": Conversation.complaint_id.is_not(None),
    }
    return states.get(name, Conversation.status == name)


def newest_named(session: Session, needles: Sequence[str], most: int) -> Sequence[int]:
    """At most so many of them, the newest."""
    found = named(session, needles).subquery()
    some = select(found.c[0]).order_by(found.c[0].desc()).limit(most)
    return session.scalars(some).all()


def noted(session: Session, needles: Sequence[str]) -> Select[Any]:
    """Ids of customers on whom a note has such words."""
    if session.get_bind().dialect.name == "postgresql":
        return select(ContactNote.contact_id).where(
            _has_lexemes(needles), *_contains(session, ContactNote.search_text, needles)
        )
    found = _NOTE_WORDS.c.note_words.op("MATCH")(_phrases(needles))
    return select(ContactNote.contact_id).where(
        ContactNote.id.in_(select(_NOTE_WORDS.c.rowid).where(found))
    )


def named(session: Session, needles: Sequence[str]) -> Select[Any]:
    """Ids of customers with such a name, handle or id."""
    if session.get_bind().dialect.name == "postgresql":
        return select(ContactSearch.contact_id).where(
            _has_lexemes(needles), *_contains(session, ContactSearch.search_text, needles)
        )
    found = _CONTACT_WORDS.c.contact_words.op("MATCH")(_phrases(needles))
    return select(_CONTACT_WORDS.c.rowid).where(found)


def _contains(session: Session, searched: Any, needles: Sequence[str]) -> Where:
    """The rule itself (`domain.search.matches`)."""
    postgres = session.get_bind().dialect.name == "postgresql"
    place = func.strpos if postgres else func.instr
    return [place(searched, needle) > 0 for needle in needles]


def _times(wanted: Wanted, top: int | None) -> Where:
    return _within(MessageSearch.key, wanted, top)


def _within(key: Any, wanted: Wanted, top: int | None = None) -> Where:
    """The days asked for, and where the last page ended."""
    found: Where = []
    if wanted.since is not None:
        found.append(key >= key_at(wanted.since))
    if wanted.until is not None:
        found.append(key < key_at(wanted.until))
    if top is not None:
        found.append(key < top)
    return found


def _phrases(needles: Sequence[str]) -> str:
    """Needles as FTS5 asks for them; they hold letters, digits and emoji, never its signs."""
    return " AND ".join(f'"{n.strip()}"{"" if n.endswith(" ") else "*"}' for n in needles)


def _has_lexemes(needles: Sequence[str]) -> ColumnElement[bool]:
    """All words of the needles, in any order: PostgreSQL's index knows no order."""
    asked = [
        " & ".join(f"'{word}'" for word in n.split()) + ("" if n.endswith(" ") else ":*")
        for n in needles
    ]
    lexemes: Any = literal_column(LEXEMES)
    found: ColumnElement[bool] = lexemes.op("@@", return_type=Boolean())(
        cast(" & ".join(asked), TSQUERY)
    )
    return found


_SEARCHED = (MessageSearch.key, MessageSearch.message_id, MessageSearch.search_text)
_MESSAGE_WORDS = table("message_words", column("rowid"), column("message_words"))
_CONTACT_WORDS = table("contact_words", column("rowid"), column("contact_words"))
_NOTE_WORDS = table("note_words", column("rowid"), column("note_words"))
