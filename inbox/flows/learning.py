"""The classifier learns from the team's corrections: when it is due, from what, what came of it."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from classifier.files import read_meta
from classifier.gate import Gate
from connectors.core.contract import word
from inbox.config import Settings
from inbox.flows import models
from inbox.store import audit, events
from inbox.store import learning as stored
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import ModelVersion, Tagging, Training
from inbox.store.turns import add_taggings

TRIES = 3
"""A training whose process died is begun again, so often in all."""
LINES = 60
SYSTEM = "system"


TRUSTED = ("lead", "admin")
"""Whose tags are never held back."""
MOST_HELD = 200


class NotHeld(LookupError):
    """No correction of this number waits for a look."""


class NothingToLearn(ValueError):
    """No agent has tagged a message that still has its words."""


def ask(store: Store, *, actor: str, now: datetime) -> int:
    """Queues a training, and returns its number; one that is under way is the same wish.

    Raises NothingToLearn.
    """
    with store.write() as session:
        waiting = stored.under_way(session)
        if waiting is not None:
            return waiting.id
        if not stored.corrections(session, most=1):
            raise NothingToLearn(
                word(
                    "No agent has corrected a tag yet: there is nothing to learn from. Correct "
                    "some tags in the inbox first."
                )
            )
        row = Training(state=stored.QUEUED, asked_by=actor, asked_at=now)
        session.add(row)
        session.flush()
        audit.record(session, actor, "classifier.train", f"training:{row.id}", now)
        events.announce(session, "classifier", now)
        return row.id


def start_due(store: Store, settings: Settings, now: datetime) -> bool:
    """Queues the training that the clock asks for, when there is enough that is new."""
    if settings.train_every_days == 0:
        return False
    with store.read() as session:
        last = stored.last_training(session)
        if last is not None and (
            last.state in stored.UNDER_WAY
            or last.asked_at + timedelta(days=settings.train_every_days) > now
        ):
            return False
        new = news(session)
    if new < settings.train_after:
        return False
    ask(store, actor=SYSTEM, now=now)
    return True


def news(session: Session) -> int:
    """Corrections given since the last training that came to a verdict."""
    learned = stored.last_learned(session)
    return stored.corrections_since(session, learned.up_to if learned else 0)


def held(session: Session) -> Sequence[AnyRow]:
    """The corrections that the last training held back and nobody has looked at since, the newest
    of many (`stored.held_back`)."""
    newest = next(iter(stored.versions(session)), None)
    names = newest.gate.get("held", ()) if newest else ()
    return stored.held_back(session, [int(name) for name in names][:MOST_HELD])


def accept(store: Store, tagging_id: int, *, agent_id: int, actor: str, now: datetime) -> None:
    """A lead says what the agent said: the next training learns from it. Raises NotHeld, also for
    one of an account that the lead does not see."""
    with store.read() as session:
        seen = {one.id for one in held(session)}
    with store.write() as session:
        if tagging_id not in seen & {one.id for one in held(session)}:
            raise NotHeld(tagging_id)
        given = session.get_one(Tagging, tagging_id)
        tag = {name: getattr(given, name) for name in ("category", "urgency", "topic")}
        turn = {"conversation_id": given.conversation_id, "opener_id": given.opener_id}
        before = {f"before_{name}": label for name, label in tag.items()}
        add_taggings(session, [turn | tag | before | {"agent_id": agent_id, "at": now}])
        subject = f"conversation:{given.conversation_id}"
        audit.record(session, actor, "tag", subject, now, before=tag, after=tag)
        events.announce(session, "classifier", now)


def begin(store: Store, folder: Path, now: datetime) -> Training | None:
    """Takes the queued training in hand, or one whose process died, and writes its corrections.

    None when there is none, or when it has ended here. The caller holds the lock of training.
    """
    with store.read() as session:
        if stored.under_way(session) is None:
            return None
        found = stored.corrections(session)
    with store.write() as session:
        row = stored.under_way(session)
        if row is None:
            return None
        if row.tries >= TRIES:
            fail(session, row, word("Its process died each time it was begun."), now)
            return None
        row.state, row.started_at, row.tries, row.said = stored.RUNNING, now, row.tries + 1, []
        row.against = stored.serving(session)
        row.corrections = len(found)
        row.up_to = max((one.id for one in found), default=0)
        events.announce(session, "classifier", now)
    write_corrections(folder / "corrections.jsonl", found)
    return row


def write_corrections(path: Path, found: Sequence[AnyRow]) -> None:
    """One JSON line a correction, as `classifier.refit` reads them; for this user's eyes only.

    ASCII alone: some letters that customers write (U+2028) end a line for some readers.
    """
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        for one in found:
            line = {
                "text": one.text,
                "category": one.category,
                "urgency": one.urgency,
                "topic": one.topic,
                "at": one.at.isoformat(),
                "customer": str(one.contact_id),
                "agent": one.agent,
                "id": str(one.id),
                "accepted": one.role in TRUSTED,
            }
            file.write(json.dumps(line) + "\n")


def cannot_begin(store: Store, reason: str, now: datetime) -> None:
    """The training that is queued or was begun ends here: trying again at once would not help."""
    with store.write() as session:
        row = stored.under_way(session)
        if row is not None:
            fail(session, row, reason, now)


def say(store: Store, training_id: int, words: Sequence[str], now: datetime) -> None:
    """Adds lines of progress, the last ones of many."""
    with store.write() as session:
        row = session.get_one(Training, training_id)
        lines = [{"at": now.isoformat(), "words": line[:200]} for line in words]
        row.said = [*row.said, *lines][-LINES:]
        events.announce(session, "classifier", now)


def again(store: Store, training_id: int, now: datetime) -> None:
    """The process ends before the training does: another one begins it anew, at no one's cost."""
    with store.write() as session:
        row = session.get_one(Training, training_id)
        row.state, row.tries, row.started_at = stored.QUEUED, row.tries - 1, None
        events.announce(session, "classifier", now)


