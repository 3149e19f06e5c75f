"""Reading the audit log: by time, filtered, in keyset pages that an index walks.

Who did it is an index's first column. Of a kind of acts the newest of each act are looked up in an
index and put together, so that a rare kind costs no walk through the whole log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from inbox.store import scope
from inbox.store.conversations import Listed, instant, read_cursor, write_cursor
from inbox.store.scope import Kind
from inbox.store.sql import AnyRow, chunks
from inbox.store.tables import (
    Account,
    Audit,
    CannedAnswer,
    Contact,
    Conversation,
    HookEndpoint,
    Macro,
    Message,
    Reply,
    Surge,
    TeamRow,
    Transfer,
    User,
)
from inbox.store.tables.acting import BulkJob

_PLAIN: Final[Mapping[str, tuple[Any, Any]]] = {
    "account": (Account.id, Account.handle),
    "answer": (CannedAnswer.id, CannedAnswer.name),
    "contact": (Contact.id, func.coalesce(Contact.name, Contact.handle)),
    "job": (BulkJob.id, None),
    "macro": (Macro.id, Macro.name),
    "surge": (Surge.id, None),
    "team": (TeamRow.id, TeamRow.name),
    "transfer": (Transfer.id, Transfer.name),
    "user": (User.id, User.name),
    "webhook": (HookEndpoint.id, HookEndpoint.name),
}
"""What has a page of its own → its number and name."""
_INSIDE: Final[Mapping[str, tuple[Any, Any]]] = {
    "conversation": (Conversation.id, Conversation.id),
    "message": (Message.id, Message.conversation_id),
    "outbox": (Reply.id, Reply.conversation_id),
}
"""What is shown in its conversation."""
_BORDERED: Final[Mapping[str, tuple[Any, Any]]] = {
    "account": (Account.id, Account.id),
    "conversation": (Conversation.id, Conversation.account_id),
    "message": (Message.id, Message.account_id),
    "outbox": (Reply.id, Reply.account_id),
}
_SEVERAL: Final[Mapping[str, Kind]] = {"contact": "contact", "job": "job", "surge": "surge"}
"""What may be of several accounts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which acts: of whom (`actor`, an address, "system" or "cli"), of these names, from `since` on
    and before `until`. Empty: any."""

    actor: str = ""
    actions: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Object:
    """What an act was about, as it is now, where one sees it."""

    noun: str
    id: int
    name: str


def page(session: Session, asked: Asked, limit: int, cursor: str | None = None) -> Listed:
    """The newest first: the columns of `Audit` with `person` and `person_id` of who did it. What is
    about an account that the reader does not see is left out. Raises `BadCursor`."""
    place = read_cursor(cursor, instant) if cursor else None
    rows = list(islice(_walk(session, asked, place, limit + 1), limit + 1))
    more, rows = len(rows) > limit, rows[:limit]
    after = write_cursor((rows[-1].at.isoformat(), rows[-1].id)) if more else None
    return Listed(rows, after)


def _walk(
    session: Session, asked: Asked, place: tuple[datetime, int] | None, many: int
) -> Iterator[AnyRow]:
    while True:
        rows = session.execute(_named(newest(asked, place, many))).all()
        unseen = _unseen(session, {row.subject for row in rows})
        yield from (row for row in rows if row.subject not in unseen)
        if len(rows) < many:
            return
        place = rows[-1].at, rows[-1].id


def newest(asked: Asked, place: tuple[datetime, int] | None, many: int) -> Select[Any]:
    """(at, id) of the newest acts before a place."""
    if asked.actor or not asked.actions:
        found = _cut(asked, place, many)
        return found.where(Audit.action.in_(asked.actions)) if asked.actions else found
    parts = [_cut(asked, place, many).where(Audit.action == one) for one in asked.actions]
    if len(parts) == 1:
        return parts[0]
    every = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(every.c.at, every.c.id).order_by(every.c.at.desc(), every.c.id.desc()).limit(many)


def _cut(asked: Asked, place: tuple[datetime, int] | None, many: int) -> Select[Any]:
    order = Audit.at.desc(), Audit.id.desc()
    columns: Any = (Audit.at, Audit.id)
    found: Select[Any] = select(*columns).order_by(*order).limit(many)
    if asked.actor:
        found = found.where(Audit.actor == asked.actor)
    if asked.since is not None:
        found = found.where(Audit.at >= asked.since)
    if asked.until is not None:
        found = found.where(Audit.at < asked.until)
    if place is not None:
        at, id_ = place
        before = or_(Audit.at < at, and_(Audit.at == at, Audit.id < id_))
        found = found.where(Audit.at <= at, before)
    return found


def _named(keys: Select[Any]) -> Select[Any]:
    some = keys.subquery()
    return (
        select(*Audit.__table__.columns, User.name.label("person"), User.id.label("person_id"))
        .join(some, some.c.id == Audit.id)
        .outerjoin(User, User.email == Audit.actor)
        .order_by(Audit.at.desc(), Audit.id.desc())
    )


def _unseen(session: Session, subjects: set[str]) -> set[str]:
    """Those of these that are of accounts which are hidden from the reader."""
    hidden = scope.hidden(session)
    if not hidden:
        return set()
    numbers, unseen = _numbers(subjects), set[str]()
    for noun, (key, account) in _BORDERED.items():
        for part in chunks(numbers.get(noun, [])):
            asked = select(key).where(key.in_(part), account.in_(sorted(hidden)))
            unseen |= {f"{noun}:{id_}" for id_ in session.scalars(asked)}
    for noun, kind in _SEVERAL.items():
        ids = numbers.get(noun, [])
        unseen |= {f"{noun}:{id_}" for id_ in ids if scope.hides(session, kind, id_, hidden)}
    return unseen


def objects(session: Session, subjects: Sequence[str]) -> dict[str, Object]:
    """What these acts were about, of what is still there and has a page: a query for each noun."""
    numbers, found = _numbers(subjects), dict[str, Object]()
    for noun, (key, name) in _PLAIN.items():
        for part in chunks(numbers.get(noun, [])):
            asked = select(key, key if name is None else name).where(key.in_(part))
            for id_, called in session.execute(asked):
                found[f"{noun}:{id_}"] = Object(noun, id_, "" if name is None else called or "")
    for noun, (key, conversation) in _INSIDE.items():
        for part in chunks(numbers.get(noun, [])):
            asked = (
                select(key, Conversation.id, func.coalesce(Contact.name, Contact.handle))
                .select_from(Conversation)
                .join(Contact, Contact.id == Conversation.contact_id)
            )
            if noun != "conversation":
                asked = asked.join(key.class_, conversation == Conversation.id)
            for id_, here, called in session.execute(asked.where(key.in_(part))):
                found[f"{noun}:{id_}"] = Object("conversation", here, called or "")
    return found


def _numbers(subjects: Sequence[str] | set[str]) -> dict[str, list[int]]:
    """The numbers by noun; what is named otherwise is left out."""
    found: dict[str, set[int]] = {}
    for subject in subjects:
        noun, _, id_ = subject.partition(":")
        if id_.isdecimal():
            found.setdefault(noun, set()).add(int(id_))
    return {noun: sorted(ids) for noun, ids in found.items()}


def actors(session: Session) -> list[AnyRow]:
    """Everybody of the team by name, whether they may still sign in or not: `email`, `name`."""
    return list(session.execute(select(User.email, User.name).order_by(User.name, User.id)))
