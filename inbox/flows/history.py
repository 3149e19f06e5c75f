"""A conversation's history, every fact in plain words: what happened, whose doing it was, and what
was said with it. What was deleted is told without its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from classifier.labels import TOPIC_MEANING, Category
from inbox.domain.case_clocks import KEPT
from inbox.domain.warnings import INTERNAL, PUBLIC
from inbox.store import history as stored
from inbox.store.acting import REFUSED
from inbox.store.history import Fact, Names
from inbox.store.sql import AnyRow
from templates.happened import WORDS, Said, Value, plain, plain_quote, who

FIRST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the history. `what` and `values` make its sentence (`templates.happened`).

    `by` is a key of `WHO`, or empty where it was the person `name`. `quote` is what was written, in
    others' words, or the reason; `message` is the stored message that it is about.
    """

    at: datetime
    what: str
    by: str = ""
    name: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    quote: str | Said = ""
    message: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Newest first, and the cursor of what is older (None at the end)."""

    lines: tuple[Happened, ...]
    next_cursor: str | None


def history(
    session: Session, conversation_id: int, limit: int, cursor: str | None = None
) -> History:
    """A page of a conversation that there is. Raises `BadCursor`."""
    page = stored.page(session, conversation_id, limit, cursor)
    audited = [fact.row.detail for fact in page.facts if fact.what == "audit"]
    names = stored.names(
        session,
        [detail["agent"] for detail in audited if detail.get("agent")],
        [detail["note"] for detail in audited if detail.get("note")],
    )
    return History(tuple(_line(fact, names) for fact in page.facts), page.next_cursor)


def _line(fact: Fact, names: Names) -> Happened:
    if fact.what == "audit":
        return audited(fact.at, fact.row, names)
    return _FACTS[fact.what](fact.at, fact.what, fact.row)


def audited(at: datetime, row: AnyRow, names: Names) -> Happened:
    """A row of the audit log. An action of which nobody wrote words here is named as it is."""
    detail: dict[str, Any] = row.detail
    what, values = sentence(row.action, detail, names)
    if what == "assign" and row.person_id == detail.get("agent"):
        what = "assign.self"
    noun, _, id_ = row.subject.partition(":")
    note = names.notes.get((detail.get("note") or 0, at), "") if row.action == "note" else ""
    return Happened(
        at,
        what,
        **_doer(row, detail),
        values=values,
        quote=_first(note) or _because(detail.get("failed")) or _reason(detail.get("reason")),
        message=int(id_) if noun == "message" else detail.get("message"),
    )


def sentence(
    action: str, detail: Mapping[str, Any], names: Names
) -> tuple[str, Mapping[str, Value]]:
    """The key of `WORDS` for an action of the audit log, and its values."""
    make = _ACTIONS.get(action)
    what, values = make(detail, names) if make else (action, {})
    return (what, values) if what in WORDS else ("other", {"action": action})


def _doer(row: AnyRow, detail: Mapping[str, Any]) -> dict[str, Any]:
    rule = detail.get("rule")
    if isinstance(rule, dict):
        rule = rule.get("name")  # none where it was routing and no rule
    if row.actor == "system":
        return {"by": "rule", "name": rule} if rule else {"by": "system"}
    return {"by": "cli"} if row.actor == "cli" else {"name": row.person or row.actor}


def _first(text: str) -> str:
    return " ".join(text.split())[:FIRST_WORDS]


def _because(why: str | None) -> str | Said:
    """What a flow or a platform gave as the reason."""
    return Said(why) if why else ""


def _reason(why: str | None) -> str | Said:
    """What a person gave: one of the reasons that there are to choose from, or their words."""
    return Said(why, "reason") if why else ""


def _author(row: AnyRow) -> dict[str, Any]:
    if row.role == "customer":
        name = row.author_name or row.author_handle
        return {"name": name} if name else {"by": "customer"}
    if row.person and not row.automated:
        return {"name": row.person}
    return {"by": "system" if row.automated else "outside"}


def _wrote(at: datetime, what: str, row: AnyRow) -> Happened:
    if what == "out" and row.automated:
        what = "out.automated"
    elif what == "out" and row.agent_id is None:
        what = "out.outside"
    words = "" if row.deleted_at is not None else _first(row.text)
    return Happened(at, what, **_author(row), quote=words, message=row.id)


def _edited(at: datetime, _: str, row: AnyRow) -> Happened:
    return Happened(at, "edited", **_author(row))


def _deleted(at: datetime, what: str, row: AnyRow) -> Happened:
    """Of ours it is not known who did: a person here stands in the line of the audit log."""
    by: dict[str, Any] = _author(row) if row.role == "customer" else {"by": "platform"}
    return Happened(at, what, **by, message=row.id)


def _platform(at: datetime, what: str, row: AnyRow) -> Happened:
    why = _because(row.failed_why) if what == "failed" else ""
    return Happened(at, what, by="platform", quote=why, message=row.id)


def _tagged(at: datetime, what: str, row: AnyRow) -> Happened:
    labels = {name: getattr(row, name) for name in ("category", "urgency", "topic")}
    return Happened(
        at, what, by="classifier", values={"tags": _tags(labels)}, message=row.opener_id
    )


def _tags(labels: Mapping[str, str | None]) -> tuple[Said, ...]:
    category, urgency, topic = (labels.get(name) for name in ("category", "urgency", "topic"))
    known = TOPIC_MEANING[Category(category)] if category in list(Category) else {}
    told = [Said(category or "untagged", "category")]
    told += [Said(urgency, "urgency")] if urgency else []
    return (*told, Said(known.get(topic, topic))) if topic else tuple(told)


def _clock(at: datetime, what: str, row: AnyRow) -> Happened:
    values: dict[str, Value] = {"due": row.due_at, "policy": Said(row.policy["name"])}
    if what == "clock_moved":
        values["before"] = row.due_before
    return Happened(at, what, by="system", values=values, message=row.opened_by)


def _ended(at: datetime, _: str, row: AnyRow) -> Happened:
    by: dict[str, Any] = {"name": row.person} if row.person else {"by": "customer"}
    if row.end != "answered":
        by = by if row.end == "withdrawn" or row.person else {"by": "system"}
        return Happened(at, row.end, **by, quote=_reason(row.reason))
    what = "answered" if at <= row.due_at else "answered.late"
    by = by if row.person else {"by": "outside"}
    waited: dict[str, Value] = {"waited": at - row.opened_at}
    return Happened(at, what, **by, values=waited, message=row.ended_by)


def _case(at: datetime, what: str, row: AnyRow) -> Happened:
    values: dict[str, Value] = {"clock": Said(row.policy["name"])}
    if what == "case":
        what = "case" if row.due_at else "case.still"
    elif what == "case_changed":
        what = "case_stopped" if row.due_at is None else "case_moved"
        what = "case_runs" if row.due_at is not None and row.due_before is None else what
    elif row.end not in KEPT:
        what = "case_ended.off"
    else:
        what = "case_ended" if row.due_at is None or at <= row.due_at else "case_ended.late"
    if row.due_at is not None:
        values["due"] = row.due_at
    if row.due_before is not None:
        values["before"] = row.due_before
    return Happened(at, what, by="system", values=values)


def _reply(at: datetime, _: str, row: AnyRow) -> Happened:
    return Happened(at, f"reply_{row.state}", by="platform", quote=_because(row.reason))


def _bulk(at: datetime, what: str, row: AnyRow) -> Happened:
    what = "bulk.refused" if row.state == REFUSED else what
    what = what if row.name else f"{what}.unnamed"
    values: dict[str, Value] = {"name": row.name}
    return Happened(at, what, name=row.person, values=values, quote=_because(row.why))


_FACTS: Final[Mapping[str, Callable[[datetime, str, AnyRow], Happened]]] = {
    "in": _wrote,
    "out": _wrote,
    "edited": _edited,
    "edited_since": _edited,
    "deleted": _deleted,
    "failed": _platform,
    "delivered": _platform,
    "read": _platform,
    "tagged": _tagged,
    "clock": _clock,
    "clock_moved": _clock,
    "ended": _ended,
    "case": _case,
    "case_changed": _case,
    "case_ended": _case,
    "reply": _reply,
    "bulk": _bulk,
}

_Sentence = tuple[str, dict[str, Value]]


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _assign(detail: Mapping[str, Any], names: Names) -> _Sentence:
    because = (detail.get("rule") or {}).get("because")
    if detail.get("agent") is None:
        return ("assign.shift_ended" if because == "shift_ended" else "assign.none"), {}
    what = {"rule": "assign.rule", "assigned": "assign.duty"}.get(str(because), "assign")
    return what, {"person": names.users.get(detail["agent"], "?")}


def _left_to(detail: Mapping[str, Any], _: Names) -> _Sentence:
    return ("assign_team.rule" if detail.get("rule") else "assign_team"), {
        "team": detail.get("team") or "?"
    }


def _snooze(detail: Mapping[str, Any], _: Names) -> _Sentence:
    until = _instant(detail.get("until"))
    return ("snooze", {"until": until}) if until else ("other", {"action": "snooze"})


def _undo(detail: Mapping[str, Any], _: Names) -> _Sentence:
    return "undo", {"step": Said(detail.get("step") or "", "step")}


def _tag(detail: Mapping[str, Any], _: Names) -> _Sentence:
    before, after = detail.get("before") or {}, detail.get("after") or {}
    if not before.get("category"):
        return "tag.first", {"after": _tags(after)}
    return "tag", {"after": _tags(after), "before": _tags(before)}


def _queued(detail: Mapping[str, Any], _: Names) -> _Sentence:
    at = _instant(detail.get("at"))
    return ("reply.later", {"at": at}) if at else ("reply", {})


def _put_off(detail: Mapping[str, Any], _: Names) -> _Sentence:
    at = _instant(detail.get("at"))
    return ("reply_later", {"at": at}) if at else ("reply_later.soon", {})


def _stopped(detail: Mapping[str, Any], _: Names) -> _Sentence:
    why = "answered" if detail.get("why") == "answered" else "customer"
    return f"reply_stopped.{why}", {}


def _ran(detail: Mapping[str, Any], _: Names) -> _Sentence:
    return "act", {"name": detail.get("name") or ""}


def _ruled(detail: Mapping[str, Any], _: Names) -> _Sentence:
    does, value = Said(detail.get("does") or "", "rule_part"), detail.get("value") or ""
    if detail.get("failed"):
        return "rule.failed", {"does": does}
    if detail.get("does") in ("category", "urgency") and value:
        return "rule", {"does": does, "value": Said(value, detail["does"])}
    if detail.get("does") == "policy" and value:
        return "rule", {"does": does, "value": Said(value, "policy")}
    bare = not value or detail.get("does") not in ("assign", "notify", "tag_contact")
    return ("rule.bare", {"does": does}) if bare else ("rule", {"does": does, "value": value})


def _playbook(detail: Mapping[str, Any], _: Names) -> _Sentence:
    what = "playbook_step" if detail.get("on", True) else "playbook_step.off"
    return what, {"step": detail.get("step") or ""}


def _mark(name: str) -> Callable[[Mapping[str, Any], Names], _Sentence]:
    def told(detail: Mapping[str, Any], _: Names) -> _Sentence:
        return (name if detail.get("on", True) else f"{name}.off"), {}

    return told


def _contact_tags(detail: Mapping[str, Any], _: Names) -> _Sentence:
    new, gone = (", ".join(detail.get(name) or []) for name in ("added", "removed"))
    if new and gone:
        return "contact.tags.both", {"added": new, "removed": gone}
    return ("contact.tags", {"added": new}) if new else ("contact.tags.gone", {"removed": gone})


def _warned(what: str) -> Callable[[Mapping[str, Any], Names], _Sentence]:
    def told(detail: Mapping[str, Any], _: Names) -> _Sentence:
        target, part = detail.get("target"), detail.get("part") or 100
        values: dict[str, Value] = {"n": len(detail.get("told") or [])}
        if what == "warn":
            values["part"] = part
        if target in (PUBLIC, None):
            return what, values
        if target == INTERNAL:
            return f"{what}.internal", values
        return f"{what}.case", values | {"policy": Said(detail.get("policy") or "", "policy")}

    return told


_ACTIONS: Final[Mapping[str, Callable[[Mapping[str, Any], Names], _Sentence]]] = {
    "assign": _assign,
    "assign_team": _left_to,
    "snooze": _snooze,
    "undo": _undo,
    "tag": _tag,
    "reply": _queued,
    "reply_later": _put_off,
    "reply_stopped": _stopped,
    "act": _ran,
    "rule": _ruled,
    "playbook_step": _playbook,
    "contact.vip": _mark("contact.vip"),
    "contact.muted": _mark("contact.muted"),
    "contact.blocked": _mark("contact.blocked"),
    "contact.tags": _contact_tags,
    "warn": _warned("warn"),
    "breach": _warned("breach"),
}
"""What needs more than its own words. Every other action is a key of `WORDS` itself."""


def told(line: Happened) -> dict[str, Any]:
    """A line as programs are told it."""
    return {
        "at": line.at,
        "what": line.what,
        "by": who(line),
        "text": plain(line),
        "quote": plain_quote(line) or None,
        "message_id": line.message,
    }
