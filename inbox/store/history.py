"""What happened in a conversation, a row for each fact, newest first, in keyset pages.

Every kind of fact is one SELECT of (instant, rank, id); their union is ordered and cut in the
database, so a page costs the same few queries whatever the conversation's length. What a row says
is read for a page's rows alone, once for each kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy import union_all as union
from sqlalchemy.orm import Session, aliased

from inbox.domain.outbox import FAILED, REFUSED, UNKNOWN
from inbox.store import acting
from inbox.store.conversations import NOT_OURS, BadCursor, instant, read_cursor, write_cursor
from inbox.store.sql import AnyRow
from inbox.store.tables import (
    ActionRun,
    Audit,
    CaseClockRow,
    Contact,
    Conversation,
    Message,
    MessageVersion,
    Note,
    Reply,
    Tagging,
    TurnRow,
    User,
)
from inbox.store.tables.base import Id, Utc

MESSAGE = ("in", "out", "edited_since", "deleted", "failed", "delivered", "read")
TURN = ("clock", "clock_moved", "ended")
CASE = ("case", "case_changed", "case_ended")
WHATS: Final = (*MESSAGE, "edited", "tagged", *TURN, *CASE, "reply", "bulk", "audit")
"""Every kind of fact; of one instant the later ones here come later."""

_Author = aliased(User)
_Same = aliased(Contact)
_HERE = bindparam("here", type_=Id)
_IDS: BindParameter[int] = bindparam("ids", type_=Id, expanding=True)


@dataclass(frozen=True, slots=True)
class Fact:
    """`row` has the columns of what it is about, with `person` (a name) and, of a change of due
    time, `due_before`."""

    at: datetime
    what: str
    row: AnyRow


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first, and the cursor of what is older (None at the end)."""

    facts: list[Fact]
    next_cursor: str | None


def page(session: Session, conversation_id: int, limit: int, cursor: str | None = None) -> Page:
    """A page of the facts of a conversation that there is. Raises `BadCursor`."""
    place = read_cursor(cursor, _place) if cursor else None
    asked: dict[str, Any] = {"here": conversation_id, "most": limit + 1}
    if place is not None:
        (asked["at"], asked["rank"]), asked["id"] = place
    found = session.execute(_newest(older=place is not None), asked)
    keys = [(at, WHATS[rank], id_) for at, rank, id_ in found]
    more, keys = len(keys) > limit, keys[:limit]
    rows = _rows(session, conversation_id, keys)
    last = keys[-1] if more else None
    after = write_cursor(_written(*last)) if last else None
    return Page([Fact(at, what, rows[what, id_]) for at, what, id_ in keys], after)


def _written(at: datetime, what: str, id_: int) -> tuple[str, int]:
    return f"{WHATS.index(what)} {at.isoformat()}", id_


def _place(said: Any) -> tuple[datetime, int]:
    rank, _, at = str(said).partition(" ")
    if not 0 <= int(rank) < len(WHATS):
        raise BadCursor(NOT_OURS)
    return instant(at), int(rank)


@cache
def _newest(*, older: bool) -> Select[Any]:
    """The keys of the newest facts, or of those `older` than a place. Made once: to make a union of
    so many parts, and to tell it from others, takes longer than to run it."""
    every = union(*_parts()).subquery()
    order = (every.c.at, every.c.rank, every.c.id)
    found = select(*order).order_by(*(column.desc() for column in order))
    if older:
        found = found.where(_before(every.c))
    return found.limit(bindparam("most", type_=Integer))


def _before(row: Any) -> ColumnElement[bool]:
    at: Any = bindparam("at", type_=Utc)
    rank: Any = bindparam("rank", type_=Integer)
    id_: Any = bindparam("id", type_=Id)
    same = row.at == at
    return or_(row.at < at, and_(same, row.rank < rank), and_(same, row.rank == rank, row.id < id_))


