"""What people of the team are told, in the app and by mail, until they have read it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from inbox.domain.warnings import BREACH, INTERNAL, PUBLIC
from inbox.store import scope
from inbox.store.case_clocks import warned_of
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask, insert
from inbox.store.tables import (
    Account,
    CaseClockRow,
    Contact,
    Conversation,
    HookEndpoint,
    Message,
    Notice,
    TurnWarning,
    User,
)

APP: Final = "app"
MAIL: Final = "mail"
UNREAD, READ = "unread", "read"
WAITING, SENT, QUIET, REFUSED = "waiting", "sent", "quiet", "refused"
COUNT_TO: Final = 100
"""Counting unread notices stops here: "99+" is all that anybody needs to know."""
LOUD: Final = {
    **dict.fromkeys(
        ("mention", "assigned", "stopped", "approval", "sent_back", "rule", "surge"), 100
    ),
    "message": 1,
    **dict.fromkeys(("answered", "approved"), 0),
}
"""Who is mailed, too: whose choice (`users.warn_by_mail`) is above 0 and at most so much."""
MAIL_AFTER: Final = timedelta(minutes=2)
"""Who is at their desk reads what a colleague tells within this time, and needs no mail."""

_Opener = aliased(Message)
_Twin = aliased(Notice)


def add(
    session: Session, people: Mapping[int, str], loud: int, now: datetime, **about: Any
) -> None:
    """A notice for each person, with why they are told; one that is there already stays as it is.
    `about` are columns; `loud` is that of `LOUD`, of a warning its part in percent."""
    rows = _rows(session, people, loud, {"at": now} | about)
    if rows:
        session.execute(insert(session, Notice).on_conflict_do_nothing(), rows)


def tell(
    session: Session,
    user_ids: Iterable[int],
    kind: str,
    conversation_id: int,
    by: str,
    words: str,
    now: datetime,
    why: str = "",
) -> None:
    """One notice of this kind and conversation for each of them; one that is unread is counted on,
    and comes to the top. The mail leaves later, if it is unread then."""
    people = dict.fromkeys(user_ids, why)
    about = {"kind": kind, "conversation_id": conversation_id, "by": by, "words": words, "at": now}
    rows = _rows(session, people, LOUD[kind], about)
    if not rows:
        return
    before = _take_unread(session, people, kind, conversation_id)
    for row in rows:
        row["times"] = before.get(row["user_id"], 0) + 1
        row["not_before"] = now + MAIL_AFTER if row["channel"] == MAIL else None
    new = insert(session, Notice)
    session.execute(
        new.on_conflict_do_update(
            index_elements=["user_id", "conversation_id", "kind", "channel"],
            index_where=Notice.settled_at.is_(None) & Notice.warning_id.is_(None),
            set_={name: new.excluded[name] for name in ("why", "by", "words", "times", "at")},
        ),
        rows,
    )


def _rows(
    session: Session, people: Mapping[int, str], loud: int, about: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if about.get("conversation_id") is not None:  # nobody is told of what they do not see
        seers = scope.among(session, about["conversation_id"], people)
        people = {person: why for person, why in people.items() if person in seers}
    wishes = mail_from(session, people) if people and loud else {}
    given = {"by": "", "words": "", "times": 1, "failures": 0} | dict(about)
    return [
        given | {"user_id": person, "why": why, "channel": channel, "state": state}
        for person, why in sorted(people.items())
        for channel, state in ((APP, UNREAD), (MAIL, WAITING))
        if channel == APP or 0 < wishes.get(person, 0) <= loud
    ]


def _take_unread(
    session: Session, user_ids: Iterable[int], kind: str, conversation_id: int
) -> dict[int, int]:
    """How often each of them was told since they read; the next notice stands in its place."""
    done = session.execute(
        delete(Notice)
        .where(
            Notice.user_id.in_(list(user_ids)),
            Notice.conversation_id == conversation_id,
            Notice.kind == kind,
            Notice.channel == APP,
            Notice.state == UNREAD,
        )
        .returning(Notice.user_id, Notice.times)
    )
    return {user_id: times for user_id, times in done}


def take_back(
    session: Session,
    user_ids: Iterable[int],
    conversation_id: int,
    words: str,
    before: Mapping[int, tuple[str, str]],
) -> None:
    """A note is gone: who was told of it and has not read that is not told of it. `before` is whose
    note named them last in the conversation besides, and its words: a notice that counts that one
    too tells it again."""
    here = (
        Notice.conversation_id == conversation_id,
        Notice.kind == "mention",
        Notice.words == words,
        Notice.settled_at.is_(None),
    )
    for user_id in user_ids:
        theirs = *here, Notice.user_id == user_id
        gone = [Notice.times == 1] if user_id in before else []
        session.execute(delete(Notice).where(*theirs, *gone))
        if user_id in before:
            by, first = before[user_id]
            less = {"times": Notice.times - 1, "by": by, "words": first}
            session.execute(update(Notice).where(*theirs).values(less))


def mail_from(session: Session, user_ids: Iterable[int]) -> dict[int, int]:
    """From how loud on each of them is told by mail, too; 0: never."""
    found = select(User.id, User.warn_by_mail).where(User.id.in_(list(user_ids)))
    return {id_: loud for id_, loud in session.execute(found)}


def set_mail_from(session: Session, user_id: int, loud: int) -> None:
    """From how loud on somebody is told by mail, too; 0: never."""
    session.execute(update(User).where(User.id == user_id).values(warn_by_mail=loud))


@kept
def unread(session: Session, user_id: int) -> int:
    """How many notices somebody has not read, up to `COUNT_TO`."""
    many: int = ask(session, _unread(scope.hidden(session)), {"user": user_id}).scalar_one()
    return many


@lru_cache(maxsize=64)
def _unread(hidden: frozenset[int]) -> Select[Any]:
    here = *_of(bindparam("user"), UNREAD), *scope.of_seen(hidden, Notice.conversation_id)
    some = select(Notice.id).where(*here).limit(COUNT_TO).subquery()
    return select(func.count()).select_from(some)


def listed(
    session: Session, user_id: int, limit: int, before: int | None = None
) -> Sequence[AnyRow]:
    """Somebody's notices in the app, newest first: see `_columns`."""
    newest = select(Notice.id).where(*_of(user_id))
    newest = newest.where(*scope.seen_conversation(session, Notice.conversation_id))
    if before is not None:
        newest = newest.where(Notice.id < before)
    newest = newest.order_by(Notice.id.desc()).limit(limit)  # only these are joined with the rest
    found = _columns().where(Notice.id.in_(newest))
    return session.execute(found.order_by(Notice.id.desc())).all()


