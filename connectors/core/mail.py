"""The one SMTP door: answers, alerts, reports and invitations leave through `Smtp.send`.

    smtp://user:password@host:587     STARTTLS; in the clear only to this machine itself
    smtps://user:password@host:465    TLS from the first byte

Certificates are always verified. User and password are percent-encoded, or passed beside the URL.
A mail goes to all of its recipients or to none, so that its outcome is one outcome:

    connecting, EHLO, STARTTLS fail            Transient: nothing was sent
    sign-in refused (535 and its like)         AuthRevoked
    MAIL, RCPT, DATA or the text: answer 4yz   Transient: the server has not taken it
    the same with answer 5yz                   Refused
    no answer once the text began to leave     OutcomeUnknown
"""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Final
from urllib.parse import unquote, urlsplit

from connectors.core.capabilities import word
from connectors.core.errors import AuthRevoked, ConnectorError, OutcomeUnknown, Refused, Transient

TIMEOUT_S: Final = 30.0
PORTS: Final = {"smtp": 587, "smtps": 465}
SIGN_IN_CODES: Final = frozenset({530, 534, 535, 538})
_FORBIDDEN: Final = frozenset("\r\n\0<>")


class MailPolicy(EmailPolicy):
    """RFC 5322 on the wire, headers of Message-IDs one id to a line, a subject of other letters
    wholly encoded.

    The standard library writes an id longer than a line as an encoded word, which no reader
    takes for an id any more, so a long thread would fall apart; and where a line of a subject
    begins, it leaves a space outside of the encoded words, which no reader shows (both seen with
    Python 3.11).
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in ("message-id", "in-reply-to", "references"):
            ids = f"{self.linesep} ".join(str(value).split())
            return f"{name}: {ids}{self.linesep}".encode("ascii", "replace")
        if name.lower() == "subject" and not (value.isascii() or self.utf8):
            words = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
            return f"{name}: {words}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


POLICY: Final = MailPolicy(linesep="\r\n", cte_type="7bit")


def new_message() -> EmailMessage:
    """An empty mail whose headers refuse line breaks (`ValueError`)."""
    return EmailMessage(policy=POLICY)


def new_message_id(key: str, domain: str) -> str:
    """The Message-ID, without brackets, of the mail that the row `key` sends: always the same."""
    return f"{key}@{domain}"


def wire_bytes(message: EmailMessage, utf8: bool = False) -> bytes:
    """The mail as it travels: CRLF, 7 bits; `utf8` leaves headers unencoded (RFC 6531)."""
    return message.as_bytes(policy=POLICY.clone(utf8=utf8))


def ascii_address(address: str) -> str:
    """The address with its domain as DNS writes it (`xn--…`); the part before the @ stays."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return address


def xoauth2(username: str, token: str) -> Iterator[bytes]:
    """What a client says to sign in with an access token: first this, then nothing more, so that
    a server which explains its refusal comes to an end (Google's "The SASL XOAUTH2 mechanism")."""
    return iter((f"user={username}\x01auth=Bearer {token}\x01\x01".encode(), b""))


