"""Several actions at once on one conversation: done in one transaction, or none of them; with an
account of what was done, and taking back what can be taken back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import answers as canned_rules
from inbox.domain.actions import ME, NOBODY, Actions, document
from inbox.domain.answers import Canned
from inbox.domain.outbox import SENT
from inbox.domain.snooze import choices
from inbox.flows import answers as answers_flow
from inbox.flows import correct, holding, leaving, notes, states, steps
from inbox.flows.answers import By
from inbox.flows.reply import ReplyInvalid, queue_reply
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import accounts, answers, audit, outbox, scope
from inbox.store import acting as stored
from inbox.store import steps as stored_steps
from inbox.store.session import Store, Within
from inbox.store.tables import ActionRun, Conversation, Message

CHANGED: Final = word("It was changed since; it stays as it is.")
UNTAGGED: Final = word("It had no tag before; the new one stays.")
WRITERS: Final = ("agent", "lead", "admin")
_LABELS: Final = ("category", "urgency", "topic")


class Refused(ValueError):
    """Nothing was done; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done to a conversation. `shown` is the last message that they saw there,
    `key` names the answer that it sends: the same again is the same answer."""

    actions: Actions
    by: By
    shown: int
    key: str
    now: datetime


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
        did = perform(session, conversation, Asked(actions, by, shown, key, now))
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


def perform(session: Session, conversation: Conversation, asked: Asked) -> list[dict[str, Any]]:
    """Does all of it in the caller's transaction; the account. Raises `Refused`: roll back then."""
    inside = Within(session)
    did: list[dict[str, Any]] = []
    try:
        for verb in asked.actions.verbs:
            made = _VERBS[verb](inside, conversation, asked)
            if made is not None:
                did.append({"verb": verb} | made)
    except (ReplyInvalid, CannotMove, ReasonNeeded) as e:
        raise Refused(str(e)) from e
    return did


