"""The roster in calendar programs: files to take along, and secret links that they read again.

A link needs no sign-in, because calendar programs have none: who has it reads. So it is random,
only its SHA-256 is stored, it ends after a year, by hand, or with its person; and reasons of
absences, which are nobody else's business, are in no calendar.
"""

import hashlib
import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import agenda
from inbox.domain.agenda import Away, Changes, Entry, Era, Past, Swapped
from inbox.domain.ical import OURS, Event, written
from inbox.domain.written import Unclear
from inbox.flows.keys import token_hash
from inbox.flows.people import TOUCH_AFTER
from inbox.store import accounts, audit, roster_links
from inbox.store import roster as stored
from inbox.store.session import Store
from inbox.store.tables import RosterLink, User
from templates import closest_locale, said

LASTS: Final = timedelta(days=365)
BEHIND, AHEAD = timedelta(days=14), timedelta(days=180)
HOLES_AHEAD = timedelta(days=14)
REMIND: Final = timedelta(days=7)
"""So long before its end the calendar itself says that its link must be renewed."""
AN_HOUR = timedelta(hours=1)
AWAY, NOBODY = word("Away"), word("nobody")
HOLE, FEW = word("Nobody is on duty"), word("Too few on duty")
ENDS = word("The link of this calendar ends in a week: renew it on the roster’s page")
OWN, WHOLE = word("Your shifts"), word("The whole roster")


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody's link; what it is cannot be read any more."""

    person: str
    whole: bool
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def make_link(
    store: Store, *, base_url: str, email: str, whole: bool, actor: str, now: datetime
) -> str:
    """A fresh address of a person's shifts, or of the whole roster; the one before stops working.

    Raises `Unclear`.
    """
    token = secrets.token_urlsafe(32)
    with store.write() as session:
        user = stored.one_of_staff(session, email=email.strip().lower())
        if user is None:
            raise Unclear(word("Nobody with the address {email} can have a shift."), email=email)
        row = {
            "user_id": user.id,
            "whole": whole,
            "token_hash": token_hash(token),
            "made_at": now,
            "expires_at": now + LASTS,
        }
        link = roster_links.put(session, row)
        told = {"person": user.email, "whole": whole}
        audit.record(session, actor, "roster_link", f"roster_link:{link}", now, **told)
    return f"{base_url}/calendar/{token}/roster.ics"


def end_link(store: Store, *, email: str, whole: bool, actor: str, now: datetime) -> bool:
    """The link stops working at once; False when there is none."""
    with store.write() as session:
        user = stored.one_of_staff(session, email=email.strip().lower())
        done = user is not None and roster_links.end(session, user.id, whole)
        if user is not None and done:
            told = {"person": user.email, "whole": whole}
            audit.record(session, actor, "roster_link_end", f"user:{user.id}", now, **told)
    return done


def links(session: Session, user_id: int | None = None) -> list[Link]:
    """Of one person, or all."""
    return [
        Link(
            row.User.email,
            row.RosterLink.whole,
            row.RosterLink.made_at,
            row.RosterLink.expires_at,
            row.RosterLink.last_used_at,
        )
        for row in roster_links.listed(session, user_id)
    ]


def opened(store: Store, token: str, base_url: str, now: datetime) -> bytes | None:
    """The calendar of a link; None when it does not work (any more)."""
    with store.read() as session:
        row = roster_links.working(session, token_hash(token), now)
        if row is None or stored.one_of_staff(session, id=row.User.id) is None:
            return None
        link: RosterLink = row.RosterLink
        made = calendar(session, row.User, link.whole, base_url, now, link=link)
    if link.last_used_at is None or now - link.last_used_at > TOUCH_AFTER:
        with store.write() as session:
            roster_links.touch(session, link.id, now)
    return made


