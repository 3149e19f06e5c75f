"""What a connector inherits: a plain "no" to all that its platform may lack."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.core.contract import (
    Account,
    Act,
    Attachment,
    Begun,
    Budget,
    Capabilities,
    ConnectorContract,
    Downloaded,
    Fetched,
    HookAnswer,
    HookRequest,
    Json,
    Outgoing,
    Page,
    Ref,
    Renewed,
    Sent,
    word,
)
from connectors.core.errors import Answer as Failed
from connectors.core.errors import Refused, Row, Transient, Unsupported, error_for
from connectors.core.fetch import fetch

DO_THIS = word("do this")
NO_FILE = word("{name} no longer has this file.")


class Base(ConnectorContract):
    """See `ConnectorContract`. A subclass sets `capabilities` and writes what its platform has."""

    capabilities: ClassVar[Capabilities]

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        self.account = account
        self.now = now

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        raise self._no(word("sign in on its own page"))

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        raise self._no(word("sign in on its own page"))

    def renew(self) -> Renewed:
        raise self._no(word("renew credentials"))

    def subscribe(self, url: str) -> str:
        raise self._no(word("be told by us where to call"))

    def pull(self, stream: str, cursor: Json) -> Page:
        raise self._no(word("list messages"))

    def fetch(self, refs: Sequence[Ref]) -> Fetched:
        raise self._no(word("show single messages"))

    def look_up(self, reply: Outgoing) -> Sent | None:
        raise self._no(word("be asked what became of an answer"))

    def act(self, act: Act, on: Ref, note: str = "") -> None:
        raise self._no(DO_THIS)

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        """From the attachment's own address; private ones only at the account's own server or
        where the operator allowed them (law 13)."""
        return self.fetch_file(attachment, most)

    def receive(self, request: HookRequest) -> HookAnswer:
        raise self._no(word("call us"))

    def budgets(self) -> tuple[Budget, ...]:
        return ()

    def close(self) -> None:
        """Nothing is kept open."""

    def base_url(self) -> str:
        """The platform's address for this account, without a trailing slash."""
        return (self.account.base_url or self.capabilities.base_url or "").rstrip("/")

    def fetch_file(
        self, attachment: Attachment, most: int, headers: Mapping[str, str] | None = None
    ) -> Downloaded:
        """The bytes at an attachment's address. `headers` (a token) go only to the account's own
        server: whoever wrote the message may have chosen the address."""
        url = attachment.url
        if not url:
            raise Refused("The platform gave no address for this file.")
        allow = self.own_server() | set(map(str, self.account.settings.get("allow_private") or ()))
        mine = origin_of(url) == origin_of(self.base_url())
        answer = fetch("GET", url, headers=headers if mine else None, allow=allow, max_bytes=most)
        if answer.status in (404, 410):
            raise Refused("The platform no longer has this file.")
        if answer.status >= 500 or answer.status == 429:
            raise Transient(word("The platform answered {code}.").format(code=answer.status))
        if answer.status >= 300:
            if not mine:  # whoever wrote the message chose that server: it says nothing of us
                raise Refused(word("The file’s server answered {code}.").format(code=answer.status))
            raise error_for(Failed(answer.status))
        return Downloaded(answer.body, answer.headers.get("content-type"))

    def fetch_own(
        self,
        url: str,
        most: int,
        headers: Mapping[str, str] | None = None,
        rows: Mapping[int, Row] | None = None,
        gone: str = "",
    ) -> Downloaded:
        """The bytes at an address of the platform's own, which holds a token or is given one by
        `headers`. `rows` as for `error_for`, also below 300; `gone` says that it is not there."""
        answer = fetch("GET", url, headers=headers, allow=self.own_server(), max_bytes=most)
        if answer.status in (404, 410):
            raise Refused(gone or NO_FILE.format(name=self.capabilities.title))
        if answer.status >= 300 or answer.status in (rows or {}):
            raise error_for(Failed(answer.status), rows)
        return Downloaded(answer.body, answer.headers.get("content-type"))

    def own_server(self) -> frozenset[str]:
        """The server that the account names, which may be a private one (law 13): the platform's
        is public anyway."""
        origin = origin_of(self.account.base_url or "")
        return frozenset({origin}) if origin else frozenset()

    def _no(self, what: str) -> Unsupported:
        told = word("{name} cannot {what}.")
        return Unsupported(told.format(name=self.capabilities.title, what=what))

    def no_stream(self, stream: str) -> Unsupported:
        """For a stream that is not among those of the capabilities."""
        told = word("{name} has no list “{stream}”.")
        return Unsupported(told.format(name=self.capabilities.title, stream=stream))


def origin_of(url: str) -> str:
    """`host:port` of an address, "" for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:  # a bracket too many, a port beyond all ports
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname else ""
