"""Outgoing webhooks: their events, the states of a delivery as data (law 6), when to try again, and
the signature.

waiting → sending → delivered | failed; a person may send either again.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

EVENTS: Final = (
    "message.received",
    "conversation.assigned",
    "conversation.resolved",
    "conversation.reopened",
    "reply.sent",
    "reply.failed",
    "turn.warning",
    "turn.breached",
    "account.down",
    "account.up",
)
TEST: Final = "webhook.test"
FORMS: Final = ("standard", "slack")

ACTIVE, PAUSED, STOPPED = "active", "paused", "stopped"
WAITING, SENDING, DELIVERED, FAILED = "waiting", "sending", "delivered", "failed"

MOVES: dict[tuple[str, str], str] = {
    (WAITING, "claimed"): SENDING,
    (SENDING, "accepted"): DELIVERED,
    (SENDING, "not_accepted"): WAITING,
    (SENDING, "given_up"): FAILED,
    (SENDING, "abandoned"): WAITING,
    (DELIVERED, "again"): WAITING,
    (FAILED, "again"): WAITING,
}

WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""After each failure in a row: together over 27 hours."""
JITTER: Final = 0.1
"""Up to such a part of a wait is added, so that what failed together does not come together."""
LONGEST: Final = timedelta(days=1)
"""Whatever an answer says: it is tried again within a day."""
STALE_AFTER: Final = timedelta(minutes=2)
"""A delivery `sending` for longer was left by a process that died."""
STOP_AFTER: Final = timedelta(days=5)
"""An endpoint that took nothing for so long is switched off."""

SECRET_BEGINS: Final = "whsec_"


def next_try(tries: int, now: datetime, random: float, retry_after_s: float = 0) -> datetime | None:
    """When to try again after the n-th try failed (n ≥ 1); None: no more. `random` in 0 … 1."""
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * (1 + JITTER * random)
    return now + max(wait, min(timedelta(seconds=retry_after_s), LONGEST))


def new_secret(random: bytes) -> str:
    """A secret as people copy it, from 24 to 64 random bytes."""
    return SECRET_BEGINS + base64.b64encode(random).decode()


def signature(secret: str, key: str, at: datetime, body: bytes) -> str:
    """The header `webhook-signature`: over id, time in whole seconds, and the body as sent."""
    bytes_ = base64.b64decode(secret.removeprefix(SECRET_BEGINS))
    signed = f"{key}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(bytes_, signed, hashlib.sha256).digest()).decode()
