"""Drafts: what people are writing, until it is sent."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, delete, func, select
from sqlalchemy.orm import Session

from inbox.store import scope, sql
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, dialect_of, insert, list_of
from inbox.store.tables import Contact, Conversation, Draft, Note, Reply


def save(session: Session, row: dict[str, Any]) -> None:
    """The draft as it is now, in the place of the one before; what `row` does not name stays."""
    new = insert(session, Draft)
    keys = ["user_id", "conversation_id"]
    fresh = {name: new.excluded[name] for name in row if name not in keys}
    session.execute(new.values(**row).on_conflict_do_update(index_elements=keys, set_=fresh))


def drop(session: Session, user_id: int, conversation_id: int) -> bool:
    """Whether there was one."""
    gone = session.execute(
        delete(Draft)
        .where(Draft.user_id == user_id, Draft.conversation_id == conversation_id)
        .returning(Draft.user_id)
    )
    return gone.first() is not None


def sent(session: Session, user_id: int, conversation_id: int, form_key: str) -> None:
    """This form was sent: what stood in it is no draft any more."""
    session.execute(
        delete(Draft).where(
            Draft.user_id == user_id,
            Draft.conversation_id == conversation_id,
            Draft.key == _key(user_id, form_key),
        )
    )


def was_sent(session: Session, user_id: int, key: str) -> bool:
    """Whether this person's form with this key was sent."""
    form_key = form_key_of(user_id, key)
    reply = select(Reply.id).where(Reply.form_key == form_key)  # the first part has the form's own
    note = select(Note.id).where(Note.form_key == form_key)
    return any(session.scalar(one) is not None for one in (reply, note))


def form_key_of(user_id: int, key: str) -> str:
    """What names a form once it was sent: whose it was, and its own key."""
    return f"{user_id}:{key}"


def one(session: Session, user_id: int, conversation_id: int) -> Draft | None:
    """What this person is writing there."""
    return session.get(Draft, (user_id, conversation_id))


def among(session: Session, user_id: int, conversation_ids: Collection[int]) -> dict[int, str]:
    """The words of this person's drafts in these conversations."""
    return _words(session, user_id, list_of(session, conversation_ids))


@kept
def _words(session: Session, user_id: int, ids: str) -> dict[int, str]:
    found = sql.ask(session, _among(dialect_of(session)), {"user": user_id, "ids": ids})
    return {id_: words for id_, words in found}


@cache
def _among(dialect: str) -> Select[Any]:
    """Built once: every list asks."""
    columns: list[Any] = [Draft.conversation_id, Draft.words]
    here = sql.among(dialect, Draft.conversation_id, bindparam("ids", type_=String))
    return select(*columns).where(Draft.user_id == bindparam("user"), here)


def authors(session: Session, conversation_id: int) -> Sequence[int]:
    """Who is writing there."""
    return session.scalars(
        select(Draft.user_id).where(Draft.conversation_id == conversation_id)
    ).all()


def listed(session: Session, user_id: int, limit: int = 200) -> Sequence[AnyRow]:
    """This person's drafts with the `customer` they are for, newest first."""
    name = func.coalesce(Contact.name, Contact.handle, Contact.external_id)
    found = (
        select(*Draft.__table__.columns, name.label("customer"))
        .join(Conversation, Conversation.id == Draft.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Draft.user_id == user_id, *scope.seen(session))
    )
    return session.execute(
        found.order_by(Draft.at.desc(), Draft.conversation_id).limit(limit)
    ).all()


def _key(user_id: int, form_key: str) -> str:
    return form_key.removeprefix(f"{user_id}:")