def _part(what: str, at: Any, id_: Any, *where: ColumnElement[bool]) -> Select[Any]:
    rank = literal(WHATS.index(what)).label("rank")
    return select(at.label("at"), rank, id_.label("id")).where(at.is_not(None), *where)


def _parts() -> list[Select[Any]]:
    here = Message.conversation_id == _HERE
    version = MessageVersion.message_id == Message.id
    turn, clock = _turns().subquery(), _clocks().subquery()
    first, moved = turn.c.due_before.is_(None), turn.c.due_before != turn.c.due_at
    changed = clock.c.due_before.is_distinct_from(clock.c.due_at) & clock.c.judged_before.is_not(
        None
    )
    stuck = Reply.state.in_((REFUSED, FAILED, UNKNOWN))
    done = ActionRun.state.in_((acting.DONE, acting.REFUSED, acting.UNDONE))
    dropped = (ActionRun.state == acting.UNDONE) & (cast(ActionRun.did, String) == "[]")
    by_machine = Tagging.agent_id.is_(None) & Tagging.repeats.is_(None)
    message = Message.id
    return [
        _part("in", Message.sent_at, message, here, Message.role == "customer"),
        _part("out", Message.sent_at, message, here, Message.role == "ours"),
        _part("deleted", Message.deleted_at, message, here),
        _part("failed", Message.failed_at, message, here),
        _part("delivered", Message.delivered_at, message, here),
        _part("read", Message.read_at, message, here),
        _part(
            "edited_since",
            Message.edited_at,
            message,
            here,
            ~select(MessageVersion.id).where(version).exists(),
        ),
        _part("edited", MessageVersion.until, MessageVersion.id, here, version),
        _part("tagged", Tagging.at, Tagging.id, Tagging.conversation_id == _HERE, by_machine),
        _part("clock", turn.c.opened_at, turn.c.id, first),
        _part("clock_moved", turn.c.evaluated_at, turn.c.id, moved),
        _part("ended", turn.c.ended_at, turn.c.id, turn.c.superseded_at.is_(None)),
        _part("case", clock.c.opened_at, clock.c.id, clock.c.judged_before.is_(None)),
        _part("case_changed", clock.c.evaluated_at, clock.c.id, changed, clock.c.end.is_(None)),
        _part("case_ended", clock.c.ended_at, clock.c.id, clock.c.superseded_at.is_(None)),
        _part(
            "reply",
            func.coalesce(Reply.finished_at, Reply.started_at),
            Reply.id,
            Reply.conversation_id == _HERE,
            stuck,
        ),
        _part(
            "bulk",
            ActionRun.at,
            ActionRun.id,
            ActionRun.conversation_id == _HERE,
            ActionRun.job_id.is_not(None),
            done & ~dropped,
        ),
        *_audited(),
    ]


def _audited() -> list[Select[Any]]:
    """What the audit log has of the conversation, its answers and messages, and since it began of
    its customer."""
    replies = select(_subject("outbox", Reply.id)).where(Reply.conversation_id == _HERE)
    messages = select(_subject("message", Message.id)).where(Message.conversation_id == _HERE)
    began = select(Conversation.created_at).where(Conversation.id == _HERE).scalar_subquery()
    person = (
        select(func.coalesce(Contact.person_id, Contact.id))
        .join(Conversation, Conversation.contact_id == Contact.id)
        .where(Conversation.id == _HERE)
        .scalar_subquery()
    )
    identities = select(_subject("contact", _Same.id)).where(
        or_(_Same.id == person, _Same.person_id == person)
    )
    about, at = Audit.subject, (Audit.at, Audit.id)
    return [
        _part("audit", *at, about == _subject("conversation", _HERE)),
        _part("audit", *at, about.in_(replies)),
        _part("audit", *at, about.in_(messages)),
        _part("audit", *at, about.in_(identities), Audit.at >= began),
    ]


def _subject(noun: str, id_: Any) -> ColumnElement[str]:
    return literal(f"{noun}:") + cast(id_, String)


