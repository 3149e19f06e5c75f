"""The one SMTP door, against a real SMTP server with real faults."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.core.errors import (
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    Refused,
    Transient,
)
from connectors.core.mail import Smtp, new_message, new_message_id, wire_bytes
from tests.fakes.smtp import PASSWORD, SmtpServer

SENDER, ANN = "support@brand.example", "ann@mail.example"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def door(server: SmtpServer, password: str = PASSWORD, timeout_s: float = 10) -> Smtp:
    return Smtp("127.0.0.1", server.port, "smtp", SENDER, password, timeout_s)


def mail(text: str = "Hello Ann.") -> EmailMessage:
    message = new_message()
    message["From"], message["To"], message["Subject"] = SENDER, ANN, "Your payment"
    message["Message-ID"] = f"<{new_message_id('a' * 32, 'brand.example')}>"
    message.set_content(text)
    return message


def test_a_mail_arrives_as_it_was_written(server: SmtpServer) -> None:
    text = "Hello Ann,\n.a line that begins with a dot\n..two\n\n你好 👋 " + "x" * 2000 + "\n"
    door(server).send(mail(text), SENDER, ANN)
    (taken,) = server.accepted
    assert (taken.sender, taken.to) == (SENDER, (ANN,))
    read = message_from_bytes(taken.raw, policy=policy.default)
    assert read["Message-ID"] == f"<{'a' * 32}@brand.example>"
    assert read.get_content().replace("\r\n", "\n") == text
    assert max(map(len, taken.raw.split(b"\r\n"))) <= 998
    assert taken.raw.isascii()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("421", Transient),
        ("cut_early", Transient),
        ("450", Transient),
        ("550", Refused),
        ("452", Transient),
        ("554", Refused),
        ("cut", OutcomeUnknown),
        ("gibberish", OutcomeUnknown),
    ],
)
def test_each_fault_says_what_now(
    server: SmtpServer, fault: str, error: type[ConnectorError]
) -> None:
    server.faults.append(fault)
    with pytest.raises(ConnectorError) as raised:
        door(server).send(mail(), SENDER, ANN)
    assert type(raised.value) is error
    assert raised.value.reason
    assert len(server.accepted) == (1 if error is OutcomeUnknown else 0)
    door(server).send(mail(), SENDER, ANN)


def test_a_server_that_never_answers_the_text_leaves_the_outcome_unknown(
    server: SmtpServer,
) -> None:
    server.faults.append("mute")
    with pytest.raises(OutcomeUnknown):
        door(server, timeout_s=0.3).send(mail(), SENDER, ANN)
    assert len(server.accepted) == 1


def test_a_wrong_password_is_revoked_and_is_not_shown(server: SmtpServer) -> None:
    with pytest.raises(AuthRevoked) as raised:
        door(server, "wrong-password").send(mail(), SENDER, ANN)
    assert "wrong-password" not in str(raised.value)
    assert "wrong-password" not in repr(door(server, "wrong-password"))
    with pytest.raises(AuthRevoked):
        door(server, "wrong-password").check()


def test_a_server_that_cannot_check_the_password_just_now_is_tried_again(
    server: SmtpServer,
) -> None:
    server.refuse_auth = "454 4.7.0 Later, please"
    with pytest.raises(Transient):
        door(server).send(mail(), SENDER, ANN)


def test_a_server_that_wants_a_sign_in_which_we_lack_is_not_tried_again(
    server: SmtpServer,
) -> None:
    with pytest.raises(AuthRevoked):
        Smtp("127.0.0.1", server.port, "smtp").send(mail(), SENDER, ANN)


def test_a_relay_without_sign_in_is_used_without_one() -> None:
    """Its password is for the mailbox; whom the relay does not trust it refuses at MAIL."""
    with SmtpServer(needs_sign_in=False, offers_sign_in=False) as relay:
        door(relay).check()
        door(relay).send(mail(), SENDER, ANN)
        assert len(relay.accepted) == 1


def test_nothing_listening_is_transient() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = Smtp("127.0.0.1", unused.getsockname()[1], "smtp", timeout_s=5)
        with pytest.raises(Transient):
            closed.send(mail(), SENDER, ANN)


def test_a_server_that_greets_with_noise_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            line, _ = listening.accept()
            with line:
                line.sendall(b"\xff\xfe nonsense\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(Transient):
            Smtp("127.0.0.1", listening.getsockname()[1], "smtp", timeout_s=5).check()
        thread.join()


@pytest.mark.parametrize("header", ["Subject", "From", "To", "Reply-To", "Message-ID"])
def test_a_line_break_in_a_header_is_refused(header: str) -> None:
    message = new_message()
    with pytest.raises(ValueError, match=r"linefeed|newline|invalid"):
        message[header] = "ann@mail.example\r\nBcc: everyone@brand.example"


@pytest.mark.parametrize("to", ["ann@mail.example\r\nRCPT TO:<b@c.example>", "ann", "", "a@b>c"])
def test_a_hostile_recipient_never_reaches_the_server(server: SmtpServer, to: str) -> None:
    with pytest.raises(Refused):
        door(server).send(mail(), SENDER, to)
    assert server.accepted == []


def test_addresses_in_other_scripts_arrive(server: SmtpServer) -> None:
    door(server).send(mail(), SENDER, "张三@例子.example")
    door(server).send(mail(), SENDER, "kunde@bücher.example")
    assert [m.to[0] for m in server.accepted] == [
        "张三@xn--fsqu00a.example",
        "kunde@xn--bcher-kva.example",
    ]


def test_long_message_ids_stay_ids_on_the_wire() -> None:
    message = mail()
    ids = [f"<{'r' * n}@mail.example>" for n in (20, 60, 90, 400)]
    message["References"] = " ".join(ids)
    read = message_from_bytes(wire_bytes(message), policy=policy.compat32)
    assert read["References"].split() == ids


@pytest.mark.parametrize("before", range(16))
def test_a_long_subject_keeps_its_spaces_wherever_a_line_ends(before: int) -> None:
    message = mail()
    subject = "9" * before + " 小时内 97.4% · 目前逾期 19 个 · Lumen Pay · 2026年11月30日 周一"
    del message["Subject"]
    message["Subject"] = subject.strip()
    raw = wire_bytes(message)
    for way in (policy.compat32, policy.default):
        read = make_header(decode_header(str(message_from_bytes(raw, policy=way)["Subject"])))
        assert str(read) == subject.strip()
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].splitlines())) <= 78


def test_an_address_names_its_encryption_and_its_port() -> None:
    named = Smtp.from_url("smtps://us%40er:p%3Aw@mail.example")
    assert (named.host, named.port, named.tls) == ("mail.example", 465, "smtps")
    assert (named.username, named.password) == ("us@er", "p:w")
    beside = Smtp.from_url("smtp://mail.example", "user", "word")
    assert (beside.port, beside.tls, beside.username) == (587, "smtp", "user")


@pytest.mark.parametrize(
    "url", ["", "http://mail.example", "smtp://", "smtp://secret-word@", "smtp://m.example/x"]
)
def test_another_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP address") as raised:
        Smtp.from_url(url)
    assert "secret-word" not in str(raised.value)


def test_starttls_is_used_and_its_certificate_verified(tmp_path: Path) -> None:
    ours, cert = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(cert))
    with SmtpServer(tls=ours) as server:
        safe = Smtp("localhost", server.port, "smtp", SENDER, PASSWORD, 10, trusting)
        safe.send(mail(), SENDER, ANN)
        assert len(server.accepted) == 1
        stranger = ssl.create_default_context()
        with pytest.raises(Transient, match="certificate"):
            Smtp("localhost", server.port, "smtp", SENDER, PASSWORD, 10, stranger).check()


def test_a_password_never_goes_out_in_the_clear_to_another_machine(server: SmtpServer) -> None:
    # A context of its own makes the door treat this server as it treats one far away.
    far = Smtp("127.0.0.1", server.port, "smtp", SENDER, PASSWORD, 10, ssl.create_default_context())
    with pytest.raises(AuthRevoked, match="encryption"):
        far.send(mail(), SENDER, ANN)
    assert server.accepted == []


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context with a fresh self-signed certificate for localhost, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, secret)
    return context, cert
