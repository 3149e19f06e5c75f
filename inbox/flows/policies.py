"""Changing what turns are judged by: policies and calendars, each change a new version.

A change is stored, then applied: every open turn is evaluated anew and its evidence appended. A
process that dies in between, or leaves more than `at_once` open turns to the scheduler, leaves
`applied_at` empty, and the scheduler goes on within seconds. Turns that have
ended keep their verdict, unless the change is said to be in force `since` an earlier instant.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from sqlalchemy.orm import Session

from classifier.labels import Category, Urgency
from connectors.core.contract import Kind, word
from connectors.core.registry import channels
from inbox.domain import written
from inbox.domain.promises import Promises, with_calendar, with_policies
from inbox.domain.sla import WORKING_DAYS, Policy
from inbox.domain.written import Document, Unclear
from inbox.flows import calendar_versions
from inbox.flows.refold import refold
from inbox.store import accounts, audit, persons
from inbox.store import promises as stored
from inbox.store.session import Store, lock_promises
from inbox.store.tables import CalendarVersion, PolicyVersion

BATCH = 200
OTHER_CHANNELS = frozenset({"inapp", "phone"})
"""Channels without a connector, whose messages come through the webhook or an import."""
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to the turns that are open now, each counted once: by its public due time,
    else by its internal one. `overdue`: late at once, which they are not yet."""

    open: int
    earlier: int
    later: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was thought through, and not stored yet."""

    row: PolicyVersion | CalendarVersion
    effect: Effect


def read_toml(text: str) -> Document:
    """A document as written in a file. Raises `Unclear`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise Unclear(word("That is not TOML: {why}."), why=e) from e


def change_policies(
    store: Store,
    document: Document,
    *,
    actor: str,
    now: datetime,
    since: datetime | None = None,
    restores: int | None = None,
    dry_run: bool = False,
    at_once: float = inf,
) -> Change:
    """A new version of the set of policies; with `dry_run` only what it would do. Raises `Unclear`.

    Policies that say what they said before keep their version.
    """
    with store.write() as session:
        lock_promises(session, change=True)
        before = stored.promises(session)
        newest = before.policies[-1]
        found = written.renumbered(written.policies(document), newest.read(), newest.number + 1)
        _check_policies(found, newest.read(), before, persons.known_tags(session))
        if found == newest.read():
            raise Unclear(word("That is what version {n} says already."), n=newest.number)
        row = PolicyVersion(
            number=newest.number + 1,
            said=written.policies_document(found, versions=True),
            **_marks(actor, now, since, restores),
        )
        after = with_policies(before, row.since, found)
        change = Change(row, effect_of(session, after, now))
        if not dry_run:
            _store(session, row, f"policies:{row.number}", restores)
    if not dry_run and change.effect.open <= at_once:
        apply_due(store, now)
    return change


def change_calendar(
    store: Store,
    name: str,
    document: Document,
    *,
    actor: str,
    now: datetime,
    since: datetime | None = None,
    restores: CalendarVersion | None = None,
    dry_run: bool = False,
    at_once: float = inf,
) -> Change:
    """A new version of a calendar, or a new calendar, with its countries' days as they are known
    today (those of the version that it restores, if any). Those that follow it get a new version,
    too. With `dry_run` only what it would do. Raises `Unclear`."""
    name = name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise Unclear(word("A calendar needs a name of at most {n} letters."), n=NAME_LENGTH)
    if restores is not None and restores.base:
        document = {"base": restores.base, "days": restores.exceptions or {}}
    days = calendar_versions.known(document, restores, now)
    with store.write() as session:
        lock_promises(session, change=True)
        zone = accounts.brand_zone(session)
        newest = stored.newest_calendars(session)
        marks = _marks(actor, now, since, restores.number if restores else None)
        row = calendar_versions.next_version(newest, name, document, days, zone, marks)
        if name in newest and calendar_versions.says_the_same(newest[name], row, zone):
            raise Unclear(word("That is what version {n} says already."), n=newest[name].number)
        rows = [row, *calendar_versions.followers(newest, row, zone)]
        after = stored.promises(session)
        for one in rows:
            after = with_calendar(after, one.since, stored.calendar(one, zone))
        change = Change(row, effect_of(session, after, now))
        for one in [] if dry_run else rows:
            _store(session, one, f"calendar:{one.name}", one.restores)
    if not dry_run and change.effect.open <= at_once:
        apply_due(store, now)
    return change


