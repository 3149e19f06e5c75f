"""Surges: what waits and may belong to one, who belongs, and what became of each."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased, undefer

from connectors.core.text import written
from inbox.domain.conversation import OPEN
from inbox.domain.outbox import QUEUED, SENDING, STOPPED, UNKNOWN, WAITING
from inbox.store import persons, scope
from inbox.store.acting import REFUSED, UNDONE
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask, chunks, insert
from inbox.store.tables import (
    Account,
    ActionRun,
    Contact,
    Conversation,
    Message,
    Reply,
    Surge,
    SurgeMember,
)

_Last = aliased(Message)


def waiting(session: Session, since: datetime, most: int) -> Sequence[AnyRow]:
    """(id, opener, last_message_id, at, category, topic, person) of the conversations with the
    newest messages whose customer has waited for an answer since then or later; of nobody who is
    blocked, nothing that was imported, and no wait that is in a surge already."""
    known = select(SurgeMember.conversation_id).where(
        SurgeMember.conversation_id == Conversation.id,
        SurgeMember.opener == Conversation.opened_by,
    )
    found = (
        select(
            Conversation.id,
            Conversation.opened_by.label("opener"),
            Conversation.last_message_id,
            Conversation.opened_at.label("at"),
            Conversation.category,
            Conversation.topic,
            func.coalesce(Contact.person_id, Contact.id).label("person"),
        )
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            Conversation.status == OPEN,
            Conversation.last_message_at >= since,
            Conversation.opened_at >= since,
            Conversation.opened_by > Conversation.quiet_up_to,
            Conversation.contact_id.not_in(persons.having("blocked")),
            ~known.exists(),
        )
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(most)
    )
    return session.execute(found).all()


def words(session: Session, conversation_ids: Sequence[int]) -> dict[int, str]:
    """What each customer has said since the wait began, on one line; mails they quote are left
    out."""
    said: dict[int, list[str]] = {}
    for some in chunks(conversation_ids):
        found = (
            select(Message.conversation_id, Message.text)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(
                Message.conversation_id.in_(some),
                Message.role == "customer",
                Message.id >= Conversation.opened_by,
                Message.deleted_at.is_(None),
            )
            .order_by(Message.id)
        )
        for row in session.execute(found):
            said.setdefault(row.conversation_id, []).append(written(row.text))
    return {id: " ".join(texts) for id, texts in said.items()}


def alive(session: Session, since: datetime) -> list[Surge]:
    """Those that are not closed, and those that somebody joined since then."""
    found = select(Surge).where(or_(Surge.closed_at.is_(None), Surge.last_at >= since))
    return list(session.scalars(found.order_by(Surge.id)))


def fresh(session: Session, since: datetime) -> list[Surge]:
    """Those that somebody joined since then, closed or not, the oldest first, with their centres:
    512 numbers each, that nothing else reads."""
    found = select(Surge).where(Surge.last_at >= since).options(undefer(Surge.centre))
    return list(session.scalars(found.order_by(Surge.id)))


class Growing(NamedTuple):
    """`text` is the most typical message, as `Listed` has it."""

    id: int
    people: int
    since: datetime
    text: str


class Listed(NamedTuple):
    """`text` is the most typical message, without the mails that it quotes; `waiting`: how many
    conversations are offered still."""

    surge: Surge
    text: str
    waiting: int


@kept
def newest_growing(session: Session, least: int) -> Growing | None:
    """The largest one that grows and has so many people."""
    row = ask(session, _growing(scope.hidden(session)), {"least": least}).first()
    return Growing(row.id, row.people, row.since, written(row.text)) if row else None


@lru_cache(maxsize=64)
def _growing(hidden: frozenset[int]) -> Select[Any]:
    """Built once: every page asks."""
    grows = Surge.closed_at.is_(None), Surge.growing, Surge.people >= bindparam("least")
    columns: list[Any] = [Surge.id, Surge.people, Surge.since, Message.text]
    found = select(*columns).join(Message, Message.id == Surge.sample).where(*grows, *_seen(hidden))
    return found.order_by(Surge.people.desc(), Surge.id).limit(1)


def listed(session: Session, most: int) -> list[Listed]:
    """Those that are open, the largest first, then the others, the last closed first."""
    offered = (
        select(func.count())
        .select_from(SurgeMember)
        .join(Conversation, Conversation.id == SurgeMember.conversation_id)
        .outerjoin(ActionRun, _of_job())
        .where(SurgeMember.surge_id == Surge.id, *_offered())
        .correlate(Surge)
        .scalar_subquery()
    )
    found = (
        select(Surge, Message.text, offered.label("waiting"))
        .join(Message, Message.id == Surge.sample)
        .where(*_seen(scope.hidden(session)))
        .order_by(
            Surge.closed_at.is_not(None),
            Surge.closed_at.desc(),
            Surge.people.desc(),
            Surge.id,
        )
    )
    rows = session.execute(found.limit(most))
    return [Listed(row.Surge, written(row.text), row.waiting) for row in rows]


def _seen(hidden: frozenset[int]) -> tuple[ColumnElement[bool], ...]:
    """One answer goes to all of them: who does not see all sees none."""
    some = (
        select(SurgeMember.surge_id)
        .join(Conversation, Conversation.id == SurgeMember.conversation_id)
        .where(SurgeMember.surge_id == Surge.id, Conversation.account_id.in_(sorted(hidden)))
    )
    return (~some.correlate(Surge).exists(),) if hidden else ()


def one(session: Session, surge_id: int) -> Surge | None:
    return session.get(Surge, surge_id)


def text_of(session: Session, surge: Surge) -> str:
    """The most typical message, without the mails that it quotes; empty when it is gone."""
    return written(session.scalar(select(Message.text).where(Message.id == surge.sample)) or "")


def add(session: Session, surge: dict[str, Any], members: Sequence[dict[str, Any]]) -> int:
    """A new surge with its members; its number."""
    row = Surge(**surge)
    session.add(row)
    session.flush()
    join(session, row.id, members)
    return row.id


def join(session: Session, surge_id: int, members: Sequence[dict[str, Any]]) -> None:
    """New members; one who waits there anew is offered anew."""
    if not members:
        return
    new = insert(session, SurgeMember)
    again = {name: new.excluded[name] for name in ("opener", "joined_at")}
    new = new.on_conflict_do_update(
        index_elements=["surge_id", "conversation_id"],
        set_=again | {"out": False, "job_id": None},
        where=SurgeMember.opener != new.excluded.opener,
    )
    rows = [{"out": False, "job_id": None} | row | {"surge_id": surge_id} for row in members]
    session.execute(new, rows)


def came(session: Session, surge_ids: Sequence[int]) -> dict[int, dict[int, datetime]]:
    """When each person came, of each surge."""
    both = SurgeMember.surge_id, SurgeMember.person
    found = select(*both, func.min(SurgeMember.at).label("at")).where(both[0].in_(surge_ids))
    times: dict[int, dict[int, datetime]] = {id: {} for id in surge_ids}
    for row in session.execute(found.group_by(*both)):
        times[row.surge_id][row.person] = row.at
    return times


def change(session: Session, surge_id: int, **values: Any) -> None:
    session.execute(update(Surge).where(Surge.id == surge_id).values(**values))


def count_offered(session: Session, surge_ids: Sequence[int]) -> Counter[int]:
    """How many conversations wait in each surge and are in no job, left out or not."""
    found = (
        select(SurgeMember.surge_id, func.count())
        .join(Conversation, Conversation.id == SurgeMember.conversation_id)
        .outerjoin(ActionRun, _of_job())
        .where(SurgeMember.surge_id.in_(surge_ids), *_offered())
        .group_by(SurgeMember.surge_id)
    )
    return Counter({id: many for id, many in session.execute(found)})


def offered(session: Session, surge_id: int, most: int) -> Sequence[AnyRow]:
    """Members (see `_columns`) who wait for an answer that no job gives, the longest first."""
    found = _members(surge_id).where(*_offered()).order_by(SurgeMember.at, SurgeMember.opener)
    return session.execute(found.limit(most)).all()


def answered(session: Session, surge_id: int, most: int) -> Sequence[AnyRow]:
    """The others: in a job, or answered otherwise; what could not be sent first."""
    refused = case((ActionRun.state == REFUSED, 0), else_=1)
    found = _members(surge_id).where(or_(ActionRun.state == REFUSED, ~_is_offered()))
    return session.execute(found.order_by(refused, SurgeMember.at).limit(most)).all()


def job_counts(session: Session, surge_id: int) -> dict[str, int]:
    """How many members are in each state of their jobs."""
    found = (
        select(ActionRun.state, func.count())
        .select_from(SurgeMember)
        .join(ActionRun, _of_job())
        .where(SurgeMember.surge_id == surge_id)
    )
    return {state: many for state, many in session.execute(found.group_by(ActionRun.state))}


def claim(session: Session, surge_id: int, conversation_ids: Collection[int]) -> list[int]:
    """Those of these conversations that are offered, in order of their waits. The caller holds the
    surge's row, so nobody else gets them."""
    found = (
        select(SurgeMember.conversation_id)
        .join(Conversation, Conversation.id == SurgeMember.conversation_id)
        .outerjoin(ActionRun, _of_job())
        .where(SurgeMember.surge_id == surge_id, *_offered())
        .order_by(SurgeMember.at, SurgeMember.opener)
    )
    wanted = set(conversation_ids)
    return [id for id in session.scalars(found) if id in wanted]


