"""People behind identities: who they are, their marks, tags and notes, and pages of them.

A person is named by the number of an identity: the one that the others were joined to, or the only
one. What stands on any identity holds for the whole person, so separating gives each back its own.
Who sees one identity's account sees the whole person, and of the conversations their own (ADR 47).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    inspect,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session, aliased

from inbox.domain.conversation import RESOLVED
from inbox.store import scope
from inbox.store.sql import AnyRow, chunks, insert, update_many
from inbox.store.tables import (
    Account,
    Contact,
    ContactNote,
    ContactTag,
    Conversation,
    Message,
    User,
)

Mark: TypeAlias = Literal["vip", "muted", "blocked"]
MARKS: Final[tuple[Mark, ...]] = ("vip", "muted", "blocked")
CONVERSATIONS: Final = 50
"""So many of a person's conversations are shown, newest first."""

_Same = aliased(Contact, name="same_person")


@dataclass(frozen=True, slots=True)
class Person:
    """`identities` begin with the one that the person is named after; each has its account's
    `channel` and `account_handle`."""

    identities: Sequence[AnyRow]
    tags: tuple[str, ...]

    @property
    def id(self) -> int:
        return int(self.identities[0].id)

    def has(self, mark: Mark) -> bool:
        return any(getattr(one, mark) for one in self.identities)


def marked(mark: Mark) -> ColumnElement[bool]:
    """Whether the person of a `Contact` in the same query has a mark."""
    own: ColumnElement[bool] = getattr(Contact, mark)
    same = select(1).where(_Same.person_id == Contact.person_id, getattr(_Same, mark))
    return or_(own, exists(same.correlate(Contact)))


@cache
def having(mark: Mark) -> Any:
    """Ids of all identities of people who have a mark."""
    people = select(_Same.person_id).where(_bare(_Same, mark), _Same.person_id.is_not(None))
    return union(
        select(Contact.id).where(_bare(Contact, mark)),
        select(Contact.id).where(Contact.person_id.in_(people)),
    )


def _bare(identity: Any, mark: Mark) -> ColumnElement[Any]:
    """The mark as the partial indexes name it: SQLite uses none of them for `blocked = 1`."""
    return literal_column(f"{inspect(identity).selectable.name}.{mark}")


def tagged(tag: str) -> Any:
    """Ids of all identities of people who have a tag."""
    return with_same(select(ContactTag.contact_id).where(ContactTag.tag == tag))


def with_same(some: Select[Any]) -> Any:
    """Ids of identities, and of the others of the same people."""
    people = select(_Same.person_id).where(_Same.id.in_(some), _Same.person_id.is_not(None))
    return union(some, select(Contact.id).where(Contact.person_id.in_(people)))


def head_of(session: Session, contact_id: int) -> int | None:
    """The identity that this one's person is named after; None when there is no such identity."""
    row = session.execute(select(Contact.id, Contact.person_id).where(Contact.id == contact_id))
    found = row.one_or_none()
    return None if found is None else int(found.person_id or found.id)


def person(session: Session, contact_id: int) -> Person | None:
    """The person of an identity."""
    own = select(func.coalesce(_Same.person_id, _Same.id)).where(_Same.id == contact_id)
    head = own.scalar_subquery()
    rows = session.execute(
        _identities().where(or_(Contact.id == head, Contact.person_id == head)).order_by(Contact.id)
    ).all()
    if not _is_seen(session, rows):
        return None
    named = rows[0].person_id or rows[0].id
    rows = sorted(rows, key=lambda row: row.id != named)
    tags = tags_of(session, [row.id for row in rows])
    return Person(rows, tuple(sorted(set().union(*tags.values()))))


