"""Agents as names: those of an import need no sign-in."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.store.sql import insert
from inbox.store.tables import User


def agent_ids(session: Session, emails: Collection[str], now: datetime) -> dict[str, int]:
    """User ids by e-mail as given; an unknown one becomes a name without sign-in."""
    if not emails:
        return {}
    lower = {email: email.lower() for email in emails}
    rows = [
        {"email": e, "name": e.partition("@")[0], "role": "agent", "created_at": now}
        for e in sorted(set(lower.values()))
    ]
    session.execute(insert(session, User).on_conflict_do_nothing(index_elements=["email"]), rows)
    found = session.execute(select(User.email, User.id).where(User.email.in_(lower.values())))
    by_email = {email: id_ for email, id_ in found}
    return {email: by_email[small] for email, small in lower.items()}


def signed_up(session: Session, email: str) -> int | None:
    """The id of the person with that address, who is not shut out."""
    found = select(User.id).where(User.email == email.lower(), User.disabled_at.is_(None))
    return session.scalar(found)
