"""The e-mail connector against a real dovecot and a real SMTP server."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.core.contract import Direction
from connectors.core.errors import AuthRevoked, Refused, Transient
from connectors.email import PAGE, Connector, imap
from connectors.email.parse import CUT_NOTE
from tests.connectors.fixtures.email.desk import KEY, answer, connect, now, walk
from tests.fakes.imap_faults import FaultyLine
from tests.fakes.mail import ANN, BRAND, LOGIN, PostOffice


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


# --- pulling


def test_a_mails_time_is_the_servers_and_not_the_senders(post: PostOffice) -> None:
    arrived = now() - timedelta(days=2)
    raw = f"From: {ANN}\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n\r\nHi\r\n"
    post.imap.deliver(raw.encode(), internaldate=arrived)
    ((message,), _) = walk(post.account())
    assert message.sent_at == arrived.replace(microsecond=0)
    assert message.sent_at.utcoffset() == timedelta(0)


def test_reading_marks_nothing_as_read(post: PostOffice) -> None:
    post.write("Hello")
    walk(post.account())
    assert "Seen" not in post.imap.flags()[0]


def test_a_large_mailbox_is_read_page_by_page_each_mail_once(post: PostOffice) -> None:
    with post.imap.session() as session:
        for n in range(2 * PAGE + 7):
            raw = f"From: {ANN}\r\nMessage-ID: <n{n}@mail.example>\r\n\r\nText {n}\r\n"
            session.append("INBOX", "", now(), raw.encode())
    with closing(connect(post)) as connector:
        first = connector.pull("inbox", {})
    assert len(first.messages) == PAGE
    assert first.more
    messages, cursor = walk(post.account())
    assert [m.text for m in messages] == [f"Text {n}" for n in range(2 * PAGE + 7)]
    assert len({m.external_id for m in messages}) == len(messages)
    assert walk(post.account(), cursor=cursor)[0] == []


def test_the_last_mail_does_not_come_again_with_every_look(post: PostOffice) -> None:
    post.write("One")
    ((message,), cursor) = walk(post.account())
    for _ in range(3):
        again, cursor = walk(post.account(), cursor=cursor)
        assert again == []
    post.write("Two")
    ((later,), _) = walk(post.account(), cursor=cursor)
    assert later.text == "Two"
    assert later.external_id != message.external_id


def test_gaps_in_the_numbers_hide_nothing(post: PostOffice) -> None:
    for n in range(3):
        post.write(f"Old {n}")
    post.imap.delete()
    post.write("New")
    assert [m.text for m in walk(post.account())[0]] == ["New"]


def test_a_server_that_names_the_last_mail_for_any_open_range_does_not_repeat_it(
    post: PostOffice,
) -> None:
    post.write("One")
    _, cursor = walk(post.account())
    post.write("Deleted before we looked")
    post.imap.delete("2")  # now "UID 2:*" names the mail with UID 1
    assert walk(post.account(), cursor=cursor)[0] == []


def test_an_emptied_mailbox_is_read_on_from_where_it_stood(post: PostOffice) -> None:
    post.write("One")
    _, cursor = walk(post.account())
    post.imap.delete()
    nothing, cursor = walk(post.account(), cursor=cursor)
    assert nothing == []
    post.write("Two")
    assert [m.text for m in walk(post.account(), cursor=cursor)[0]] == ["Two"]


def test_the_first_look_goes_back_as_far_as_the_setting_says(post: PostOffice) -> None:
    post.write("Ancient", at=now() - timedelta(days=400))
    post.write("Last month", at=now() - timedelta(days=20))
    assert [m.text for m in walk(post.account())[0]] == ["Last month"]
    both, _ = walk(post.account(history_days=500))
    assert [m.text for m in both] == ["Ancient", "Last month"]


def test_an_old_mail_that_is_moved_in_later_is_not_missed(post: PostOffice) -> None:
    post.write("Today")
    _, cursor = walk(post.account())
    post.write("Rescued from the spam folder", at=now() - timedelta(days=400))
    assert [m.text for m in walk(post.account(), cursor=cursor)[0]] == [
        "Rescued from the spam folder"
    ]


def test_after_new_uid_validity_known_mails_can_be_told_by_id_and_body(post: PostOffice) -> None:
    post.write("One")
    post.write("Two")
    before, cursor = walk(post.account())
    post.imap.change_uid_validity(4242)
    post.write("Written meanwhile")
    after, cursor = walk(post.account(), cursor=cursor)
    known = {(m.message_id, m.platform["digest"]) for m in before}
    fresh = [m for m in after if (m.message_id, m.platform["digest"]) not in known]
    assert [m.text for m in fresh] == ["Written meanwhile"]
    assert all(m.platform["reread"] for m in after)
    assert not {m.external_id for m in before} & {m.external_id for m in after}
    post.write("And then")
    ((later,), _) = walk(post.account(), cursor=cursor)
    assert "reread" not in later.platform


def test_a_huge_mail_is_read_in_part_and_says_so(
    post: PostOffice,
) -> None:
    size = imap.MAX_MAIL + 1_000_000
    head = f"From: {ANN}\r\nMessage-ID: <big@mail.example>\r\nContent-Type: multipart/mixed;"
    raw = (
        f"{head} boundary=b\r\n\r\n--b\r\n\r\nSee the film.\r\n"
        "--b\r\nContent-Type: video/mp4; name=film.mp4\r\n\r\n"
    ).encode()
    raw += (b"x" * 98 + b"\r\n") * (size // 100) + b"--b--\r\n"
    post.imap.deliver(raw)
    post.write("A small one")
    big, small = walk(post.account())[0]
    assert big.text.startswith("See the film.")
    assert CUT_NOTE in big.text
    assert "[11 MB]" in big.text
    assert [a.name for a in big.attachments] == ["film.mp4"]
    assert small.text == "A small one"


def test_what_is_no_mail_goes_to_quarantine_and_the_page_goes_on(post: PostOffice) -> None:
    post.write("Before")
    post.imap.deliver(b"\r\njust words\r\n")
    post.write("After")
    with closing(connect(post)) as connector:
        page = connector.pull("inbox", {})
    assert [m.text for m in page.messages] == ["Before", "After"]
    (broken,) = page.malformed
    assert "sender" in broken.reason
    assert "just words" in broken.raw["raw"]


# --- threads, and who is who


def test_a_thread_is_named_by_the_root_of_its_references(post: PostOffice) -> None:
    first = post.write("Question")
    post.write(
        "More", References=f"<{first}> <key@brand.example>", In_Reply_To="<key@brand.example>"
    )
    post.write("Even more", In_Reply_To=f"<{first}>")
    messages, _ = walk(post.account())
    assert {m.conversation for m in messages} == {first}
    assert messages[1].references == (first, "key@brand.example")
    assert messages[1].in_reply_to == "key@brand.example"


def test_the_address_token_is_found_wherever_the_address_stands(post: PostOffice) -> None:
    post.write("Hello", Cc="x@y.example, Support <Support+AbC1@Brand.example>")
    post.write("Hello", Delivered_To="support+abc2@brand.example")
    post.write("Hello", Cc="support+no@other.example, supportx+no@brand.example")
    assert [m.address_token for m in walk(post.account())[0]] == ["abc1", "abc2", None]


def test_our_own_address_in_from_proves_nothing(post: PostOffice) -> None:
    post.write("We will refund you, send your card number", sender=f"Support <{BRAND}>")
    ((message,), _) = walk(post.account())
    assert message.direction is Direction.IN
    assert message.automated


def test_our_message_id_in_the_inbox_is_ours_but_no_persons_answer(post: PostOffice) -> None:
    post.imap.deliver(f"From: {ANN}\r\nMessage-ID: <{KEY}@brand.example>\r\n\r\nHi\r\n".encode())
    ((message,), _) = walk(post.account())
    assert message.direction is Direction.OUT
    assert message.automated
    assert message.platform["reply_key"] == KEY


@pytest.mark.parametrize(
    ("list_id", "automated"),
    [("<news.shop.example>", True), ("Support <support.brand.example>", False)],
)
def test_a_list_is_automated_unless_it_is_our_own_shared_address(
    post: PostOffice, list_id: str, automated: bool
) -> None:
    post.write("Hello", List_Id=list_id, Precedence="list")
    ((message,), _) = walk(post.account())
    assert message.automated is automated


def test_what_a_person_sends_from_elsewhere_comes_by_the_sent_folder(post: PostOffice) -> None:
    post.write("I phoned you", sender=BRAND, folder="Sent")
    ((message,), _) = walk(post.account(sent_folder="Sent"), "sent")
    assert message.direction is Direction.OUT
    assert not message.automated
    assert message.agent is None
    assert walk(post.account(), "sent") == ([], {})


def test_a_reply_to_address_is_shown_and_used(post: PostOffice) -> None:
    post.write("Form", sender="form@brand.example", Reply_To="Bo <bo@mail.example>")
    with closing(connect(post)) as connector:
        (message,) = connector.pull("inbox", {}).messages
        assert message.reply_note is not None
        assert "bo@mail.example" in message.reply_note
        connector.send(answer(message))
    assert len(post.mailbox("bo@mail.example")) == 1


# --- when the line or the sign-in fails


def test_check_signs_in_to_both_servers_and_names_what_is_missing(post: PostOffice) -> None:
    with closing(connect(post, sent_folder="Nowhere", name="Brand")) as connector:
        identity = connector.check()
    assert (identity.external_id, identity.name) == (BRAND, "Brand")
    assert identity.missing == ("folder Nowhere",)


def test_a_wrong_password_is_revoked(post: PostOffice) -> None:
    for password in ("wrong", "falsch-ü", 'with "quotes" \\'):
        account = replace(post.account(), secrets={"username": LOGIN, "password": password})
        with pytest.raises(AuthRevoked) as raised:
            Connector(account, now).pull("inbox", {})
        assert password not in str(raised.value)


@pytest.mark.parametrize("cut", [10, 200, 700, 1500, 2500])
def test_a_line_cut_anywhere_loses_nothing_and_the_next_look_works(
    post: PostOffice, cut: int
) -> None:
    for n in range(5):
        post.write(f"Text {n} " + "x" * 300)
    with FaultyLine(post.imap.port) as line:
        account = post.account(line.url)
        line.faults.append(f"cut:{cut}")
        with closing(Connector(account, now)) as connector:
            with pytest.raises(Transient):
                connector.pull("inbox", {})
            page = connector.pull("inbox", {})
    assert [m.text[:6] for m in page.messages] == [f"Text {n}" for n in range(5)]


def test_a_server_that_cannot_check_the_sign_in_just_now_is_tried_again(post: PostOffice) -> None:
    with FaultyLine(post.imap.port) as line:
        line.faults.append("busy")
        with pytest.raises(Transient):
            Connector(post.account(line.url), now).pull("inbox", {})


@pytest.mark.parametrize("url", ["", "http://mail.example", "imap://", "imap://h/INBOX"])
def test_an_address_that_is_no_mailbox_is_refused_in_words(post: PostOffice, url: str) -> None:
    with pytest.raises(Refused, match="imap://host:port"):
        Connector(replace(post.account(), base_url=url), now).pull("inbox", {})


def test_a_missing_folder_is_refused(post: PostOffice) -> None:
    with pytest.raises(Refused, match="folder"):
        connect(post, folder="Nowhere").pull("inbox", {})
