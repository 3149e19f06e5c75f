"""A connector whose platform is a script: a real one, found by the real registry.

`with scripted_platforms():` makes `scripted`, `keyed` (a send may be repeated), `blind` (no
look-up), `apart` (each file is a message), `rich` (everything a platform may offer) and `priced`
known to the registry, as modules of
`tests/platforms/`. An account finds its `Script` by its handle.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import connectors
from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Act,
    Attachment,
    Begun,
    Budget,
    Capabilities,
    Downloaded,
    Fetched,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Media,
    Outgoing,
    Page,
    Ref,
    Renewed,
    Sent,
)
from connectors.core.errors import ConnectorError

PLATFORMS = str(Path(__file__).parent / "platforms")
STREAMS = ("first", "second")


@dataclass
class Script:
    """What the platform does: `pages` by stream in order; `on_send`, `on_look_up` and `on_download`
    act."""

    pages: dict[str, list[Page | ConnectorError]] = field(default_factory=dict)
    on_send: Callable[[Outgoing], Sent] = lambda _: Sent("never asked")
    on_look_up: Callable[[Outgoing], Sent | None] = lambda _: None
    on_receive: Callable[[HookRequest], HookAnswer] = lambda _: HookAnswer(204)
    on_fetch: Callable[[Sequence[Ref]], Fetched] = lambda _: Fetched()
    on_act: Callable[[Act, Ref, str], None] = lambda *_: None
    on_check: Callable[[], Identity] = lambda: Identity("me", "@me")
    on_renew: Callable[[], Renewed] = lambda: Renewed({})
    on_exchange: Callable[[str, str], Renewed] = lambda *_: Renewed({})
    budgets: tuple[Budget, ...] = ()
    secrets: list[Mapping[str, str]] = field(default_factory=list)  # as each connector got them
    on_download: Callable[[Attachment], Downloaded] = lambda _: Downloaded(b"never asked")
    downloads: list[Attachment] = field(default_factory=list)
    pulls: list[str] = field(default_factory=list)
    sends: list[Outgoing] = field(default_factory=list)
    look_ups: list[Outgoing] = field(default_factory=list)


SCRIPTS: dict[str, Script] = {}


MEDIA = Media(("image/*", "application/pdf"), 100_000, most=2)
"""What files a scripted platform takes in a private answer; a public one has none."""


def offered(
    channel: str, *, idempotent: bool = False, look_up: bool = True, **more: Any
) -> Capabilities:
    """What a scripted platform offers; `more` are further capabilities."""
    usual: dict[str, Any] = {
        "channel": channel,
        "title": channel.title(),
        "kinds": tuple(Kind),
        "streams": STREAMS,
        "count": len,
        "unit": "characters",
        "limit_public": 280,
        "limit_private": 1000,
        "secrets": (),
        "receives": True,
        "read_lag_s": 60,
        "can_look_up": look_up,
        "idempotent_send": idempotent,
        "media_private": MEDIA,
    }
    return Capabilities(**usual | more)


class Scripted(Base):
    """Plays the account's script."""

    capabilities: ClassVar[Capabilities] = offered("scripted")

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._script = SCRIPTS[account.handle]
        self._script.secrets.append(account.secrets)

    def check(self) -> Identity:
        return self._script.on_check()

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        return Begun(f"https://platform.example/authorize?state={state}", {"app": "made"})

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        return self._script.on_exchange(code, verifier)

    def renew(self) -> Renewed:
        return self._script.on_renew()

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        return self._script.on_fetch(refs)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        self._script.on_act(act, on, note)

    def budgets(self) -> tuple[Budget, ...]:
        return self._script.budgets

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
        return replace(page, cursor={"page": at + 1}, more=more)

    def send(self, reply: Outgoing) -> Sent:
        self._script.sends.append(reply)
        return self._script.on_send(reply)

    def look_up(self, reply: Outgoing) -> Sent | None:
        self._script.look_ups.append(reply)
        return self._script.on_look_up(reply)

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        self._script.downloads.append(attachment)
        return self._script.on_download(attachment)

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
