"""Who is there: chosen by each person, and lowered by silence."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain.presence import PRESENCES, presence
from inbox.store import audit, events
from inbox.store import presence as stored
from inbox.store.session import Store
from inbox.store.tables import User


def here(session: Session, user_ids: Collection[int], now: datetime) -> dict[int, str]:
    """User → online, away or offline."""
    known = stored.signs(session, user_ids, now)
    return {user_id: presence(signs, now) for user_id, signs in known.items()}


def choose(store: Store, *, user_id: int, state: str, actor: str, now: datetime) -> None:
    """Says whether somebody is there. The same again is a sign of life, and nothing new to tell.

    Raises ValueError for an unknown state, NoResultFound.
    """
    if state not in PRESENCES:
        raise ValueError(f"{state} is none of {', '.join(PRESENCES)}")
    with store.write() as session:
        session.get_one(User, user_id)
        before = here(session, [user_id], now)[user_id]
        stored.choose(session, user_id, state, now)
        if state != before:
            audit.record(session, actor, "presence", f"user:{user_id}", now, presence=state)
            events.announce(session, "presence", now)
