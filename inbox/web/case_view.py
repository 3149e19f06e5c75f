"""Clocks of the whole matter as the conversation's page shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inbox.domain.case_clocks import RESOLUTION
from inbox.domain.complaints import Template
from inbox.flows import case_telling, complaints
from inbox.store import complaints as stored
from inbox.store import people
from inbox.store.tables import Complaint
from inbox.store.thread import Thread
from inbox.web.pages import Frame
from inbox.web.pages_cases import CaseLine, Cases, Choice, Marked, PauseLine, Said

MOST_CHOICES = 12
WORDS = 60  # characters


def cases(session: Session, thread: Thread, frame: Frame) -> Cases:
    """Beside one conversation."""
    conversation_id, now = thread.row.id, frame.now
    told = case_telling.of_conversation(session, conversation_id, now)
    newest = max((one["episode"] for one in told if one["kind"] == RESOLUTION), default=None)
    shown = [
        one
        for one in told
        if one["kind"] != RESOLUTION or one["episode"] == newest or not one["end"]
    ]
    standing: Sequence[Complaint] = ()
    if thread.row.complaint_id is not None:
        standing = stored.standing(session, [conversation_id]).get(conversation_id, ())
    names = people.names_by_email(session, _who(shown) | _who_marked(standing))
    marked = _marked(standing[-1], names) if standing else None
    came = next((m.sent_at for m in thread.messages if marked and m.id == marked.message_id), None)
    may = frame.me.writes
    return Cases(
        clocks=tuple(_line(one, names, now) for one in shown),
        marked=marked,
        proposed=marked is None and complaints.proposes(thread.row.category, thread.row.tone),
        may=may,
        templates=tuple(map(_choice, complaints.templates(session))) if may else (),
        said=_said(thread, "customer") if may else (),
        answers=_said(thread, "ours", came) if may and marked else (),
    )


def _choice(template: Template) -> Choice:
    deadlines = tuple((one.name, str(one.target)) for one in template.deadlines)
    return Choice(template.id, template.name, deadlines)


def _said(thread: Thread, role: str, since: datetime | None = None) -> tuple[Said, ...]:
    """The newest messages of the customer, or a person's answers, newest first."""
    rows = [
        row
        for row in thread.messages
        if row.role == role and not row.failed_at and (role == "customer" or not row.automated)
        if since is None or row.sent_at >= since
    ]
    newest = rows[::-1][:MOST_CHOICES]
    return tuple(Said(r.id, r.sent_at, " ".join(r.text.split())[:WORDS]) for r in newest)


def _marked(row: Complaint, names: Mapping[str, str]) -> Marked:
    return Marked(
        template=row.template["name"],
        source=row.template["source"],
        message_id=row.message_id,
        reason=row.reason,
        at=row.marked_at,
        by=names.get(row.marked_by, row.marked_by),
        final_id=row.final_id,
        final_by=names.get(row.final_by or "", row.final_by or ""),
    )


def _who_marked(rows: Sequence[Complaint]) -> set[str]:
    return {who for row in rows for who in (row.marked_by, row.final_by) if who}


def _who(told: Sequence[dict[str, Any]]) -> set[str]:
    return {pause["by"] for one in told for pause in one["pauses"] if pause["by"]}


def _line(one: dict[str, Any], names: Mapping[str, str], now: datetime) -> CaseLine:
    by_calendar = one["calendar"]["name"] != "clock"
    direct = ("kind", "name", "verdict", "opened_by", "opened_at", "due_at", "used_s")
    rest = ("budget_s", "left_s", "ended_at", "ended_by")
    return CaseLine(
        **{key: one[key] for key in (*direct, *rest)},
        target=one["policy"]["target"],
        version=one["policy"]["version"],
        calendar=one["calendar"]["name"] if by_calendar else "",
        calendar_version=one["calendar"]["version"],
        of_team=one["calendar"].get("team", ""),
        instead_of=one["calendar"].get("instead_of", ""),
        pauses=tuple(
            PauseLine(
                on=pause["on"],
                since=pause["since"],
                until=pause["until"],
                lasted_s=((pause["until"] or now) - pause["since"]).total_seconds(),
                why=pause["why"],
                by=names.get(pause["by"] or "", pause["by"] or ""),
                reason=pause["reason"],
            )
            for pause in one["pauses"]
        ),
    )
