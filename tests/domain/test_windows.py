"""The platform's own time limit."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.core.contract import Capabilities, Window
from inbox.domain.windows import Limit, limit
from tests.clock import MONDAY
from tests.scripted import offered

HOUR = timedelta(hours=1)
META = Window(24 * HOUR, 7 * 24 * HOUR, human_setting="human_agent")
WECHAT = Window(48 * HOUR, most=20, hours_setting="window_hours", most_setting="window_most")


def platform(window: Window | None) -> Capabilities:
    return offered("windowed", window=window)


@pytest.mark.parametrize(
    ("window", "settings", "hours", "most"),
    [
        (META, {"human_agent": "yes"}, 168, None),
        (META, {"human_agent": "no"}, 24, None),
        (META, {}, 24, None),
        (WECHAT, {}, 48, 20),
        (WECHAT, {"window_hours": "24", "window_most": "5"}, 24, 5),
        (WECHAT, {"window_hours": "a day", "window_most": ""}, 48, 20),
    ],
)
def test_the_window_counts_from_the_customers_last_message(
    window: Window, settings: dict[str, Any], hours: int, most: int | None
) -> None:
    found = limit(platform(window), settings, "private", MONDAY)
    assert found is not None
    assert (found.closes_at, found.most) == (MONDAY + hours * HOUR, most)


def test_public_answers_and_platforms_without_one_have_no_window() -> None:
    assert limit(platform(META), {}, "public", MONDAY) is None
    assert limit(platform(None), {}, "private", MONDAY) is None


def test_it_shuts_at_its_very_end_and_after_the_last_answer() -> None:
    found = Limit(MONDAY + HOUR, most=2)
    assert not found.shut(MONDAY + HOUR - timedelta(microseconds=1), 1)
    assert found.shut(MONDAY + HOUR, 0)
    assert found.shut(MONDAY, 2)