def calendar(
    session: Session,
    reader: User,
    whole: bool,
    base_url: str,
    now: datetime,
    link: RosterLink | None = None,
) -> bytes:
    """The reader's own shifts and absences, or everybody's, as a calendar file in their language:
    two weeks back and half a year ahead."""
    start, end = now - BEHIND, now + AHEAD
    past = _past(session, start)
    if whole:
        entries = agenda.whole(past, start, end, now + HOLES_AHEAD)
        entries = [one for one in entries if one.key[0] != "hole" or one.ends_at > now]
    else:
        entries = agenda.own(past, reader.email, start, end)
    if link is not None:
        reminds = link.expires_at - REMIND
        made = Changes(1, link.made_at)
        entries.append(Entry(("link", str(link.id)), reminds, reminds + AN_HOUR, made))
    brand = accounts.brand(session)
    locale = closest_locale(reader.locale or (brand.locale if brand else "en"))
    zone = reader.zone or accounts.zone_of(brand)
    names = {one.email: one.name for one in stored.staff(session)}
    house = f"{brand.id} {brand.created_at}" if brand else ""
    events = [
        Event(
            uid=_uid(house, one),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            title=_title(one, whole, names, locale, zone),
            sequence=one.changes.count,
            changed_at=one.changes.last,
            busy=not whole and one.kind in ("duty", "away"),
            off=one.off,
            shift=one.kind == "duty" or (one.kind == "shift" and not any(t for _, t in one.people)),
        )
        for one in entries
    ]
    title = f"{brand.name if brand else 'Replydesk'} · {said(locale, WHOLE if whole else OWN)}"
    return written(title, zone, f"{base_url}/roster", events)


def _title(one: Entry, whole: bool, names: dict[str, str], locale: str, zone: str) -> str:
    if one.kind == "hole" and not one.people:
        return said(locale, HOLE)
    if one.kind == "link":
        return said(locale, ENDS)
    who = ", ".join(
        names.get(person, person) + (f" {_hours(*times, zone)}" if times else "")
        for person, times in one.people
    )
    if one.kind == "hole":
        return f"{said(locale, FEW)}: {who}"
    if one.kind == "away":
        return f"{who}: {said(locale, AWAY)}" if whole else said(locale, AWAY)
    return f"{one.name}: {who or said(locale, NOBODY)}" if whole else one.name


def _hours(start: datetime, end: datetime, zone: str) -> str:
    tz = ZoneInfo(zone)
    return f"{start.astimezone(tz):%H:%M}–{end.astimezone(tz):%H:%M}"


def _uid(house: str, entry: Entry) -> str:
    """The same for good, another in another house, and without anybody's address in it."""
    named = "\n".join((house, *entry.key))
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}{OURS}"


def _past(session: Session, start: datetime) -> Past:
    """Versions, swaps and absences since an instant, with how often each changed."""
    read = stored.rows(session, start)
    away = roster_links.absences_ever(session, start)
    subjects = [f"swap:{one.SwapRow.id}" for one in read.swaps]
    subjects += [f"absence:{one.AbsenceRow.id}" for one in away]
    steps = roster_links.steps(session, subjects)
    changes = {subject: Changes(*found) for subject, found in steps.items()}
    swaps: dict[tuple[str, date], Swapped] = defaultdict(lambda: Swapped(frozenset(), Changes()))
    for one in read.swaps:
        key, before = (
            (one.SwapRow.shift, one.SwapRow.day),
            swaps[one.SwapRow.shift, one.SwapRow.day],
        )
        swaps[key] = Swapped(
            before.people | {one.gives.email, one.takes.email},
            before.changes + changes.get(f"swap:{one.SwapRow.id}", Changes()),
        )
    return Past(
        tuple(
            Era(Changes(version.number, version.made_at), since, until, roster)
            for version, since, until, roster in stored.over_time(session, read, start)
        ),
        tuple(
            Away(
                one.AbsenceRow.id,
                one.User.email,
                one.AbsenceRow.starts_at,
                one.AbsenceRow.ends_at,
                one.AbsenceRow.withdrawn_at is None,
                changes.get(f"absence:{one.AbsenceRow.id}", Changes(1, one.AbsenceRow.made_at)),
            )
            for one in away
        ),
        dict(swaps),
    )
