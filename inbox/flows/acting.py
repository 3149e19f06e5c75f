"""Several actions at once on one conversation: done in one transaction, or none of them; with an
account of what was done, and taking back what can be taken back.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import answers as canned_rules
from inbox.domain.actions import ME, NOBODY, Actions, document
from inbox.domain.snooze import choices
from inbox.flows import answers as answers_flow
from inbox.flows import correct, holding, states, steps
from inbox.flows.answers import By
from inbox.flows.leaving import Leaving
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import accounts, answers, audit, outbox
from inbox.store import acting as stored
from inbox.store import steps as stored_steps
from inbox.store.session import Store, Within
from inbox.store.tables import ActionRun, Conversation, Message

CHANGED: Final = word("It was changed since; it stays as it is.")
UNTAGGED: Final = word("It had no tag before; the new one stays.")
WRITERS: Final = ("agent", "lead", "admin")


class Refused(ValueError):
    """Nothing was done; the message says why."""


def run(
    store: Store,
    *,
    conversation_id: int,
    actions: Actions,
    name: str,
    by: By,
    shown: int,
    key: str,
    now: datetime,
    macro_id: int | None = None,
) -> int:
    """The run's number; the same `key` again is the same run. `shown` is the last message on the
    author's page. Raises `Refused` (nothing is done then), `NoResultFound`."""
    with store.write() as session:
        conversation = stored_steps.locked(session, conversation_id)
        known = stored.run_by_key(session, key)
        if known is not None:
            return known.id
        did = perform(session, conversation, actions, by, shown, key, now)
        row = ActionRun(
            key=key,
            macro_id=macro_id,
            conversation_id=conversation_id,
            agent_id=by.id,
            name=name,
            shown=shown,
            state=stored.DONE,
            at=now,
            did=did,
            undone=[],
        )
        session.add(row)
        session.flush()
        if macro_id is not None:
            stored.macro_used(session, macro_id)
        audit.record(
            session, by.email, "act", f"conversation:{conversation_id}", now, run=row.id, name=name
        )
    return row.id


