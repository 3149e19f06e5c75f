"""Samples of the pages of outgoing webhooks."""

from datetime import timedelta
from typing import Any

from inbox.domain.hooks import EVENTS
from inbox.web.pages import Frame
from inbox.web.pages_webhooks import Endpoint, WebhookPage, WebhooksPage
from inbox.web.style_people import NOW

HOUR = timedelta(hours=1)
CHAT = Endpoint(
    *(1, "Team chat", "https://chat.example/…", "slack", EVENTS[6:8], False, "active", ""),
    *(None, NOW - HOUR),
)
STORE = Endpoint(
    *(2, "Data store", "https://data.example/replydesk", "standard", EVENTS, True, "active", ""),
    *(NOW - 2 * HOUR, NOW - 9 * HOUR),
)
PAGER = Endpoint(
    *(3, "Old pager", "https://pager.example/in", "standard", EVENTS[8:], False, "stopped"),
    *("It answered 410: it wants nothing any more.", NOW - 30 * HOUR, NOW - 40 * HOUR),
)


def sample_webhooks(frame: Frame) -> WebhooksPage:
    """One that is well, one that fails, one that was switched off, and a fresh secret."""
    secret = "whsec_ExampleOnlyExampleOnlyExampleOnlyExampleOnly="
    return WebhooksPage(frame, (CHAT, STORE, PAGER), made=secret)


def sample_webhook(frame: Frame) -> WebhookPage:
    """A delivery that waits for its next try, and one that was taken."""
    refused = {"at": NOW - HOUR, "took_ms": 340, "status": 503, "answer": "busy", "error": None}
    taken = refused | {"at": NOW - 2 * HOUR, "status": 200, "answer": "", "took_ms": 84}
    waiting: dict[str, Any] = {
        "id": 8,
        "key": "msg_2f6c0d1e",
        "event": "turn.breached",
        "made_at": NOW - HOUR,
        "state": "waiting",
        "not_before": NOW + HOUR,
        "request": '{\n  "conversation": {"id": 13, "channel": "x", "category": "refund"}\n}',
        "log": [refused],
    }
    done = waiting | {"id": 7, "state": "delivered", "event": "turn.warning", "log": [taken]}
    return WebhookPage(frame, STORE, [waiting, done], "/webhooks/2?before=7")
