"""E-mail: a mailbox read by IMAP, answers by SMTP.

The base URL is imaps://imap.brand.example:993, or imap://… (STARTTLS; in the clear on this machine
only). Settings and ways to sign in: `capabilities.py`.

A mail's time is the server's INTERNALDATE, never its `Date` header. *Ours* is what lies in the
sent folder, or bears a Message-ID of ours; the From header proves nothing.

The cursor is {uidvalidity, uid, since, until, reread}. Mails up to UID `until` were there at the
first look: of these only what arrived `since` counts. When UIDVALIDITY changes, every mail has a
new UID and is read again; those that were there by then come marked `platform["reread"]`, to be
dropped where `message_id` and `platform["digest"]` are known in the account already.

A mail does not change, and one that is gone from our mailbox was tidied away by us, not taken back
by the customer: so `fetch` is not offered.
"""

import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from imap_tools import BaseMailBox

from connectors.core.base import Base
from connectors.core.contract import (
    Account,
    Attachment,
    Author,
    Begun,
    Capabilities,
    Direction,
    Downloaded,
    HookAnswer,
    HookRequest,
    Identity,
    Json,
    Kind,
    Message,
    Outgoing,
    Page,
    Renewed,
    Sent,
    word,
)
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    Malformed,
    Refused,
    Unsupported,
)
from connectors.core.mail import Smtp, wire_bytes
from connectors.email import imap
from connectors.email.capabilities import CAPABILITIES, PASSWORD
from connectors.email.compose import compose, is_ours, own_key, own_message_id, recipient, token_in
from connectors.email.oauth import Tokens
from connectors.email.parse import CUT_NOTE, Mail, parse_mail

__all__ = ["CAPABILITIES", "Connector"]

PAGE = 50
ANSWERS_GO = word("Answers go to {name}.")
HISTORY_DAYS = 30
QUARANTINE_CHARS = 20_000
_REF = re.compile(r"(.+):(\d+):(\d+):(\d+(?:\.\d+)*)")


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

    def begin(self, redirect_uri: str, state: str, verifier: str) -> Begun:
        return Begun(Tokens(self.account, self.now).consent_url(redirect_uri, state, verifier))

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Renewed:
        return Tokens(self.account, self.now).exchanged(code, redirect_uri, verifier)

    def renew(self) -> Renewed:
        if self._by_password():
            raise Unsupported("A mailbox’s password does not run out.")
        return Tokens(self.account, self.now).renewed()

    def check(self) -> Identity:
        missing: list[str] = []
        with self._mailbox() as box:
            for folder in filter(None, (self._folder, self._sent_folder)):
                try:
                    with imap.errors():
                        imap.examine(box, folder)
                except Refused:
                    missing.append(word("folder {name}").format(name=folder))
        with self._renewable():
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
        with self._renewable():
            self._smtp().send(mail, self._address, recipient(reply), *(a.id for a in reply.copies))
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

    def download(self, attachment: Attachment, most: int) -> Downloaded:
        """A part of a mail, by the number that its server gave it."""
        named = _REF.fullmatch(attachment.ref or "")
        if named is None:
            raise Refused("This file has no place in the mailbox.")
        folder, validity, uid, number = named.groups()
        with self._mailbox() as box:
            if imap.examine(box, folder).uid_validity != int(validity):
                raise Refused("The mail server has numbered its mails anew since this one came.")
            data = imap.part(box, int(uid), number, most)
        if data is None:
            raise Refused("The mail is no longer in its folder.")
        if len(data) > most:
            raise Refused("The file is too large.")
        return Downloaded(data, attachment.mime)

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
                    with self._renewable():
                        self._box = imap.sign_in(self.account.base_url or "", *self._keys())
                    # A connector that is dropped without `close` leaves no line open either.
                    self._hang_up = weakref.finalize(self, imap.hang_up, self._box)
                yield self._box
        except ConnectorError:
            self.close()
            raise

    @contextmanager
    def _renewable(self) -> Iterator[None]:
        """An access token that is refused is renewed; a password must be entered anew."""
        try:
            yield
        except AuthRevoked as e:
            if self._by_password() or not self.account.secrets.get("refresh_token"):
                raise
            raise AuthExpired("The mail server no longer takes the access token.") from e

    def _by_password(self) -> bool:
        way = self.capabilities.way(self.account.settings)
        return way is None or way.key == PASSWORD

    def _keys(self) -> tuple[str, str, str]:
        """User name, password, access token: one of the last two. Missing after the address was
        changed."""
        secrets = self.account.secrets
        user = secrets.get("username")
        password, token = (secrets.get(n) or "" for n in ("password", "access_token"))
        if self._by_password():
            if not user or not password:
                raise AuthRevoked("The mailbox’s user name and password are missing. Enter them.")
            return user, password, ""
        if not user or not token:
            raise AuthRevoked("The mailbox is not signed in. Sign in again.")
        return user, "", token

    def _smtp(self) -> Smtp:
        user, password, token = self._keys()
        try:
            smtp = Smtp.from_url(str(self.account.settings.get("smtp") or ""), user, password)
        except ValueError as e:
            raise Refused(str(e)) from e
        return replace(smtp, token=token)

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
        platform |= {k: v for k, v in self._extras(mail, cursor, found, key, ours).items() if v}
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
            attachments=tuple(_placed_at(a, folder, cursor, found) for a in mail.attachments),
            message_id=mail.message_id,
            references=mail.references,
            address_token=token_in(mail.delivered_to, self._address),
            reply_note=_reply_note(mail, ours),
            platform=platform,
        )

    def _extras(
        self, mail: Mail, cursor: Json, found: imap.Found, key: str | None, ours: bool
    ) -> Json:
        return {
            "reread": cursor["reread"] and found.uid <= cursor["until"],
            "reply_to": mail.reply_to,
            "reply_key": key,
            "bounce_of": mail.bounce_of,
            "bounced": list(mail.bounced),
            "others": self._others(mail, ours),
        }

    def _others(self, mail: Mail, ours: bool) -> list[list[str]]:
        """(address, name) of whom it was sent to beside us; of ours, beside the first, whom it
        answers."""
        us = self._address.lower()
        known = {mail.sender, mail.reply_to, us}
        found = [list(one) for one in mail.named if not is_ours(one[0], us)]
        return found[1:] if ours else [one for one in found if one[0] not in known]

    def _no_customer(self, mail: Mail) -> bool:
        """Whether a mail came by someone's mailing list, or claims to be from ourselves.

        A list of our own domain does not count: it is a shared address where customers write.
        """
        ours = "." + self._address.lower().rpartition("@")[2]
        return mail.sender == self._address.lower() or any(
            not f".{name}".endswith(ours) for name in mail.lists
        )


def _placed_at(a: Attachment, folder: str, cursor: Json, found: imap.Found) -> Attachment:
    """The file with its place in the mailbox. Of a mail read in part, sizes are unknown."""
    size = None if found.cut else a.size
    return replace(a, size=size, ref=f"{folder}:{cursor['uidvalidity']}:{found.uid}:{a.ref}")


def _sent_id(message_id: str) -> str:
    """The external id of an answer of ours, the same when it is sent and when it comes back."""
    return f"smtp:{message_id}"


def _reply_note(mail: Mail, ours: bool) -> str | None:
    return ANSWERS_GO.format(name=mail.reply_to) if mail.reply_to and not ours else None