def perform(
    session: Session,
    conversation: Conversation,
    actions: Actions,
    by: By,
    shown: int,
    key: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Does all of it in the caller's transaction; the account. Raises `Refused`: roll back then."""
    inside = Within(session)
    did: list[dict[str, Any]] = []
    try:
        for verb in actions.verbs:
            made = _VERBS[verb](inside, conversation, actions, by, shown, key, now)
            if made is not None:
                did.append({"verb": verb} | made)
    except (ReplyInvalid, CannotMove, ReasonNeeded) as e:
        raise Refused(str(e)) from e
    return did


def undo(store: Store, *, run_id: int, by: By, now: datetime) -> list[dict[str, Any]]:
    """Takes back what can be: each part with `ok` or `why` not, the last first. Done twice it is
    done once. Raises `NoResultFound`."""
    with store.write() as session:
        row = session.get_one(ActionRun, run_id)
        if not stored.move(session, run_id, stored.DONE, stored.UNDONE, undone_at=now):
            return list(row.undone)
    back = []
    for part in reversed(row.did):
        why = _undo_part(store, row.conversation_id, part, by, now)
        back.append({"verb": part["verb"], "ok": not why, "why": why})
    with store.write() as session:
        session.get_one(ActionRun, run_id).undone = back
        audit.record(
            session, by.email, "act_undo", f"conversation:{row.conversation_id}", now, run=run_id
        )
    return back


def follow(session: Session, conversation_id: int, then: dict[str, Any], now: datetime) -> None:
    """The move that waited for an answer to be sent, if nobody waits there now."""
    row = stored_steps.locked(session, conversation_id)
    if row.due_at is not None:
        return  # the customer wrote again meanwhile: the move would hide that
    try:
        states.move(
            Within(session),
            conversation_id=conversation_id,
            kind=then["kind"],
            agent_id=then["agent_id"],
            actor=then["actor"],
            seen=row.last_message_id or 0,
            now=now,
            reason=then["reason"],
            until=datetime.fromisoformat(then["until"]) if then["until"] else None,
        )
    except CannotMove:
        return  # somebody moved it meanwhile, or the time of the snooze is over


def _tag(
    inside: Store,
    conversation: Conversation,
    actions: Actions,
    by: By,
    shown: int,
    key: str,
    now: datetime,
) -> dict[str, Any]:
    before = {n: getattr(conversation, n) for n in ("category", "urgency", "topic")}
    _correct(inside, conversation.id, actions.category, actions.urgency, actions.topic, by, now)
    return {"before": before, "after": document(Actions(actions.category, actions.urgency))}


def _correct(
    store: Store, id: int, category: str, urgency: str, topic: str, by: By, now: datetime
) -> None:
    correct.correct(
        store,
        conversation_id=id,
        agent_id=by.id,
        actor=by.email,
        category=category or None,
        urgency=urgency or None,
        topic=topic or None,
        now=now,
    )


def _assign(
    inside: Within,
    conversation: Conversation,
    actions: Actions,
    by: By,
    shown: int,
    key: str,
    now: datetime,
) -> dict[str, Any] | None:
    to: int | None = by.id
    if actions.assign == NOBODY:
        to = None
    elif actions.assign != ME:
        person = stored.user(inside.session, actions.assign)
        if person is None or person.role not in WRITERS:
            said = word("Nobody with the address {email} answers here.")
            raise Refused(said.format(email=actions.assign))
        to = person.id
    before = conversation.assignee_id
    if before == to:
        return None
    steps.assign(
        inside,
        conversation_id=conversation.id,
        agent_id=to,
        expected=before,
        actor=by.email,
        now=now,
    )
    return {"before": before, "after": to}


def _answer(
    inside: Within,
    conversation: Conversation,
    actions: Actions,
    by: By,
    shown: int,
    key: str,
    now: datetime,
) -> dict[str, Any]:
    session = inside.session
    row = answers_flow.visible(session, actions.answer, by)
    if row is None or row.removed_at is not None:
        raise Refused(word("The canned answer is not there any more."))
    canned = answers.canned(row)
    asked = answers.asked(session, conversation.id)
    lang = canned_rules.language_of(canned.texts, (asked.lang if asked else None) or "")
    text = answers_flow.filled(session, conversation.id, canned, by)[lang].text
    brand = accounts.brand(session)
    last = session.get(Message, conversation.last_message_id or 0)
    reply = queue_reply(
        inside,
        conversation_id=conversation.id,
        agent_id=by.id,
        actor=by.email,
        text=text,
        visibility=last.visibility if last else conversation.visibility,
        form_key=f"act:{key}",
        shown=shown,
        now=now,
        canned=canned.id,
        when=Leaving(hold_s=brand.undo_s if brand else 0),
        split=True,
    )
    if actions.move:
        then = _move_words(session, actions, now) | {"agent_id": by.id, "actor": by.email}
        outbox.last_part(session, reply, then=then)
    return {"outbox": reply}


def _move_words(session: Session, actions: Actions, now: datetime) -> dict[str, Any]:
    brand = accounts.brand(session)
    named = {str(n): at for n, at in choices(now, brand.zone if brand else "UTC").items()}
    until = named.get(actions.until) or named["tomorrow"]
    snoozes = actions.move == "snooze"
    return {
        "kind": actions.move,
        "reason": actions.reason,
        "until": until.isoformat() if snoozes else None,
    }


def _move(
    inside: Within,
    conversation: Conversation,
    actions: Actions,
    by: By,
    shown: int,
    key: str,
    now: datetime,
) -> dict[str, Any] | None:
    if actions.answer:
        return {"kind": actions.move, "later": True}
    words = _move_words(inside.session, actions, now)
    before = stored_steps.newest(inside.session, conversation.id)
    states.move(
        inside,
        conversation_id=conversation.id,
        kind=actions.move,
        agent_id=by.id,
        actor=by.email,
        seen=shown,
        now=now,
        reason=actions.reason,
        until=datetime.fromisoformat(words["until"]) if words["until"] else None,
    )
    step = stored_steps.newest(inside.session, conversation.id)
    if step is None or (before is not None and step.id == before.id):
        return None  # it stood there already
    return {"kind": actions.move, "step": step.id}


_VERBS: Final[dict[str, Any]] = {
    "tag": _tag,
    "assign": _assign,
    "answer": _answer,
    "move": _move,
}


def _undo_part(
    store: Store, conversation_id: int, part: dict[str, Any], by: By, now: datetime
) -> str:
    """Why it stays as it is; empty when it was taken back."""
    if part["verb"] == "move":
        return "" if part.get("later") else _undo_move(store, conversation_id, part, by, now)
    if part["verb"] == "answer":
        try:
            holding.take_back(
                store, outbox_id=part["outbox"], agent_id=by.id, actor=by.email, now=now
            )
        except holding.TooLate as e:
            return str(e)
        return ""
    before = part["before"]
    if part["verb"] == "assign":
        moved = steps.assign(
            store,
            conversation_id=conversation_id,
            agent_id=before,
            expected=part["after"],
            actor=by.email,
            now=now,
        )
        return "" if moved else CHANGED
    if not before["category"] or not before["urgency"]:
        return UNTAGGED
    with store.read() as session:
        row = session.get_one(Conversation, conversation_id)
        same = all(getattr(row, name) == label for name, label in part["after"].items())
    if not same:
        return CHANGED
    labels = [before[name] or "" for name in ("category", "urgency", "topic")]
    _correct(store, conversation_id, labels[0], labels[1], labels[2], by, now)
    return ""


def _undo_move(
    store: Store, conversation_id: int, part: dict[str, Any], by: By, now: datetime
) -> str:
    try:
        states.undo(
            store, conversation_id=conversation_id, step_id=part["step"], actor=by.email, now=now
        )
    except CannotMove as e:
        return str(e)
    return ""
