"""Judges case clocks within the transaction that changed a fact: how whole matters stand.

Called by `refold` with the turns it folded. As turns do, evaluations that differ from the current
evidence are appended and supersede it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import case_clocks as rules
from inbox.domain.calendars import Calendar
from inbox.domain.case_clocks import COMPLAINT, RESOLUTION, CaseClock
from inbox.domain.complaints import restored
from inbox.domain.pauses import Episode, Pause, episodes, pauses, within
from inbox.domain.promises import Matter, Promise, Promises
from inbox.domain.sla import Policy, Target, due_at
from inbox.domain.turns import Answer, CustomerMessage, Turn
from inbox.flows.warnings import is_history
from inbox.store import case_clocks, complaints
from inbox.store.case_clocks import Judged, Key
from inbox.store.tables import CaseClockRow, Complaint
from inbox.store.turns import Story

Row = dict[str, Any]
Waits = Sequence[tuple[Turn, Matter]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of some conversations: their current clocks, and complaints that stand."""

    clocks: Mapping[int, Mapping[Key, CaseClockRow]]
    complaints: Mapping[int, Sequence[Complaint]]


def known_of(session: Session, conversation_ids: Sequence[int]) -> Known:
    """For `judge`."""
    found = complaints.standing(session, conversation_ids)
    return Known(case_clocks.current(session, conversation_ids), found)


def judge(
    story: Story,
    waits: Waits,
    promises: Promises,
    known: Known,
    judged: Judged,
    now: datetime,
) -> Row:
    """Adds to `judged` what is new about a conversation's clocks. What its row says of them, by
    column."""
    before = known.clocks.get(story.row.id, {})
    standing = known.complaints.get(story.row.id, [])
    rows = [*_resolutions(story, waits, promises)]
    of_complaints = [*_complaints(story, waits, promises, standing)]
    fresh = {(row["target"], row["opened_by"]): row for row in (*rows, *of_complaints)}
    for key, row in before.items():
        new = fresh.get(key)
        if new and all(getattr(row, k) == v for k, v in new.items() if k != "warn_at"):
            del fresh[key]
        else:
            judged.superseded.append(row.id)
    judged.rows += [row | {"evaluated_at": now} for row in fresh.values()]
    due = [row["due_at"] for row in of_complaints if row["due_at"] and not row["ended_at"]]
    return {
        "complaint_id": standing[-1].id if standing else None,
        "complaint_due_at": min(due, default=None),
    }


def _resolutions(story: Story, waits: Waits, promises: Promises) -> Iterable[Row]:
    """One clock for each policy about whole matters and each episode that it fits, from the first
    wait that it fits on."""
    matters = {turn.opened_by: matter for turn, matter in waits}
    stopped: list[Pause] | None = None
    for episode in episodes([turn for turn, _ in waits], story.moves):
        for turn, promise in _begun(episode, matters, promises):
            if stopped is None:
                stopped = pauses([one for one, _ in waits], story.moves, story.facts)
            clock = rules.case_clock(
                f"{RESOLUTION}:{promise.policy.id}",
                turn.opened_by,
                turn.opened_at,
                promise,
                within(stopped, turn.opened_at, episode.ended_at),
            )
            yield _values(story, clock, episode)


def _complaints(
    story: Story, waits: Waits, promises: Promises, standing: Sequence[Complaint]
) -> Iterable[Row]:
    """One clock for each deadline of each complaint, from the customer's message to the answer
    that a person called the final response."""
    said = {f.number: f for f in story.facts if isinstance(f, CustomerMessage)}
    answers = {f.number: f for f in story.facts if isinstance(f, Answer) and f.ends_waits}
    for complaint in standing:
        message = said[complaint.message_id]
        template, answer = restored(complaint.template), answers.get(complaint.final_id or 0)
        ended_at = max(message.at, answer.at) if answer else None
        stopped: Sequence[Pause] = ()
        if template.pauses:
            all_ = pauses([turn for turn, _ in waits], story.moves, story.facts)
            stopped = within(all_, message.at, ended_at)
        about = (template.calendar, story.row.account_id, ended_at)
        calendar, team = promises.counting(*about)
        for one in template.deadlines:
            title = word("Complaint: {deadline}").format(deadline=one.name)
            policy = Policy(template.id, 1, title, one.target, calendar=template.calendar)
            due = due_at(message.at, one.target, calendar)
            promise = Promise(policy, one.target, calendar, due, team)
            name = f"{COMPLAINT}:{complaint.id}:{one.key}"
            clock = rules.case_clock(name, message.number, message.at, promise, stopped)
            row = _row(story, clock, ended_at)
            yield row | {
                "end": "answered" if answer else None,
                "ended_by": answer.number if answer else None,
                "ended_at": ended_at,
                "agent_id": story.people.get(answer.agent or "") if answer else None,
            }


