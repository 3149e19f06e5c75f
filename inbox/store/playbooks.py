"""Playbooks: what stands, their versions, and the steps that were done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.domain.playbooks import PLACES, Playbook
from inbox.store.sql import insert
from inbox.store.tables import PlaybookRow, PlaybookTick, PlaybookVersion


def playbook(place: str, written: Mapping[str, Any]) -> Playbook:
    """What is stored, as the domain knows it."""
    texts = {
        lang: {part: tuple(lines) for part, lines in parts.items()}
        for lang, parts in written["texts"].items()
    }
    return Playbook(place, texts, tuple(written["answers"]))


def document(written: Playbook) -> dict[str, Any]:
    """What a version keeps."""
    texts = {
        lang: {part: list(lines) for part, lines in parts.items()}
        for lang, parts in written.texts.items()
    }
    return {"texts": texts, "answers": list(written.answers)}


def listed(session: Session) -> list[PlaybookRow]:
    """Those that stand, in the order of the categories and topics."""
    rows = session.scalars(select(PlaybookRow).where(PlaybookRow.removed_at.is_(None)))
    return sorted(rows, key=lambda row: PLACES.index(row.place))


def one(session: Session, place: str, *, locked: bool = False) -> PlaybookRow | None:
    """The one of a place, removed or not; `locked` until the transaction ends. What is no place may
    be no text that a database takes."""
    if place not in PLACES:
        return None
    return session.get(PlaybookRow, place, with_for_update=locked or None)


def standing(session: Session, places: Sequence[str]) -> PlaybookRow | None:
    """The first of these places' playbooks that stands."""
    found = select(PlaybookRow).where(
        PlaybookRow.place.in_(places), PlaybookRow.removed_at.is_(None)
    )
    rows = {row.place: row for row in session.scalars(found)}
    return next((rows[place] for place in places if place in rows), None)


def claimed(session: Session, place: str, now: datetime) -> PlaybookRow:
    """The row of a place, made if there is none yet (version 0, removed), which nobody else changes
    until the transaction ends."""
    blank = {"place": place, "written": {}, "version": 0, "changed_at": now, "removed_at": now}
    session.execute(insert(session, PlaybookRow).values(blank).on_conflict_do_nothing())
    return session.get_one(PlaybookRow, place, with_for_update=True)


def write(
    session: Session, row: PlaybookRow, written: Playbook | None, by: str, now: datetime
) -> None:
    """The next version; None removes the playbook."""
    told = document(written) if written is not None else None
    row.written = row.written if told is None else told
    row.removed_at = now if told is None else None
    row.changed_at = now
    row.version += 1
    kept = {"place": row.place, "version": row.version, "written": told, "by": by, "at": now}
    session.add(PlaybookVersion(**kept))


def versions(session: Session, place: str, most: int = 50) -> list[PlaybookVersion]:
    """What it was, the newest first."""
    found = select(PlaybookVersion).where(PlaybookVersion.place == place)
    return list(session.scalars(found.order_by(PlaybookVersion.version.desc()).limit(most)))


def version(session: Session, place: str, number: int) -> PlaybookVersion | None:
    if place not in PLACES:
        return None
    return session.get(PlaybookVersion, (place, number))


def ticks(session: Session, conversation_id: int, place: str) -> dict[str, PlaybookTick]:
    """The steps that were done there, by their key."""
    found = select(PlaybookTick).where(
        PlaybookTick.conversation_id == conversation_id, PlaybookTick.place == place
    )
    return {row.step: row for row in session.scalars(found)}


def tick(session: Session, row: Mapping[str, Any]) -> None:
    """Marks a step as done; the values are those of a `PlaybookTick`."""
    session.execute(insert(session, PlaybookTick), [dict(row)])


def untick(session: Session, conversation_id: int, place: str, step: str) -> None:
    """Marks a step as not done."""
    session.execute(
        delete(PlaybookTick).where(
            PlaybookTick.conversation_id == conversation_id,
            PlaybookTick.place == place,
            PlaybookTick.step == step,
        )
    )