def is_this_machine(host: str) -> bool:
    """Whether a connection to `host` never leaves this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where mail leaves. `tls`: "smtps" from the start, "smtp" by STARTTLS."""

    host: str
    port: int
    tls: str
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = TIMEOUT_S
    context: ssl.SSLContext | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)  # an access token instead of the password

    @classmethod
    def from_url(cls, url: str, username: str = "", password: str = "") -> "Smtp":
        """Reads `smtp://…` or `smtps://…`; raises `ValueError`, whose words hold no secret."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise ValueError("An SMTP address begins with smtp:// or smtps://.")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("An SMTP address is smtp://host:port, nothing more.")
        return cls(
            parts.hostname,
            parts.port or PORTS[parts.scheme],
            parts.scheme,
            username or unquote(parts.username or ""),
            password or unquote(parts.password or ""),
        )

    def check(self) -> None:
        """Connects and signs in. Raises `Transient` or `AuthRevoked`."""
        with self._session("localhost"):
            pass

    def send(self, message: EmailMessage, envelope_from: str, *to: str) -> None:
        """Hands one mail to the server; the errors are those of the module's table."""
        for address in (envelope_from, *to):
            if _FORBIDDEN & set(address) or "@" not in address:
                raise Refused("This is not an e-mail address.")
        envelope_from, *to_ascii = map(ascii_address, (envelope_from, *to))
        utf8 = not "".join((envelope_from, *to_ascii)).isascii()
        try:
            raw = wire_bytes(message, utf8)
        except (ValueError, UnicodeError) as e:
            raise Refused("A header of this mail cannot be written.") from e
        with self._session(envelope_from.rpartition("@")[2]) as line:
            self._envelope(line, envelope_from, to_ascii, len(raw), utf8)
            self._text(line, raw)

    @contextmanager
    def _session(self, name: str) -> Iterator[smtplib.SMTP]:
        """A signed-in connection. A broken line is `Transient` unless the caller says otherwise."""
        line: smtplib.SMTP | None = None
        try:
            line = self._connect(name)
            self._sign_in(line)
            yield line
        except smtplib.SMTPResponseException as e:
            raise _answer(e.smtp_code, e.smtp_error) from e
        except ssl.SSLCertVerificationError as e:
            raise Transient("The mail server’s certificate is not valid for its name.") from e
        except (OSError, smtplib.SMTPException) as e:
            raise Transient("The mail server could not be reached.") from e
        finally:
            if line is not None:
                _hang_up(line)

    def _connect(self, name: str) -> smtplib.SMTP:
        # `local_hostname` is given, else smtplib asks the resolver, which may take seconds.
        clear = self.tls == "smtp" and self.context is None and is_this_machine(self.host)
        if clear:
            return smtplib.SMTP(self.host, self.port, name, timeout=self.timeout_s)
        context = self.context or ssl.create_default_context()
        if self.tls == "smtps":
            return smtplib.SMTP_SSL(
                self.host, self.port, name, timeout=self.timeout_s, context=context
            )
        line = smtplib.SMTP(self.host, self.port, name, timeout=self.timeout_s)
        try:
            line.starttls(context=context)
        except smtplib.SMTPNotSupportedError as e:
            line.close()
            raise AuthRevoked("The mail server offers no encryption (STARTTLS).") from e
        except BaseException:
            line.close()
            raise
        return line

    def _sign_in(self, line: smtplib.SMTP) -> None:
        if not self.username:
            return
        line.ehlo_or_helo_if_needed()
        if not line.has_extn("auth"):
            return  # a relay that trusts us by address; one that does not says so at MAIL
        try:
            if self.token:
                answers = xoauth2(self.username, self.token)
                line.auth("XOAUTH2", lambda _=None: next(answers, b"").decode())
            else:
                line.login(self.username, self.password)
        except smtplib.SMTPAuthenticationError as e:
            if 400 <= e.smtp_code < 500:
                raise
            raise AuthRevoked("The mail server refused the sign-in.") from e
        except (smtplib.SMTPNotSupportedError, UnicodeError) as e:
            raise AuthRevoked("The mail server knows no way to sign in with a password.") from e

    def _envelope(
        self, line: smtplib.SMTP, envelope_from: str, to: Sequence[str], size: int, utf8: bool
    ) -> None:
        line.ehlo_or_helo_if_needed()
        options = [f"size={size}"] if line.has_extn("size") else []
        if utf8 and not line.has_extn("smtputf8"):
            raise Refused("The mail server cannot send to an address with such letters.")
        if utf8:
            options.append("SMTPUTF8")
        _expect(line.mail(envelope_from, options), 250)
        for address in to:
            _expect(line.rcpt(address), 250, 251, name=address if len(to) > 1 else "")
        _expect(line.docmd("DATA"), 354)

    def _text(self, line: smtplib.SMTP, raw: bytes) -> None:
        """Sends the text; from the first byte on, silence means that nobody knows."""
        dotted = raw.replace(b"\r\n.", b"\r\n..")
        dotted = b"." + dotted if dotted.startswith(b".") else dotted
        end = b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            line.send(dotted + end)
            code, said = line.getreply()
        except (OSError, smtplib.SMTPException) as e:
            raise OutcomeUnknown("The line broke before the mail server answered.") from e
        if code >= 400:
            raise _answer(code, said)
        if not 200 <= code < 300:
            raise OutcomeUnknown("The mail server’s answer could not be read.")


def _expect(answer: tuple[int, bytes], *codes: int, name: str = "") -> None:
    code, said = answer
    if code not in codes:
        raise _answer(code, said, name)


def _answer(code: int, said: bytes | str, name: str = "") -> ConnectorError:
    """The error of an SMTP answer; the server's words are shown, one line of them. `name` is the
    address that it is about, where there are several."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
    reason = word("The mail server answered {code}: {words}").format(code=code, words=words)
    if name:
        reason = word("The mail server answered {code} for {name}: {words}").format(
            code=code, name=name, words=words
        )
    if code in SIGN_IN_CODES:
        return AuthRevoked(reason)
    return Refused(reason) if code >= 500 else Transient(reason)


def _hang_up(line: smtplib.SMTP) -> None:
    """Says goodbye without waiting for it to be heard: the outcome is known by now."""
    try:
        if line.sock is not None:
            line.putcmd("quit")
    except (OSError, smtplib.SMTPException):
        pass
    finally:
        line.close()
