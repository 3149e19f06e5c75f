"""A receiver of our outgoing webhooks that checks their signature as docs/webhooks-out.md says."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.http import Answer, Fake, Request


class Receiver(Fake):
    """Answers `status`; keeps what it was sent. `meanwhile` is done before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.words = ""
        self.took: list[Request] = []
        self.meanwhile: Callable[[], object] = str

    def route(self, request: Request) -> Answer:
        self.took.append(request)
        self.meanwhile()
        return Answer(self.status, self.words)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [request.json for request in self.took]


def is_genuine(secret: str, headers: dict[str, str], body: bytes, now: datetime) -> bool:
    """As the docs tell receivers to do it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    old = abs(now - datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC))
    given = headers["webhook-signature"].split()
    return old.total_seconds() <= 300 and any(
        hmac.compare_digest(f"v1,{made}", one) for one in given
    )
