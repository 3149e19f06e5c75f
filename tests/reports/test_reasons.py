"""Why a promise was broken, as the report says it beside each."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inbox.web.style_report import sample_broken
from templates import environment

HOUR = timedelta(hours=1)
ANSWERED = next(one for one in sample_broken() if one.answered_by)
OPEN = next(one for one in sample_broken() if one.open)


@pytest.mark.parametrize(
    ("one", "changed", "reason"),
    [
        (OPEN, {}, "It was here in time, and nobody has answered yet."),
        (ANSWERED, {}, "It was here in time; the answer came too late."),
        (ANSWERED, {"answered_by": None}, "the answer from outside Replydesk came too late."),
        (OPEN, {"excused": True}, "It was here in time, and excused when it was late."),
        (OPEN, {"withdrawn": True}, "the customer took it back when it was late."),
        (
            OPEN,
            {"stored_at": OPEN.opened_at + 5 * HOUR},
            "It reached Replydesk 5 h 00 min after it was written, with 19 h 00 min left.",
        ),
        (
            ANSWERED,
            {"stored_at": ANSWERED.opened_at + 30 * HOUR},
            "It was late already when it reached Replydesk, 30 h 00 min after it was written.",
        ),
    ],
)
def test_a_broken_promise_says_why(one: Any, changed: dict[str, Any], reason: str) -> None:
    part = environment("en", "UTC").get_template("parts/_report_reason.html")
    said = part.render(one=replace(one, **changed))
    assert " ".join(said.split()).endswith(reason)