def locked(session: Session, surge_id: int) -> Surge:
    """The surge, which nobody else answers until the transaction ends. Raises `NoResultFound`."""
    row = session.get_one(Surge, surge_id)
    session.refresh(row, with_for_update=True)
    return row


def set_members(
    session: Session, surge_id: int, conversation_ids: Collection[int], **values: Any
) -> None:
    for some in chunks(list(conversation_ids)):
        held = update(SurgeMember).where(
            SurgeMember.surge_id == surge_id, SurgeMember.conversation_id.in_(some)
        )
        session.execute(held.values(**values))


def _of_job() -> ColumnElement[bool]:
    """The run of a member's job."""
    return and_(
        ActionRun.job_id == SurgeMember.job_id,
        ActionRun.conversation_id == SurgeMember.conversation_id,
    )


def _offered() -> tuple[ColumnElement[bool], ...]:
    """A customer waits there, no person's answer is on its way, and no job answers, or one that did
    not or was taken back."""
    on_its_way = select(Reply.id).where(
        Reply.conversation_id == Conversation.id,
        Reply.answers >= SurgeMember.opener,
        Reply.state.in_((WAITING, QUEUED, SENDING, UNKNOWN, STOPPED)),
        ~Reply.automated,
    )
    return (
        Conversation.status == OPEN,
        Conversation.opened_by == SurgeMember.opener,
        or_(SurgeMember.job_id.is_(None), ActionRun.state.in_((REFUSED, UNDONE))),
        ~on_its_way.exists(),
    )


