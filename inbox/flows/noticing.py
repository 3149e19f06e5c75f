"""One's own notices, and of a conversation who was warned of what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from inbox.store import audit, events, notices, warnings
from inbox.store.session import Store
from inbox.store.sql import AnyRow

MAIL_FROM: Final = (0, 1, 90, 100)
"""From how loud on notices are mailed: never, all, nearly due, late (`store.notices.LOUD`)."""

_NOTICE = (
    *("id", "at", "kind", "why", "by", "words", "times", "conversation_id", "target", "part"),
    *("due_at", "waits", "channel", "account", "who", "category", "urgency", "clock", "surge_id"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A warning of a conversation. `people` are (name, e-mail address, why, channels)."""

    target: str
    part: int
    policy: str
    due_at: datetime
    passed_at: datetime
    at: datetime
    people: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    clock: str | None = None


def told_of(session: Session, conversation_id: int) -> list[Told]:
    """The warnings of a conversation, newest first."""
    return told(warnings.of_conversation(session, conversation_id))


def told(found: Sequence[AnyRow]) -> list[Told]:
    """The same from rows of the store. A mail that was not sent counts as no way."""
    rows: dict[int, list[AnyRow]] = {}
    for row in found:
        rows.setdefault(row.TurnWarning.id, []).append(row)
    return [_told(group) for group in rows.values()]


def _told(rows: Sequence[AnyRow]) -> Told:
    one = rows[0].TurnWarning
    ways: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row.person is not None:
            found = ways.setdefault((row.person, row.email, row.why), [])
            if row.channel == notices.APP or row.state == notices.SENT:
                found.append(row.channel)
    return Told(
        target=one.target,
        part=one.part,
        policy=one.policy,
        due_at=one.due_at,
        passed_at=one.passed_at,
        at=one.at,
        people=tuple((*who, tuple(channels)) for who, channels in ways.items()),
        clock=one.clock,
    )


def notice(row: AnyRow) -> dict[str, Any]:
    """A notice of `store.notices.listed`, as programs are told it."""
    said = {name: getattr(row, name) for name in _NOTICE}
    return said | {"read": row.state == notices.READ, "webhook": row.endpoint}


def warning(told: Told) -> dict[str, Any]:
    """A warning of a conversation, as programs are told it."""
    people = [
        {"person": email, "why": why, "channels": list(channels)}
        for _, email, why, channels in told.people
    ]
    names = ("target", "part", "policy", "due_at", "passed_at", "at", "clock")
    return {name: getattr(told, name) for name in names} | {"told": people}


def read(store: Store, *, user_id: int, up_to: int, now: datetime) -> int:
    """Marks somebody's notices up to this one as read; how many were unread."""
    with store.write() as session:
        done = notices.read(session, user_id, now, up_to)
        if done:
            events.announce(session, "notice", now)
    return done


def opened(store: Store, *, user_id: int, now: datetime, **of: int) -> None:
    """Somebody opened a conversation (`conversation_id`) or a surge (`surge_id`), and so has read
    what they were told of it."""
    with store.read() as session:
        if not notices.unread_of(session, user_id, **of):
            return
    with store.write() as session:
        ids = notices.unread_of(session, user_id, **of)
        if notices.read(session, user_id, now, ids=ids):
            events.announce(session, "notice", now)


def choose_mail(store: Store, *, user_id: int, part: int, actor: str, now: datetime) -> None:
    """From how loud on somebody gets mails; 0: never. Raises ValueError."""
    if part not in MAIL_FROM:
        raise ValueError(f"{part} is none of {MAIL_FROM}")
    with store.write() as session:
        notices.set_mail_from(session, user_id, part)
        audit.record(session, actor, "notices_by_mail", f"user:{user_id}", now, part=part)
