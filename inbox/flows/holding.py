"""An answer that has not left yet: taken back, sent at once, put to another time, or stopped.

Each is a compare-and-set on a row that no sender ever took (law 6): once a try has begun, it is too
late. A stopped answer waits for a person; the clock runs on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.outbox import QUEUED, STOPPED, WAITING
from inbox.flows import drafting, leaving
from inbox.flows.leaving import Leaving
from inbox.store import audit, events, files, notices, outbox
from inbox.store.session import Store, lock_account
from inbox.store.tables import Account, Conversation, Message, Reply

GONE: Final = word("It is on its way already: too late to change it.")

UNREAD: Final = word("It waits for approval: until then it leaves at no time.")


class TooLate(ValueError):
    """The answer left, or was taken back by somebody else; the message says so."""


class BadTime(ValueError):
    """It cannot leave at that time. `code` is `time`, or `late`: it could, after the due time."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What comes back to the author's hands: the words of all parts, and the files as drafts."""

    conversation_id: int
    text: str
    mode: str
    files: tuple[int, ...]
    canned: int | None


def take_back(
    store: Store, *, outbox_id: int, agent_id: int, actor: str, now: datetime
) -> TakenBack:
    """The answer, with all its parts, does not leave. Raises `TooLate`, `NoResultFound`."""
    with store.write() as session:
        first, rows = _chain(session, outbox_id)
        _move(session, first, "taken_back", now)
        for row in rows[1:]:
            outbox.move(session, row.id, row.state, "taken_back", attempt=0, finished_at=now)
        back = files.unbind(session, [row.id for row in rows], agent_id, now)
        _tell(session, first, actor, "reply_back", now)
    text = "\n".join(row.text for row in rows if row.text)
    return TakenBack(
        first.conversation_id, text, drafting.mode_of(first), tuple(back), first.canned_id
    )


def send_now(store: Store, *, outbox_id: int, shown: int, actor: str, now: datetime) -> int:
    """It leaves at once, though stopped or meant for later; the conversation's id. `shown` is the
    last message on the page of who says so. Raises `TooLate`, `NoResultFound`."""
    with store.write() as session:
        first, rows = _chain(session, outbox_id)
        _go(session, first, rows, shown, {"send_at": None, "not_before": None}, now)
        _tell(session, first, actor, "reply_now", now)
    return first.conversation_id


def send_later(
    store: Store, *, outbox_id: int, shown: int, when: Leaving, actor: str, now: datetime
) -> int:
    """It leaves at another time; the conversation's id. Raises `BadTime`, `TooLate`,
    `NoResultFound`."""
    with store.write() as session:
        first, rows = _chain(session, outbox_id)
        account = session.get_one(Account, first.account_id)
        conversation = session.get_one(Conversation, first.conversation_id)
        answered = session.get_one(Message, first.answers)
        wrong = leaving.trouble(
            session, account, conversation, first.visibility, answered, when, now
        )
        if wrong is not None:
            raise BadTime(*wrong)
        _go(session, first, rows, shown, leaving.columns(when, now), now)
        at = when.send_at.isoformat() if when.send_at else None
        _tell(session, first, actor, "reply_later", now, at=at)
    return first.conversation_id


def stop_crossed(store: Store, now: datetime) -> int:
    """Stops what waits for its time although the customer wrote again or somebody answered; how
    many. Asked every second: a look does not wait for the writer."""
    with store.read() as session:
        found = outbox.crossed(session)
    for reply_id, _ in found:
        with store.write() as session:
            stopped(session, reply_id, now)
    return len(found)


def stopped(session: Session, reply_id: int, now: datetime) -> bool:
    """Stops this one if it is crossed, in the caller's transaction; whether it is."""
    for found, why in outbox.crossed(session, reply_id):
        if outbox.move(session, found, QUEUED, "stopped", attempt=0, reason=why):
            reply = session.get_one(Reply, found)
            audit.record(session, "system", "reply_stopped", f"outbox:{found}", now, why=why)
            _tell_author(session, reply, why, now)
            events.announce(session, "conversation", now, reply.conversation_id)
        return True
    return False


def _tell_author(session: Session, reply: Reply, why: str, now: datetime) -> None:
    """Who wrote it is told, unless the answer that stopped it was theirs too."""
    by = outbox.answered_since(session, reply) if why == "answered" else None
    if reply.automated or (by is not None and by.id == reply.agent_id):
        return
    name, about = by.name if by else "", reply.conversation_id
    notices.tell(session, [reply.agent_id], "stopped", about, name, "", now, why)
    events.announce(session, "notice", now)


def _chain(session: Session, outbox_id: int) -> tuple[Reply, Sequence[Reply]]:
    """The first part of the answer, and all of them. Raises `NoResultFound`."""
    row = session.get_one(Reply, outbox_id)
    lock_account(session, row.account_id)
    rows = outbox.parts(session, row)
    return rows[0], rows


def _go(
    session: Session,
    first: Reply,
    rows: Sequence[Reply],
    shown: int,
    values: dict[str, datetime | None],
    now: datetime,
) -> None:
    if first.state == WAITING:
        raise TooLate(UNREAD)
    if first.state == STOPPED:
        seen = {"shown": max(shown, first.shown)}
        _move(session, first, "send_again", now, reason=None, **values, **seen)
        moved = True
    else:
        moved = outbox.put_off(session, first.id, **values)
    if not moved:
        raise TooLate(GONE)
    for row in rows[1:]:
        outbox.put_off(session, row.id, **values)


def _move(session: Session, first: Reply, event: str, now: datetime, **values: object) -> None:
    if event == "taken_back":
        values["finished_at"] = now
    waits = first.state in (QUEUED, STOPPED, WAITING)
    if not waits or not outbox.move(session, first.id, first.state, event, attempt=0, **values):
        raise TooLate(GONE)


def _tell(
    session: Session, first: Reply, actor: str, action: str, now: datetime, **detail: object
) -> None:
    audit.record(session, actor, action, f"outbox:{first.id}", now, **detail)
    events.announce(session, "conversation", now, first.conversation_id)
