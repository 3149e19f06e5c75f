"""Waits to look at, warnings told, and their notices to people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from inbox.domain.promises import Matter
from inbox.domain.warnings import BREACH, INTERNAL, PUBLIC, Step
from inbox.store import persons
from inbox.store.case_clocks import warned_of
from inbox.store.sql import AnyRow, chunks, insert
from inbox.store.tables import (
    Account,
    CaseClockRow,
    Contact,
    Conversation,
    HookEndpoint,
    Message,
    TurnRow,
    TurnWarning,
    User,
    WarningNotice,
)

APP: Final = "app"
MAIL: Final = "mail"
UNREAD, READ = "unread", "read"
WAITING, SENT, QUIET, REFUSED = "waiting", "sent", "quiet", "refused"
COUNT_TO: Final = 100
"""Counting unread notices stops here: "99+" is all that anybody needs to know."""

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
            Conversation.opened_by,
            Account.channel,
            Message.kind,
            Conversation.category,
            Conversation.urgency,
            Conversation.opened_at,
            TurnRow.is_first,
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
            Matter(
                row.channel,
                row.kind,
                row.category,
                row.urgency,
                tags.get(row.contact_id, frozenset()),
            ),
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


def add_notices(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Notices to people; one that is there already stays as it is."""
    if rows:
        session.execute(insert(session, WarningNotice).on_conflict_do_nothing(), list(rows))


def team(session: Session) -> list[User]:
    """Leads and admins who can sign in."""
    found = select(User).where(
        User.role.in_(("lead", "admin")),
        User.disabled_at.is_(None),
        User.password_hash.is_not(None),
    )
    return list(session.scalars(found.order_by(User.id)))


def mail_from(session: Session, user_ids: Iterable[int]) -> dict[int, int]:
    """From which part on each of them is told by mail, too."""
    found = select(User.id, User.warn_by_mail).where(User.id.in_(list(user_ids)))
    return {id_: part for id_, part in session.execute(found)}


def unread(session: Session, user_id: int) -> int:
    """How many notices somebody has not read, up to `COUNT_TO`."""
    some = select(WarningNotice.id).where(*_of(user_id, UNREAD)).limit(COUNT_TO).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def listed(
    session: Session, user_id: int, limit: int, before: int | None = None
) -> Sequence[AnyRow]:
    """Somebody's notices in the app, newest first: see `_columns`."""
    found = _columns().where(*_of(user_id))
    if before is not None:
        found = found.where(WarningNotice.id < before)
    return session.execute(found.order_by(WarningNotice.id.desc()).limit(limit)).all()


def read(
    session: Session, user_id: int, now: datetime, up_to: int | None = None, ids: Sequence[int] = ()
) -> int:
    """Marks as read what stands up to a notice, or these; how many were unread."""
    which = WarningNotice.id.in_(ids) if up_to is None else WarningNotice.id <= up_to
    done = session.execute(
        update(WarningNotice)
        .where(*_of(user_id, UNREAD), which)
        .values(state=READ, settled_at=now)
        .returning(WarningNotice.id)
    )
    return len(done.all())


def unread_of(session: Session, user_id: int, conversation_id: int) -> Sequence[int]:
    """Somebody's unread notices of one conversation."""
    found = (
        select(WarningNotice.id)
        .join(TurnWarning, TurnWarning.id == WarningNotice.warning_id)
        .where(*_of(user_id, UNREAD), TurnWarning.conversation_id == conversation_id)
    )
    return session.scalars(found).all()


def of_conversation(session: Session, conversation_id: int) -> Sequence[AnyRow]:
    """(warning, who, why, channel, state) of a conversation's warnings, newest first; a warning
    that reached nobody has one row without a person."""
    found = (
        select(
            TurnWarning,
            User.name.label("person"),
            User.email,
            WarningNotice.why,
            WarningNotice.channel,
            WarningNotice.state,
        )
        .outerjoin(WarningNotice, WarningNotice.warning_id == TurnWarning.id)
        .outerjoin(User, User.id == WarningNotice.user_id)
        .where(TurnWarning.conversation_id == conversation_id)
    )
    order = (TurnWarning.id.desc(), WarningNotice.id)
    return session.execute(found.order_by(*order)).all()


