"""Files in mails, both ways, against a real dovecot and a real SMTP server."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from connectors.core.contract import Attachment, Upload
from connectors.core.errors import Refused
from connectors.email.capabilities import CAPABILITIES, MAX_FILES_BYTES
from tests.connectors.fixtures.email.desk import answer, connect
from tests.connectors.offer_checks import png
from tests.fakes.mail import ANN, PostOffice

MB = 1_000_000
NOISE = bytes(range(256)) * 40


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


def files_of(post: PostOffice, raw: bytes) -> list[tuple[Attachment, bytes]]:
    """What a delivered mail carries, each file with its bytes as they were fetched."""
    post.imap.deliver(raw)
    with closing(connect(post)) as connector:
        found = connector.pull("inbox", {}).messages[-1].attachments
        return [(a, connector.download(a, 8 * MB).data) for a in found]


def test_each_file_of_a_nested_mail_is_fetched_by_its_own_number(post: PostOffice) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = ANN
    mail.set_content("See the picture")
    mail.add_alternative('<p>See <img src="cid:one@mail.example"></p>', subtype="html")
    picture = png()
    _, html = mail.iter_parts()
    html.add_related(picture, "image", "png", cid="<one@mail.example>")
    mail.add_attachment(NOISE, maintype="application", subtype="pdf", filename="发票.pdf")
    mail.add_attachment("Straße, 5 €\n" * 9, subtype="csv", filename="list.csv", cte="8bit")
    inner = EmailMessage(policy=policy.SMTP)
    inner["Subject"] = "The mail I got"
    inner.set_content("You won")
    mail.add_attachment(inner)
    found = files_of(post, mail.as_bytes())
    assert [(a.name, a.mime) for a, _ in found] == [
        (None, "image/png"),
        ("发票.pdf", "application/pdf"),
        ("list.csv", "text/csv"),
        (None, "message/rfc822"),
    ]
    contents = [data for _, data in found]
    assert contents[:2] == [picture, NOISE]
    assert contents[2].decode().splitlines()[0] == "Straße, 5 €"
    assert b"The mail I got" in contents[3]
    assert [len(c) for c in contents[:2]] == [a.size for a, _ in found[:2]]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_a_mail_that_is_nothing_but_a_file(post: PostOffice, encoding: str) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail.set_content(
        b"a,b\r\n" * 500, maintype="application", subtype="csv", filename="a.csv", cte=encoding
    )
    mail["From"] = ANN
    ((file, data),) = files_of(post, mail.as_bytes())
    assert (file.name, data) == ("a.csv", b"a,b\r\n" * 500)


def test_a_file_that_is_too_large_or_gone_is_refused(post: PostOffice) -> None:
    post.send_file("a.bin", NOISE)
    with closing(connect(post)) as connector:
        (file,) = connector.pull("inbox", {}).messages[0].attachments
        assert connector.download(file, len(NOISE)).data == NOISE
        with pytest.raises(Refused, match="too large"):
            connector.download(file, len(NOISE) - 1)
        post.imap.change_uid_validity(4242)
        with pytest.raises(Refused, match="anew"):
            connector.download(file, 8 * MB)
        ref = (file.ref or "").split(":")
        moved = replace(file, ref=":".join([ref[0], "4242", *ref[2:]]))
        assert connector.download(moved, 8 * MB).data == NOISE
        post.imap.delete()
        with pytest.raises(Refused, match="no longer"):
            connector.download(moved, 8 * MB)


@pytest.mark.parametrize("ref", [None, "", "INBOX:1:1", "INBOX:1:1:2] BODY[", "a:b:c:d"])
def test_a_file_without_a_place_is_refused(post: PostOffice, ref: str | None) -> None:
    with closing(connect(post)) as connector, pytest.raises(Refused):
        connector.download(Attachment(ref=ref, url="https://mail.example/a.png"), MB)


def test_an_answer_carries_its_files(post: PostOffice) -> None:
    post.write("Where is it?")
    files = (
        Upload("receipt.png", "image/png", png(), "A receipt"),
        Upload("合同 5€\r\nBcc: x.pdf", "application/pdf", NOISE),
        Upload("notes.txt", "text/plain", "naïve".encode()),
        Upload("mail.eml", "message/rfc822", b"Subject: x\r\n\r\nHello"),
        Upload("", "no type at all", b"?"),
    )
    with closing(connect(post, sent_folder="Sent")) as connector:
        (question,) = connector.pull("inbox", {}).messages
        connector.send(answer(question, "", files=files))
    (raw,), (copy,) = post.mailbox(ANN), post.imap.mailbox("Sent")
    for one in (raw, copy):
        mail = message_from_bytes(one, policy=policy.default)
        assert mail["Bcc"] is None
        parts = list(mail.iter_attachments())
        assert [(p.get_filename(), p.get_content_type()) for p in parts] == [
            ("receipt.png", "image/png"),
            ("合同 5€ Bcc: x.pdf", "application/pdf"),
            ("notes.txt", "text/plain"),
            ("mail.eml", "application/octet-stream"),
            ("file", "application/octet-stream"),
        ]
        assert [p.get_payload(decode=True) for p in parts] == [f.data for f in files]
        assert parts[0]["Content-Description"] == "A receipt"


def test_files_that_are_too_large_together_do_not_leave(post: PostOffice) -> None:
    post.write("Where is it?")
    half = Upload("half.bin", "application/zip", bytes(MAX_FILES_BYTES // 2 + 1))
    with closing(connect(post)) as connector:
        (question,) = connector.pull("inbox", {}).messages
        with pytest.raises(Refused, match="20 MB"):
            connector.send(answer(question, files=(half, half)))
    assert post.mailbox(ANN) == []


def test_every_setting_and_way_says_in_words_what_it_is_for() -> None:
    assert all(s.help or s.choices for s in CAPABILITIES.settings)
    assert all(s.help for s in CAPABILITIES.secrets if not s.obtained)
    assert all(way.help for way in CAPABILITIES.ways)
