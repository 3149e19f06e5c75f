"""A mail through Postfix and dovecot is answered here, and lies in the customer's mailbox."""

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from connectors.core.contract import Account
from connectors.core.errors import AuthRevoked
from tests.fakes.imap import PASSWORD, Dovecot
from tests.fakes.mail import ANN, BRAND, LOGIN
from tests.live_local.office import Office
from tests.live_local.opt_in import eventually, live_local
from tests.live_local.postfix import postfix

pytestmark = [live_local, pytest.mark.timeout(300)]


@pytest.fixture
def imap() -> Iterator[Dovecot]:
    with Dovecot(LOGIN) as running:
        yield running


@pytest.fixture
def smtp(imap: Dovecot) -> Iterator[str]:
    with postfix(imap) as url:
        yield url


def account(imap: Dovecot, smtp: str) -> Account:
    settings = {"smtp": smtp, "sent_folder": "Sent", "name": "Lumen Support"}
    secrets = {"username": LOGIN, "password": PASSWORD}
    return Account("email", BRAND, None, imap.url, settings, secrets)


def ann_writes(smtp: str, text: str, **headers: str) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Ann <{ANN}>", BRAND, "My payment"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    where = urlsplit(smtp)
    with smtplib.SMTP(str(where.hostname), where.port or 0, "mail.example", timeout=20) as line:
        line.login(ANN, PASSWORD)
        line.send_message(mail)


def test_a_mail_is_read_answered_and_answered_again(
    imap: Dovecot, smtp: str, office: Office
) -> None:
    office.connect(account(imap, smtp))
    ann_writes(smtp, "Where is my payment?", Message_ID="<asked@mail.example>")
    eventually(lambda: office.has("Where is my payment?"), "the mail in the inbox")
    assert office.looked is not None
    assert office.looked.error is None
    reply = office.answer("It arrived this morning.")
    assert reply.state == "sent", reply.reason
    eventually(lambda: len(imap.mailbox("INBOX", ANN)) == 1, "the answer in Ann's mailbox")
    (raw,) = imap.mailbox("INBOX", ANN)
    got = message_from_bytes(raw, policy=policy.default)
    assert got["From"] == f"Lumen Support <{BRAND}>"
    assert got["In-Reply-To"] == "<asked@mail.example>"
    assert got.get_content().strip() == "It arrived this morning."

    ann_writes(smtp, "Thank you!", In_Reply_To=got["Message-ID"], References=got["Message-ID"])
    eventually(lambda: office.has("Thank you!"), "the customer's thanks in the inbox")
    assert len(office.conversations()) == 1
    texts = [m.text.strip() for m in office.messages()]
    assert sorted(texts) == sorted(
        ["Where is my payment?", "It arrived this morning.", "Thank you!"]
    )
    assert len(imap.mailbox("Sent")) == 1


def test_a_wrong_password_is_told(imap: Dovecot, smtp: str, office: Office) -> None:
    wrong = replace(account(imap, smtp), secrets={"username": LOGIN, "password": "wrong"})
    with pytest.raises(AuthRevoked):
        office.connect(wrong)
