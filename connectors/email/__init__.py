"""E-mail: a mailbox read by IMAP, answers by SMTP.

    base URL   imaps://imap.brand.example:993, or imap://… (STARTTLS; in the clear on this machine)
    smtp       smtps://smtp.brand.example:465, or smtp://…:587, without user and password
    address    support@brand.example; without it the account's handle
    folder     INBOX          sent_folder   e.g. Sent; without it answers written elsewhere are
                                            not seen
    sent_by    "server" when the mail server itself files what it sends (Gmail, Exchange);
               else a copy is put into `sent_folder` here
    name       shown as the sender            history_days   how far back the first look goes

A mail's time is the server's INTERNALDATE, never its `Date` header. *Ours* is what lies in the
sent folder, or bears a Message-ID of ours; the From header proves nothing.

The cursor is {uidvalidity, uid, since, until, reread}. Mails up to UID `until` were there at the
first look: of these only what arrived `since` counts. When UIDVALIDITY changes, every mail has a
new UID and is read again; those that were there by then come marked `platform["reread"]`, to be
dropped where `message_id` and `platform["digest"]` are known in the account already.
"""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import ClassVar

from imap_tools import BaseMailBox

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Author,
    Capabilities,
    Direction,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Message,
    Outgoing,
    Page,
    Secret,
    Sent,
    Setting,
    word,
)
from connectors.core.errors import AuthRevoked, ConnectorError, Malformed, Refused, Unsupported
from connectors.core.mail import Smtp, wire_bytes
from connectors.email import imap
from connectors.email.compose import compose, own_key, own_message_id, recipient, token_in
from connectors.email.parse import CUT_NOTE, Mail, parse_mail

PAGE = 50
HISTORY_DAYS = 30
QUARANTINE_CHARS = 20_000

CAPABILITIES = Capabilities(
    channel="email",
    title="E-mail",
    kinds=(Kind.EMAIL,),
    streams=("inbox", "sent"),
    count=len,
    unit="characters",
    limit_public=None,
    limit_private=100_000,
    secrets=(
        Secret("username", word("User name")),
        Secret("password", word("Password or app password")),
    ),
    settings=(
        Setting("smtp", word("Mail server that sends"), "smtps://mail.brand.example"),
        Setting("address", word("Address, if the account's name is none")),
        Setting("name", word("Name in the From line")),
        Setting("folder", word("Folder to read"), default="INBOX"),
        Setting("sent_folder", word("Folder of sent mail")),
        Setting(
            "sent_by",
            word("Who puts sent mail there"),
            choices=(("", word("Replydesk")), ("server", word("the mail server"))),
        ),
        Setting("history_days", word("Days of history at the first look"), default="30"),
    ),
    polls=True,
    poll_interval_s=30,
    read_lag_s=60,
    social=False,
    notes=(
        word("The first look goes 30 days back (history_days)."),
        word("An uncertain send is looked up in the sent folder; without one a person decides."),
    ),
)


