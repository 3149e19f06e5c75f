"""Answers by e-mail, and finding out whether one left, against real servers."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from connectors.core.contract import Direction
from connectors.core.errors import Refused, Unsupported
from tests.connectors.fixtures.email.desk import KEY, answer, connect, walk
from tests.fakes.mail import ANN, BRAND, PostOffice


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


def test_an_answer_lies_in_the_customers_mailbox_in_its_thread(post: PostOffice) -> None:
    asked = post.write(
        "Where is it?", subject="Re: AW: Zahlung €", References="<root@mail.example>"
    )
    with closing(connect(post, name="Brand Support")) as connector:
        (question,) = connector.pull("inbox", {}).messages
        chain = ("root@mail.example", "earlier@brand.example")
        sent = connector.send(answer(question, references=chain, address_token="tok1"))
    (raw,) = post.mailbox(ANN)
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["From"] == f"Brand Support <{BRAND}>"
    assert mail["To"] == f"Ann <{ANN}>"
    assert mail["Subject"] == "Re: Zahlung €"
    assert mail["Message-ID"] == f"<{KEY}@brand.example>"
    assert mail["In-Reply-To"] == f"<{asked}>"
    assert mail["References"].split() == [
        "<root@mail.example>",
        "<earlier@brand.example>",
        f"<{asked}>",
    ]
    assert mail["Reply-To"] == "Brand Support <support+tok1@brand.example>"
    assert mail["Auto-Submitted"] is None
    assert mail.get_content().replace("\r\n", "\n") == "Hello Ann,\n\nit is on its way.\n"
    assert sent.external_id == f"smtp:{KEY}@brand.example"
    assert sent.message_id == f"{KEY}@brand.example"
    assert sent.sent_at is None


def test_the_customers_answer_comes_back_into_the_thread(post: PostOffice) -> None:
    first = post.write("Where is it?")
    with closing(connect(post)) as connector:
        page = connector.pull("inbox", {})
        connector.send(answer(page.messages[0], address_token="tok1"))
        post.write(
            "Thanks",
            In_Reply_To=f"<{KEY}@brand.example>",
            References=f"<{first}> <{KEY}@brand.example>",
            Cc="support+tok1@brand.example",
        )
        (thanks,) = connector.pull("inbox", page.cursor).messages
    assert thanks.conversation == page.messages[0].conversation
    assert thanks.address_token == "tok1"


def test_a_copy_lies_in_the_sent_folder_and_comes_back_under_the_same_id(
    post: PostOffice,
) -> None:
    post.write("Where is it?")
    with closing(connect(post, sent_folder="Sent")) as connector:
        (question,) = connector.pull("inbox", {}).messages
        sent = connector.send(answer(question))
    ((copy,), _) = walk(post.account(sent_folder="Sent"), "sent")
    assert copy.external_id == sent.external_id
    assert copy.message_id == sent.message_id
    assert copy.direction is Direction.OUT
    assert "Seen" in post.imap.flags("Sent")[0]


def test_a_sent_folder_that_cannot_be_written_does_not_undo_the_answer(post: PostOffice) -> None:
    post.write("Where is it?")
    with closing(connect(post, sent_folder="No/Such")) as connector:
        (question,) = connector.pull("inbox", {}).messages
        sent = connector.send(answer(question))
    assert sent.message_id
    assert len(post.mailbox(ANN)) == 1


def test_a_hostile_subject_and_name_cannot_add_headers(post: PostOffice) -> None:
    post.write("Hi")
    with closing(connect(post)) as connector:
        (question,) = connector.pull("inbox", {}).messages
        assert question.author is not None
        evil = replace(question.author, name="Ann\r\nBcc: all@brand.example\x00")
        connector.send(answer(question, to=evil, subject="x\r\nBcc: all@brand.example\n\nBody"))
    (raw,) = post.mailbox(ANN)
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    assert "Bcc:" in mail["Subject"]


@pytest.mark.parametrize("to", ["ann@mail.example\r\nDATA", "ann", "", "a b@c d", "@", "ann@"])
def test_an_answer_to_what_is_no_address_is_refused(post: PostOffice, to: str) -> None:
    post.write("Hi")
    with closing(connect(post)) as connector:
        (question,) = connector.pull("inbox", {}).messages
        assert question.author is not None
        with pytest.raises(Refused):
            connector.send(answer(question, to=replace(question.author, id=to)))


# --- looking up


def test_where_the_server_files_what_it_sends_a_look_up_is_certain() -> None:
    with PostOffice(files_sent=True) as post:
        post.write("Hi")
        with closing(connect(post, sent_folder="Sent", sent_by="server")) as connector:
            (question,) = connector.pull("inbox", {}).messages
            assert connector.look_up(answer(question)) is None
            sent = connector.send(answer(question))
            assert connector.look_up(answer(question)) == sent
        assert len(post.imap.mailbox("Sent")) == 1


def test_a_missing_copy_of_our_own_making_proves_nothing(post: PostOffice) -> None:
    post.write("Hi")
    with closing(connect(post, sent_folder="Sent")) as connector:
        (question,) = connector.pull("inbox", {}).messages
        with pytest.raises(Unsupported):
            connector.look_up(answer(question))
        sent = connector.send(answer(question))
        assert connector.look_up(answer(question)) == sent


def test_the_customers_answer_proves_that_ours_arrived(post: PostOffice) -> None:
    post.write("Hi")
    with closing(connect(post)) as connector:
        (question,) = connector.pull("inbox", {}).messages
        with pytest.raises(Unsupported):
            connector.look_up(answer(question))
        post.write("Thanks", In_Reply_To=f"<{KEY}@brand.example>")
        found = connector.look_up(answer(question))
    assert found is not None
    assert found.message_id == f"{KEY}@brand.example"
