"""A real SMTP server for tests (aiosmtpd), with the faults that mail servers have.

    with SmtpServer() as smtp:
        smtp.faults.append("cut")       # for the next mail

Faults: `cut` takes the mail and hangs up before answering; `cut_early` hangs up at MAIL;
`450`, `550` refuse the recipient; `452`, `554` refuse after the text; `421` at MAIL; `mute` takes
the mail and never answers; `gibberish` answers the text with no SMTP answer; `unauthorized`
refuses the sign-in.
"""

import asyncio
import base64
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "smtp-password"
# aiosmtpd warns of a deprecated name that it uses itself.
logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the server took: its envelope and its bytes."""

    sender: str
    to: tuple[str, ...]
    raw: bytes


Deliver = Callable[[Accepted], None]


class SmtpServer:
    """An SMTP server on a free port of 127.0.0.1; any user name with `password` may send.

    `deliver` is called with each accepted mail, in the server's thread.
    """

    def __init__(
        self,
        deliver: Deliver | None = None,
        *,
        password: str = PASSWORD,
        needs_sign_in: bool = True,
        offers_sign_in: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.accepted: list[Accepted] = []
        self.faults: deque[str] = deque()
        self.password, self.needs_sign_in = password, needs_sign_in
        self.offers_sign_in = offers_sign_in
        self.refused: set[str] = set()  # recipients that this server does not know
        self.token: str | None = None  # the access token that XOAUTH2 takes
        self.refuse_auth: str | None = None  # an SMTP answer such as "454 4.7.0 Later, please"
        self._refused: Session | None = None
        self._deliver = deliver
        self._tls = tls

    def __enter__(self) -> "SmtpServer":
        self._controller = _Controller(self, self._tls)
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def take(self, mail: Accepted) -> None:
        self.accepted.append(mail)
        if self._deliver is not None:
            self._deliver(mail)

    # What aiosmtpd calls, in its own thread and loop.

    async def handle_MAIL(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.needs_sign_in and not session.authenticated:
            return "530 5.7.0 Sign in first"
        if self._next("421"):
            return "421 4.3.2 Closing for maintenance"
        if self._next("cut_early"):
            return await self._cut(server)
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._next("450"):
            return "450 4.2.1 Mailbox busy"
        if self._next("550") or address in self.refused:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._next("452"):
            return "452 4.3.1 Mailbox full"
        if self._next("554"):
            return "554 5.6.0 Refused as spam"
        raw = envelope.original_content or b""
        mail = Accepted(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        await asyncio.get_running_loop().run_in_executor(None, self.take, mail)
        if self._next("cut"):
            return await self._cut(server)
        if self._next("mute"):
            await asyncio.sleep(3600)
        return "what?" if self._next("gibberish") else "250 2.0.0 Taken"

    def sign_in(self, session: Session, login: LoginPassword) -> AuthResult:
        if session is self._refused or self._next("unauthorized"):
            self._refused = session  # clients try one way to sign in after the other
            return AuthResult(success=False, handled=False)
        if self.refuse_auth:
            return AuthResult(success=False, handled=False, message=self.refuse_auth)
        right = login.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    async def auth_XOAUTH2(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, words: list[str]
    ) -> AuthResult:
        """As Google describes it: a refusal is explained first, and the client says nothing."""
        told = base64.b64decode(words[1]).decode().split("\x01")
        if self.token and told[1] == f"auth=Bearer {self.token}":
            return AuthResult(success=True, handled=False, auth_data=told[0])
        await server.challenge_auth(b'{"status":"401","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)

    def _next(self, fault: str) -> bool:
        if self.faults and self.faults[0] == fault:
            self.faults.popleft()
            return True
        return False

    async def _cut(self, server: SMTP) -> str:
        """Hangs up; the answer returned is never heard."""
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
        await asyncio.sleep(0)
        raise asyncio.CancelledError


class _Controller(Controller):
    """Runs the server in a thread, on a port that the system chose."""

    def __init__(self, handler: SmtpServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=0)
        self._tls = tls

    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            hostname="mail.example",
            enable_SMTPUTF8=True,
            auth_require_tls=not self.handler.offers_sign_in,
            authenticator=self._authenticate,
            tls_context=self._tls,
        )

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.recv(100)

    def _authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        handler: SmtpServer = self.handler
        return handler.sign_in(session, data)
