"""What is known of whether people are there."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, false, func, select, update
from sqlalchemy.orm import Session

from inbox.domain.presence import ONLINE, Signs
from inbox.store.tables import User, UserSession


def signs(session: Session, user_ids: Collection[int], now: datetime) -> dict[int, Signs]:
    """User → the signs of life; a session that waits for its second step is none."""
    found = session.execute(_signs(), {"ids": list(user_ids), "now": now})
    return {id_: Signs(chosen, at, since, seen) for id_, chosen, at, since, seen in found}


@cache
def _signs() -> Select[Any]:
    """Built once: every page asks."""
    live = (
        select(
            UserSession.user_id,
            func.max(UserSession.created_at).label("since"),
            func.max(UserSession.seen_at).label("seen"),
        )
        .where(
            UserSession.expires_at > bindparam("now", type_=UserSession.expires_at.type),
            UserSession.half == false(),
        )
        .group_by(UserSession.user_id)
        .subquery()
    )
    columns: list[Any] = [User.id, User.presence, User.presence_at, live.c.since, live.c.seen]
    return (
        select(*columns)
        .outerjoin(live, live.c.user_id == User.id)
        .where(User.id.in_(bindparam("ids", expanding=True)))
    )


def choose(session: Session, user_id: int, state: str, now: datetime) -> None:
    session.execute(update(User).where(User.id == user_id).values(presence=state, presence_at=now))


def forget_choice(session: Session, user_id: int) -> None:
    """As if the person had never chosen: without an open session they are offline."""
    session.execute(
        update(User).where(User.id == user_id).values(presence=ONLINE, presence_at=None)
    )
