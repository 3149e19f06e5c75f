"""Reading a mailbox by UID: what is there, how large, and the mails themselves.

Nothing is marked as read (EXAMINE and BODY.PEEK). Sizes are asked first, so that a page of mails
never holds more than `BATCH_BYTES` and one large mail at a time.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from connectors.core.errors import AuthRevoked, Refused, Transient
from connectors.core.mail import is_this_machine, xoauth2
from connectors.email.parse import decoded, encoding

TIMEOUT_S = 30.0
MAX_MAIL = 10 * 1024 * 1024  # a larger mail is read only in part
LARGE_PART = 1024 * 1024  # how much of it
BATCH_BYTES = 4 * 1024 * 1024
WINDOW = 500  # UIDs asked for at once, so that a page of a large mailbox is a short answer
_GROWTH = {"base64": 1.4, "quoted-printable": 3.2}  # encoded bytes for one of the content
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_PORTS = {"imap": 143, "imaps": 993}
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Found:
    """One mail of a folder. `arrived` is the server's time, aware UTC; `size` in bytes."""

    uid: int
    arrived: datetime
    size: int
    raw: bytes = b""

    @property
    def cut(self) -> bool:
        return self.size > MAX_MAIL


@dataclass(frozen=True, slots=True)
class Folder:
    """What EXAMINE tells: every mail below `uid_next` is there already."""

    uid_validity: int
    uid_next: int


def sign_in(url: str, username: str, password: str, token: str = "") -> BaseMailBox:
    """A signed-in connection to `imap://host:port` (STARTTLS) or `imaps://host:port`, by password
    or access token.

    Only this machine itself is spoken to in the clear. Raises `AuthRevoked` and `Transient`.
    """
    with errors():
        box = _connect(url)
        try:
            # Users and passwords beyond ASCII go by AUTHENTICATE PLAIN.
            plain = (username + password).isascii() and (username + password).isprintable()
            if token:
                answers = xoauth2(username, token)
                box.client.authenticate("XOAUTH2", lambda _: next(answers, b""))
            else:
                (box.login if plain else box.login_utf8)(username, password, initial_folder=None)
        except imaplib.IMAP4.abort:
            hang_up(box)
            raise
        except imaplib.IMAP4.error as e:
            hang_up(box)
            raise AuthRevoked("The mail server refused the sign-in.") from e
        except BaseException:
            hang_up(box)
            raise
    return box


def check_url(url: str | None) -> tuple[str, str, int]:
    """(scheme, host, port) of an IMAP address; raises `Refused` saying how it must look."""
    parts = urlsplit(url or "")
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
        raise Refused("The mailbox address is imap://host:port or imaps://host:port.")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _connect(url: str) -> BaseMailBox:
    scheme, host, port = check_url(url)
    if scheme == "imap" and is_this_machine(host):
        return MailBoxUnencrypted(host, port, timeout=TIMEOUT_S)
    # A context of our own: the libraries' default does not verify certificates.
    context = ssl.create_default_context()
    if scheme == "imaps":
        return MailBox(host, port, timeout=TIMEOUT_S, ssl_context=context)
    return MailBoxStartTls(host, port, timeout=TIMEOUT_S, ssl_context=context)


@contextmanager
def errors() -> Iterator[None]:
    """Turns what imaplib and imap-tools raise into connector errors."""
    try:
        yield
    except MailboxLoginError as e:
        if any(word in str(e).upper() for word in ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]")):
            raise Transient("The mail server cannot sign us in just now.") from e
        raise AuthRevoked("The mail server refused user name or password.") from e
    except MailboxFolderSelectError as e:
        raise Refused("The mailbox has no such folder, or it cannot be opened.") from e
    except ssl.SSLCertVerificationError as e:
        raise Transient("The mail server’s certificate is not valid for its name.") from e
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as e:
        raise Transient("The mail server could not be reached or broke off.") from e


def hang_up(box: BaseMailBox) -> None:
    """Ends a connection, heard or not."""
    with suppress(OSError):
        box.client.send(b"BYE LOGOUT\r\n")
    with suppress(OSError):
        box.client.shutdown()


def examine(box: BaseMailBox, folder: str) -> Folder:
    """Opens a folder without changing anything in it."""
    box.folder.set(folder, readonly=True)
    validity = box.client.response("UIDVALIDITY")[1][0]
    following = box.client.response("UIDNEXT")[1][0]
    if not validity or not following:
        raise Transient("The mail server told no UIDVALIDITY or UIDNEXT.")
    return Folder(int(validity), int(following))


