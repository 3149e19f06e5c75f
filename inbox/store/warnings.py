"""Waits to look at, and warnings told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from inbox.domain.promises import Matter
from inbox.domain.warnings import INTERNAL, PUBLIC, Step
from inbox.store import persons
from inbox.store.promises import matter_of
from inbox.store.sql import AnyRow, chunks, insert
from inbox.store.tables import (
    Account,
    CaseClockRow,
    Conversation,
    Message,
    Notice,
    TurnRow,
    TurnWarning,
    User,
)

_Opener = aliased(Message)


@dataclass(frozen=True, slots=True)
class Open:
    """An open turn, as far as warnings go. `told` is the highest part told, per target."""

    conversation_id: int
    opened_by: int
    opened_at: datetime
    is_first: bool
    matter: Matter
    assignee: int | None
    told: dict[str, int]


def to_look_at(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Conversations whose next look has come."""
    found = select(Conversation.id).where(Conversation.warn_at <= now)
    return session.scalars(found.order_by(Conversation.warn_at, Conversation.id).limit(limit)).all()


def held(session: Session, now: datetime, ids: Sequence[int]) -> list[Open]:
    """Those of them that are still due, locked until the transaction ends. One that another
    process holds is left to it."""
    found = (
        select(
            Conversation.id,
            Conversation.contact_id,
            Conversation.account_id,
            Conversation.opened_by,
            Account.channel,
            Message.kind,
            Conversation.category,
            Conversation.urgency,
            Conversation.opened_at,
            TurnRow.is_first,
            TurnRow.policy,
            User.id.label("assignee"),
        )
        .join(Account, Account.id == Conversation.account_id)
        .join(Message, Message.id == Conversation.opened_by)
        .join(
            TurnRow,
            (TurnRow.conversation_id == Conversation.id)
            & (TurnRow.opened_by == Conversation.opened_by)
            & TurnRow.superseded_at.is_(None),
        )
        .outerjoin(User, (User.id == Conversation.assignee_id) & User.disabled_at.is_(None))
        .where(Conversation.id.in_(ids), Conversation.warn_at <= now)
        .order_by(Conversation.id)
        .with_for_update(of=Conversation, skip_locked=True)
    )
    rows = session.execute(found).all()
    told = _told(session, ids, [row.opened_by for row in rows])
    tags = persons.tags_of_people(session, {row.contact_id for row in rows})
    return [
        Open(
            row.id,
            row.opened_by,
            row.opened_at,
            row.is_first,
            matter_of(row, tags),
            row.assignee,
            told.get(row.opened_by, {}),
        )
        for row in rows
    ]


def _told(
    session: Session, conversation_ids: Sequence[int], openers: Sequence[int]
) -> dict[int, dict[str, int]]:
    """The highest part told, by turn and target: also under a message that opened the turn before
    an older one came late. The conversations lead to the rows: an opener has no index."""
    found = (
        select(Message.opener_id, TurnWarning.target, func.max(TurnWarning.part))
        .join(Message, Message.id == TurnWarning.opened_by)
        .where(TurnWarning.conversation_id.in_(conversation_ids), Message.opener_id.in_(openers))
        .group_by(Message.opener_id, TurnWarning.target)
    )
    told: dict[int, dict[str, int]] = {}
    for opener, target, part in session.execute(found):
        told.setdefault(opener or 0, {})[target] = part
    return told


def look_again(session: Session, conversation_ids: Iterable[int], at: datetime | None) -> None:
    """When these are to be looked at next; None: not before something happens there."""
    session.execute(
        update(Conversation).where(Conversation.id.in_(list(conversation_ids))).values(warn_at=at)
    )


def forget_ended(session: Session, conversation_ids: Sequence[int]) -> None:
    """Those of them where nobody waits are not looked at."""
    session.execute(
        update(Conversation)
        .where(Conversation.id.in_(conversation_ids), Conversation.opened_at.is_(None))
        .values(warn_at=None)
    )


def keep_quiet(session: Session, conversation_ids: Sequence[int]) -> None:
    """What is stored there now is history, unless somebody waited there already."""
    newest = select(func.max(Message.id)).where(Message.conversation_id == Conversation.id)
    for part in chunks(conversation_ids):
        session.execute(
            update(Conversation)
            .where(Conversation.id.in_(part), Conversation.opened_at.is_(None))
            .values(quiet_up_to=func.coalesce(newest.scalar_subquery(), 0))
        )


def claim(session: Session, turn: Open | CaseClockRow, step: Step, now: datetime) -> int | None:
    """The warning's id; None when it was told before."""
    row = {
        "conversation_id": turn.conversation_id,
        "opened_by": turn.opened_by,
        "target": step.target,
        "part": step.part,
        "policy": step.policy.id,
        "due_at": step.due_at,
        "passed_at": step.at,
        "at": now,
        "clock": None if step.target in (PUBLIC, INTERNAL) else step.policy.name,
    }
    made = insert(session, TurnWarning).values(**row).on_conflict_do_nothing()
    id_: int | None = session.scalar(made.returning(TurnWarning.id))
    return id_


def team(session: Session) -> list[User]:
    """Leads and admins who can sign in."""
    found = select(User).where(
        User.role.in_(("lead", "admin")),
        User.disabled_at.is_(None),
        User.password_hash.is_not(None),
    )
    return list(session.scalars(found.order_by(User.id)))


def of_conversation(session: Session, conversation_id: int) -> Sequence[AnyRow]:
    """(warning, who, why, channel, state) of a conversation's warnings, newest first; a warning
    that reached nobody has one row without a person."""
    found = (
        select(
            TurnWarning,
            User.name.label("person"),
            User.email,
            Notice.why,
            Notice.channel,
            Notice.state,
        )
        .outerjoin(Notice, Notice.warning_id == TurnWarning.id)
        .outerjoin(User, User.id == Notice.user_id)
        .where(TurnWarning.conversation_id == conversation_id)
    )
    order = (TurnWarning.id.desc(), Notice.id)
    return session.execute(found.order_by(*order)).all()


def escalated() -> ColumnElement[bool]:
    """Whether the open turn of a conversation of the list was brought before a lead."""
    found = (
        select(TurnWarning.id)
        .join(Notice, Notice.warning_id == TurnWarning.id)
        .join(_Opener, _Opener.id == TurnWarning.opened_by)
        .where(
            TurnWarning.conversation_id == Conversation.id,
            _Opener.opener_id == Conversation.opened_by,
            Notice.why != "assignee",
            TurnWarning.target.in_((PUBLIC, INTERNAL)),
        )
        .correlate(Conversation)
    )
    return exists(found)
