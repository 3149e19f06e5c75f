"""The clock's evidence beside the conversation: how the due time of a turn was counted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from inbox.flows.calculations import Calculation
from inbox.store.tables import TurnRow
from inbox.store.thread import Thread
from inbox.web.pages import Frame
from inbox.web.pages_thread import Facts, OfTeam, Reckoned, Turn

HOUR: Final = timedelta(hours=1)


def facts(frame: Frame, thread: Thread, turn: Turn, how: Calculation | None) -> Facts:
    """The evidence of the newest turn."""
    row = thread.turns[-1]
    return Facts(
        turn=turn,
        policy=row.policy["id"],
        policy_version=row.policy["version"],
        calendar=row.calendar["name"],
        target_s=(row.due_at - row.opened_at).total_seconds(),
        used_s=((row.ended_at or frame.now) - row.opened_at).total_seconds(),
        how=_reckoned(row, how) if how else None,
        of_team=of_team(row.calendar),
        came_at=_came_late_at(thread, row),
    )


def _came_late_at(thread: Thread, row: TurnRow) -> datetime | None:
    opened = (one.stored_at for one in thread.messages if one.id == row.opened_by)
    return next((at for at in opened if at - row.opened_at > HOUR), None)


def of_team(calendar: Mapping[str, Any]) -> OfTeam | None:
    """Whose calendar a clock counted in, from its evidence; None where it is no team's."""
    if "team" not in calendar:
        return None
    return OfTeam(calendar["team"], calendar["instead_of"])


def _reckoned(row: TurnRow, how: Calculation) -> Reckoned:
    return Reckoned(
        name=row.policy["name"],
        target=row.policy["target"],
        conditions=how.conditions,
        skipped=tuple((day.day, day.name) for day in how.skipped),
        not_final=how.not_final,
        calendar_version=row.calendar["version"],
        internal=tuple((one["name"], one["target"]) for one in row.policy.get("internal", ())),
        internal_due_at=row.internal_due_at,
        window_at=how.window_closes_at,
        open_used_s=how.open_used_s,
        rule=how.rule,
    )
