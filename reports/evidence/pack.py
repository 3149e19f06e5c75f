"""Makes an evidence pack: each clock of a period, what it was counted by, and the figures.

It holds no customer's words and no customer's name. The same stored facts as of the same instant
give the same bytes; what happened after the instant is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from sys import intern
from typing import IO, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from inbox.domain.calendars import Calendar
from inbox.domain.sla import Target, outcome
from inbox.store import accounts, audit, report_service
from inbox.store import evidence as stored
from inbox.store import promises as promised
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from reports import further
from reports.by_day import period_of
from reports.editions import Edition
from reports.evidence import recount, rows
from reports.evidence.archive import (
    CALENDARS,
    CLOCKS,
    DEADLINES,
    EDITION,
    FIGURES,
    FORMAT,
    POLICIES,
    README,
    RECEIVED,
    RESOLVED,
    SILENCES,
    TEAMS,
    WINDOWS,
    Archive,
    Manifest,
    code,
    json_bytes,
    public_key,
)
from reports.evidence.recount import Recount
from reports.evidence.rows import (
    Clock,
    Deadline,
    Received,
    Resolution,
    Row,
    Silence,
    Window,
)
from reports.figures import Period, why_of
from reports.figures_hours import CalendarAt
from templates.periods import Days

WORDS: Final = """\
Evidence of how a promise to customers was kept, as Replydesk counted it.

clocks.csv      each wait of a customer: what opened it, when the answer was due, what ended it
received.csv    each message of a customer: when, where, about what
resolved.csv    each matter that was resolved, since when
windows.csv     each wait during which the platform's window for answers closed
complaints.csv  each deadline of a complaint
silences.csv    when an account did not deliver
policies.json   the promises that the waits were judged by
calendars.json  the working days and hours that due times and waits were counted in
teams.json      which teams serve each account
figures.json    the figures of the period, and of the days before, as the report shows them
edition.json    of a stored edition: its number, when it was made, and its figures as it keeps them
manifest.json   what was counted, and the SHA-256 of each file above
manifest.sig    the Ed25519 signature of manifest.json, in base64

Check all of it, on any machine with Replydesk, without a database:

    replydesk report verify FILE.zip --key PUBLIC-KEY

