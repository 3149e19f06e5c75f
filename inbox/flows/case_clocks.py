"""Judges case clocks within the transaction that changed a fact: how whole matters stand.

Called by `refold` with the turns it folded. As turns do, evaluations that differ from the current
evidence are appended and supersede it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from inbox.domain import case_clocks as rules
from inbox.domain.case_clocks import RESOLUTION, CaseClock
from inbox.domain.pauses import Episode, Pause, episodes, pauses, within
from inbox.domain.promises import Matter, Promise, Promises
from inbox.domain.sla import Policy, Target
from inbox.domain.turns import Turn
from inbox.store.accounts import IMPORTED
from inbox.store.case_clocks import Judged, Key
from inbox.store.sql import AnyRow
from inbox.store.tables import CaseClockRow
from inbox.store.turns import Story

Row = dict[str, Any]
Waits = Sequence[tuple[Turn, Matter]]
NOT_COMPARED = ("evaluated_at", "warn_at")


def judge(
    story: Story,
    waits: Waits,
    promises: Promises,
    before: Mapping[Key, CaseClockRow],
    judged: Judged,
    now: datetime,
) -> None:
    """Adds to `judged` what is new about a conversation's clocks; `before` are the current ones."""
    fresh = {(row["target"], row["opened_by"]): row for row in _resolutions(story, waits, promises)}
    for key, row in before.items():
        new = fresh.get(key)
        if new and all(getattr(row, k) == v for k, v in new.items() if k not in NOT_COMPARED):
            del fresh[key]
        else:
            judged.superseded.append(row.id)
    judged.rows += [row | {"evaluated_at": now} for row in fresh.values()]


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
                promise.policy,
                promise.target,
                promise.calendar,
                within(stopped, turn.opened_at, episode.ended_at),
            )
            yield _values(story, clock, episode)


def _begun(
    episode: Episode, matters: Mapping[int, Matter], promises: Promises
) -> list[tuple[Turn, Promise]]:
    found: dict[str, tuple[Turn, Promise]] = {}
    for turn in episode.turns:
        about = matters[turn.opened_by], turn.opened_at, episode.ended_at
        for promise in promises.resolution(*about):
            found.setdefault(promise.policy.id, (turn, promise))
    return list(found.values())


def _values(story: Story, clock: CaseClock, episode: Episode) -> Row:
    """A row of evidence; a clock that has ended, and history, are not warned of."""
    policy, by_calendar = clock.policy, clock.target.by_calendar
    warned = episode.ended_at is None and not is_history(story.row, clock)
    return {
        "conversation_id": story.row.id,
        "target": clock.target_name,
        "episode": episode.number,
        "opened_by": clock.opened_by,
        "opened_at": clock.opened_at,
        "due_at": clock.due_at,
        "budget_s": clock.budget.total_seconds(),
        "end": episode.end,
        "ended_by": None,
        "ended_at": episode.ended_at,
        "agent_id": story.people.get(episode.agent or ""),
        "reason": episode.reason or None,
        "pauses": [paused(pause) for pause in clock.stopped],
        "policy": {
            "id": policy.id,
            "version": policy.version,
            "name": policy.name,
            "target": str(clock.target),
        },
        "calendar": {
            "name": clock.calendar.name if by_calendar else "clock",
            "version": clock.calendar.version if by_calendar else 1,
            "zone": clock.calendar.zone,
        },
        "warn_at": min((s.at for s in rules.steps(clock)), default=None) if warned else None,
    }


def is_history(row: AnyRow, clock: CaseClock) -> bool:
    """Whether nobody is warned of it: an import brought it, or it is older than the account.
    `row` is its conversation with `account_state` and `account_since`."""
    old = clock.opened_by <= row.quiet_up_to or clock.opened_at < row.account_since
    return bool(old or row.account_state == IMPORTED)


def policy_of(row: CaseClockRow, promises: Promises) -> Policy:
    """The policy that a stored clock was judged by, with whom it warns and when."""
    said = row.policy
    sets = [v for v in promises.policies if v.number == said["version"]]
    found = [p for v in sets for p in v.read() if p.id == said["id"]]
    if found:
        return found[0]
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
