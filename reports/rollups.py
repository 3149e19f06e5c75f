"""Finished days, counted once: a month is the sum of its days.

A stored day has a record for each turn and message that counts in it, counted with all that is
known. As of an instant after all of that, it counts the same: what moves by time alone, a turn that
runs until it is due, is asked of its record. Conversations that were changed since are marked in
the change's own transaction; what a day says of them is left out, and they are counted from their
rows. So a report is equal to one of the rows to the digit, whether the marks were seen to or not.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from inbox.domain.calendars import local_date, local_day_bounds
from inbox.domain.promises import Promises, in_force
from inbox.domain.sla import WORKING_DAYS
from inbox.store import accounts, report_cases, report_days
from inbox.store import promises as promised
from inbox.store.session import Store
from reports import further
from reports.counting import Reading, counted
from reports.packing import pack, pack_ids, unpack, unpack_ids
from reports.tallies import Tally, added, added_by
from templates.periods import DAY, Days

VERSION: Final = 3
"""Of what is noted of a row, and of how it is stored."""
FAR: Final = datetime(9000, 1, 1, tzinfo=UTC)
MOST_MARKED: Final = 2_000
"""Of more marks all is counted from its rows: reading so many conversations takes longer."""
AT_ONCE: Final = 20_000
BACK: Final = timedelta(days=800)
"""The longest report and the days before it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What days are counted by besides rows: the calendar, and how long platforms take answers."""

    promises: Promises
    windows: Mapping[int, timedelta]
    accounts: Collection[int]

    @classmethod
    def now(cls, session: Session) -> "Basis":
        known = {row.id for row in report_cases.accounts(session)}
        return cls(promised.promises(session), further.window_lengths(session), known)

    def of(self, start: datetime, end: datetime) -> dict[str, Any]:
        """As it is stored with a day."""
        versions = self.promises.calendars.get(WORKING_DAYS, ())
        changes = [v.since for v in versions if start < v.since < end]
        used = [in_force(versions, at) for at in (start, *sorted(changes))] if versions else []
        lengths = {str(id_): self._length(id_) for id_ in sorted(self.accounts)}
        said = [(one.name, one.version, one.zone) for one in used]
        return {"version": VERSION, "calendars": said, "windows": lengths}

    def holds(self, stored: str, start: datetime, end: datetime) -> bool:
        """Whether a day would be counted by the same. Accounts that came later brought it nothing
        that is not marked."""
        was, now = json.loads(stored), json.loads(json.dumps(self.of(start, end)))
        windows, current = was.pop("windows"), now.pop("windows")
        return bool(was == now and all(current.get(id_, s) == s for id_, s in windows.items()))

    def _length(self, account: int) -> float | None:
        length = self.windows.get(account)
        return length.total_seconds() if length else None


def tallies_of(session: Session, days: Days, zone: str, as_of: datetime) -> dict[date, Tally]:
    """All that figures of the days are summed from, by day: of stored days, and of rows where there
    are none."""
    marks = report_days.marks(session, AT_ONCE)
    few = len(marks.conversations) <= MOST_MARKED and len(marks.numbers) < AT_ONCE
    if few and not marks.everything:
        stored = _believed(session, days, zone, as_of)
        found = _mixed(_Asked(session, zone, as_of), days, stored, marks.conversations)
        if found is not None:
            return found
    return counted(session, days, zone, as_of)


@dataclass(frozen=True, slots=True)
class _Asked:
    session: Session
    zone: str
    as_of: datetime

    def anew(self, days: Days, marked: Collection[int]) -> dict[date, Tally] | None:
        """What changed conversations bring; None if they say something of the time after as-of."""
        if not marked:
            return {}
        reading = Reading(self.session, days, self.zone, FAR, apart=True, only=marked)
        reading.all()
        return reading.by_day.done() if reading.latest <= self.as_of else None


def _mixed(
    asked: _Asked, days: Days, stored: Mapping[date, bytes], marked: Collection[int]
) -> dict[date, Tally] | None:
    found: dict[date, list[Tally]] = {}
    for run, is_stored in _runs(days, stored):
        if not is_stored:
            by_day = counted(asked.session, run, asked.zone, asked.as_of)
            found |= {day: [tally] for day, tally in by_day.items()}
            continue
        changed = asked.anew(run, marked)
        if changed is None:
            return None
        for day in run:
            known = unpack(stored[day])
            found[day] = [known.without(marked), changed[day]] if marked else [known]
    return added_by(found)


def _believed(session: Session, days: Days, zone: str, as_of: datetime) -> dict[date, bytes]:
    basis = Basis.now(session)
    found = {}
    for row in report_days.days(session, zone, days.first, days.last):
        start, end = local_day_bounds(row.local_date, zone)
        if end <= as_of and row.latest <= as_of and basis.holds(row.basis, start, end):
            found[row.local_date] = row.tally
    return found


def _runs(days: Days, stored: Collection[date]) -> Iterator[tuple[Days, bool]]:
    """Neighbours of which all are stored, or none."""
    for is_stored, some in groupby(days, lambda day: day in stored):
        run = list(some)
        yield Days(run[0], run[-1]), is_stored


def keep(store: Store, now: datetime, most: int, *, ending: Callable[[], bool]) -> int:
    """Sees to marks, then stores up to `most` finished days that are not, or were counted by other
    calendars or windows, the newest first. Returns how many were stored. One process at a time.

    Whatever it is killed at: a mark goes in the transaction that stores what it marked.
    """
    with store.read() as session:
        zone = accounts.zone_of(accounts.brand(session))
    see_to_marks(store, zone, now)
    missing = _missing(store, zone, now)[:most]
    for n, day in enumerate(missing):
        if ending():
            return n
        with store.read() as session:
            basis = Basis.now(session)
            row = _row(session, zone, day, basis)
        with store.write() as session:
            report_days.put(session, row)
    return len(missing)


def _missing(store: Store, zone: str, now: datetime) -> list[date]:
    with store.read() as session:
        first = report_days.first_moment(session)
        if first is None:
            return []
        basis = Basis.now(session)
        known = {
            row.local_date
            for row in report_days.known(session, zone)
            if basis.holds(row.basis, *local_day_bounds(row.local_date, zone))
        }
    begins, today = local_date(max(first, now - BACK), zone), local_date(now, zone)
    if begins >= today:
        return []
    return [day for day in reversed(list(Days(begins, today - DAY))) if day not in known]


def _row(session: Session, zone: str, day: date, basis: Basis) -> dict[str, Any]:
    reading = Reading(session, Days.day(day), zone, FAR, apart=True)
    reading.all()
    said = json.dumps(basis.of(*local_day_bounds(day, zone)))
    return _as_row(zone, day, reading.by_day.done()[day], reading.latest) | {"basis": said}


def _as_row(zone: str, day: date, tally: Tally, latest: datetime) -> dict[str, Any]:
    return {
        "zone": zone,
        "local_date": day,
        "latest": latest,
        "conversations": pack_ids(tally.conversations()),
        "tally": pack(tally),
    }


def see_to_marks(store: Store, zone: str, now: datetime) -> None:
    """Stored days have marked conversations anew. What is marked meanwhile stays so; of very many
    marks, as after an import, all days are begun anew. Those of a zone that the brand has left
    go."""
    with store.read() as session:
        marks = report_days.marks(session, AT_ONCE)
        moved = report_days.of_another(session, zone)
        rows = []
        over = marks.everything or len(marks.numbers) == AT_ONCE
        if marks.numbers and not over:
            rows = _patched(session, zone, marks.conversations, now)
    if not marks.numbers and not moved:
        return
    with store.write() as session:
        if over:
            report_days.clear(session)
        for row in rows:
            report_days.put(session, row)
        report_days.clear(session, zone)
        report_days.forget(session, marks.numbers)


def _patched(
    session: Session, zone: str, marked: Collection[int], now: datetime
) -> list[dict[str, Any]]:
    found = []
    for row, ids in _touched(session, zone, marked, now):
        day = row.local_date
        reading = Reading(session, Days.day(day), zone, FAR, apart=True, only=ids)
        reading.all()
        before = report_days.day(session, zone, day)
        tally = added([unpack(before.tally).without(ids), reading.by_day.done()[day]])
        latest = max(before.latest, reading.latest)
        found.append(_as_row(zone, day, tally, latest) | {"basis": row.basis})
    return found


def _touched(
    session: Session, zone: str, marked: Collection[int], now: datetime
) -> list[tuple[Any, set[int]]]:
    """The stored days that count something of these conversations, or may now."""
    by_day: dict[date, set[int]] = {}
    for row in report_days.moments(session, marked):
        until = row.until or max(now, row.since)
        span = Days(*sorted((local_date(row.since, zone), local_date(until, zone))))
        for day in span:
            by_day.setdefault(day, set()).add(row.conversation_id)
    ids = np.fromiter(marked, np.int64, len(marked))
    found = []
    for row in report_days.known(session, zone):
        had = np.intersect1d(unpack_ids(row.conversations), ids).tolist()
        if concerned := by_day.get(row.local_date, set()) | set(had):
            found.append((row, concerned))
    return found
