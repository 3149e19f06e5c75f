"""A connector whose platform is a script: a real one, found by the real registry.

`with scripted_platforms():` makes `scripted`, `keyed` (a send may be repeated) and `blind` (no
look-up) known to the registry, as modules of `tests/platforms/`. An account finds its `Script` by
its handle.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import connectors
from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Capabilities,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Outgoing,
    Page,
    Sent,
)
from connectors.core.errors import ConnectorError

PLATFORMS = str(Path(__file__).parent / "platforms")
STREAMS = ("first", "second")


@dataclass
class Script:
    """What the platform does: `pages` by stream in order; `on_send` and `on_look_up` act."""

    pages: dict[str, list[Page | ConnectorError]] = field(default_factory=dict)
    on_send: Callable[[Outgoing], Sent] = lambda _: Sent("never asked")
    on_look_up: Callable[[Outgoing], Sent | None] = lambda _: None
    on_receive: Callable[[HookRequest], HookAnswer] = lambda _: HookAnswer(204)
    pulls: list[str] = field(default_factory=list)
    sends: list[Outgoing] = field(default_factory=list)
    look_ups: list[Outgoing] = field(default_factory=list)


SCRIPTS: dict[str, Script] = {}


def offered(channel: str, *, idempotent: bool = False, look_up: bool = True) -> Capabilities:
    """What a scripted platform offers."""
    return Capabilities(
        channel=channel,
        title=channel.title(),
        kinds=tuple(Kind),
        streams=STREAMS,
        count=len,
        unit="characters",
        limit_public=280,
        limit_private=1000,
        secrets=(),
        receives=True,
        read_lag_s=60,
        can_look_up=look_up,
        idempotent_send=idempotent,
    )


class Scripted(Base):
    """Plays the account's script."""

    capabilities: ClassVar[Capabilities] = offered("scripted")

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._script = SCRIPTS[account.handle]

    def check(self) -> Identity:
        return Identity("me", "@me")

    def pull(self, stream: str, cursor: Json) -> Page:
        self._script.pulls.append(stream)
        at = cursor.get("page", 0)
        pages = self._script.pages.get(stream, [])
        if at >= len(pages):
            return Page((), cursor)
        page = pages[at]
        if isinstance(page, ConnectorError):
            raise page
        more = at + 1 < len(pages)
        return Page(page.messages, {"page": at + 1}, more, page.malformed, page.not_before)

    def send(self, reply: Outgoing) -> Sent:
        self._script.sends.append(reply)
        return self._script.on_send(reply)

    def look_up(self, reply: Outgoing) -> Sent | None:
        self._script.look_ups.append(reply)
        return self._script.on_look_up(reply)

    def receive(self, request: HookRequest) -> HookAnswer:
        return self._script.on_receive(request)


@contextmanager
def scripted_platforms() -> Iterator[None]:
    """The registry knows the scripted platforms while the block runs."""
    connectors.__path__.append(PLATFORMS)
    try:
        yield
    finally:
        connectors.__path__.remove(PLATFORMS)
