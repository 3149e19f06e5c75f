"""What a search asks of rows: the words of the index, and each filter as a condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN
from inbox.domain.search import Query, paired
from inbox.store import persons, scope
from inbox.store.tables import Account, ContactNote, ContactSearch, Conversation, User
from inbox.store.tables.search import LEXEMES, PAIRED_LEXEMES

Where: TypeAlias = list[ColumnElement[bool]]

UNREAD: Final = Conversation.unread > literal_column("0")
"""As the partial index names it: SQLite does not use it for `unread > ?`."""
MESSAGE_WORDS: Final = table("message_words", column("rowid"), column("message_words"))
"""SQLite's index of messages."""
TEAM_NOTE_WORDS: Final = table("team_note_words", column("rowid"), column("team_note_words"))
"""The same of notes that the team wrote in conversations."""
_CONTACT_WORDS = table("contact_words", column("rowid"), column("contact_words"))
_NOTE_WORDS = table("note_words", column("rowid"), column("note_words"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search for the store: local days are instants, people are numbers."""

    query: Query
    now: datetime
    me: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def last_within(wanted: Wanted) -> Where:
    """The days asked for, as those of a conversation's last message."""
    found: Where = []
    if wanted.since is not None:
        found.append(Conversation.last_message_at >= wanted.since)
    if wanted.until is not None:
        found.append(Conversation.last_message_at < wanted.until)
    return found


def of(session: Session, wanted: Wanted) -> Where:
    """What the filters ask of a conversation. Those that leave the fewest rows stand open to the
    database's indexes; the others are checked row by row, for it guesses badly which to begin with.
    """
    ranked = _ranked(session, wanted)
    first = min((rank for rank, _ in ranked), default=0)
    lead = [one for rank, one in ranked if rank == first]
    rest = [one for rank, one in ranked if rank != first]
    return [*lead, *([checked(rest)] if rest else [])]


def _ranked(session: Session, wanted: Wanted) -> list[tuple[int, ColumnElement[bool]]]:
    """Each filter, and how few rows it is likely to leave (0: the fewest)."""
    query = wanted.query
    found = [_state(name, wanted) for name in sorted(query.states)]
    contact = Conversation.contact_id
    if query.sender:
        found.append((0, contact.in_(named(session, query.sender))))
    if query.tag is not None:
        found.append((0, contact.in_(persons.tagged(query.tag))))
    if query.note:
        found.append((0, contact.in_(persons.with_same(noted(session, query.note)))))
    if query.assignee is not None:
        people = select(User.id).where(User.email == query.assignee.lower())
        found.append((2, Conversation.assignee_id.in_(people)))
    if query.lang is not None:
        found.append((4, Conversation.lang == query.lang))
    if query.category is not None:
        found.append((3 if query.urgency else 5, Conversation.category == query.category))
    if query.urgency is not None:
        found.append((3, Conversation.urgency == query.urgency))
    found += [(6, one) for one in scope.seen(session)]
    accounts: Where = []
    if query.channel is not None:
        accounts.append(Account.channel == query.channel)
    if query.account is not None:
        handle = query.account.lower()
        accounts.append(func.lower(Account.handle).in_((handle, f"@{handle.lstrip('@')}")))
    if accounts:
        found.append((6, Conversation.account_id.in_(select(Account.id).where(*accounts))))
    return found


def _state(name: str, wanted: Wanted) -> tuple[int, ColumnElement[bool]]:
    overdue = and_(Conversation.status == OPEN, Conversation.due_at < wanted.now)
    if name in persons.MARKS:
        return 0, Conversation.contact_id.in_(persons.having(name))
    states: dict[str, tuple[int, ColumnElement[bool]]] = {
        "overdue": (1, overdue),
        "unassigned": (7, Conversation.assignee_id.is_(None)),
        "mine": (2, Conversation.assignee_id == wanted.me),
        "unread": (2, UNREAD),
        "complaint": (1, Conversation.complaint_id.is_not(None)),
    }
    return states.get(name, (6, Conversation.status == name))


def newest_named(session: Session, needles: Sequence[str], most: int) -> Sequence[int]:
    """At most so many of them, the newest."""
    found = named(session, needles).subquery()
    some = select(found.c[0]).order_by(found.c[0].desc()).limit(most)
    return session.scalars(some).all()


def noted(session: Session, needles: Sequence[str]) -> Select[Any]:
    """Ids of customers on whom a note has such words."""
    return select(ContactNote.contact_id).where(ContactNote.id.in_(noted_ids(session, needles)))


def noted_ids(session: Session, needles: Sequence[str]) -> Select[Any]:
    """Ids of such notes."""
    if session.get_bind().dialect.name == "postgresql":
        return select(ContactNote.id).where(
            has_lexemes(needles), *contains(session, ContactNote.search_text, needles)
        )
    found = _NOTE_WORDS.c.note_words.op("MATCH")(phrases(needles))
    return select(_NOTE_WORDS.c.rowid).where(found)


def named(session: Session, needles: Sequence[str]) -> Select[Any]:
    """Ids of customers with such a name, handle or id."""
    if session.get_bind().dialect.name == "postgresql":
        return select(ContactSearch.contact_id).where(
            has_lexemes(needles), *contains(session, ContactSearch.search_text, needles)
        )
    found = _CONTACT_WORDS.c.contact_words.op("MATCH")(phrases(needles))
    return select(_CONTACT_WORDS.c.rowid).where(found)


def contains(session: Session, searched: Any, needles: Sequence[str]) -> Where:
    """The rule itself (`domain.search.matches`)."""
    postgres = session.get_bind().dialect.name == "postgresql"
    place = func.strpos if postgres else func.instr
    return [place(searched, needle) > 0 for needle in needles]


def checked(filters: Where) -> ColumnElement[bool]:
    """Filters that no index answers: a database that began with all open conversations would read
    each one's messages, instead of looking up those of the messages at hand."""
    return func.coalesce(and_(true(), *filters), false())


def phrases(needles: Sequence[str]) -> str:
    """Needles as FTS5 asks for them; they hold letters, digits and emoji, never its signs."""
    return " AND ".join(f'"{n.strip()}"{"" if n.endswith(" ") else "*"}' for n in needles)


def has_lexemes(needles: Sequence[str], *, pairs: bool = False) -> ColumnElement[bool]:
    """All words of the needles, in any order: PostgreSQL's index knows no order, but in `pairs`."""
    asked: list[str] = []
    for needle in needles:
        words = needle.split()
        beginning = [] if needle.endswith(" ") else [f"'{words.pop()}':*"]
        whole = paired(words) if pairs else words
        asked += [*(f"'{word}'" for word in whole), *beginning]
    lexemes: Any = literal_column(PAIRED_LEXEMES if pairs else LEXEMES)
    found: ColumnElement[bool] = lexemes.op("@@", return_type=Boolean())(
        cast(" & ".join(asked), TSQUERY)
    )
    return found
