"""Brings conversations in line with their facts: turns, due times, tag, state, and the list row.

Everything written here is computed from stored facts, so running it twice changes nothing, and any
order of arrival ends in the same state.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias, cast

from sqlalchemy.orm import Session

from connectors.core.registry import capabilities, channels
from connectors.core.text import written
from inbox.domain import sla, states, turns, warnings, windows
from inbox.domain.conversation import MOVES, RESOLVED, SNOOZED, Tag, turn_tag
from inbox.domain.promises import Choice, Matter, Promise, Promises, choices
from inbox.flows import case_clocks, hooks
from inbox.flows.warnings import first_look
from inbox.store import case_clocks as stored_clocks
from inbox.store import events
from inbox.store import promises as stored_promises
from inbox.store import turns as stored
from inbox.store.case_clocks import Judged
from inbox.store.session import lock_promises
from inbox.store.sql import AnyRow
from inbox.store.tables import TurnRow
from inbox.store.turns import Outcome, Story

PREVIEW = 240  # characters
Promised: TypeAlias = tuple[Promise, tuple[Promise, ...]]


def refold(session: Session, conversation_ids: Sequence[int], now: datetime) -> None:
    """Re-evaluates these conversations within the transaction that changed their facts."""
    lock_promises(session, change=False)
    promises = stored_promises.promises(session)
    outcome, judged = Outcome(now), Judged()
    before: dict[int, str] = {}
    stories = stored.stories(session, conversation_ids)
    known = case_clocks.known_of(session, conversation_ids)  # as of the locks that stories hold
    for story in stories:
        before[story.row.id] = story.row.status
        waits = _evaluate(story, promises, outcome)
        outcome.rows[-1] |= case_clocks.judge(story, waits, promises, known, judged, now)
    stored.write(session, outcome)
    stored_clocks.write(session, judged, now)
    for row in outcome.rows:
        is_resolved = row["status"] == RESOLVED
        if is_resolved != (before[row["id"]] == RESOLVED):
            hooks.moved(session, row["id"], now, resolved=is_resolved)
    events.announce_all(session, "conversation", now, [row["id"] for row in outcome.rows])


def _evaluate(
    story: Story, promises: Promises, outcome: Outcome
) -> Sequence[tuple[turns.Turn, Matter]]:
    """Adds to `outcome` what is new about a conversation; its waits, and what each is about."""
    folded = turns.fold(story.facts)
    openers = {m: turn.opened_by for turn in folded for m in turn.messages}
    outcome.openers |= {m: o for m, o in openers.items() if story.openers.get(m) != o}
    tags = {turn.opened_by: _tag(story, turn, outcome) for turn in folded}
    chosen = choices(folded, story.choices)
    waits = [
        (turn, _matter(story, turn, tags[turn.opened_by][0], chosen[turn.opened_by]))
        for turn in folded
    ]
    promised = {turn.opened_by: _promised(turn, matter, promises) for turn, matter in waits}
    _evidence(story, folded, promised, chosen, outcome)
    outcome.rows.append(_row(story, folded, tags, promised))
    return waits


def _tag(story: Story, turn: turns.Turn, outcome: Outcome) -> tuple[Tag, int | None]:
    """The turn's tag and who gave it; a person's word stands against the classifier's.

    It was given to the turn, so it stays when an older message that came late opens it now.
    """
    guess = turn_tag(story.tags[m] for m in turn.messages)
    last = story.corrections.get(turn.opened_by)
    given = [story.corrections[m] for m in turn.messages if m in story.corrections]
    said = max((c for c in given if c.agent_id is not None), key=lambda c: c.id, default=None)
    if said is not None:
        if last is None or last.agent_id is None:
            outcome.tag(story.row.id, turn.opened_by, said.category, said.urgency, said)
        return _of_person(said, guess), said.agent_id
    if guess.category and (
        last is None or (last.category, last.urgency) != (guess.category, guess.urgency)
    ):
        outcome.tag(story.row.id, turn.opened_by, guess.category, guess.urgency)
    return guess, None


def _of_person(said: AnyRow, guess: Tag) -> Tag:
    """A person's word; the classifier's topic stands beside it while the category is its own."""
    topic = said.topic or (guess.topic if guess.category == said.category else None)
    return Tag(
        category=said.category,
        urgency=said.urgency,
        lang=guess.lang,
        needs_review=False,
        labels=[said.category] if said.category else [],
        topic=topic,
        tone=guess.tone,
    )


def _evidence(
    story: Story,
    folded: Sequence[turns.Turn],
    promised: dict[int, Promised],
    chosen: dict[int, tuple[Choice, ...]],
    outcome: Outcome,
) -> None:
    """Appends evaluations that differ from the current evidence, and supersedes those."""
    fresh = {
        turn.opened_by: _turn_row(story, turn, promised[turn.opened_by], chosen[turn.opened_by])
        for turn in folded
    }
    for opener, row in story.turns.items():
        if opener in fresh and all(getattr(row, k) == v for k, v in fresh[opener].items()):
            del fresh[opener]
        else:
            outcome.superseded.append(row.id)
    outcome.turns += [row | {"evaluated_at": outcome.now} for row in fresh.values()]


def _turn_row(
    story: Story, turn: turns.Turn, promised: Promised, chosen: tuple[Choice, ...]
) -> dict[str, Any]:
    public, internal = promised
    excuse = next(
        (
            f
            for f in story.facts
            if isinstance(f, turns.Excuse) and (f.at, f.number) == (turn.ended_at, turn.ended_by)
        ),
        None,
    )
    return {
        "conversation_id": story.row.id,
        "seq": turn.seq,
        "episode": turn.episode,
        "is_first": turn.is_first,
        "opened_by": turn.opened_by,
        "opened_at": turn.opened_at,
        "due_at": public.due_at,
        "internal_due_at": internal[0].due_at if internal else None,
        "end": turn.end,
        "ended_by": turn.ended_by if turn.end == "answered" else None,
        "ended_at": turn.ended_at,
        "agent_id": story.people.get(turn.agent or ""),
        "outside": turn.answered_outside,
        "reason": excuse.reason if excuse and turn.end == "excused" else None,
        "policy": _policy(public)
        | ({"internal": [_policy(p) for p in internal]} if internal else {})
        | ({"chosen": [asdict(one) for one in chosen]} if chosen else {})
        | ({"contact_tags": sorted(tags)} if (tags := _contact_tags(story, turn)) else {}),
        "calendar": case_clocks.counted_in(
            public.target, public.calendar, public.policy.calendar, public.team
        ),
    }


def _policy(promise: Promise) -> dict[str, Any]:
    return {
        "id": promise.policy.id,
        "version": promise.policy.version,
        "name": promise.policy.name,
        "target": str(promise.target),
    }


def _matter(story: Story, turn: turns.Turn, tag: Tag, chosen: tuple[Choice, ...]) -> Matter:
    """What policies are matched on; the kind is that of the message that opened the turn."""
    kind, tags = story.kinds[turn.opened_by], _contact_tags(story, turn)
    row, said = story.row, tuple(one.policy for one in chosen)
    return Matter(row.channel, kind, tag.category, tag.urgency, tags, said, row.account_id)


def _promised(turn: turns.Turn, matter: Matter, promises: Promises) -> Promised:
    """The public promise and the internal ones, the earliest first."""
    about = (matter, turn.opened_at, turn.is_first, turn.ended_at)
    return promises.public(*about), promises.internal(*about)


def _contact_tags(story: Story, turn: turns.Turn) -> frozenset[str]:
    """The tags of the person; of a turn that has ended those they had when its end was first
    judged: who becomes important today has not been kept waiting too long last year."""
    before = story.turns.get(turn.opened_by)
    if before is not None and turn.ended_at is not None and before.ended_at == turn.ended_at:
        return frozenset(before.policy.get("contact_tags", ()))
    return story.contact_tags


def _row(
    story: Story,
    folded: Sequence[turns.Turn],
    tags: dict[int, tuple[Tag, int | None]],
    promised: dict[int, Promised],
) -> dict[str, Any]:
    """The conversation's row as it must stand, by column."""
    waits = turns.open_turn(folded)
    about = waits or (folded[-1] if folded else None)
    tag, agent = tags[about.opened_by] if about else (Tag(), None)
    values = tag.by_column() | {"id": story.row.id, "tagged_by": agent, "findings": story.findings}
    values |= {"opened_at": None, "opened_by": None, "due_at": None, "internal_due_at": None}
    values |= {"warn_at": None}
    public: Promise | None = None
    if waits is not None:
        public, internal = promised[waits.opened_by]
        values |= {
            "opened_at": waits.opened_at,
            "opened_by": waits.opened_by,
            "due_at": public.due_at,
            "internal_due_at": internal[0].due_at if internal else None,
            "warn_at": first_look(story.row, waits.opened_by, waits.opened_at, (public, internal)),
        }
    first, last = story.first or story.row, story.last
    values |= {
        "kind": first.kind,
        "visibility": first.visibility,
        "subject": first.subject,
        "last_message_at": last.sent_at if last else story.row.last_message_at,
        "last_message_id": max((f.number for f in story.facts), default=None),
        "last_is_ours": story.said is not None and story.said.role == "ours",
        "preview": _preview(story.said, story.row.channel) if story.said else "",
        "dirty": False,
        "window_closes_at": _window(story),
        "unread": sum(1 for m in story.tags if m > story.row.read_up_to),
    }
    return values | _stands(story, folded, public)


