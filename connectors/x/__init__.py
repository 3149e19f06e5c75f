"""X (formerly Twitter): mentions, comments, direct messages, and our own answers made elsewhere.

An account signs in with four OAuth 1.0a keys, whose access tokens were made after the app was given
"read, write and direct messages", or with OAuth 2.0 on X's own page. Facts: X's documentation of
August 2026. Ids of posts and messages come from one scheme and are unique together.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

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
    Outgoing,
    Page,
    Ref,
    Renewed,
    Sent,
    word,
)
from connectors.core.errors import Transient, Unsupported
from connectors.x import acts, answers, hooks, media, signin, subscriptions
from connectors.x.capabilities import CAPABILITIES
from connectors.x.client import UNREADABLE, As, Client
from connectors.x.lists import SOURCES, Lists

__all__ = ["CAPABILITIES", "Connector"]
NO_SIGN_IN = word("This account signs in to X with keys, not on X’s page.")


class Connector(Base):
    """One account on X. See `ConnectorContract`."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._by = As.account(account)
        self._client = Client(account, now)
        self._lists = Lists(self._client, self._my_id, now)
        self._me = self._known_id()

    def check(self) -> Identity:
        heard = self._client.get("/2/users/me", {})
        me = heard.body.get("data")
        if not isinstance(me, dict) or not {"id", "username"} <= me.keys():
            raise Transient(UNREADABLE)
        level = heard.headers.get("x-access-level", "directmessages")
        missing = signin.missing(self.account)
        if "directmessages" not in level:
            missing = (word("direct messages"), *missing)
        name = me.get("name")
        shown = name if isinstance(name, str) else None
        return Identity(str(me["id"]), f"@{me['username']}", shown, missing)

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        self._need_sign_in()
        return signin.begin(self.account, redirect_uri, state, verifier)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        self._need_sign_in()
        return signin.exchange(self.account, self.now, code, redirect_uri, verifier)

    def renew(self) -> Renewed:
        self._need_sign_in()
        return signin.renew(self.account, self.now)

    def subscribe(self, url: str) -> str:
        app = Client(self.account, self.now, As.APP)
        try:
            return subscriptions.subscribe(app, self._client, self._my_id(), url)
        finally:
            app.close()

    def pull(self, stream: str, cursor: Json) -> Page:
        if stream not in SOURCES:
            raise self.no_stream(stream)
        if stream == "search" and self.account.settings.get("search") != "on":
            return Page((), cursor)
        return self._lists.pull(stream, cursor)

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        return self._lists.fetch(refs)

    def send(self, reply: Outgoing) -> Sent:
        return answers.send(self._client, reply, self.now)

    def look_up(self, reply: Outgoing) -> Sent | None:
        return answers.look_up(self._lists, self._my_id(), reply)

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        acts.perform(self._client, self._my_id, act, on)

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        kept = media.download(self._client, attachment.url or "", most)
        return kept or self.fetch_file(attachment, most)

    def receive(self, request: HookRequest) -> HookAnswer:
        name = "consumer_secret" if self._by is As.KEYS else "webhook_secret"
        return hooks.receive(self.account.secrets.get(name), self._known_id(), request)

    def budgets(self) -> tuple[Budget, ...]:
        return self._client.budgets

    def close(self) -> None:
        self._client.close()

    def _my_id(self) -> str:
        """Our user id: as known, else asked for."""
        self._me = self._me or self.check().external_id
        return self._me

    def _known_id(self) -> str | None:
        """Our user id as stored, else as an OAuth 1.0a access token begins with it."""
        token = self.account.secrets.get("access_token", "") if self._by is As.KEYS else ""
        for known in (self.account.external_id, token.partition("-")[0]):
            if known and known.isdecimal():
                return known
        return None

    def _need_sign_in(self) -> None:
        if self._by is not As.TOKEN:
            raise Unsupported(NO_SIGN_IN)
