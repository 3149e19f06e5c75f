"""What the pages read: the list by what is due first, and its counts.

A view is a row of stages, each one indexed walk; a page goes on where the last one ended (keyset),
so the hundredth page costs what the first does. Who is blocked stands in no view but `all`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from inbox.domain.conversation import OPEN, RESOLVED, SNOOZED, SPAM, THIRD, WAITING
from inbox.store import filters, persons, scope, warnings
from inbox.store.due import beyond, capped, in_a_queue, minute_of, overdue
from inbox.store.kept import MOST, keeping, kept
from inbox.store.sql import AnyRow, among, ask, dialect_of, list_of
from inbox.store.tables import Account, Contact, Conversation, Message, TeamRow, User

PAGE = 50

BACK = "back"
"""The stage of open conversations in which nobody waits: reopened, or back from a snooze."""
View = Literal["due", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam", "all"]
VIEWS: dict[str, tuple[str, ...]] = {
    "due": (OPEN, BACK, WAITING),
    "mine": (OPEN, BACK, THIRD, WAITING),
    "unassigned": (OPEN, BACK),
    "waiting": (THIRD, WAITING),
    "snoozed": (SNOOZED,),
    "resolved": (RESOLVED,),
    "spam": (SPAM,),
    "all": (OPEN, BACK, THIRD, WAITING, SNOOZED, RESOLVED, SPAM),
}
"""The stages of each view: who waits for us by what is due first, the snoozed by when they come
back, the others by recency."""
assert set(VIEWS) == set(get_args(View))

_COUNTED = {
    "due": (OPEN,),
    "mine": (OPEN,),
    "unassigned": (OPEN,),
    "waiting": (THIRD, WAITING),
    "snoozed": (SNOOZED,),
}

_Assignee = aliased(User)
_Tagger = aliased(User)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ended: the stage, its sorting time, and the id."""

    status: str
    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.status}.{self.at.isoformat()}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """None for anything that no page of ours has given out."""
        status, _, rest = text.partition(".")
        at, _, id_ = rest.rpartition(".")
        try:
            place = cls(status, datetime.fromisoformat(at), int(id_))
        except ValueError:
            return None
        return place if status in VIEWS["all"] and place.at.tzinfo else None


@dataclass(frozen=True, slots=True)
class Badges:
    """Overdue answers, and waiting conversations with unread messages (not of who is muted); each
    up to `COUNT_TO`."""

    overdue: int
    unread: int


_LISTED = (
    *("id", "subject", "status", "category", "category_confidence", "alternatives", "labels"),
    *("urgency", "urgency_confidence", "outside", "topic", "tone", "tagged_by", "lang"),
    *("findings", "opened_at", "due_at", "internal_due_at", "window_closes_at", "back_at"),
    *("last_message_at", "last_is_ours", "preview", "unread", "assignee_id"),
    *("complaint_id", "complaint_due_at"),
)


@cache
def columns() -> Select[Any]:
    """One row of the list with all there is about its conversation: no second query for it."""
    return (
        _with_names(
            *Conversation.__table__.columns,
            Account.state.label("account_state"),
            _Tagger.name.label("tagger_name"),
            TeamRow.name.label("team"),
        )
        .outerjoin(_Tagger, _Tagger.id == Conversation.tagged_by)
        .outerjoin(TeamRow, TeamRow.id == Conversation.team_id)
    )


