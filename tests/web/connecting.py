"""Connecting a channel on the real pages, whatever the channel is: its harness is the platform."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from sqlalchemy import func, select

from connectors.core.contract import HookRequest
from connectors.core.registry import channels
from inbox.config import Settings
from inbox.flows.deliver import deliver_due
from inbox.flows.poll import Polled, poll
from inbox.store.session import Store
from inbox.store.tables import Account, Base
from inbox.web.app import create_app
from tests.clock import Clock
from tests.connectors.harness import Harness, capabilities, serve
from tests.factories import make_brand, make_user
from tests.web.serving import Site, Untagged, opened

CHANNELS = tuple(channel for channel in channels() if channel != "demo")
RECEIVING = tuple(channel for channel in CHANNELS if capabilities(channel).receives)
SOME = ("email", "line", "mastodon", "telegram")  # asked, called, and either
EVERY = bool(os.environ.get("REPLYDESK_EVERY_FAULT"))
ON_BOTH = [
    (channel, engine)
    for channel in CHANNELS
    for engine in ("sqlite", "postgresql")
    if engine == "sqlite" or channel in SOME or EVERY
]
"""Channels and databases: no channel knows which it is, so that a few show it, but `make faults`
takes all."""
Line = Callable[[Harness], AbstractContextManager[object]]
HOOK = re.compile(r"https?://[^\s<\"]+(/hooks/[\w-]+/[\w-]+)")


@dataclass
class Desk:
    """A site that lives at its platform's time, with an admin who has signed in."""

    channel: str
    harness: Harness
    site: Site
    settings: Settings
    browser: httpx2.Client
    later: timedelta = timedelta(0)  # the workers' clock runs ahead by this

    @property
    def store(self) -> Store:
        return self.site.store

    def account(self, id_: int = 1) -> Account:
        with self.store.read() as session:
            return session.get_one(Account, id_)

    def count(self, table: type[Base]) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def all(self, table: type[Base]) -> list[object]:
        with self.store.read() as session:
            return list(session.scalars(select(table)))

    def now(self) -> datetime:
        return self.harness.now() + self.later

    def poll(self) -> Polled:
        return poll(self.store, self.settings, 1, classifier=None, now=self.now)

    def deliver(self) -> int:
        return deliver_due(self.store, self.settings, self.now)

    def fill(self, **instead: str) -> dict[str, str]:
        """The form as an admin fills it in for the harness's account."""
        return form_of(self.channel, self.harness) | instead

    def connect(self, **instead: str) -> httpx2.Response:
        """Presses Connect; where the platform asks on its own page, consents there."""
        answer = self.browser.post(f"/accounts/new/{self.channel}", data=self.fill(**instead))
        return self.consent(answer) if "tried-leave" in answer.text else answer

    def consent(self, answer: httpx2.Response) -> httpx2.Response:
        """Follows "Go there" to the platform, where everybody agrees, and comes back."""
        return self.browser.get(came_back_to(leaving(answer.text)))

    def call(self, request: HookRequest, key: str = "") -> httpx2.Response:
        """The platform calls the account's address."""
        address = f"/hooks/{self.channel}/{key or self.account().hook_key}"
        with httpx2.Client(base_url=self.site.url, timeout=60, verify=False) as platform:
            return platform.request(
                request.method,
                address,
                params=dict(request.query),
                headers=dict(request.headers),
                content=request.body,
            )


def form_of(channel: str, harness: Harness) -> dict[str, str]:
    """Every field of the form that the harness's account has something for."""
    account, offered = harness.account, capabilities(channel)
    known = {s.name for s in offered.settings}
    way = offered.way(account.settings)
    wanted = {s.name for s in offered.wanted(account.settings)}
    return {
        "handle": account.handle,
        **({"base_url": account.base_url} if account.base_url else {}),
        "sign_in": way.key if way else "",
        **{f"setting.{k}": str(v) for k, v in account.settings.items() if k in known},
        **{f"secret.{k}": v for k, v in account.secrets.items() if k in wanted},
    }


def said(answer: httpx2.Response) -> str:
    """Status and words of what a page answered, without the page around them."""
    marks = ('class="tried', 'id="composer-error"', 'class="composer composer-none', "<h1")
    found = next((m for m in marks if m in answer.text), "")
    told = answer.text[answer.text.find(found) :][:1500] if found else answer.text[:300]
    words = re.sub(r"<[^>]*>?", " ", f"<{told}")
    return f"{answer.status_code} {' '.join(unescape(words).split())[:300]}"


def asks_there(channel: str, harness: Harness) -> bool:
    """Whether the account's way of signing in is the platform's own page."""
    way = capabilities(channel).way(harness.account.settings)
    return way is not None and way.oauth


def leaving(page: str) -> str:
    """The platform's page that "Go there" leads to."""
    return unescape(re.findall(r'href="([^"]+)" rel="noreferrer"', page)[0])


def came_back_to(there: str) -> str:
    """The path on our site that the platform sends a consenting browser back to."""
    with httpx2.Client(timeout=60, verify=False) as browser:
        agreed = browser.get(there)
    assert agreed.status_code == 302, agreed.text
    back = urlsplit(agreed.headers["location"])
    return f"{back.path}?{back.query}"


@contextmanager
def desk_of(channel: str, store: Store, folder: Path, line: Line = nullcontext) -> Iterator[Desk]:
    """The site of a brand beside the running platform; nothing is connected."""
    with serve(channel) as harness, line(harness):
        allowed = ",".join(harness.account.settings.get("allow_private", ()))
        settings = Settings(data=folder, listen="127.0.0.1:8080", allow_private=allowed)
        app = create_app(store, settings, now=harness.now, classifier=Untagged(), development=True)
        make_brand(store)
        admin = make_user(store, "Ada Voss", "admin")
        with opened(app, store, Clock(harness.now())) as site:
            yield Desk(channel, harness, site, settings, site.signed_in(admin))
