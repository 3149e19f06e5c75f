"""What the team does with a person: join and separate identities, marks, tags, notes.

Each verb records who did it, and tells the open pages. Who opens a person by the number of any
identity gets the whole person.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import union
from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain import contacts as rules
from inbox.domain.contacts import Identity, Why
from inbox.domain.search import BadSearch, needles_of, search_text
from inbox.flows.refold import refold
from inbox.store import audit, events, filters, persons
from inbox.store.conversations import BadCursor
from inbox.store.persons import Mark, Person
from inbox.store.session import Store, lock_people
from inbox.store.sql import AnyRow
from inbox.store.tables import ContactNote

PAGE = 50
CANDIDATES = 200
"""So many people of the same name, handle or address are compared; the newest."""
MOST_SUGGESTED = 5
TOLD = 200
"""The open pages hear of so many of a person's conversations."""


class NoSuchContact(LookupError):
    """There is no such person, identity or note (any more)."""


class NotYours(PermissionError):
    """Only who wrote a note changes it; the argument is the number of its person."""


@dataclass(frozen=True, slots=True)
class People:
    """A page of people, and the cursor of the next one."""

    people: tuple[Person, ...]
    wrote_last: Mapping[int, datetime]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the same person, and what speaks for it."""

    person: Person
    why: tuple[Why, ...]


def listed(
    session: Session,
    *,
    words: str = "",
    mark: Mark | None = None,
    tag: str = "",
    limit: int = PAGE,
    cursor: str | None = None,
) -> People:
    """People, the newest first: all, or those whose names, handles, ids or notes have the words.

    Raises `BadSearch`, `BadCursor` and `rules.BadTag`.
    """
    wanted = []
    if words.strip():
        needles = needles_of(words)
        if not needles:
            raise BadSearch(word("There is no word in this search."))
        wanted.append(union(filters.named(session, needles), filters.noted(session, needles)))
    if mark is not None:
        wanted.append(persons.having(mark))
    if tag:
        wanted.append(persons.tagged(rules.tag(tag)))
    heads = persons.page(session, wanted, _read(cursor), limit + 1)
    found = persons.people(session, heads[:limit])
    last = persons.wrote_last(session, [i.id for one in found.values() for i in one.identities])
    latest = {
        head: max(last[i.id] for i in one.identities if i.id in last)
        for head, one in found.items()
        if any(i.id in last for i in one.identities)
    }
    more = str(heads[limit - 1]) if len(heads) > limit else None
    return People(tuple(found[head] for head in heads[:limit]), latest, more)


def one(session: Session, contact_id: int) -> Person:
    """The person of an identity. Raises `NoSuchContact`."""
    found = persons.person(session, contact_id)
    if found is None:
        raise NoSuchContact(contact_id)
    return found


def suggestions(session: Session, person: Person) -> list[Suggestion]:
    """Who may be the same person, the strongest reason first. Nothing is joined by it."""
    mine = _identities(session, person.identities)
    own = {identity.id for identity in mine}
    candidates: set[int] = set()
    for identity in mine:
        candidates |= _alike(session, identity)
    found = persons.people(session, sorted(persons.heads(session, sorted(candidates - own))))
    scored: dict[int, tuple[Identity, tuple[Why, ...]]] = {}
    for head, other in found.items():
        theirs = _identities(session, other.identities)
        why = {w for a in mine for b in theirs for w in rules.reasons(a, b)}
        scored[head] = (theirs[0], tuple(w for w in rules.WHYS if w in why))
    best = rules.by_strength(scored.values())[:MOST_SUGGESTED]
    return [Suggestion(found[identity.id], why) for identity, why in best]


def join(store: Store, *, into: int, other: int, actor: str, now: datetime) -> None:
    """Makes two people one; `separate` undoes it. Raises `NoSuchContact` and `NotOne`."""
    with store.read() as session:
        one(session, other)  # who is hidden from the reader is nobody
    with store.write() as session:
        lock_people(session)
        edges = persons.edges(session, [one(session, into).id, one(session, other).id])
        below, top = rules.joined(edges, into, other)
        persons.draw(session, below, top, actor, now)
        _rename(session, {**edges, below: top})
        audit.record(session, actor, "contact.join", f"contact:{top}", now, joined=below)
        _tell(session, edges, now, judged=True)


def separate(
    store: Store, *, identity: int, actor: str, now: datetime, of: int | None = None
) -> int:
    """Undoes what joined this identity, which takes along those joined to it; each has again what
    stood on it. The person that it was taken from. Raises `NoSuchContact` (also when the identity
    is not one of the person `of`) and `NotOne`."""
    with store.write() as session:
        lock_people(session)
        head = one(session, identity).id
        if of is not None and one(session, of).id != head:
            raise NoSuchContact(identity)
        edges = persons.edges(session, [head])
        rest = rules.separated(edges, identity)
        persons.draw(session, identity, None, actor, now)
        _rename(session, rest)
        subject = f"contact:{head}"
        audit.record(session, actor, "contact.separate", subject, now, separated=identity)
        _tell(session, edges, now, judged=True)
    return head


def set_mark(
    store: Store, *, contact_id: int, mark: Mark, on: bool, actor: str, now: datetime
) -> None:
    """VIP, muted or blocked. Setting it writes on the identity that the person is named after,
    taking it from all. Raises `NoSuchContact`."""
    with store.write() as session:
        person = one(session, contact_id)
        if person.has(mark) == on:
            return
        ids = [person.id] if on else [identity.id for identity in person.identities]
        persons.mark(session, ids, mark, on)
        audit.record(session, actor, f"contact.{mark}", f"contact:{person.id}", now, on=on)
        _tell(session, [identity.id for identity in person.identities], now)


def change_tags(
    store: Store,
    *,
    contact_id: int,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    actor: str,
    now: datetime,
) -> tuple[str, ...]:
    """The person's tags after the change; open turns are judged anew where a policy asks for them.

    Raises `NoSuchContact` and `rules.BadTag`.
    """
    with store.write() as session:
        person = one(session, contact_id)
        after = rules.tags(person.tags, map(clean, add), map(clean, remove))
        new, gone = sorted(set(after) - set(person.tags)), sorted(set(person.tags) - set(after))
        if new or gone:
            ids = [identity.id for identity in person.identities]
            persons.add_tags(session, person.id, new)
            persons.remove_tags(session, ids, gone)
            subject = f"contact:{person.id}"
            audit.record(session, actor, "contact.tags", subject, now, added=new, removed=gone)
            _tell(session, ids, now, judged=True)
    return after


def add_note(
    store: Store, *, contact_id: int, author_id: int, actor: str, text: str, now: datetime
) -> int:
    """A note's number. Raises `NoSuchContact` and `rules.BadNote`."""
    words = rules.note(clean(text))
    with store.write() as session:
        person = one(session, contact_id)
        note = ContactNote(
            contact_id=person.id,
            author_id=author_id,
            text=words,
            search_text=search_text(words),
            created_at=now,
        )
        session.add(note)
        session.flush()
        audit.record(session, actor, "contact.note", f"contact:{person.id}", now, note=note.id)
    return note.id