Ask the brand for its public key by a way of its own: the one in manifest.json proves only that
nothing was changed since whoever holds it signed.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The days from `first` to `last`, both included, in a zone (None: the brand's), as of an
    instant; or as a stored edition tells them."""

    first: date
    last: date
    zone: str | None
    as_of: datetime
    edition: Edition | None = None

    @classmethod
    def of(cls, edition: Edition) -> "Asked":
        """The days of a stored edition, by what was known when it was made."""
        days = edition.days
        return cls(days.first, days.last, edition.zone, edition.as_of, edition)

    @property
    def known_at(self) -> datetime | None:
        """What was stored later is left out; None: nothing is."""
        return self.edition.made_at if self.edition else None

    @property
    def days(self) -> Days:
        return Days(self.first, self.last)

    @property
    def file_name(self) -> str:
        days = dict.fromkeys((self.first.isoformat(), self.last.isoformat()))
        edition = f"-edition-{self.edition.number}" if self.edition else ""
        return f"evidence-{'-to-'.join(days)}{edition}.zip"


@dataclass(slots=True)
class Used:
    """Versions that the clocks name."""

    policies: set[int] = field(default_factory=set)
    calendars: set[tuple[str, int]] = field(default_factory=set)


def make(
    store: Store, key: Ed25519PrivateKey, asked: Asked, out: IO[bytes], *, actor: str, now: datetime
) -> None:
    """Writes the pack to a file that can seek, and who took it to the audit log.

    Raises `TooLong`, and `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.
    """
    with store.read() as session, Archive(out) as archive:
        brand = accounts.brand(session)
        zone = asked.zone or accounts.zone_of(brand)
        period = period_of(asked.days, zone, asked.as_of)
        _fill(session, archive, asked, zone)
        manifest = Manifest(
            format=FORMAT,
            brand=brand.name if brand else "",
            first=asked.first,
            last=asked.last,
            zone=zone,
            start=period.start,
            end=period.end,
            as_of=period.as_of,
            code=code(),
            public_key=public_key(key),
            files=tuple(archive.files),
        )
        archive.sign(manifest, key)
    _record(store, asked, zone, actor, now)


def _fill(session: Session, archive: Archive, asked: Asked, zone: str) -> None:
    """All that the manifest lists."""
    used = Used()
    calendar_at = _noting(further.calendar_at(session), used)
    count = Recount(asked.days, zone, asked.as_of, calendar_at)
    whole = count.period
    count.served = report_service.served(session)
    archive.add(README, WORDS.encode())
    known = asked.known_at
    _write(archive, CLOCKS, Clock, _clocks(session, whole, used, known), count.clock)
    _write(archive, RECEIVED, Received, _messages(session, whole, known), count.message)
    _write(archive, RESOLVED, Resolution, _resolutions(session, whole, known), count.resolution)
    _write(archive, WINDOWS, Window, _windows(session, whole, known), count.window)
    compared = [period_of(some, zone, asked.as_of) for some in (asked.days, asked.days.before)]
    deadlines = _deadlines(session, whole, compared, known)
    _write(archive, DEADLINES, Deadline, deadlines, count.deadline)
    _write(archive, SILENCES, Silence, _silences(session, whole), count.silence)
    figures = count.figures()
    archive.add(POLICIES, json_bytes(_policies(session, used)))
    archive.add(CALENDARS, json_bytes(_calendars(session, used)))
    archive.add(TEAMS, json_bytes(count.served))
    archive.add(FIGURES, json_bytes(figures))
    archive.add(EDITION, json_bytes(_edition(asked.edition)))


def _edition(kept: Edition | None) -> dict[str, Any] | None:
    """What `edition.json` says of it."""
    if kept is None:
        return None
    made_at, figures = rows.instant(kept.made_at), kept.document.figures
    return {"number": kept.number, "made_at": made_at, "figures": figures}


def _write(
    archive: Archive, name: str, kind: type[Row], found: Iterable[Row], take: Callable[[Row], None]
) -> None:
    """Writes the rows and counts them."""
    with archive.part(name) as part:
        part.write(rows.head(kind).encode())
        for row in found:
            part.write(rows.line(row).encode())
            take(row)


def _noting(calendar_at: CalendarAt, used: Used) -> CalendarAt:
    """The same, and each version that it gives is used."""

    def at(moment: datetime) -> Calendar:
        found = calendar_at(moment)
        used.calendars.add((found.name, found.version))
        return found

    return at


def _record(store: Store, asked: Asked, zone: str, actor: str, now: datetime) -> None:
    about = {"to": asked.last.isoformat(), "zone": zone, "as_of": rows.instant(asked.as_of)}
    if asked.edition:
        about["edition"] = str(asked.edition.number)
    with store.write() as session:
        audit.record(session, actor, "evidence", f"report:{asked.first}", now, **about)


def _clocks(session: Session, whole: Period, used: Used, known: datetime | None) -> Iterator[Clock]:
    """The waits."""
    for row in stored.turns(session, further.span(whole), known):
        clock = _clock(row, whole)
        if clock.end is not None and not _touches(clock, whole):
            continue
        used.policies.add(clock.policy_version)
        if Target.parse(clock.target).by_calendar:
            used.calendars.add((clock.calendar, clock.calendar_version))
        yield clock


def _clock(row: AnyRow, period: Period) -> Clock:
    over = row.ended_at is not None and row.ended_at <= period.as_of
    until = row.ended_at if over else period.as_of
    policy, calendar = row.policy, row.calendar
    chosen = (one["name"] for one in policy.get("chosen", ()) if one["policy"] == policy["id"])
    return Clock(
        conversation=row.conversation_id,
        turn=row.seq,
        episode=row.episode,
        is_first=row.is_first,
        channel=intern(row.channel),
        account=intern(row.account),
        category=_shared(row.category),
        urgency=_shared(row.urgency),
        language=_shared(row.language),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        stored_at=row.stored_at,
        due_at=row.due_at,
        end=row.end if over else None,
        ended_by=row.ended_by if over else None,
        ended_at=row.ended_at if over else None,
        reason=why_of(row.reason) if over and row.end == "excused" else None,
        used_s=max(0.0, (until - row.opened_at).total_seconds()),
        verdict=outcome(row.end, row.ended_at, row.due_at, period.as_of),
        agent=_shared(row.agent) if over else None,
        outside=row.outside and over,
        policy=policy["id"],
        policy_version=policy["version"],
        target=policy["target"],
        rule=next(chosen, None),
        calendar=calendar["name"],
        calendar_version=calendar["version"],
        zone=calendar["zone"],
        team=calendar.get("team"),
    )


def _shared(text: str | None) -> str | None:
    """The same object for the same word: a period has many rows and few words."""
    return None if text is None else intern(text)


def _touches(clock: Clock, period: Period) -> bool:
    """Whether it was due, opened or ended in the period, as far as known at as-of."""
    at = (clock.due_at, clock.opened_at, clock.ended_at)
    return any(one is not None and period.start <= one < period.end for one in at)


def _messages(session: Session, whole: Period, known: datetime | None) -> Iterator[Received]:
    for row in stored.messages(session, further.span(whole), known):
        yield Received(
            message=row.id,
            conversation=row.conversation_id,
            channel=intern(row.channel),
            account=intern(row.account),
            category=_shared(row.category),
            urgency=_shared(row.urgency),
            language=_shared(row.language),
            sent_at=row.sent_at,
            tagged=bool(row.tagged),
            confidence=row.confidence if row.tagged else None,
            asked=bool(row.asked),
            opens=bool(row.opens),
            corrected=bool(row.corrected),
            masked=bool(row.masked),
        )


def _resolutions(session: Session, whole: Period, known: datetime | None) -> Iterator[Resolution]:
    for one in further.resolved(session, whole, known):
        about = (one.conversation_id, one.episode, one.opened_by)
        yield Resolution(*about, one.opened_at, one.ended_at)


def _windows(session: Session, whole: Period, known: datetime | None) -> list[Window]:
    found = [
        Window(
            one.conversation_id,
            closed_at - one.lasts,
            one.lasts.total_seconds(),
            recount.ended(one.ended_at, whole.as_of),
        )
        for missed in further.missed_parts(session, whole, known=known)
        for one in missed
        if (closed_at := one.closed_at(whole.as_of)) is not None
    ]
    return sorted(found, key=lambda row: row.place)


def _deadlines(
    session: Session, whole: Period, periods: Sequence[Period], known: datetime | None
) -> list[Deadline]:
    """Those that count in one of the periods."""
    found = [
        Deadline(
            *(one.conversation_id, one.opened_by, one.key, one.rules, one.deadline),
            *(one.marked_at, one.opened_at, one.due_at),
            one.end if over else None,
            over,
        )
        for one in further.deadlines(session, whole, known=known)
        if any(one.stands(period) for period in periods)
        for over in (recount.ended(one.ended_at, whole.as_of),)
    ]
    return sorted(found, key=lambda row: row.place)


def _silences(session: Session, whole: Period) -> list[Silence]:
    found = [
        Silence(one.account, one.silent_since, recount.ended(one.ended_at, whole.as_of))
        for one in further.silences(session, whole)
        if one.silent_since <= whole.as_of
    ]
    return sorted(found, key=lambda row: row.place)


def _policies(session: Session, used: Used) -> list[dict[str, Any]]:
    """A policy's version is the number of the set which changed it last."""
    return [
        {"number": row.number, "since": rows.instant(row.since), "said": row.said}
        for row in stored.policy_sets(session, used.policies)
    ]


def _calendars(session: Session, used: Used) -> list[dict[str, Any]]:
    zone = accounts.brand_zone(session)
    return [
        {
            "name": row.name,
            "number": row.number,
            "since": rows.instant(row.since),
            "zone": promised.calendar(row, zone).zone,
            "said": row.said,
            "published": row.published,
            "not_final": row.not_final,
        }
        for row in stored.calendars(session, used.calendars)
    ]
