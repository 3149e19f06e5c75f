"""A whole world of mail on this machine: dovecot for everybody's mailbox, SMTP in between.

    python -m tests.fakes.mail

prints addresses and credentials, so that a person can connect the product and write as a customer.
"""

import signal
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from types import TracebackType
from typing import Any

from connectors.core.contract import Account
from tests.fakes.imap import PASSWORD, Dovecot
from tests.fakes.smtp import Accepted, SmtpServer

BRAND, ANN = "support@brand.example", "ann@mail.example"
LOGIN = "brand-mailbox"  # the brand's user name is not its address


class PostOffice:
    """Every mail that SMTP accepts lies in the mailbox of each recipient at once.

    With `files_sent` the server puts a copy of what the brand sends into its folder Sent, as large
    mail providers do.
    """

    def __init__(self, files_sent: bool = False) -> None:
        self.imap = Dovecot(LOGIN)
        self.smtp = SmtpServer(self._deliver, password=PASSWORD, needs_sign_in=False)
        self._files_sent = files_sent
        self._written = 0

    def __enter__(self) -> "PostOffice":
        self.imap.__enter__()
        try:
            self.smtp.__enter__()
        except BaseException:
            self.imap.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.smtp.__exit__(kind, error, trace)
        self.imap.__exit__(kind, error, trace)

    def accept_token(self, token: str) -> None:
        """Both servers take this access token for the brand, and no earlier one."""
        self.imap.accept_token(token)
        self.smtp.token = token

    def account(self, base_url: str = "", **settings: Any) -> Account:
        """The brand's account as a connector gets it."""
        secrets = {"username": LOGIN, "password": PASSWORD}
        known = {"smtp": self.smtp.url, **settings}
        return Account("email", BRAND, BRAND, base_url or self.imap.url, known, secrets)

    def write(
        self,
        text: str,
        *,
        sender: str = f"Ann <{ANN}>",
        subject: str = "My payment",
        at: datetime | None = None,
        folder: str = "INBOX",
        **headers: str,
    ) -> str:
        """A customer's mail lies in the brand's mailbox; its Message-ID without brackets.

        Further headers by name, `_` for `-`: `In_Reply_To="<a@b.example>"`.
        """
        self._written += 1
        message_id = f"customer-{self._written}@mail.example"
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, BRAND, subject
        mail["Date"] = format_datetime(at or datetime.now(UTC))
        mail["Message-ID"] = f"<{message_id}>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        self.imap.deliver(mail.as_bytes(), folder, at)
        return message_id

    def send_file(self, name: str, data: bytes, mime: str = "application/octet-stream") -> None:
        """A customer's mail with a file lies in the brand's mailbox."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = ANN, BRAND, "My receipt"
        mail.set_content("Here it is.")
        main, _, sub = mime.partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
        self.imap.deliver(mail.as_bytes())

    def mailbox(self, user: str) -> list[bytes]:
        """All mails in somebody's inbox, oldest first."""
        return self.imap.mailbox("INBOX", user)

    def _deliver(self, mail: Accepted) -> None:
        for to in mail.to:
            local, _, domain = to.rpartition("@")
            address = f"{local.partition('+')[0]}@{domain}"
            envelope = f"Return-Path: <{mail.sender}>\r\nDelivered-To: {to}\r\n"
            self.imap.deliver(
                envelope.encode() + mail.raw, user=LOGIN if address == BRAND else address
            )
        if self._files_sent and mail.sender == BRAND:
            self.imap.deliver(mail.raw, "Sent")


def main() -> None:
    with PostOffice() as post:
        print(
            f"""Mail for {BRAND} and anybody else is running. Stop it with Ctrl-C.

  IMAP       {post.imap.url}
  SMTP       {post.smtp.url}
  user       {LOGIN} for {BRAND}; anybody else's is the address itself
  password   {PASSWORD}

Connect it:
  replydesk accounts add email {BRAND} --base-url {post.imap.url} \\
    --set smtp={post.smtp.url} --set sent_folder=Sent

Write as a customer, and read the customer's mailbox:
  printf 'From: Ann <{ANN}>\\nTo: {BRAND}\\nSubject: My payment\\n\\nWhere is it?\\n' |
    curl --crlf {post.smtp.url} --mail-from {ANN} --mail-rcpt {BRAND} --upload-file -
  curl --user {ANN}:{PASSWORD} '{post.imap.url}/INBOX;MAILINDEX=1'
""",
            flush=True,
        )
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: None)
        signal.pause()


if __name__ == "__main__":
    main()
