"""The one outgoing fetch: where it may go, and that it ends."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from connectors.core.contract import Account, Attachment
from connectors.core.errors import OutcomeUnknown, Refused, Transient
from connectors.core.fetch import check_url, fetch, is_public
from connectors.core.registry import connector
from tests.fakes.webhook import Receiver, signature


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ],
)
def test_private_addresses_are_not_public_however_they_are_wrapped(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::9", "::ffff:9.9.9.9", "64:ff9b::909:909"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "https://",
        "//shop.example",
        "https://user:word@shop.example/",
        "https://shop.example:99999/",
        "https://shop.example/a b",
        "https://shop.example/\r\nX: y",
        "https://[::1/",
    ],
)
def test_only_plain_https_addresses_are_fetched(url: str) -> None:
    with pytest.raises(Refused):
        fetch("GET", url, resolve=lambda host, port: pytest.fail("the name was looked up"))


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["9.9.9.9", "10.0.0.1"], ["::ffff:127.0.0.1"]])
def test_a_name_that_leads_to_a_private_address_is_refused(answers: list[str]) -> None:
    with pytest.raises(Refused, match="private"):
        fetch("GET", "https://shop.example/", resolve=lambda host, port: answers)


def test_a_private_address_without_a_name_is_refused(receiver: Receiver) -> None:
    with pytest.raises(Refused, match="private"):
        fetch("GET", f"https://{receiver.origin}/")


def test_the_checked_address_is_the_one_connected_to(receiver: Receiver) -> None:
    """A name that changes its address between check and connection gains nothing."""
    port = receiver.origin.partition(":")[2]
    asked: list[str] = []

    def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    body = b'{"event_id": "e1", "message": {"text": "x"}}'
    url, told = f"http://inside.example:{port}/", signature(receiver.secret, 1, body)
    allow = frozenset({f"inside.example:{port}"})
    headers = {"X-Inbox-Signature": told}
    done = fetch("POST", url, headers=headers, body=body, allow=allow, resolve=once)
    assert done.status == 200
    assert asked == ["inside.example"]


def test_what_the_operator_allows_is_one_exact_host_and_port(receiver: Receiver) -> None:
    check_url("http://inside.example:8080/x", frozenset({"inside.example:8080"}))
    for other in (
        "http://inside.example/",
        "http://inside.example:8081/",
        "http://x.example:8080/",
    ):
        with pytest.raises(Refused):
            check_url(other, frozenset({"inside.example:8080"}))


def test_a_name_without_address_is_transient() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Transient):
        fetch("GET", "https://shop.example/", resolve=nothing)
    with pytest.raises(Transient):
        fetch("GET", "https://shop.example/", resolve=lambda host, port: [])


def test_a_redirect_is_handed_back_and_not_followed(receiver: Receiver) -> None:
    receiver.faults.append("redirect")
    answer = fetch("POST", receiver.url, allow=frozenset({receiver.origin}))
    assert answer.status == 302
    assert answer.headers["location"] == receiver.url


def test_an_endless_answer_ends_by_the_clock(receiver: Receiver) -> None:
    allow = frozenset({receiver.origin})
    for sending, error in ((True, OutcomeUnknown), (False, Transient)):
        receiver.faults.append("drip")
        with pytest.raises(error):
            fetch("POST", receiver.url, allow=allow, sending=sending, timeout_s=0.4)


def test_a_long_answer_is_refused_but_cannot_hide_that_a_send_was_taken(
    receiver: Receiver,
) -> None:
    allow = frozenset({receiver.origin})
    receiver.faults.append("long")
    with pytest.raises(Refused, match="long"):
        fetch("POST", receiver.url, allow=allow, max_bytes=1000)
    receiver.faults.append("long")
    assert fetch("POST", receiver.url, allow=allow, max_bytes=1000, sending=True).status == 401


def test_a_server_without_tls_is_told_nothing(receiver: Receiver) -> None:
    with pytest.raises(Transient):
        fetch("POST", f"https://{receiver.origin}/", allow=frozenset({receiver.origin}))
    assert receiver.bodies == []


@pytest.mark.parametrize("url", ["https://files.example:99999/a", "https://[files.example/a"])
def test_a_file_at_what_is_no_address_is_refused(url: str) -> None:
    account = Account("line", "@brand", "U1", None, {}, {"access_token": "t"})
    line = connector("line")(account, lambda: datetime.now(UTC))
    with closing(line), pytest.raises(Refused, match="not a web address"):
        line.download(Attachment(url), 1_000)
