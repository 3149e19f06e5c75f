"""Drafts are kept as they are typed: they survive a reload, and stand on every device."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from connectors.core.text import clean
from inbox.flows.notes import NOTE
from inbox.guard.secrets import mask
from inbox.store import approval, drafts, events
from inbox.store.session import Store
from inbox.store.tables import Conversation, Draft, Reply

ALL = "all"
"""Privately, to everybody who got the customer's message."""
MODES = ("public", "private", ALL, NOTE)
MOST = 100_000  # characters


def keep(
    store: Store,
    *,
    conversation_id: int,
    user_id: int,
    key: str,
    mode: str,
    text: str,
    now: datetime,
    files: Sequence[int] | None = None,
) -> bool:
    """Keeps what somebody is writing; without words or files there is no draft. False when its form
    was sent already: a save that comes late brings nothing back. `files` are those that still go
    along, of what stood there; None: all. Card numbers are masked before anything is stored. Raises
    ValueError for a mode that is none.
    """
    if mode not in MODES:
        raise ValueError(f"{mode} is none of {MODES}")
    words = mask(clean(text)).text[:MOST]
    with store.write() as session:
        session.get_one(Conversation, conversation_id)
        if drafts.was_sent(session, user_id, key):
            return False
        before = drafts.one(session, user_id, conversation_id)
        kept = [id for id in (before.files if before else ()) if files is None or id in files]
        if not words.strip() and not kept:
            changed = drafts.drop(session, user_id, conversation_id)
        else:
            changed = before is None
            row = {"user_id": user_id, "conversation_id": conversation_id, "key": key}
            drafts.save(session, row | {"mode": mode, "words": words, "files": kept, "at": now})
        if changed:  # the list shows it; each further letter moves nothing
            events.announce(session, "conversation", now, conversation_id)
    return True


def guarded(store: Store, mode: str, text: str) -> str:
    """What the guard will say to these words once they are sent: `refused`, `held` until somebody
    has read them, `masked` in a note; empty where it finds nothing. The same guard as at sending,
    so that whoever types hears it before."""
    if not mask(clean(text)).cards:
        return ""
    if mode == NOTE:
        return "masked"
    with store.read() as session:
        return "held" if approval.rule(session).findings else "refused"


def visibility_of(mode: str) -> str:
    """How an answer of this mode leaves."""
    return "private" if mode == ALL else mode


def mode_of(reply: Reply) -> str:
    """The form's mode in which this answer was written."""
    return ALL if reply.copies else reply.visibility


def bring_back(
    store: Store,
    *,
    conversation_id: int,
    user_id: int,
    mode: str,
    text: str,
    files: Sequence[int],
    now: datetime,
    since: tuple[str, str] | None = None,
) -> Draft:
    """Words that were sent stand in the form again, before what is being written there by now, and
    their files beside them. That is `since`, (mode, words), where a page says it; else what was
    kept. What was meant for the team goes to no customer unless somebody says so."""
    with store.write() as session:
        before = drafts.one(session, user_id, conversation_id)
        key = before.key if before else secrets.token_urlsafe(16)
        if since is None:
            since = (before.mode, before.words) if before else ("", "")
        mode = NOTE if since[0] == NOTE else mode
        words = "\n\n".join(filter(None, (text, clean(since[1])[:MOST])))
        kept = [*files, *(before.files if before else ())]
        row = {"user_id": user_id, "conversation_id": conversation_id, "key": key}
        row |= {"mode": mode, "words": mask(words).text, "files": kept, "at": now}
        if words or kept:
            drafts.save(session, row)
            events.announce(session, "conversation", now, conversation_id)
    return Draft(**row | {"words": words})
