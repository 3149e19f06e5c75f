"""Brings conversations in line with their facts: turns, due times, tag, state, and the list row.

Everything written here is computed from stored facts, so running it twice changes nothing, and any
order of arrival ends in the same state.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from inbox.domain import sla, turns
from inbox.domain.calendars import Calendar
from inbox.domain.conversation import MOVES, Tag, event_for, turn_tag
from inbox.store import accounts, events
from inbox.store import turns as stored
from inbox.store.tables import Conversation, TurnRow
from inbox.store.turns import Story

PREVIEW = 240  # characters


def refold(session: Session, conversation_ids: Sequence[int], now: datetime) -> None:
    """Re-evaluates these conversations within the transaction that changed their facts."""
    brand = accounts.brand(session)
    calendar = Calendar("working days", 1, brand.zone if brand else "UTC")
    for story in stored.stories(session, conversation_ids):
        folded = turns.fold(story.facts)
        openers = {m: turn.opened_by for turn in folded for m in turn.messages}
        stored.set_openers(session, {m: o for m, o in openers.items() if story.openers.get(m) != o})
        tags = {turn.opened_by: _tag(session, story, turn, now) for turn in folded}
        _evidence(session, story, folded, tags, calendar, now)
        _row(session, story, folded, tags, calendar, now)
        events.announce(session, "conversation", now, story.row.id)


def _tag(session: Session, story: Story, turn: turns.Turn, now: datetime) -> tuple[Tag, int | None]:
    """The turn's tag and who gave it; a person's word stands against the classifier's."""
    guess = turn_tag(story.tags[m] for m in turn.messages)
    last = story.corrections.get(turn.opened_by)
    if last is not None and last.agent_id is not None:
        said = Tag(last.category, None, last.urgency, None, guess.lang, needs_review=False)
        return said, last.agent_id
    if guess.category and (
        last is None or (last.category, last.urgency) != (guess.category, guess.urgency)
    ):
        stored.add_taggings(
            session,
            [
                {
                    "conversation_id": story.row.id,
                    "opener_id": turn.opened_by,
                    "category": guess.category,
                    "urgency": guess.urgency,
                    "agent_id": None,
                    "at": now,
                }
            ],
        )
    return guess, None


def _evidence(
    session: Session,
    story: Story,
    folded: Sequence[turns.Turn],
    tags: dict[int, tuple[Tag, int | None]],
    calendar: Calendar,
    now: datetime,
) -> None:
    """Appends evaluations that differ from the current evidence, and supersedes those."""
    fresh = {
        turn.opened_by: _turn_row(story, turn, tags[turn.opened_by][0], calendar) for turn in folded
    }
    old = [
        row
        for opener, row in story.turns.items()
        if opener not in fresh or any(getattr(row, k) != v for k, v in fresh[opener].items())
    ]
    outdated = {row.opened_by for row in old}
    stored.supersede(session, [row.id for row in old], now)
    stored.append(
        session,
        [
            row | {"evaluated_at": now}
            for opener, row in fresh.items()
            if opener in outdated or opener not in story.turns
        ],
    )


def _turn_row(story: Story, turn: turns.Turn, tag: Tag, calendar: Calendar) -> dict[str, Any]:
    public, internal = _due(story, turn, tag, calendar)
    policy, due_at = public
    excuse = next(
        (f for f in story.facts if isinstance(f, turns.Excuse) and f.at == turn.ended_at), None
    )
    return {
        "conversation_id": story.row.id,
        "seq": turn.seq,
        "episode": turn.episode,
        "is_first": turn.is_first,
        "opened_by": turn.opened_by,
        "opened_at": turn.opened_at,
        "due_at": due_at,
        "internal_due_at": internal,
        "end": turn.end,
        "ended_by": turn.ended_by if turn.end == "answered" else None,
        "ended_at": turn.ended_at,
        "agent_id": story.people.get(turn.agent or ""),
        "outside": turn.answered_outside,
        "reason": excuse.reason if excuse and turn.end == "excused" else None,
        "policy": {
            "id": policy.id,
            "version": policy.version,
            "name": policy.name,
            "target": str(policy.target),
        },
        "calendar": {"name": calendar.name, "version": calendar.version, "zone": calendar.zone},
    }


def _due(
    story: Story, turn: turns.Turn, tag: Tag, calendar: Calendar
) -> tuple[tuple[sla.Policy, datetime], datetime | None]:
    """The public policy with its due time, and the earliest internal due time."""
    about = (sla.DEFAULT_POLICIES, story.row.channel, story.row.kind, tag.category, tag.urgency)
    policy = sla.public_policy(*about) or sla.DEFAULT_POLICIES[-1]
    internal = [
        sla.due_at(turn.opened_at, p.target, calendar) for p in sla.internal_policies(*about)
    ]
    due_at = sla.due_at(turn.opened_at, policy.target, calendar)
    return (policy, due_at), min(internal, default=None)


def _row(
    session: Session,
    story: Story,
    folded: Sequence[turns.Turn],
    tags: dict[int, tuple[Tag, int | None]],
    calendar: Calendar,
    now: datetime,
) -> None:
    waits = turns.open_turn(folded)
    about = waits or (folded[-1] if folded else None)
    tag, agent = tags[about.opened_by] if about else (Tag(), None)
    values = asdict(tag) | {"tagged_by": agent, "findings": story.findings}
    values |= {"opened_at": None, "opened_by": None, "due_at": None, "internal_due_at": None}
    if waits is not None:
        (_, due_at), internal = _due(story, waits, tag, calendar)
        values |= {
            "opened_at": waits.opened_at,
            "opened_by": waits.opened_by,
            "due_at": due_at,
            "internal_due_at": internal,
        }
    if story.last is not None:
        values |= {
            "last_message_at": story.last.sent_at,
            "last_message_id": max(f.number for f in story.facts),
            "last_is_ours": story.last.role == "ours",
            "preview": " ".join(story.last.text.split())[:PREVIEW],
        }
    values["dirty"] = False
    values["unread"] = sum(1 for m in story.tags if m > story.row.read_up_to)
    event = event_for(story.row.status, waits=waits is not None, resolved=_resolved(story))
    if event is not None:
        values["status"] = MOVES[story.row.status, event]
    session.execute(update(Conversation).where(Conversation.id == story.row.id).values(**values))


def _resolved(story: Story) -> bool:
    """Whether nothing was said by the customer after the newest resolution."""
    if not story.resolved:
        return False
    ended = max((f.at, f.number) for f in story.facts if isinstance(f, turns.Resolution))
    said = [(f.at, f.number) for f in story.facts if isinstance(f, turns.CustomerMessage)]
    return not said or ended >= max(said)


def verdict(row: TurnRow, as_of: datetime) -> str:
    """The outcome of a stored turn at an instant (see `sla.outcome`)."""
    end = row.end if row.end in ("answered", "excused", "withdrawn") else None
    return sla.outcome(end, row.ended_at, row.due_at, as_of)  # type: ignore[arg-type]