def _is_offered() -> ColumnElement[bool]:
    """The same; false where the conversation has no open wait."""
    return func.coalesce(and_(*_offered()), False)


def _members(surge_id: int) -> Select[Any]:
    """Members with what a page shows of them: `lang` is that of the customer's newest message."""
    return (
        select(
            SurgeMember.conversation_id,
            SurgeMember.person,
            SurgeMember.at,
            SurgeMember.joined_at,
            SurgeMember.out,
            SurgeMember.job_id,
            Conversation.last_message_id,
            Conversation.preview,
            Conversation.visibility,
            case((_Last.role == "customer", _Last.lang), else_=Conversation.lang).label("lang"),
            _Last.visibility.label("last_visibility"),
            Account.channel,
            Contact.name,
            Contact.handle,
            ActionRun.state,
            ActionRun.why,
        )
        .join(Conversation, Conversation.id == SurgeMember.conversation_id)
        .join(Account, Account.id == Conversation.account_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(_Last, _Last.id == Conversation.last_message_id)
        .outerjoin(ActionRun, _of_job())
        .where(SurgeMember.surge_id == surge_id)
    )


def languages(session: Session, surge_id: int) -> Mapping[str, int]:
    """How many offered conversations there are in each language; "" is unknown."""
    member = _members(surge_id).where(*_offered()).subquery()
    lang = func.coalesce(member.c.lang, "")
    found = select(lang, func.count()).group_by(lang)
    return {code: many for code, many in session.execute(found)}