class Connector(Base):
    """One mailbox. The IMAP connection is opened at the first need and kept until `close`."""

    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(account, now)
        self._address = str(account.settings.get("address") or account.handle)
        self._folder = str(account.settings.get("folder") or "INBOX")
        self._sent_folder = str(account.settings.get("sent_folder") or "")
        self._server_files = account.settings.get("sent_by") == "server"
        self._box: BaseMailBox | None = None
        self._hang_up: weakref.finalize[..., Connector] | None = None

    def check(self) -> Identity:
        missing: list[str] = []
        with self._mailbox() as box:
            for folder in filter(None, (self._folder, self._sent_folder)):
                try:
                    with imap.errors():
                        imap.examine(box, folder)
                except Refused:
                    missing.append(f"folder {folder}")
        self._smtp().check()
        name = self.account.settings.get("name")
        return Identity(self._address.lower(), self._address, name, tuple(missing))

    def pull(self, stream: str, cursor: Json) -> Page:
        folder = self._sent_folder if stream == "sent" else self._folder
        if not folder:
            return Page((), cursor)
        messages: list[Message] = []
        malformed: list[Malformed] = []
        with self._mailbox() as box:
            state = imap.examine(box, folder)
            cursor = self._placed(cursor, state)
            history = cursor["uid"] < cursor["until"]
            below = cursor["until"] + 1 if history else state.uid_next
            since = date.fromisoformat(cursor["since"]) if history else None
            uids = imap.uids_after(box, cursor["uid"], below, since)[:PAGE]
            for found in imap.fetch(box, uids):
                try:
                    messages.append(self._message(stream, folder, cursor, found))
                except ValueError as e:
                    raw = found.raw[:QUARANTINE_CHARS].decode("latin-1")
                    malformed.append(Malformed(str(e), {"uid": found.uid, "raw": raw}))
        last = uids[-1] if uids else below - 1
        more = last + 1 < state.uid_next
        return Page(tuple(messages), {**cursor, "uid": last}, more, tuple(malformed))

    def send(self, reply: Outgoing) -> Sent:
        mail = compose(reply, self._address, self.account.settings.get("name"), self.now())
        self._smtp().send(mail, self._address, recipient(reply))
        if self._sent_folder and not self._server_files:
            self._file(wire_bytes(mail))
        message_id = own_message_id(reply.key, self._address)
        return Sent(_sent_id(message_id), None, message_id)

    def look_up(self, reply: Outgoing) -> Sent | None:
        """Where the server files what it sends, its sent folder tells; else only a find does."""
        message_id = own_message_id(reply.key, self._address)
        sent = Sent(_sent_id(message_id), None, message_id)
        with self._mailbox() as box:
            # An answer to it, or a report about it, proves that it left.
            if imap.holds(
                box, self._folder, ("Message-ID", "In-Reply-To", "References"), message_id
            ):
                return sent
            if self._sent_folder and imap.holds(
                box, self._sent_folder, ("Message-ID",), message_id
            ):
                return sent
        if self._sent_folder and self._server_files:
            return None
        raise Unsupported("This mailbox cannot tell whether the answer left.")

    def receive(self, request: HookRequest) -> HookAnswer:
        raise Unsupported("E-mail comes by IMAP.")

    def close(self) -> None:
        self._box = None
        if self._hang_up is not None:
            self._hang_up()

    @contextmanager
    def _mailbox(self) -> Iterator[BaseMailBox]:
        """The open connection; a failure closes it, so that the next call opens a new one."""
        try:
            with imap.errors():
                if self._box is None:
                    self._box = imap.sign_in(self.account.base_url or "", *self._keys())
                    # A connector that is dropped without `close` leaves no line open either.
                    self._hang_up = weakref.finalize(self, imap.hang_up, self._box)
                yield self._box
        except ConnectorError:
            self.close()
            raise

    def _keys(self) -> tuple[str, str]:
        """User name and password; missing after the address was changed."""
        secrets = self.account.secrets
        if not secrets.get("username") or not secrets.get("password"):
            raise AuthRevoked("The mailbox's user name and password are missing. Enter them again.")
        return secrets["username"], secrets["password"]

    def _smtp(self) -> Smtp:
        keys = self._keys()
        try:
            return Smtp.from_url(str(self.account.settings.get("smtp") or ""), *keys)
        except ValueError as e:
            raise Refused(str(e)) from e

    def _file(self, raw: bytes) -> None:
        """Puts a copy into the sent folder. The mail has left: failing here must not deny that."""
        with suppress(ConnectorError), self._mailbox() as box:
            box.append(raw, self._sent_folder, dt=self.now(), flag_set=["\\Seen"])

    def _placed(self, cursor: Json, state: imap.Folder) -> Json:
        """The cursor for this folder as it is: new, unchanged, or renumbered by the server."""
        if cursor.get("uidvalidity") == state.uid_validity:
            return cursor
        days = int(self.account.settings.get("history_days") or HISTORY_DAYS)
        return {
            "uidvalidity": state.uid_validity,
            "uid": 0,
            "since": cursor.get("since") or (self.now() - timedelta(days=days)).date().isoformat(),
            "until": state.uid_next - 1,
            "reread": bool(cursor),
        }

    def _message(self, stream: str, folder: str, cursor: Json, found: imap.Found) -> Message:
        """A mail in the neutral form; raises `ValueError` when it names no sender."""
        mail = parse_mail(found.raw)
        key = own_key(mail.message_id, self._address)
        ours = stream == "sent" or key is not None
        external_id = f"{folder}:{cursor['uidvalidity']}:{found.uid}"
        text = mail.text
        if found.cut:
            text = f"{text}\n\n{CUT_NOTE} [{found.size // 1_000_000} MB]".strip()
        platform: Json = {"digest": mail.digest, "to": list(mail.delivered_to)}
        platform |= {k: v for k, v in self._extras(mail, cursor, found, key).items() if v}
        return Message(
            external_id=_sent_id(mail.message_id) if stream == "sent" and key else external_id,
            conversation=next(iter(mail.references), None) or mail.in_reply_to or mail.message_id,
            direction=Direction.OUT if ours else Direction.IN,
            text=text,
            sent_at=found.arrived,
            author=Author(mail.sender, mail.sender, mail.sender_name),
            kind=Kind.EMAIL,
            in_reply_to=mail.in_reply_to,
            # Our Message-ID in the inbox may be an echo or a forgery: alone it ends no turn.
            automated=mail.robot or (stream != "sent" and (ours or self._no_customer(mail))),
            subject=mail.subject,
            attachments=mail.attachments,
            message_id=mail.message_id,
            references=mail.references,
            address_token=token_in(mail.delivered_to, self._address),
            reply_note=f"Answers go to {mail.reply_to}." if mail.reply_to and not ours else None,
            platform=platform,
        )

    def _extras(self, mail: Mail, cursor: Json, found: imap.Found, key: str | None) -> Json:
        return {
            "reread": cursor["reread"] and found.uid <= cursor["until"],
            "reply_to": mail.reply_to,
            "reply_key": key,
            "bounce_of": mail.bounce_of,
        }

    def _no_customer(self, mail: Mail) -> bool:
        """Whether a mail came by someone's mailing list, or claims to be from ourselves.

        A list of our own domain does not count: it is a shared address where customers write.
        """
        ours = "." + self._address.lower().rpartition("@")[2]
        return mail.sender == self._address.lower() or any(
            not f".{name}".endswith(ours) for name in mail.lists
        )


def _sent_id(message_id: str) -> str:
    """The external id of an answer of ours, the same when it is sent and when it comes back."""
    return f"smtp:{message_id}"