def apply_due(store: Store, now: datetime) -> int:
    """Judges anew what versions that are not applied yet concern; how many conversations it were.

    Running it twice, or in two processes, changes nothing more.
    """
    with store.read() as session:
        pending = stored.pending(session)
    if not pending:
        return 0
    since = min(row.since for row in pending)
    done, last = 0, 0
    while True:
        with store.write() as session:
            ids = stored.judged(session, since, last, BATCH)
            if not ids:
                stored.mark_applied(session, pending, now)
                return done
            refold(session, ids, now)
        done, last = done + len(ids), ids[-1]


def _store(
    session: Session, row: PolicyVersion | CalendarVersion, subject: str, restores: int | None
) -> None:
    session.add(row)
    audit.record(
        session,
        row.made_by,
        "sla.change",
        subject,
        row.made_at,
        version=row.number,
        since=row.since.isoformat(),
        restores=restores,
    )


def _marks(
    actor: str, now: datetime, since: datetime | None, restores: int | None
) -> dict[str, Any]:
    """Nothing comes into force later than it is made: whoever looks then must have it."""
    return {
        "since": min(since or now, now),
        "made_at": now,
        "made_by": actor,
        "restores": restores,
        "applied_at": None,
    }


def effect_of(session: Session, after: Promises, now: datetime) -> Effect:
    """What it does to the open turns that they are judged so from now on."""
    earlier = later = overdue = 0
    waiting = stored.waiting(session)
    for turn in waiting:
        about = (turn.matter, turn.opened_at, turn.is_first, None)
        public, internal = after.public(*about), after.internal(*about)
        shifts = [public.due_at - turn.due_at]
        if internal and turn.internal_due_at:
            shifts.append(internal[0].due_at - turn.internal_due_at)
        shift = next(filter(None, shifts), None)
        came_or_went = bool(internal) - bool(turn.internal_due_at)
        earlier += shift.total_seconds() < 0 if shift else came_or_went > 0
        later += shift.total_seconds() > 0 if shift else came_or_went < 0
        overdue += public.due_at <= now < turn.due_at
    return Effect(len(waiting), earlier, later, overdue)


def _check_policies(
    found: Sequence[Policy], before: Sequence[Policy], promises: Promises, tags: Sequence[str]
) -> None:
    """Raises `Unclear` for names that nothing has: they would fit nothing, silently."""
    kept_tags = {tag for policy in before for tag in policy.contact_tags or ()}
    kept = {channel for policy in before for channel in policy.channels or ()}
    known = {
        "channels": {*channels(), *OTHER_CHANNELS, *kept},
        "kinds": set(map(str, Kind)),
        "categories": set(map(str, Category)),
        "urgencies": set(map(str, Urgency)),
        "contact_tags": {*tags, *kept_tags},
    }
    for policy in found:
        for name in policy.conditions:
            strange = sorted(getattr(policy, name) - known[name])
            if strange:
                raise Unclear(
                    word("Policy “{id}”: “{value}” is unknown; there are {known}."),
                    id=policy.id,
                    value=strange[0],
                    known=", ".join(sorted(known[name])),
                )
        if policy.calendar not in promises.calendars:
            raise Unclear(
                word("Policy “{id}”: there is no calendar “{calendar}”; make it first."),
                id=policy.id,
                calendar=policy.calendar,
            )
    if WORKING_DAYS not in promises.calendars:
        raise Unclear(word("There is no calendar “{calendar}”."), calendar=WORKING_DAYS)
