"""Moving a conversation from state to state: waiting on whom, snoozed, resolved, spam, and back.

A step is stored as a fact and the conversation folded anew in one transaction; taking it back marks
it undone and folds again. What a step may follow stands in `domain.conversation.OFFERED`.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain.conversation import EVENT_OF, LEADS_TO, OFFERED, PARKS, SNOOZED
from inbox.flows.refold import refold
from inbox.guard.secrets import mask
from inbox.store import audit, steps
from inbox.store.session import Store
from inbox.store.tables import Conversation

LONGEST_SNOOZE: Final = timedelta(days=366)
LONGEST_REASON: Final = 500
ACTIONS: Final = {
    "customer": "wait_on_customer",
    "third": "wait_on_third",
    "snooze": "snooze",
    "resolve": "resolve",
    "spam": "spam",
    "reopen": "reopen",
    "wake": "wake",
}
"""A step in the audit log."""


class ReasonNeeded(ValueError):
    """A customer waits: ending that without an answer needs a reason. So does waiting on others."""


class CannotMove(ValueError):
    """The step does not fit the conversation as it is now; the message says why."""


def reason_of(typed: str | None) -> str:
    """A reason as it is stored: of bounded length, and without card numbers."""
    return mask((typed or "").strip()).text[:LONGEST_REASON]


def move(
    store: Store,
    *,
    conversation_id: int,
    kind: str,
    agent_id: int,
    actor: str,
    seen: int,
    now: datetime,
    reason: str | None = None,
    until: datetime | None = None,
) -> None:
    """A person's step (a kind of `OFFERED`); done twice it is done once.

    A step that parks the conversation while its customer waits excuses the wait, with the reason.
    Raises `ReasonNeeded` and `CannotMove`.
    """
    words = reason_of(reason)
    with store.write() as session:
        before = steps.locked(session, conversation_id)
        status = before.status
        if status == LEADS_TO[EVENT_OF[kind]] and kind != "snooze":
            return
        if kind not in OFFERED[status]:
            raise CannotMove(word("That does not fit this conversation as it is now."))
        if kind == "third" and not words:
            raise ReasonNeeded(word("Say on whom it waits."))
        if kind in PARKS and before.due_at is not None:
            if not words:
                raise ReasonNeeded(word("The customer still waits: say why no reply is needed."))
            steps.add_step(session, "excuse", conversation_id, agent_id, words, seen, now)
        if kind == "snooze":
            _check_until(until, now)
        steps.add_step(session, kind, conversation_id, agent_id, words or None, seen, now, until)
        refold(session, [conversation_id], now)
        after = _after(session, conversation_id)
        if kind == "snooze" and (after.back_at is None or after.back_at <= now):
            raise CannotMove(
                word("A customer’s answer is due before that: it cannot be put aside now.")
            )
        _record(session, actor, kind, status, after, now, words, until)


def reopen_due(store: Store, now: datetime) -> int:
    """Brings back what was snoozed until now; how many.

    Each in a transaction of its own that looks again, so two processes, or one that dies between
    two of them, bring each back once.
    """
    back = 0
    while True:
        with store.read() as session:
            due = steps.over(session, now)
        for conversation_id in due:
            with store.write() as session:
                row = steps.locked(session, conversation_id)
                if row.status != SNOOZED or row.back_at is None or row.back_at > now:
                    continue
                seen = row.last_message_id or 0
                steps.add_step(session, "wake", conversation_id, None, None, seen, now)
                refold(session, [conversation_id], now)
                after = _after(session, conversation_id)
                _record(session, "system", "wake", SNOOZED, after, now)
                back += 1
        if not due:
            return back


def undo(store: Store, *, conversation_id: int, step_id: int, actor: str, now: datetime) -> None:
    """Takes the newest step back, and the excuse that was given with it. Raises `CannotMove` when
    it is not the newest any more."""
    with store.write() as session:
        before = steps.locked(session, conversation_id)
        status = before.status
        step = steps.newest(session, conversation_id)
        fits = step is not None and step.id == step_id and step.agent_id is not None
        if step is None or not fits or not steps.take_back(session, step, actor, now):
            raise CannotMove(word("Something else was done since; this cannot be taken back."))
        refold(session, [conversation_id], now)
        after = _after(session, conversation_id)
        detail = {"from": status, "to": after.status, "step": step.kind, "reason": step.reason}
        subject = f"conversation:{conversation_id}"
        audit.record(session, actor, "undo", subject, now, **detail)


def _check_until(until: datetime | None, now: datetime) -> None:
    if until is None or until <= now:
        raise CannotMove(word("Choose a time that is still to come."))
    if until > now + LONGEST_SNOOZE:
        raise CannotMove(word("Choose a time within a year."))


def _after(session: Session, conversation_id: int) -> Conversation:
    row = session.get_one(Conversation, conversation_id)
    session.refresh(row)
    return row


def _record(
    session: Session,
    actor: str,
    kind: str,
    before: str,
    after: Conversation,
    now: datetime,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    detail = {
        "from": before,
        "to": after.status,
        "reason": reason or None,
        "until": until.isoformat() if until else None,
    }
    subject = f"conversation:{after.id}"
    audit.record(session, actor, ACTIONS[kind], subject, now, **detail)