def escalated() -> ColumnElement[bool]:
    """Whether the open turn of a conversation of the list was brought before a lead."""
    found = (
        select(TurnWarning.id)
        .join(WarningNotice, WarningNotice.warning_id == TurnWarning.id)
        .join(_Opener, _Opener.id == TurnWarning.opened_by)
        .where(
            TurnWarning.conversation_id == Conversation.id,
            _Opener.opener_id == Conversation.opened_by,
            WarningNotice.why != "assignee",
            TurnWarning.target.in_((PUBLIC, INTERNAL)),
        )
        .correlate(Conversation)
    )
    return exists(found)


def to_mail(session: Session, now: datetime) -> Sequence[AnyRow]:
    """Mail notices whose time has come, by person who can sign in: see `_columns`."""
    ready = WarningNotice.not_before.is_(None) | (WarningNotice.not_before <= now)
    waits = (WarningNotice.channel == MAIL, WarningNotice.state == WAITING)
    here = (User.id == WarningNotice.user_id) & User.disabled_at.is_(None)
    found = _columns().join(User, here).where(*waits, ready)
    return session.execute(found.order_by(WarningNotice.user_id, WarningNotice.id)).all()


def settle(session: Session, ids: Sequence[int], state: str, now: datetime) -> None:
    """What became of mail notices."""
    session.execute(
        update(WarningNotice).where(WarningNotice.id.in_(ids)).values(state=state, settled_at=now)
    )


def put_together(session: Session, ids: Sequence[int], batch: int) -> None:
    """These leave in one mail."""
    session.execute(update(WarningNotice).where(WarningNotice.id.in_(ids)).values(batch=batch))


def put_off(session: Session, ids: Sequence[int], not_before: datetime) -> None:
    """The server could not take them now."""
    session.execute(
        update(WarningNotice)
        .where(WarningNotice.id.in_(ids))
        .values(failures=WarningNotice.failures + 1, not_before=not_before)
    )


def set_mail_from(session: Session, user_id: int, part: int) -> None:
    """From which part on somebody is told by mail, too; 0: never."""
    session.execute(update(User).where(User.id == user_id).values(warn_by_mail=part))


def _of(user_id: int, state: str | None = None) -> tuple[ColumnElement[bool], ...]:
    own = (WarningNotice.user_id == user_id, WarningNotice.channel == APP)
    return own if state is None else (*own, WarningNotice.state == state)


def _columns() -> Any:
    """One row per notice, with what it is about. `waits`: the turn (or the case clock, which has a
    name) still runs; `now_due_at` is its due time now. Without a warning it tells of an endpoint.
    """
    turn_waits = (_Opener.opener_id == Conversation.opened_by) & Conversation.opened_at.is_not(None)
    case_runs = CaseClockRow.ended_at.is_(None) & CaseClockRow.due_at.is_not(None)
    is_case = TurnWarning.target.not_in((PUBLIC, INTERNAL))
    waits = case((is_case, func.coalesce(case_runs, False)), else_=turn_waits)
    turn_due = case(
        (TurnWarning.target == PUBLIC, Conversation.due_at), else_=Conversation.internal_due_at
    )
    return (
        select(
            WarningNotice.id,
            WarningNotice.user_id,
            WarningNotice.why,
            WarningNotice.state,
            WarningNotice.at,
            WarningNotice.batch,
            WarningNotice.failures,
            TurnWarning.conversation_id,
            TurnWarning.target,
            TurnWarning.part,
            (TurnWarning.part == BREACH).label("breached"),
            TurnWarning.due_at,
            func.coalesce(waits, False).label("waits"),
            case((is_case, CaseClockRow.due_at), else_=turn_due).label("now_due_at"),
            TurnWarning.clock,
            Account.channel,
            Account.handle.label("account"),
            func.coalesce(Contact.name, Contact.handle, Contact.external_id).label("who"),
            Conversation.category,
            Conversation.urgency,
            HookEndpoint.id.label("endpoint_id"),
            HookEndpoint.name.label("endpoint"),
            HookEndpoint.reason,
        )
        .outerjoin(TurnWarning, TurnWarning.id == WarningNotice.warning_id)
        .outerjoin(_Opener, _Opener.id == TurnWarning.opened_by)
        .outerjoin(Conversation, Conversation.id == TurnWarning.conversation_id)
        .outerjoin(
            CaseClockRow,
            (CaseClockRow.conversation_id == TurnWarning.conversation_id)
            & CaseClockRow.superseded_at.is_(None)
            & warned_of(_Opener),
        )
        .outerjoin(Account, Account.id == Conversation.account_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(HookEndpoint, HookEndpoint.id == WarningNotice.endpoint_id)
    )
