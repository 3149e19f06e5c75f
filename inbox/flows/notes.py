"""Notes for the team: written, and who they name is told (never sent, no clock knows of them)."""

from datetime import datetime

from connectors.core.text import clean
from inbox.domain.mentions import handles, mentioned
from inbox.flows.reply import ReplyInvalid
from inbox.guard.secrets import mask
from inbox.store import audit, drafts, events, notes, notices
from inbox.store.session import Store
from inbox.store.tables import Conversation, Note, User

NOTE = "note"
"""The way to write in which nothing leaves the house."""
MOST = 20_000  # characters
FIRST_WORDS = 160  # of a note, in a notice


def write(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    text: str,
    form_key: str,
    now: datetime,
) -> int:
    """The note's id; the same `form_key` again returns the same. Who is named is told, and follows
    the conversation. Card numbers are masked before anything is stored.

    Raises `ReplyInvalid` (empty, long); nothing is stored then.
    """
    words = mask(clean(text).strip())
    if not words.text:
        raise ReplyInvalid("empty", "Write a note first.")
    if len(words.text) > MOST:
        raise ReplyInvalid("long", "A note has at most 20,000 characters.")
    findings = [{"kind": "card", "brand": brand} for brand in dict.fromkeys(words.cards)]
    with store.write() as session:
        team = {one.id: str(one.email) for one in notes.team(session, conversation_id)}
        known = handles(team.items())
        told = [one for one in mentioned(words.text, known) if one != agent_id]
        session.get_one(Conversation, conversation_id)
        note_id = notes.add(
            session,
            {
                "form_key": form_key,
                "conversation_id": conversation_id,
                "agent_id": agent_id,
                "text": words.text,
                "told": [[one, team[one]] for one in told],
                "findings": findings,
                "at": now,
            },
        )
        if note_id is None:
            before = notes.by_form(session, form_key)
            assert before is not None
            return before.id
        drafts.sent(session, agent_id, conversation_id, form_key)
        by = session.get_one(User, agent_id).name
        notes.follow(session, conversation_id, told, "mention", now)
        notices.tell(session, told, "mention", conversation_id, by, _first(words.text), now)
        if told:
            events.announce(session, "notice", now)
        audit.record(session, actor, "note", f"conversation:{conversation_id}", now, note=note_id)
        events.announce(session, "conversation", now, conversation_id)
    return note_id


def _first(text: str) -> str:
    return " ".join(text.split())[:FIRST_WORDS]


def take_back(store: Store, *, note_id: int, actor: str, now: datetime) -> None:
    """A note that a macro wrote is gone, with the notices of it that nobody has read. Taken back
    twice it is taken back once."""
    with store.write() as session:
        note = session.get(Note, note_id)
        if note is None:
            return
        before = {
            user: (row.agent_name, _first(row.text))
            for row in notes.of_conversation(session, note.conversation_id)
            if row.id != note_id
            for user, _ in row.told
        }
        people = [user for user, _ in note.told]
        notices.take_back(session, people, note.conversation_id, _first(note.text), before)
        about = f"conversation:{note.conversation_id}"
        session.delete(note)
        audit.record(session, actor, "note_back", about, now)
        events.announce(session, "conversation", now, note.conversation_id)
        if note.told:
            events.announce(session, "notice", now)