def undo(store: Store, *, run_id: int, by: By, now: datetime) -> list[dict[str, Any]]:
    """Takes back what can be, in one transaction: each part with `ok` or `why` not, the last first.
    Done twice it is done once. Raises `NoResultFound`."""
    with store.write() as session:
        row = session.get_one(ActionRun, run_id)
        conversation_id, did = row.conversation_id, list(row.did)
        stored_steps.locked(session, conversation_id)
        if not stored.move(session, run_id, stored.DONE, stored.UNDONE, undone_at=now):
            session.refresh(row)
            return list(row.undone)
        inside, back = Within(session), []
        for part in reversed(did):
            why = _undo_part(inside, conversation_id, part, did, by, now)
            back.append({"verb": part["verb"], "ok": not why, "why": why})
        stored.told(session, run_id, undone=back)
        audit.record(
            session, by.email, "act_undo", f"conversation:{conversation_id}", now, run=run_id
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


_Made = dict[str, Any] | None
"""What was done, with what taking it back needs; None when there was nothing to do."""


def _tag(inside: Within, conversation: Conversation, asked: Asked) -> _Made:
    wanted = asked.actions
    before = {name: getattr(conversation, name) for name in _LABELS}
    after = document(Actions(wanted.category, wanted.urgency, wanted.topic))
    _correct(inside, conversation.id, after, asked.by, asked.now)
    return {"before": before, "after": after}


def _correct(
    inside: Within, id: int, labels: Mapping[str, str | None], by: By, now: datetime
) -> None:
    wanted = {name: labels.get(name) or None for name in _LABELS}
    correct.correct(inside, conversation_id=id, agent_id=by.id, actor=by.email, now=now, **wanted)


def _assign(inside: Within, conversation: Conversation, asked: Asked) -> _Made:
    wanted = asked.actions.assign
    to: int | None = asked.by.id
    if wanted == NOBODY:
        to = None
    elif wanted != ME:
        person = stored.user(inside.session, wanted)
        if person is None or person.role not in WRITERS:
            said = word("Nobody with the address {email} answers here.")
            raise Refused(said.format(email=wanted))
        to = person.id
    if to is not None and not scope.among(inside.session, conversation.id, [to]):
        raise Refused(word("Who is to have it does not see this account."))
    before = conversation.assignee_id
    if before == to:
        return None
    steps.assign(
        inside,
        conversation_id=conversation.id,
        agent_id=to,
        expected=before,
        actor=asked.by.email,
        now=asked.now,
    )
    return {"before": before, "after": to}


def _note(inside: Within, conversation: Conversation, asked: Asked) -> _Made:
    note_id = notes.write(
        inside,
        conversation_id=conversation.id,
        agent_id=asked.by.id,
        actor=asked.by.email,
        text=asked.actions.note,
        form_key=f"act:{asked.key}",
        now=asked.now,
    )
    return {"note": note_id}


def _answer(inside: Within, conversation: Conversation, asked: Asked) -> _Made:
    session, by = inside.session, asked.by
    canned = _canned(session, asked)
    message = answers.asked(session, conversation.id)
    lang = canned_rules.language_of(canned.texts, (message.lang if message else None) or "")
    text = answers_flow.filled(session, conversation.id, canned, by)[lang].text
    last = session.get(Message, conversation.last_message_id or 0)
    reply = queue_reply(
        inside,
        conversation_id=conversation.id,
        agent_id=by.id,
        actor=by.email,
        text=text,
        visibility=last.visibility if last else conversation.visibility,
        form_key=f"act:{asked.key}",
        shown=asked.shown,
        now=asked.now,
        seen_reply=outbox.newest_sent(session, conversation.id, asked.shown),
        canned=canned.id or None,
        when=leaving.held(session),
        split=True,
    )
    if asked.actions.move:
        then = _move_words(session, asked) | {"agent_id": by.id, "actor": by.email}
        outbox.last_part(session, reply).then = then
    return {"outbox": reply}


def _canned(session: Session, asked: Asked) -> Canned:
    """The canned answer that is asked for, or the words of this once as one without a number."""
    if asked.actions.words:
        return Canned("", "", asked.actions.words)
    row = answers_flow.visible(session, asked.actions.answer, asked.by)
    if row is None or row.removed_at is not None:
        raise Refused(word("The canned answer is not there any more."))
    return answers.canned(row)


def _move_words(session: Session, asked: Asked) -> dict[str, Any]:
    wanted, until = asked.actions, None
    if wanted.move == "snooze":
        named = {str(n): at for n, at in choices(asked.now, accounts.brand_zone(session)).items()}
        until = (named.get(wanted.until) or named["tomorrow"]).isoformat()
    return {"kind": wanted.move, "reason": wanted.reason, "until": until}


def _move(inside: Within, conversation: Conversation, asked: Asked) -> _Made:
    kind = asked.actions.move
    if "answer" in asked.actions.verbs:
        return {"kind": kind, "later": True}
    words = _move_words(inside.session, asked)
    before = stored_steps.newest(inside.session, conversation.id)
    states.move(
        inside,
        conversation_id=conversation.id,
        kind=kind,
        agent_id=asked.by.id,
        actor=asked.by.email,
        seen=asked.shown,
        now=asked.now,
        reason=words["reason"],
        until=datetime.fromisoformat(words["until"]) if words["until"] else None,
    )
    step = stored_steps.newest(inside.session, conversation.id)
    if step is None or (before is not None and step.id == before.id):
        return None  # it stood there already
    return {"kind": kind, "step": step.id}


_VERBS: Final[Mapping[str, Callable[[Within, Conversation, Asked], _Made]]] = {
    "tag": _tag,
    "assign": _assign,
    "note": _note,
    "answer": _answer,
    "move": _move,
}


def _undo_part(
    inside: Within,
    conversation_id: int,
    part: dict[str, Any],
    did: list[dict[str, Any]],
    by: By,
    now: datetime,
) -> str:
    """Why it stays as it is; empty when it was taken back. What refuses has written nothing."""
    here: dict[str, Any] = {"conversation_id": conversation_id, "actor": by.email, "now": now}
    try:
        match part["verb"]:
            case "move":
                step = part.get("step") or _followed(inside.session, conversation_id, part, did)
                if step:
                    states.undo(inside, step_id=step, **here)
            case "answer":
                sent = {"outbox_id": part["outbox"], "agent_id": by.id}
                holding.take_back(inside, actor=by.email, now=now, **sent)
            case "note":
                notes.take_back(inside, note_id=part["note"], actor=by.email, now=now)
            case "assign":
                to, held = part["before"], part["after"]
                if not steps.assign(inside, agent_id=to, expected=held, **here):
                    return CHANGED
            case "tag":
                return _undo_tag(inside, conversation_id, part, by, now)
    except (CannotMove, holding.TooLate) as e:
        return str(e)
    return ""


def _followed(
    session: Session, conversation_id: int, part: dict[str, Any], did: list[dict[str, Any]]
) -> int | None:
    """The step that followed an answer, if it was made and stands; none will follow any more."""
    sent = next(one["outbox"] for one in did if one["verb"] == "answer")
    last = outbox.last_part(session, sent)
    last.then = None
    if last.state != SENT or last.finished_at is None:
        return None
    return stored_steps.made_at(session, conversation_id, part["kind"], last.finished_at)


def _undo_tag(
    inside: Within, conversation_id: int, part: dict[str, Any], by: By, now: datetime
) -> str:
    before, after = part["before"], part["after"]
    if not before["category"] or not before["urgency"]:
        return UNTAGGED
    row = inside.session.get_one(Conversation, conversation_id)
    if any(getattr(row, name) != label for name, label in after.items()):
        return CHANGED
    if row.topic and not before["topic"] and row.category == before["category"]:
        return UNTAGGED  # a topic ends with its category alone
    _correct(inside, conversation_id, before, by, now)
    return ""
