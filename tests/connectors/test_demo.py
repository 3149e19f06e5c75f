"""The demo's history makes a believable yesterday for the report, whenever it begins."""

from datetime import datetime, timedelta

import pytest

from connectors.core.contract import Account, Direction, Json, Message
from connectors.demo import Connector
from inbox.domain.calendars import DAY, local_date, local_day_bounds
from tests.clock import MONDAY

ACCOUNT = Account("demo", "@lumen", "demo-brand", None, {}, {})


def history(now: datetime) -> list[Message]:
    cursor: Json = {}
    said: list[Message] = []
    while True:
        page = Connector(ACCOUNT, lambda: now).pull("messages", cursor)
        said, cursor = [*said, *page.messages], page.cursor or {}
        if not page.more:
            return said


@pytest.mark.parametrize("hour", range(24))
def test_yesterday_has_answers_kept_and_some_that_were_not(hour: int) -> None:
    now = MONDAY + timedelta(hours=hour)
    said = history(now)
    assert len({one.external_id for one in said}) == len(said)
    answered = {one.in_reply_to: one.sent_at for one in said if one.direction == Direction.OUT}
    start, end = local_day_bounds(local_date(now, "Europe/Lisbon") - DAY, "Europe/Lisbon")
    due = [
        one for one in said if one.direction == Direction.IN and start <= one.sent_at + DAY < end
    ]
    kept = [one for one in due if answered.get(one.external_id, now) <= one.sent_at + DAY]
    assert len(due) >= 10
    assert 0.7 <= len(kept) / len(due) < 1


def test_the_weeks_before_are_long_enough_for_a_forecast_and_nobody_in_them_still_waits() -> None:
    said = history(MONDAY)
    asked = [one for one in said if one.direction == Direction.IN]
    assert [one.sent_at for one in asked] == sorted(one.sent_at for one in asked)
    days = {one.sent_at.date() for one in asked}
    assert {(MONDAY - n * DAY).date() for n in range(1, 15)} <= days
    answered = {one.in_reply_to for one in said if one.direction == Direction.OUT}
    before = [one for one in asked if one.sent_at < MONDAY - 2 * DAY]
    assert {one.external_id for one in before} <= answered


def test_whoever_still_waits_at_the_start_does_not_write_the_same_again_at_once() -> None:
    said = history(MONDAY)
    answered = {one.in_reply_to for one in said if one.direction == Direction.OUT}
    asked = [one for one in said if one.direction == Direction.IN]
    waiting = {one.text for one in asked if one.external_id not in answered}
    next_one = 1 + max(int(one.external_id.removeprefix("in-")) for one in asked)
    cursor = {"started": MONDAY.isoformat(), "next": next_one}
    later = Connector(ACCOUNT, lambda: MONDAY + timedelta(minutes=20)).pull("messages", cursor)
    assert len(later.messages) > 20
    assert not waiting & {one.text for one in later.messages}