def uids_after(box: BaseMailBox, last: int, below: int, since: date | None) -> list[int]:
    """The UIDs between `last` and `below`, ascending; at least one if there is any, not all.

    `n:*` always names the last mail, even one below n, so the answer is filtered.
    """
    arrived = f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else ""
    found: list[int] = []
    for upper in (str(last + WINDOW), "*"):
        if not found and last + 1 < below:
            told = box.uids(f"UID {last + 1}:{upper}{arrived}", charset=None)
            found = sorted(uid for uid in map(int, told) if last < uid < below)
    return found


def fetch(box: BaseMailBox, uids: list[int]) -> Iterator[Found]:
    """The mails of these UIDs, ascending; one deleted meanwhile is left out."""
    if not uids:
        return
    told = [_found(line) for line in _fetch(box, uids, "(UID INTERNALDATE RFC822.SIZE)")]
    for batch in _batches(sorted((f for f in told if f and f.uid in uids), key=lambda f: f.uid)):
        limit = LARGE_PART if batch[0].cut else MAX_MAIL
        items = f"(UID BODY.PEEK[]<0.{limit}>)"
        bodies = _bodies(_fetch(box, [f.uid for f in batch], items))
        for mail in batch:
            if mail.uid in bodies:
                yield Found(mail.uid, mail.arrived, mail.size, bodies.pop(mail.uid))


def _batches(mails: list[Found]) -> Iterator[list[Found]]:
    """Runs of mails that are small together; a large one alone."""
    batch: list[Found] = []
    for mail in mails:
        if batch and sum(f.size for f in batch) + mail.size > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(mail)
    if batch:
        yield batch


Line = bytes | tuple[bytes, bytes]


def _fetch(box: BaseMailBox, uids: list[int], items: str) -> list[Line]:
    status, told = box.client.uid("FETCH", ",".join(map(str, uids)), items)
    if status != "OK":
        raise Transient("The mail server refused to hand out a mail.")
    return [line for line in told if line]


def part(box: BaseMailBox, uid: int, number: str, most: int) -> bytes | None:
    """A part of a mail of the open folder, decoded; a little more than `most` bytes where it is
    longer. None when the mail is gone."""
    heads = _fetch(box, [uid], f"(BODY.PEEK[{number}.MIME] BODY.PEEK[HEADER])")
    if not heads:
        return None
    # A mail of one part has its encoding in the mail's own header.
    head = next((raw for raw in _literals(heads) if encoding(raw)), b"")
    longest = most * _GROWTH.get(encoding(head), 1) + 1000
    body = b"".join(_literals(_fetch(box, [uid], f"(BODY.PEEK[{number}]<0.{int(longest)}>)")))
    return decoded(head, body)


def _literals(lines: list[Line]) -> Iterator[bytes]:
    return (line[1] for line in lines if isinstance(line, tuple))


def _found(line: Line) -> Found | None:
    text = line if isinstance(line, bytes) else line[0]
    uid, size, arrived = _UID.search(text), _SIZE.search(text), _DATE.search(text)
    if not (uid and size and arrived):
        return None
    try:
        at = parsedate_to_datetime(arrived[1].decode("ascii", "replace").strip())
    except ValueError as e:
        raise Transient("The mail server told an arrival time that is none.") from e
    return Found(int(uid[1]), at.astimezone(UTC), int(size[1]))


def _bodies(lines: list[Line]) -> dict[int, bytes]:
    """UID → bytes. The UID stands before the literal or, with some servers, after it."""
    bodies: dict[int, bytes] = {}
    for at, line in enumerate(lines):
        head, raw = line if isinstance(line, tuple) else (line, b"")
        after = lines[at + 1] if at + 1 < len(lines) and isinstance(line, tuple) else b""
        uid = _UID.search(head) or (_UID.search(after) if isinstance(after, bytes) else None)
        if uid and b"BODY[]" in head:
            bodies[int(uid[1])] = raw
    return bodies


def holds(box: BaseMailBox, folder: str, headers: tuple[str, ...], message_id: str) -> bool:
    """Whether a folder has a mail that names this Message-ID in one of these headers."""
    box.folder.set(folder, readonly=True)
    return any(box.uids(f'HEADER {name} "{message_id}"', charset=None) for name in headers)
