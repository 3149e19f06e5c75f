"""Saved views: read and written."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from inbox.domain.views import key_of
from inbox.store.kept import kept
from inbox.store.tables import SavedView
from inbox.store.tables.views import TEAM


@kept
def visible(session: Session, me: int | None) -> Sequence[SavedView]:
    """The team's views, then a person's own, each in their order; None sees the team's alone."""
    return session.scalars(_visible(), {"me": me}).all()


@cache
def _visible() -> Select[SavedView]:
    """Built once: every list asks."""
    found = select(SavedView).where(SavedView.removed_at.is_(None), _seen_by(bindparam("me")))
    return found.order_by(SavedView.whose != TEAM, SavedView.position, SavedView.id)


def one(session: Session, id: int, me: int | None) -> SavedView | None:
    """A view that this person sees, also a removed one."""
    return session.scalar(select(SavedView).where(SavedView.id == id, _seen_by(me)))


def named(session: Session, name: str, me: int | None) -> SavedView | None:
    """The view of this name that a person sees; their own comes first."""
    found = select(SavedView).where(SavedView.name_key == key_of(name))
    found = found.where(SavedView.removed_at.is_(None), _seen_by(me))
    return session.scalar(found.order_by(SavedView.whose.desc()).limit(1))


def of(session: Session, whose: int) -> Sequence[SavedView]:
    """All views of one person, or of the team, in their order."""
    found = select(SavedView).where(SavedView.removed_at.is_(None), SavedView.whose == whose)
    return session.scalars(found.order_by(SavedView.position, SavedView.id)).all()


def next_position(session: Session, whose: int) -> int:
    """The place behind all others."""
    last = session.scalar(select(func.max(SavedView.position)).where(SavedView.whose == whose))
    return (last or 0) + 1


def put_in_order(session: Session, ids: Sequence[int]) -> None:
    """Their places, from 1."""
    for position, id_ in enumerate(ids, 1):
        session.execute(
            update(SavedView).where(SavedView.id == id_).values(position=position),
            execution_options={"synchronize_session": False},
        )


def add(
    session: Session, whose: int, author_id: int | None, name: str, query: str, now: datetime
) -> SavedView:
    """A new view, behind the others."""
    view = SavedView(
        author_id=author_id,
        whose=whose,
        name=name,
        name_key=key_of(name),
        query=query,
        position=next_position(session, whose),
        made_at=now,
    )
    session.add(view)
    session.flush()
    return view


def _seen_by(me: Any) -> ColumnElement[bool]:
    team: ColumnElement[bool] = SavedView.whose == TEAM
    return team if me is None else or_(team, SavedView.whose == me)
