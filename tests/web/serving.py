"""The real application on a real socket, and people who use it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from inbox.store.session import Store
from inbox.store.tables import User
from tests.clock import Clock
from tests.factories import PASSWORD


class Untagged:
    """A classifier that says nothing."""

    def tag(self, texts: Any) -> Any:
        return [None] * len(texts)

    def explain(self, text: str, n: int = 6) -> None:
        return None


@dataclass(frozen=True)
class Site:
    """A running server; `browser()` is someone who has not signed in."""

    app: FastAPI
    store: Store
    clock: Clock
    url: str
    closing: ExitStack = field(default_factory=ExitStack)

    def browser(self) -> httpx2.Client:
        """A client that behaves like a browser on our pages; it does not follow redirects."""
        client = httpx2.Client(
            base_url=self.url,
            headers={"Sec-Fetch-Site": "same-origin"},
            timeout=60,
            verify=False,  # plain HTTP: there are no certificates to read, which takes long
        )
        return self.closing.enter_context(client)

    def signed_in(self, user: User) -> httpx2.Client:
        """A browser in which this person has signed in."""
        browser = self.browser()
        answer = browser.post("/sign-in", data={"email": user.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser


def mails_by(site: Site, url: str) -> None:
    """Gives the site a mail server."""
    desk = site.app.state.desk
    settings = desk.settings.model_copy(update={"smtp_url": SecretStr(url)})
    site.app.state.desk = replace(desk, settings=settings)


class _Server(uvicorn.Server):
    """Ends the live streams when it stops, as `scheduler.serve` does; and stops at once."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: Any = self.config.app
        app.state.desk.live.stop()
        await super().shutdown(sockets)


@contextmanager
def opened(app: FastAPI, store: Store, clock: Clock) -> Iterator[Site]:
    """A site whose browsers are closed after its server has stopped and so ended their streams."""
    with ExitStack() as closing, serving(app) as url:
        yield Site(app, store, clock, url, closing)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serves on a free port of 127.0.0.1 and gives the address."""
    # Named as TCP, the answers' small parts leave at once instead of waiting for each other.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # who comes before the server has started waits
        config = uvicorn.Config(app, log_level="error", lifespan="off", proxy_headers=False)
        server = _Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
