"""The headers of our answers, for every thread there may be."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.core.contract import Author, Kind, Outgoing, Visibility
from connectors.core.mail import wire_bytes
from connectors.email.compose import (
    MAX_REFERENCES,
    compose,
    own_key,
    own_message_id,
    reference_chain,
    reply_subject,
    token_in,
    with_token,
)
from connectors.email.parse import NO_ID_DOMAIN, parse_mail

BRAND = "support@brand.example"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
IDS = st.from_regex(r"[!#-;=?A-Z^-~]{1,200}@[a-z0-9.-]{1,60}", fullmatch=True)
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"} | {
    "Content-Transfer-Encoding"
}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=300)


def outgoing(
    references: tuple[str, ...] = (),
    message_id: str | None = None,
    text: str = "Hello",
    subject: str | None = None,
    name: str | None = None,
) -> Outgoing:
    place = (Visibility.PRIVATE, Kind.EMAIL, NOW, subject, message_id, references)
    return Outgoing(
        "a" * 32, "c", "INBOX:1:1", Author("ann@mail.example", None, name), text, *place
    )


@settings(deadline=None)
@given(st.lists(IDS, max_size=80), st.none() | IDS)
def test_any_chain_of_references_is_read_back_as_it_was_written(
    references: list[str], message_id: str | None
) -> None:
    reply = outgoing(tuple(references), message_id)
    chain = reference_chain(reply)
    read = parse_mail(wire_bytes(compose(reply, BRAND, None, NOW)))
    assert read.references == chain
    assert len(chain) <= MAX_REFERENCES
    assert len(set(chain)) == len(chain)
    if message_id:
        assert read.in_reply_to == chain[-1] == message_id
    if references and len(set(references)) == len(references) and references[0] != message_id:
        assert chain[0] == references[0]


@settings(deadline=None)
@given(TEXT, TEXT, TEXT)
def test_any_words_arrive_as_they_were_written(text: str, subject: str, name: str) -> None:
    mail = compose(outgoing(text=text, subject=subject, name=name), BRAND, name, NOW)
    raw = wire_bytes(mail)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    read = message_from_bytes(raw, policy=policy.default)
    assert read.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert set(read.keys()) == HEADERS
    assert len(read.keys()) == len(HEADERS)
    assert read["From"].addresses[0].addr_spec == BRAND
    assert read["To"].addresses[0].addr_spec == "ann@mail.example"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("My payment", "Re: My payment"),
        ("Re: My payment", "Re: My payment"),
        ("RE: Re[2]: AW: My payment", "Re: My payment"),
        ("回复：退款", "Re: 退款"),
        ("Refund", "Re: Refund"),
        (None, "Re:"),
        ("a\r\nBcc: b", "Re: a Bcc: b"),
    ],
)
def test_a_subject_is_answered_once(theirs: str | None, ours: str) -> None:
    assert reply_subject(theirs) == ours


def test_ids_that_we_made_up_are_not_sent_out() -> None:
    made_up = f"{'0' * 32}@{NO_ID_DOMAIN}"
    mail = compose(outgoing((made_up,), made_up), BRAND, None, NOW)
    assert mail["References"] is None
    assert mail["In-Reply-To"] is None


def test_only_our_message_ids_are_ours() -> None:
    ours = own_message_id("a" * 32, "Support@Bücher.example")
    assert ours == f"{'a' * 32}@xn--bcher-kva.example"
    assert own_key(ours, "support@bücher.example") == "a" * 32
    assert own_key(ours, "support@other.example") is None
    assert own_key("abc@xn--bcher-kva.example", "support@bücher.example") is None


@settings(deadline=None)
@given(st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True))
def test_a_token_put_into_the_address_is_found_again(token: str) -> None:
    assert token_in(("x@y.example", with_token(BRAND, token)), BRAND) == token