def _begun(
    episode: Episode, matters: Mapping[int, Matter], promises: Promises
) -> list[tuple[Turn, Promise]]:
    found: dict[str, tuple[Turn, Promise]] = {}
    for turn in episode.turns:
        about = matters[turn.opened_by], turn.opened_at, episode.ended_at
        for promise in promises.resolution(*about, found):
            found[promise.policy.id] = (turn, promise)
    return list(found.values())


def _values(story: Story, clock: CaseClock, episode: Episode) -> Row:
    """Evidence of an episode's clock. History is not warned of."""
    row = _row(story, clock, episode.ended_at)
    if is_history(story.row, clock.opened_by, clock.opened_at):
        row["warn_at"] = None
    return row | {
        "episode": episode.number,
        "end": episode.end,
        "ended_at": episode.ended_at,
        "agent_id": story.people.get(episode.agent or ""),
        "reason": episode.reason or None,
    }


def _row(story: Story, clock: CaseClock, ended_at: datetime | None) -> Row:
    """A row of evidence; a clock that has ended is not warned of."""
    policy = clock.policy
    return {
        "conversation_id": story.row.id,
        "target": clock.target_name,
        "episode": None,
        "opened_by": clock.opened_by,
        "opened_at": clock.opened_at,
        "due_at": clock.due_at,
        "budget_s": clock.budget.total_seconds(),
        "end": None,
        "ended_by": None,
        "ended_at": None,
        "agent_id": None,
        "reason": None,
        "pauses": [paused(pause) for pause in clock.stopped],
        "policy": {
            "id": policy.id,
            "version": policy.version,
            "name": policy.name,
            "target": str(clock.target),
        },
        "calendar": counted_in(clock.target, clock.calendar, policy.calendar, clock.team),
        "warn_at": min((s.at for s in rules.steps(clock)), default=None) if not ended_at else None,
    }


def counted_in(target: Target, calendar: Calendar, named: str, team: str) -> Row:
    """What a clock counted in, as evidence: with the team whose calendar it is, and the one that
    policy or complaint `named`, where it is not that."""
    if not target.by_calendar:
        return {"name": "clock", "version": 1, "zone": calendar.zone}
    said: Row = {"name": calendar.name, "version": calendar.version, "zone": calendar.zone}
    return said | ({"team": team, "instead_of": named} if team else {})


def clock_of(row: CaseClockRow, promises: Promises) -> CaseClock:
    """A stored clock as the rules count it."""
    return CaseClock(
        row.target,
        row.opened_by,
        row.opened_at,
        _policy_of(row, promises),
        Target.parse(row.policy["target"]),
        promises.calendar_of(row.calendar, row.ended_at),
        pauses_of(row),
        timedelta(seconds=row.budget_s),
        row.due_at,
    )


def _policy_of(row: CaseClockRow, promises: Promises) -> Policy:
    """The policy that it was judged by, with whom it warns and when; of a complaint, which has
    none, the usual."""
    said = row.policy
    sets = [v for v in promises.policies if v.number == said["version"]]
    policies = [p for v in sets for p in v.read() if p.id == said["id"]]
    if policies and row.target.startswith(f"{RESOLUTION}:"):
        return policies[0]
    return Policy(said["id"], said["version"], said["name"], Target.parse(said["target"]))


def paused(pause: Pause) -> Row:
    """A pause as it is stored: instants in ISO 8601."""
    said = asdict(pause)
    return said | {
        "since": pause.since.isoformat(),
        "until": pause.until.isoformat() if pause.until else None,
    }


def pauses_of(row: CaseClockRow) -> tuple[Pause, ...]:
    """The pauses of a stored clock."""
    return tuple(
        Pause(
            **{
                **one,
                "since": datetime.fromisoformat(one["since"]),
                "until": datetime.fromisoformat(one["until"]) if one["until"] else None,
            }
        )
        for one in row.pauses
    )