def _with_names(*own: Any) -> Select[Any]:
    return (
        select(
            *own,
            Account.channel,
            Account.handle.label("account_handle"),
            Contact.name.label("contact_name"),
            Contact.handle.label("contact_handle"),
            Contact.external_id.label("contact_key"),
            persons.marked("vip").label("vip"),
            persons.marked("blocked").label("blocked"),
            _Assignee.name.label("assignee_name"),
            _Assignee.email.label("assignee_email"),
            Message.agent_id.label("last_agent_id"),
            warnings.escalated().label("escalated"),
        )
        .join(Account, Account.id == Conversation.account_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(_Assignee, _Assignee.id == Conversation.assignee_id)
        .outerjoin(Message, Message.id == Conversation.last_message_id)
    )


def page(
    session: Session, view: str, user_id: int, after: Place | None = None, limit: int = PAGE
) -> tuple[list[AnyRow], Place | None]:
    """Rows (see `some`) of a view after a place, and the place to go on from, if any. Each stage
    tells which they are, by its index alone: joined with all that a row shows, a database that
    expects few would read and sort all that wait."""
    stages = VIEWS[view]
    start = stages.index(after.status) if after and after.status in stages else 0
    places: list[Place] = []
    for stage in stages[start:]:
        here: dict[str, Any] = {"user": user_id, "many": limit + 1 - len(places)}
        goes_on = after is not None and after.status == stage
        if after is not None and goes_on:
            here |= {"at": after.at, "after": after.id}
        few = ask(session, _walk(view, stage, goes_on, scope.hidden(session)), here)
        places += [Place(stage, at, id_) for id_, at in few]
        if len(places) > limit:
            return _rows(session, places[:limit]), places[limit - 1]
    return _rows(session, places), None


@lru_cache(maxsize=256)
def _walk(view: str, stage: str, goes_on: bool, hidden: frozenset[int]) -> Select[Any]:
    """Built once for a stage, as all here: to build a statement takes longer than to run it."""
    at = _RISING.get(stage, Conversation.last_message_at)
    few = select(Conversation.id, at.label("at")).where(*_stage(stage), *scope.without(hidden))
    few = few.where(*_of(view, bindparam("user")))
    if goes_on:
        few = few.where(*_beyond(stage, bindparam("at", type_=at.type), bindparam("after")))
    return few.order_by(*_order(stage)).limit(bindparam("many"))


def _rows(session: Session, places: Sequence[Place]) -> list[AnyRow]:
    found = {row.id: row for row in some(session, [place.id for place in places])}
    return [found[place.id] for place in places if place.id in found]


def one(session: Session, conversation_id: int) -> AnyRow | None:
    """A single row of the list."""
    return ask(session, _one(scope.hidden(session)), {"id": conversation_id}).one_or_none()


@lru_cache(maxsize=64)
def _one(hidden: frozenset[int]) -> Select[Any]:
    return columns().where(Conversation.id == bindparam("id"), *scope.without(hidden))


def some(session: Session, conversation_ids: Sequence[int]) -> Sequence[AnyRow]:
    """Rows of the list by their ids, in no order, with everything that a list shows of them."""
    if not conversation_ids:
        return ()
    found = _some(dialect_of(session), scope.hidden(session))
    return ask(session, found, {"ids": list_of(session, conversation_ids)}).all()


@lru_cache(maxsize=64)
def _some(dialect: str, hidden: frozenset[int]) -> Select[Any]:
    listed = _with_names(*(getattr(Conversation, name) for name in _LISTED))
    ids = among(dialect, Conversation.id, bindparam("ids", type_=String))
    return listed.where(ids, *scope.without(hidden))


@kept
def counts(session: Session, user_id: int) -> dict[str, int]:
    """How many conversations each view counts, up to `COUNT_TO`."""
    row = ask(session, _counts(scope.hidden(session)), {"user": user_id}).one()
    return {view: getattr(row, view) for view in _COUNTED}


@lru_cache(maxsize=64)
def _counts(hidden: frozenset[int]) -> Select[Any]:
    seen = scope.without(hidden)
    counted: list[Any] = [
        capped(Conversation.status.in_(stages), *_of(view, bindparam("user")), *seen).label(view)
        for view, stages in _COUNTED.items()
    ]
    return select(*counted)


def badges(session: Session, now: datetime) -> Badges:
    """The counts beside every page."""
    return Badges(overdue(session, now), _unread(session, minute_of(now)))


@keeping(MOST, lasts=beyond)
def _unread(session: Session, minute: datetime) -> int:
    many: int = ask(session, _not_read(scope.hidden(session))).scalar_one()
    return many


@lru_cache(maxsize=64)
def _not_read(hidden: frozenset[int]) -> Select[Any]:
    told = Conversation.contact_id.not_in(persons.having("muted"))
    open_, seen = Conversation.status == OPEN, scope.without(hidden)
    return select(capped(open_, filters.UNREAD, in_a_queue(), told, *seen))


def by_account(session: Session) -> dict[int, int]:
    """How many conversations each account has, up to `COUNT_TO`."""
    found = select(Account.id, capped(Conversation.account_id == Account.id, of=Account))
    return {account: many for account, many in session.execute(found)}


def _of(view: str, user_id: Any) -> tuple[ColumnElement[bool], ...]:
    if view == "all":
        return ()
    if view == "mine":
        return (Conversation.assignee_id == user_id, in_a_queue())
    if view == "unassigned":
        return (Conversation.assignee_id.is_(None), in_a_queue())
    return (in_a_queue(),)


def _stage(stage: str) -> tuple[ColumnElement[bool], ...]:
    """Its rows; the first condition is the index's."""
    if stage == OPEN:
        return Conversation.status == OPEN, Conversation.due_at.is_not(None)
    if stage == BACK:
        return Conversation.status == OPEN, Conversation.due_at.is_(None)
    if stage == SNOOZED:
        return Conversation.status == SNOOZED, Conversation.back_at.is_not(None)
    return (Conversation.status == stage,)


_RISING: dict[str, Any] = {OPEN: Conversation.due_at, SNOOZED: Conversation.back_at}
"""The stages that begin with the earliest; the others begin with the latest message."""


def _order(stage: str) -> tuple[ColumnElement[Any], ...]:
    if stage in _RISING:
        return _RISING[stage].asc(), Conversation.id.asc()
    return (Conversation.last_message_at.desc(), Conversation.id.desc())


def _beyond(stage: str, at: Any, after: Any) -> tuple[ColumnElement[bool], ...]:
    """What comes after a place; the first condition is the index's."""
    if stage in _RISING:
        rises = _RISING[stage]
        return rises >= at, or_(rises > at, Conversation.id > after)
    last: Any = Conversation.last_message_at
    return last <= at, or_(last < at, Conversation.id < after)
