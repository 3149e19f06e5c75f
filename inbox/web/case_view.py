"""Clocks of the whole matter as the conversation's page shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inbox.domain.case_clocks import RESOLUTION
from inbox.flows import case_telling
from inbox.store import people
from inbox.web.pages_cases import CaseLine, Cases, PauseLine


def cases(session: Session, conversation_id: int, now: datetime) -> Cases:
    """Beside one conversation."""
    told = case_telling.of_conversation(session, conversation_id, now)
    newest = max((one["episode"] for one in told if one["kind"] == RESOLUTION), default=None)
    shown = [
        one
        for one in told
        if one["kind"] != RESOLUTION or one["episode"] == newest or not one["end"]
    ]
    names = people.names_by_email(session, _who(shown))
    return Cases(clocks=tuple(_line(one, names, now) for one in shown))


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
