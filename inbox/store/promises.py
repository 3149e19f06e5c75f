"""Policies and calendars in all their versions, and the conversations that they judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from inbox.domain import written
from inbox.domain.calendars import Calendar
from inbox.domain.conversation import OPEN, SNOOZED, THIRD
from inbox.domain.promises import Matter, Promises, TeamCalendar, Version, chosen_of
from inbox.domain.sla import Policy
from inbox.store import accounts, persons
from inbox.store.sql import AnyRow, chunks
from inbox.store.tables import (
    Account,
    CalendarVersion,
    CaseClockRow,
    Conversation,
    Message,
    PolicyVersion,
    TeamCalendarVersion,
    TurnRow,
)

T = TypeVar("T")
Versioned: TypeAlias = PolicyVersion | CalendarVersion | TeamCalendarVersion
ON_US = (OPEN, THIRD, SNOOZED)
"""States in which a matter without an open turn is not on the customer, or soon will not be. The
others get a clock that stands still, at their next change."""
Key: TypeAlias = tuple[str, int, datetime, str]
_read: WeakKeyDictionary[Any, dict[Key, Any]] = WeakKeyDictionary()
"""What versions say, by database: no version ever changes, and a calendar has thousands of days.
The instant of its making tells a version from one of that number which was rolled back."""


def promises(session: Session) -> Promises:
    """All that turns are judged by. What a version says is read when it is first needed."""
    zone = accounts.brand_zone(session)
    c, p, t = CalendarVersion, PolicyVersion, TeamCalendarVersion
    found: dict[str, list[Version[Calendar]]] = {}
    rows = select(c.id, c.name, c.number, c.since, c.made_at, c.zone).order_by(c.name, c.number)
    for row in session.execute(rows):
        key = ("calendar", row.id, row.made_at, row.zone or zone)
        read = partial(_once, session, key, _read_calendar)
        found.setdefault(row.name, []).append(Version(row.number, row.since, read))
    sets = [
        Version(
            row.number,
            row.since,
            partial(_once, session, ("policies", row.number, row.made_at, ""), _read_policies),
        )
        for row in session.execute(select(p.number, p.since, p.made_at).order_by(p.number))
    ]
    teams = [
        Version(
            row.number,
            row.since,
            partial(_once, session, ("teams", row.number, row.made_at, ""), _read_teams),
        )
        for row in session.execute(select(t.number, t.since, t.made_at).order_by(t.number))
    ]
    return Promises(sets, found, teams)


def _once(session: Session, key: Key, read: Callable[[Session, Key], T]) -> T:
    kept: dict[Key, Any] = _read.setdefault(session.get_bind(), {})
    if key not in kept:
        kept[key] = read(session, key)
    found: T = kept[key]
    return found


def _read_calendar(session: Session, key: Key) -> Calendar:
    return calendar(session.get_one(CalendarVersion, key[1]), key[3])


def _read_policies(session: Session, key: Key) -> tuple[Policy, ...]:
    return written.policies(session.get_one(PolicyVersion, key[1]).said)


def _read_teams(session: Session, key: Key) -> Mapping[int, TeamCalendar]:
    said = session.get_one(TeamCalendarVersion, key[1]).said
    return {one["account"]: TeamCalendar(one["team"], one["calendar"]) for one in said}


def choosable(session: Session) -> list[Policy]:
    """The policies in force that a routing rule may choose."""
    p = PolicyVersion
    newest = select(p.number, p.made_at).order_by(p.number.desc()).limit(1)
    row = session.execute(newest).one()
    found = _once(session, ("policies", row.number, row.made_at, ""), _read_policies)
    return [one for one in found if one.can_be_chosen]


def policy_versions(session: Session) -> Sequence[PolicyVersion]:
    """Every set of policies, oldest first."""
    return session.scalars(select(PolicyVersion).order_by(PolicyVersion.number)).all()


def calendar_versions(session: Session, name: str | None = None) -> Sequence[CalendarVersion]:
    """Every version of every calendar, or of one, oldest first."""
    found = select(CalendarVersion).order_by(CalendarVersion.name, CalendarVersion.number)
    if name is not None:
        found = found.where(CalendarVersion.name == name)
    return session.scalars(found).all()


def calendar(row: CalendarVersion, brand_zone: str) -> Calendar:
    """A stored version as the domain counts with it. It keeps the zone that it was made with;
    `brand_zone` is for one from before there was a brand."""
    zone = row.zone or brand_zone
    return written.calendar(row.name, row.number, row.said, zone, row.published, row.not_final)


def calendar_document(row: CalendarVersion, brand_zone: str) -> written.Document:
    """A stored version as a person writes it; of one that follows another, its own days."""
    if row.base:
        return {"base": row.base, "days": row.exceptions or {}}
    return written.calendar_document(calendar(row, brand_zone), row.said)


def newest_calendars(session: Session) -> dict[str, CalendarVersion]:
    """The newest version of each calendar, by name."""
    return {row.name: row for row in calendar_versions(session)}


def calendar_names(session: Session) -> tuple[str, ...]:
    """The names of all calendars, in order."""
    return tuple(session.scalars(select(CalendarVersion.name).distinct().order_by("name")))


def newest_of_teams(session: Session) -> TeamCalendarVersion | None:
    """The newest version of which accounts count by a team's calendar."""
    number = TeamCalendarVersion.number
    return session.scalars(select(TeamCalendarVersion).order_by(number.desc()).limit(1)).first()


