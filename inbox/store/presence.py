"""What is known of whether people are there."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, false, select, update
from sqlalchemy.orm import Session

from inbox.domain.presence import ONLINE, Signs
from inbox.store.kept import kept
from inbox.store.sql import AnyRow, ask
from inbox.store.tables import User, UserSession


def signs(session: Session, user_ids: Collection[int], now: datetime) -> dict[int, Signs]:
    """User → the signs of life; a session that waits for its second step is none."""
    found: dict[int, Signs] = {}
    for id_, chosen, chosen_at, since, seen, until in _sessions(session, tuple(user_ids)):
        signs = found.setdefault(id_, Signs(chosen, chosen_at))
        if until is not None and until > now:
            since, seen = max(since, signs.signed_in_at or since), max(seen, signs.seen_at or seen)
            found[id_] = replace(signs, signed_in_at=since, seen_at=seen)
    return found


@kept
def _sessions(session: Session, user_ids: tuple[int, ...]) -> Sequence[AnyRow]:
    """Each of these people with each of their sessions, if any."""
    return ask(session, _of(), {"ids": list(user_ids)}).all()


@cache
def _of() -> Select[Any]:
    """Built once: every page asks."""
    theirs = and_(UserSession.user_id == User.id, UserSession.half == false())
    columns: list[Any] = [User.id, User.presence, User.presence_at]
    columns += [UserSession.created_at, UserSession.seen_at, UserSession.expires_at]
    found = select(*columns).outerjoin(UserSession, theirs)
    return found.where(User.id.in_(bindparam("ids", expanding=True)))


def choose(session: Session, user_id: int, state: str, now: datetime) -> None:
    session.execute(update(User).where(User.id == user_id).values(presence=state, presence_at=now))


def forget_choice(session: Session, user_id: int) -> None:
    """As if the person had never chosen: without an open session they are offline."""
    session.execute(
        update(User).where(User.id == user_id).values(presence=ONLINE, presence_at=None)
    )
