"""Makes an evidence pack: each clock of a period, what it was counted by, and the figures.

It holds no customer's words and no customer's name. The same stored facts as of the same instant
give the same bytes; what happened after the instant is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from sys import intern
from typing import IO, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from inbox.domain.sla import Target, outcome
from inbox.store import accounts, audit
from inbox.store import evidence as stored
from inbox.store import promises as promised
from inbox.store.reports import Span
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from reports.document import period_of
from reports.evidence import rows
from reports.evidence.archive import (
    CALENDARS,
    CLOCKS,
    FIGURES,
    FORMAT,
    POLICIES,
    README,
    RECEIVED,
    Archive,
    Manifest,
    code,
    figures_json,
    json_bytes,
    public_key,
)
from reports.evidence.rows import Clock, Received
from reports.figures import MessageRow, Period, TurnRow, figures

WORDS: Final = """\
Evidence of how a promise to customers was kept, as Replydesk counted it.

clocks.csv      each wait of a customer: what opened it, when the answer was due, what ended it
received.csv    each message of a customer: when, where, about what
policies.json   the promises that the waits were judged by
calendars.json  the working days and hours that due times were counted in
figures.json    the figures of the period
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
    instant."""

    first: date
    last: date
    zone: str | None
    as_of: datetime

    @property
    def file_name(self) -> str:
        days = dict.fromkeys((self.first.isoformat(), self.last.isoformat()))
        return f"evidence-{'-to-'.join(days)}.zip"


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
        period = period_of(asked.first, asked.last, zone, asked.as_of)
        _fill(session, archive, asked, zone, period)
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


def _fill(session: Session, archive: Archive, asked: Asked, zone: str, period: Period) -> None:
    """All that the manifest lists."""
    used = Used()
    archive.add(README, WORDS.encode())
    turns = _clocks(session, archive, period, used)
    messages = _received(session, archive, period)
    archive.add(POLICIES, json_bytes(_policies(session, used)))
    archive.add(CALENDARS, json_bytes(_calendars(session, used)))
    counted = figures(turns, messages, period)
    archive.add(FIGURES, json_bytes(figures_json(asked.first, asked.last, zone, counted)))


def _record(store: Store, asked: Asked, zone: str, actor: str, now: datetime) -> None:
    about = {"to": asked.last.isoformat(), "zone": zone, "as_of": rows.instant(asked.as_of)}
    with store.write() as session:
        audit.record(session, actor, "evidence", f"report:{asked.first}", now, **about)


def _clocks(session: Session, archive: Archive, period: Period, used: Used) -> list[TurnRow]:
    """Writes the clocks; the turns as figures take them."""
    turns = []
    with archive.part(CLOCKS) as part:
        part.write(rows.head(Clock).encode())
        for row in stored.turns(session, _span(period)):
            clock = _clock(row, period)
            if not _touches(clock, period):
                continue
            part.write(rows.line(clock).encode())
            used.policies.add(clock.policy_version)
            if Target.parse(clock.target).by_calendar:
                used.calendars.add((clock.calendar, clock.calendar_version))
            turns.append(clock.counted())
    return turns


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


def _received(session: Session, archive: Archive, period: Period) -> list[MessageRow]:
    """Writes the messages; as figures take them, with one row for all of a kind, as those look at
    nothing but whether it lies in the period."""
    counted: list[MessageRow] = []
    kinds: dict[tuple[str | None, ...], MessageRow] = {}
    with archive.part(RECEIVED) as part:
        part.write(rows.head(Received).encode())
        for row in _messages(session, period):
            part.write(rows.line(row).encode())
            kind = (row.channel, row.account, row.category, row.urgency, row.language)
            counted.append(kinds.setdefault(kind, row.counted()))
    return counted


def _messages(session: Session, period: Period) -> Iterator[Received]:
    for row in stored.messages(session, _span(period)):
        yield Received(
            message=row.id,
            conversation=row.conversation_id,
            channel=row.channel,
            account=row.account,
            category=row.category,
            urgency=row.urgency,
            language=row.language,
            sent_at=row.sent_at,
        )


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


def _span(period: Period) -> Span:
    return Span(period.start, period.end, period.as_of)