def edit_note(
    store: Store, *, note_id: int, author_id: int, actor: str, text: str, now: datetime
) -> int:
    """The person's number; the audit log keeps what the note said. Raises `NoSuchContact`,
    `NotYours` and `rules.BadNote`."""
    words = rules.note(clean(text))
    with store.write() as session:
        note = _own_note(session, note_id, author_id)
        if words != note.text:
            subject = f"contact:{note.contact_id}"
            audit.record(
                session, actor, "contact.note_edit", subject, now, note=note_id, before=note.text
            )
            note.text, note.search_text, note.edited_at = words, search_text(words), now
        return note.contact_id


def remove_note(store: Store, *, note_id: int, author_id: int, actor: str, now: datetime) -> int:
    """The person's number; the audit log keeps what the note said. Raises `NoSuchContact` and
    `NotYours`."""
    with store.write() as session:
        note = _own_note(session, note_id, author_id)
        subject = f"contact:{note.contact_id}"
        said = {"note": note_id, "before": note.text}
        audit.record(session, actor, "contact.note_remove", subject, now, **said)
        session.delete(note)
        return note.contact_id


def _own_note(session: Session, note_id: int, author_id: int) -> ContactNote:
    note = session.get(ContactNote, note_id)
    if note is None:
        raise NoSuchContact(note_id)
    if note.author_id != author_id:
        raise NotYours(note.contact_id)
    return note


def _rename(session: Session, edges: rules.Edges) -> None:
    persons.name_after(session, rules.people(edges))


def _tell(
    session: Session, contact_ids: Collection[int], now: datetime, *, judged: bool = False
) -> None:
    """The pages of a person's conversations look again; with `judged` their turns are folded."""
    ids = persons.unresolved(session, list(contact_ids))
    if judged:
        refold(session, ids, now)
    else:
        events.announce_all(session, "conversation", now, ids[:TOLD])


def _alike(session: Session, identity: Identity) -> set[int]:
    """Identities that the index of names finds under the same id, handle or name."""
    found: set[int] = set()
    texts = {
        identity.external_id,
        *rules.addresses(identity),
        rules.handle_of(identity),
        rules.full_name(identity),
    }
    for text in sorted(filter(None, texts)):
        needles = needles_of(f'"{text}"')
        if needles:
            found |= set(filters.newest_named(session, needles, CANDIDATES))
    return found


def _identities(session: Session, rows: Sequence[AnyRow]) -> list[Identity]:
    spoken = persons.languages(session, [row.id for row in rows])
    return [
        Identity(
            row.id,
            row.channel,
            row.account_id,
            row.external_id,
            row.handle,
            row.name,
            spoken.get(row.id, frozenset()),
        )
        for row in rows
    ]


def _read(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isdecimal() or not 0 < (place := int(cursor)) < 2**63:
        raise BadCursor("This cursor is not one of ours; start without it.")
    return place