def pin_zone(session: Session, zone: str) -> None:
    """Calendars that were made before there was a brand count in this zone from now on."""
    unpinned = update(CalendarVersion).where(CalendarVersion.zone.is_(None))
    session.execute(unpinned.values(zone=zone))


def anything_judged(session: Session) -> bool:
    """Whether any turn was judged yet."""
    return session.scalar(select(TurnRow.id).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open turn as it is promised now."""

    matter: Matter
    opened_at: datetime
    is_first: bool
    due_at: datetime
    internal_due_at: datetime | None


def waiting(session: Session) -> list[Waiting]:
    """Every open turn."""
    found = session.execute(
        select(
            Conversation.contact_id,
            Account.channel,
            Message.kind,
            Conversation.category,
            Conversation.urgency,
            Conversation.account_id,
            TurnRow.opened_at,
            TurnRow.is_first,
            TurnRow.due_at,
            TurnRow.internal_due_at,
            TurnRow.policy,
        )
        .select_from(Conversation)
        .join(Account, Account.id == Conversation.account_id)
        .join(Message, Message.id == Conversation.opened_by)
        .join(
            TurnRow,
            (TurnRow.conversation_id == Conversation.id)
            & (TurnRow.opened_by == Conversation.opened_by)
            & TurnRow.superseded_at.is_(None),
        )
        .order_by(Conversation.id)
    )
    rows = found.all()
    tags = {
        contact: some
        for part in chunks(sorted({row.contact_id for row in rows}))
        for contact, some in persons.tags_of_people(session, part).items()
    }
    return [
        Waiting(
            matter_of(row, tags),
            row.opened_at,
            row.is_first,
            row.due_at,
            row.internal_due_at,
        )
        for row in rows
    ]


def matter_of(row: AnyRow, tags: Mapping[int, frozenset[str]]) -> Matter:
    """What a stored turn's policies are matched on; `tags` by contact."""
    return Matter(
        row.channel,
        row.kind,
        row.category,
        row.urgency,
        tags.get(row.contact_id, frozenset()),
        chosen_of(row.policy),
        row.account_id,
    )


def pending(session: Session) -> list[Versioned]:
    """Versions that are not applied yet."""
    policies = session.scalars(select(PolicyVersion).where(PolicyVersion.applied_at.is_(None)))
    calendars = session.scalars(select(CalendarVersion).where(CalendarVersion.applied_at.is_(None)))
    t = TeamCalendarVersion
    return [*policies, *calendars, *session.scalars(select(t).where(t.applied_at.is_(None)))]


def judged(session: Session, since: datetime, after: int, limit: int) -> Sequence[int]:
    """Ids of conversations with an open turn or case clock, or one that ended since then, and of
    those that may get a case clock because they are on us; after an id."""
    open_now = Conversation.opened_at.is_not(None) | Conversation.status.in_(ON_US)
    judged = [
        select(rows.conversation_id).where(
            or_(rows.ended_at >= since, rows.ended_at.is_(None)), rows.superseded_at.is_(None)
        )
        for rows in (TurnRow, CaseClockRow)
    ]
    concerned = or_(open_now, *(Conversation.id.in_(found) for found in judged))
    return session.scalars(
        select(Conversation.id)
        .where(Conversation.id > after, concerned)
        .order_by(Conversation.id)
        .limit(limit)
    ).all()


def mark_applied(session: Session, versions: Sequence[Versioned], now: datetime) -> None:
    """These are applied; one that was made meanwhile is not among them."""
    for row in versions:
        session.merge(row).applied_at = now
