"""Playbooks: writing them, finding the one for a conversation, and ticking its steps there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import playbooks as rules
from inbox.domain.answers import Ranked, language_of
from inbox.domain.playbooks import BadPlaybook, Playbook
from inbox.flows import answers
from inbox.flows.answers import STALE, By, NotYours
from inbox.store import audit, events, inbox_list
from inbox.store import playbooks as stored
from inbox.store.session import Store
from inbox.store.tables import PlaybookTick

CHANGED = word("The playbook has changed meanwhile. Look at it again.")


@dataclass(frozen=True, slots=True)
class Standing:
    """The playbook of a conversation: the version in which its first step was ticked there, else
    the `newest`. `done` are its ticks by step, `answers` the canned ones that fit, filled in."""

    playbook: Playbook
    version: int
    newest: int
    done: Mapping[str, PlaybookTick] = field(default_factory=dict)
    answers: tuple[Ranked, ...] = ()


def write(
    store: Store, written: Playbook, *, by: By, now: datetime, after: int | None = None
) -> int:
    """The version's number of the playbook of this place; the same words again make none. With
    `after` only if that is still the newest. Raises `BadPlaybook`, `NotYours`."""
    right = rules.checked(written)
    if not by.leads:
        raise NotYours
    with store.write() as session:
        row = stored.claimed(session, right.place, now)
        if after is not None and after != row.version:
            raise BadPlaybook(STALE)
        if row.removed_at is None and row.written == stored.document(right):
            return row.version
        stored.write(session, row, right, by.email, now)
        _record(session, "playbook_write", row.place, by, now, row.version)
        return row.version


def remove(store: Store, place: str, *, by: By, now: datetime) -> int:
    """Shows it nowhere; a version brings it back. Raises `NotYours`, `NoResultFound`."""
    if not by.leads:
        raise NotYours
    with store.write() as session:
        row = stored.one(session, place, locked=True)
        if row is None:
            raise NoResultFound
        if row.removed_at is None:
            stored.write(session, row, None, by.email, now)
            _record(session, "playbook_remove", place, by, now, row.version)
        return row.version


def restore(store: Store, place: str, version: int, *, by: By, now: datetime) -> int:
    """What it was in that version becomes its newest one. Raises as `remove`."""
    with store.read() as session:
        before = stored.version(session, place, version)
    if before is None or before.written is None:
        raise NoResultFound
    return write(store, stored.playbook(place, before.written), by=by, now=now)


def of_conversation(session: Session, conversation_id: int, by: By) -> Standing | None:
    """The playbook of a conversation's topic, else of its category, if there is one. Raises
    `NoResultFound`."""
    row = inbox_list.one(session, conversation_id)
    if row is None:
        raise NoResultFound
    found = stored.standing(session, rules.places_of(row.category, row.topic))
    if found is None:
        return None
    done = stored.ticks(session, conversation_id, found.place)
    version = next((one.version for one in done.values()), found.version)
    kept = stored.version(session, found.place, version)
    written = kept.written if kept is not None and kept.written is not None else found.written
    playbook = stored.playbook(found.place, written)
    fitting = answers.fitting(session, conversation_id, playbook.answers, by)
    return Standing(playbook, version, found.version, done, tuple(fitting))


def tick(
    store: Store,
    *,
    conversation_id: int,
    place: str,
    version: int,
    step: str,
    done: bool,
    by: By,
    lang: str,
    now: datetime,
) -> None:
    """Marks a step of the playbook that is shown there as done, or as not done; twice is once.

    What the history says of it is in `lang`. Raises `BadPlaybook` when another playbook or version
    is shown there now, or it has no such step; `NoResultFound` without such a conversation.
    """
    with store.write() as session:
        stored.one(session, place, locked=True)  # nobody else ticks or rewrites it meanwhile
        now_there = of_conversation(session, conversation_id, by)
        if now_there is None or (now_there.playbook.place, now_there.version) != (place, version):
            raise BadPlaybook(CHANGED)
        texts = now_there.playbook.texts
        words = rules.steps_of(texts[language_of(texts, lang)]).get(step)
        if words is None:
            raise BadPlaybook(CHANGED)
        if done == (step in now_there.done):
            return
        if done:
            key = {"conversation_id": conversation_id, "place": place, "step": step}
            stored.tick(session, key | {"version": version, "by": by.email, "at": now})
        else:
            stored.untick(session, conversation_id, place, step)
        about = f"conversation:{conversation_id}"
        audit.record(session, by.email, "playbook_step", about, now, step=words, on=done)
        events.announce(session, "conversation", now, conversation_id)


def _record(session: Session, action: str, place: str, by: By, now: datetime, version: int) -> None:
    audit.record(session, by.email, action, f"playbook:{place}", now, version=version)