def is_wanted(store: Store) -> bool:
    """Whether a training is queued, or was running when its process died."""
    with store.read() as session:
        return stored.under_way(session) is not None


def failed(store: Store, training_id: int, reason: str, now: datetime) -> None:
    """The same as `fail`, in a transaction of its own."""
    with store.write() as session:
        fail(session, session.get_one(Training, training_id), reason, now)


def fail(session: Session, row: Training, reason: str, now: datetime) -> None:
    """A training ends without a verdict; the model that serves goes on."""
    row.state, row.reason, row.finished_at = stored.FAILED, reason, now
    events.announce(session, "classifier", now)


def finish(
    store: Store, data: Path, training_id: int, made: Path, gate: Gate, now: datetime
) -> None:
    """Stores the verdict. A version that passed serves at once, unless somebody chose another one
    meanwhile; a refused one leaves its figures alone.

    `made` is the folder that the training wrote. Raises ValueError when it holds no whole model.
    """
    meta = read_meta(made)
    if meta is None or not models.is_whole(made):
        raise ValueError(word("The training left no whole model."))
    version = str(meta["hash"])[:12]
    if not models.NAME.fullmatch(version):
        raise ValueError(
            word("The training named its version “{version}”.").format(version=version)
        )
    with store.read() as session:
        serves = stored.serving(session)
    if gate.passed and version != serves:
        models.take(made, data, version)
    with store.write() as session:
        row = session.get_one(Training, training_id)
        row.version, row.reason, row.finished_at = version, gate.reason, now
        serves = stored.serving(session)
        row.state = _verdict(row, gate, version, serves)
        known = session.get(ModelVersion, version) is not None
        if version != serves and (gate.passed or not known):
            session.merge(_version(row, gate, meta, version, now))
            session.flush()
        if row.state == stored.ACTIVATED:
            stored.serve(session, version)
        forgotten = stored.forget(session, models.KEEP)
        subject, passed = f"model:{version}", gate.passed
        audit.record(
            session, row.asked_by, "classifier.made", subject, now, passed=passed, state=row.state
        )
        events.announce(session, "classifier", now)
    for name in forgotten:
        shutil.rmtree(models.folder_of(data, name), ignore_errors=True)


def _verdict(row: Training, gate: Gate, version: str, serves: str | None) -> str:
    if not gate.passed:
        return stored.REFUSED
    return stored.ACTIVATED if serves == row.against and version != serves else stored.KEPT


def _version(
    row: Training, gate: Gate, meta: dict[str, Any], version: str, now: datetime
) -> ModelVersion:
    return ModelVersion(
        version=version,
        state=stored.CANDIDATE if gate.passed else stored.REFUSED,
        training_id=row.id,
        made_at=now,
        made_by=row.asked_by,
        corrections=gate.used,
        gate=asdict(gate),
        scores=meta.get("scores", {}),
    )