def people(session: Session, heads: Sequence[int]) -> dict[int, Person]:
    """The same of many, by the identity that each is named after, in a fixed number of queries."""
    rows = session.execute(
        _identities()
        .where(or_(Contact.id.in_(heads), Contact.person_id.in_(heads)))
        .order_by(Contact.id)
    ).all()
    by_head: dict[int, list[AnyRow]] = {head: [] for head in heads}
    for row in rows:
        by_head[row.person_id or row.id].append(row)
    tags = tags_of(session, [row.id for row in rows])
    return {
        head: Person(
            sorted(some, key=lambda row: row.id != head),
            tuple(sorted(set().union(*(tags.get(row.id, frozenset()) for row in some)))),
        )
        for head, some in by_head.items()
        if _is_seen(session, some)
    }


def heads(session: Session, contact_ids: Sequence[int]) -> set[int]:
    """The identities that the people of these are named after."""
    found: set[int] = set()
    for part in chunks(contact_ids):
        rows = session.execute(
            select(func.coalesce(Contact.person_id, Contact.id)).where(Contact.id.in_(part))
        )
        found |= {head for (head,) in rows}
    return found


def page(session: Session, wanted: Sequence[Any], after: int | None, limit: int) -> list[int]:
    """Heads of people, the newest identity first, after a place. Each of `wanted` selects ids of
    identities; the person must have one in every selection."""
    found = select(Contact.id).where(
        or_(Contact.person_id.is_(None), Contact.person_id == Contact.id)
    )
    if seen := scope.seen(session, Contact.account_id):
        others = scope.seen(session, _Same.account_id)
        found = found.where(or_(*seen, exists().where(_Same.person_id == Contact.id, *others)))
    for some in wanted:
        theirs = select(_Same.person_id).where(_Same.id.in_(some), _Same.person_id.is_not(None))
        found = found.where(or_(Contact.id.in_(some), Contact.id.in_(theirs)))
    if after is not None:
        found = found.where(Contact.id < after)
    return list(session.scalars(found.order_by(Contact.id.desc()).limit(limit)))


def wrote_last(session: Session, contact_ids: Sequence[int]) -> dict[int, datetime]:
    """When something was last said with each of these identities."""
    rows = session.execute(
        select(Conversation.contact_id, func.max(Conversation.last_message_at))
        .where(Conversation.contact_id.in_(contact_ids), *scope.seen(session))
        .group_by(Conversation.contact_id)
    )
    return {contact: at for contact, at in rows}