def _lag(column: Any) -> Any:
    return func.lag(column, type_=column.type)


def _turns() -> Select[Any]:
    """Every evaluation of every turn, with the due time that the one before it had."""
    before = _lag(TurnRow.due_at).over(partition_by=TurnRow.opened_by, order_by=TurnRow.id)
    own = (*TurnRow.__table__.columns, before.label("due_before"), User.name.label("person"))
    found = select(*own).outerjoin(User, User.id == TurnRow.agent_id)
    return found.where(TurnRow.conversation_id == _HERE)


def _clocks() -> Select[Any]:
    """Every evaluation of every case clock; `judged_before` is when that was done last before."""
    clock = CaseClockRow
    line: dict[str, Any] = {
        "partition_by": (clock.target, clock.opened_by),
        "order_by": clock.id,
    }
    return (
        select(
            *clock.__table__.columns,
            _lag(clock.due_at).over(**line).label("due_before"),
            _lag(clock.evaluated_at).over(**line).label("judged_before"),
            User.name.label("person"),
        )
        .outerjoin(User, User.id == clock.agent_id)
        .where(clock.conversation_id == _HERE)
    )


def _rows(
    session: Session, conversation_id: int, keys: Sequence[tuple[datetime, str, int]]
) -> dict[tuple[str, int], AnyRow]:
    """What the facts of a page are about, by kind and id: one query for each table."""
    found: dict[tuple[str, int], AnyRow] = {}
    for whats, read in _reads():
        ids = sorted({id_ for _, what, id_ in keys if what in whats})
        asked = {"here": conversation_id, "ids": ids}
        for row in session.execute(read, asked) if ids else ():
            found |= {(what, row.id): row for what in whats}
    return found


@cache
def _reads() -> tuple[tuple[tuple[str, ...], Select[Any]], ...]:
    """What is read for each kind of fact."""
    by_actor = _with_person(Audit, _Author.email == Audit.actor)
    return (
        (MESSAGE, _with_person(Message, _Author.id == Message.agent_id)),
        (("edited",), _versions()),
        (TURN, _among(_turns())),
        (CASE, _among(_clocks())),
        (("reply",), _with_person(Reply, _Author.id == Reply.agent_id)),
        (("bulk",), _with_person(ActionRun, _Author.id == ActionRun.agent_id)),
        (("audit",), by_actor.add_columns(_Author.id.label("person_id"))),
        (("tagged",), _with_person(Tagging, _Author.id == Tagging.agent_id)),
    )


def _with_person(table: Any, who: Any) -> Select[Any]:
    columns = (*table.__table__.columns, _Author.name.label("person"))
    return select(*columns).outerjoin(_Author, who).where(table.id.in_(_IDS))


def _versions() -> Select[Any]:
    """The messages that were edited; `id` is the version's."""
    columns = [column for column in Message.__table__.columns if column.name != "id"]
    return (
        select(MessageVersion.id, *columns, _Author.name.label("person"))
        .join(Message, Message.id == MessageVersion.message_id)
        .outerjoin(_Author, _Author.id == Message.agent_id)
        .where(MessageVersion.id.in_(_IDS))
    )


def _among(windowed: Select[Any]) -> Select[Any]:
    every = windowed.subquery()
    return select(every).where(every.c.id.in_(_IDS))


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what the audit log names by number. A note by when it was written, too: the number of
    one that was taken back can be another's."""

    users: Mapping[int, str]
    notes: Mapping[tuple[int, datetime], str]


def names(session: Session, user_ids: Sequence[int], note_ids: Sequence[int]) -> Names:
    """The names of these people, and the words of these notes."""
    people = select(User.id, User.name).where(User.id.in_(user_ids))
    notes = select(Note.id, Note.at, Note.text).where(Note.id.in_(note_ids))
    return Names(
        {id_: name for id_, name in session.execute(people)} if user_ids else {},
        {(id_, at): text for id_, at, text in session.execute(notes)} if note_ids else {},
    )