def _stands(story: Story, folded: Sequence[turns.Turn], public: Promise | None) -> dict[str, Any]:
    """The state, and when a snooze ends; `public` is the promise of the open turn."""
    status = story.row.status
    now = states.standing(story.moves, folded, story.facts)
    back_at = None
    if now.state == SNOOZED and now.move is not None:
        back_at = _comes_back(now.move, turns.open_turn(folded), public)
    moved = now.state if now.state == status else MOVES[status, now.event]
    return {"status": moved, "back_at": back_at}


def _comes_back(snooze: states.Move, waits: turns.Turn | None, public: Promise | None) -> datetime:
    if waits is None or public is None:
        return states.comes_back(snooze, None, ())
    steps = warnings.steps(warnings.PUBLIC, waits.opened_at, public)
    before = [step.at for step in steps if step.part < warnings.BREACH]
    return states.comes_back(snooze, public.due_at, before)


def _window(story: Story) -> datetime | None:
    """When the platform's own time for a private answer ends."""
    said = [f.at for f in story.facts if isinstance(f, turns.CustomerMessage)]
    if not said or story.row.channel not in channels():
        return None
    found = windows.limit(
        capabilities(story.row.channel), story.row.account_settings, story.row.visibility, max(said)
    )
    return found.closes_at if found else None


def _preview(last: AnyRow, channel: str) -> str:
    """The first words of what is not deleted, or the names of the files where there are none; of a
    mail without those that it quotes."""
    text = written(last.text) if channel == "email" else last.text
    words = text or ", ".join(filter(None, (a.get("name") for a in last.attachments)))
    return " ".join(words.split())[:PREVIEW]


def verdict(row: TurnRow, as_of: datetime) -> str:
    """The outcome of a stored turn at an instant (see `sla.outcome`)."""
    return sla.outcome(cast("turns.End | None", row.end), row.ended_at, row.due_at, as_of)