def read(
    session: Session, user_id: int, now: datetime, up_to: int | None = None, ids: Sequence[int] = ()
) -> int:
    """Marks as read what stands up to a notice, or these; how many were unread."""
    which = Notice.id.in_(ids) if up_to is None else Notice.id <= up_to
    done = session.execute(
        update(Notice)
        .where(*_of(user_id, UNREAD), which)
        .values(state=READ, settled_at=now)
        .returning(Notice.id)
    )
    return len(done.all())


def unread_of(session: Session, user_id: int, **of: int) -> Sequence[int]:
    """Somebody's unread notices of one conversation (`conversation_id`) or surge (`surge_id`)."""
    found = select(Notice.id).where(*_of(user_id, UNREAD)).filter_by(**of)
    return session.scalars(found).all()


def forget_words(session: Session, message_id: int) -> None:
    """A customer's message was deleted: no notice of its conversation quotes the customer."""
    of = select(Message.conversation_id).where(Message.id == message_id).scalar_subquery()
    session.execute(
        update(Notice)
        .where(Notice.conversation_id == of, Notice.kind.in_(("message", "rule")))
        .values(words="")
    )


def to_mail(session: Session, now: datetime) -> Sequence[AnyRow]:
    """Mail notices whose time has come, by person who can sign in: see `_columns`. `unread`: it has
    not been read in the app yet."""
    ready = Notice.not_before.is_(None) | (Notice.not_before <= now)
    waits = (Notice.channel == MAIL, Notice.state == WAITING)
    here = (User.id == Notice.user_id) & User.disabled_at.is_(None)
    same = _Twin.conversation_id == Notice.conversation_id
    twin = exists().where(
        _Twin.user_id == Notice.user_id,
        same | (_Twin.surge_id == Notice.surge_id),
        _Twin.kind == Notice.kind,
        _Twin.channel == APP,
        _Twin.state == UNREAD,
    )
    found = _columns().add_columns(twin.label("unread")).join(User, here).where(*waits, ready)
    return session.execute(found.order_by(Notice.user_id, Notice.id)).all()


def settle(session: Session, ids: Sequence[int], state: str, now: datetime) -> None:
    """What became of mail notices."""
    session.execute(update(Notice).where(Notice.id.in_(ids)).values(state=state, settled_at=now))


def put_together(session: Session, ids: Sequence[int], batch: int) -> None:
    """These leave in one mail."""
    session.execute(update(Notice).where(Notice.id.in_(ids)).values(batch=batch))


def put_off(session: Session, ids: Sequence[int], not_before: datetime) -> None:
    """The server could not take them now."""
    session.execute(
        update(Notice)
        .where(Notice.id.in_(ids))
        .values(failures=Notice.failures + 1, not_before=not_before)
    )


def _of(user_id: Any, state: str | None = None) -> tuple[ColumnElement[bool], ...]:
    own = (Notice.user_id == user_id, Notice.channel == APP)
    return own if state is None else (*own, Notice.state == state)


def _columns() -> Any:
    """One row per notice, with what it is about. Of a warning `waits`: the turn (or the case clock,
    which has a name) still runs; `now_due_at` is its due time now."""
    turn_waits = (_Opener.opener_id == Conversation.opened_by) & Conversation.opened_at.is_not(None)
    case_runs = CaseClockRow.ended_at.is_(None) & CaseClockRow.due_at.is_not(None)
    is_case = TurnWarning.target.not_in((PUBLIC, INTERNAL))
    waits = case((is_case, func.coalesce(case_runs, False)), else_=turn_waits)
    turn_due = case(
        (TurnWarning.target == PUBLIC, Conversation.due_at), else_=Conversation.internal_due_at
    )
    own = ("id", "user_id", "kind", "why", "by", "words", "times", "state", "at", "batch")
    columns = Notice.__table__.c
    return (
        select(
            *(columns[name] for name in (*own, "failures", "conversation_id", "surge_id")),
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
        .outerjoin(TurnWarning, TurnWarning.id == Notice.warning_id)
        .outerjoin(_Opener, _Opener.id == TurnWarning.opened_by)
        .outerjoin(Conversation, Conversation.id == Notice.conversation_id)
        .outerjoin(
            CaseClockRow,
            (CaseClockRow.conversation_id == TurnWarning.conversation_id)
            & CaseClockRow.superseded_at.is_(None)
            & warned_of(_Opener),
        )
        .outerjoin(Account, Account.id == Conversation.account_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(HookEndpoint, HookEndpoint.id == Notice.endpoint_id)
    )