def languages(session: Session, contact_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The languages of these identities' conversations."""
    rows = session.execute(
        select(Conversation.contact_id, Conversation.lang)
        .where(Conversation.contact_id.in_(contact_ids), Conversation.lang.is_not(None))
        .distinct()
    )
    found: dict[int, set[str]] = {}
    for contact, lang in rows:
        found.setdefault(contact, set()).add(str(lang))
    return {contact: frozenset(some) for contact, some in found.items()}


def conversations(session: Session, contact_ids: Sequence[int], limit: int) -> Sequence[AnyRow]:
    """A person's newest conversations, on all channels."""
    columns = (Conversation.id, Conversation.contact_id, Conversation.kind, Conversation.status)
    return session.execute(
        select(
            *columns,
            Conversation.category,
            Conversation.due_at,
            Conversation.last_message_at,
            Conversation.preview,
            Account.channel,
            Account.handle.label("account_handle"),
        )
        .join(Account, Account.id == Conversation.account_id)
        .where(Conversation.contact_id.in_(contact_ids), *scope.seen(session))
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(limit)
    ).all()


def unresolved(session: Session, contact_ids: Sequence[int]) -> list[int]:
    """Numbers of a person's conversations that are not at their end."""
    return list(
        session.scalars(
            select(Conversation.id)
            .where(Conversation.contact_id.in_(contact_ids), Conversation.status != RESOLVED)
            .order_by(Conversation.id)
        )
    )


def tags_of(session: Session, contact_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The tags that stand on each of these identities itself."""
    found: dict[int, set[str]] = {one: set() for one in contact_ids}
    for part in chunks(list(found)):
        rows = session.execute(
            select(ContactTag.contact_id, ContactTag.tag).where(ContactTag.contact_id.in_(part))
        )
        for contact, tag in rows:
            found[contact].add(tag)
    return {contact: frozenset(some) for contact, some in found.items()}


def tags_of_people(session: Session, contact_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The tags of the person of each of these identities; those without any are left out."""
    if not contact_ids:
        return {}
    own = aliased(Contact)
    rows = session.execute(
        select(own.id, ContactTag.tag)
        .join(_Same, or_(_Same.id == own.id, _Same.person_id == own.person_id))
        .join(ContactTag, ContactTag.contact_id == _Same.id)
        .where(own.id.in_(contact_ids))
    )
    found: dict[int, set[str]] = {}
    for contact, tag in rows:
        found.setdefault(contact, set()).add(tag)
    return {contact: frozenset(some) for contact, some in found.items()}


def known_tags(session: Session) -> list[str]:
    """Every tag that somebody has."""
    return list(session.scalars(select(ContactTag.tag).distinct().order_by(ContactTag.tag)))


def edges(session: Session, heads: Collection[int]) -> dict[int, int | None]:
    """Which identity each one of these people was joined to."""
    rows = session.execute(
        select(Contact.id, Contact.joined_to)
        .where(or_(Contact.id.in_(heads), Contact.person_id.in_(heads)))
        .order_by(Contact.id)
    )
    return {contact: joined_to for contact, joined_to in rows}


def draw(session: Session, contact_id: int, to: int | None, by: str, now: datetime) -> None:
    """Joins an identity to another one; to None it stands by itself again."""
    marks = {"joined_at": now, "joined_by": by} if to else {"joined_at": None, "joined_by": None}
    session.execute(update(Contact).where(Contact.id == contact_id).values(joined_to=to, **marks))


def name_after(session: Session, named: dict[int, int | None]) -> None:
    """Stores which identity each one's person is named after."""
    rows = [{"key": contact, "person_id": head} for contact, head in named.items()]
    update_many(session, Contact, rows)


def mark(session: Session, contact_ids: Sequence[int], name: Mark, on: bool) -> None:
    """Sets or takes a mark of these identities."""
    session.execute(update(Contact).where(Contact.id.in_(contact_ids)).values({name: on}))


def add_tags(session: Session, contact_id: int, tags: Iterable[str]) -> None:
    rows = [{"contact_id": contact_id, "tag": tag} for tag in tags]
    if rows:
        session.execute(insert(session, ContactTag).on_conflict_do_nothing(), rows)


def remove_tags(session: Session, contact_ids: Sequence[int], tags: Collection[str]) -> None:
    session.execute(
        delete(ContactTag).where(ContactTag.contact_id.in_(contact_ids), ContactTag.tag.in_(tags))
    )


def notes(session: Session, contact_ids: Sequence[int]) -> Sequence[AnyRow]:
    """A person's notes with `author_name`, newest first."""
    return session.execute(
        select(*ContactNote.__table__.columns, User.name.label("author_name"), User.email)
        .join(User, User.id == ContactNote.author_id)
        .where(ContactNote.contact_id.in_(contact_ids))
        .order_by(ContactNote.id.desc())
    ).all()


def quiet(session: Session, conversation_ids: Collection[int]) -> set[int]:
    """Those of these conversations whose person is muted or blocked: nobody is told of them."""
    if not conversation_ids:
        return set()
    found = (
        select(Conversation.id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.id.in_(conversation_ids), or_(marked("muted"), marked("blocked")))
    )
    return set(session.scalars(found))


def first_wrote(session: Session, contact_ids: Sequence[int]) -> datetime | None:
    """When a person's first message was sent."""
    return session.scalar(
        select(func.min(Message.sent_at))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.contact_id.in_(contact_ids), Message.role == "customer")
    )


def _is_seen(session: Session, identities: Sequence[AnyRow]) -> bool:
    hidden = scope.hidden(session)
    return any(one.account_id not in hidden for one in identities)


def _identities() -> Any:
    return select(
        *Contact.__table__.columns, Account.channel, Account.handle.label("account_handle")
    ).join(Account, Account.id == Contact.account_id)
