"""Reading a mail's bytes: ordinary, odd and hostile ones."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.core.html import html_to_text
from connectors.core.text import clean, written
from connectors.email.parse import CUT_NOTE, MAX_REFERENCES, MAX_TEXT, Mail, parse_mail

FROM = b"From: Ann Lee <Ann@Mail.example>\r\n"


def mail(body: bytes = b"Hello", head: bytes = b"") -> Mail:
    return parse_mail(FROM + head + b"\r\n" + body + b"\r\n")


def text_of(body: bytes, content_type: str, encoding: str = "8bit") -> str:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return mail(body, head.encode()).text


def test_an_ordinary_mail_is_read() -> None:
    read = mail(
        b"Where is my money?\r\n\r\n-- \r\nAnn",
        b"To: Support <support+tok1@brand.example>, b@brand.example\r\n"
        b"Cc: c@brand.example\r\nSubject: =?utf-8?q?Zahlung_=E2=82=AC?=\r\n"
        b"Message-ID: <A1@mail.example>\r\nIn-Reply-To: <r2@b.example>\r\n"
        b"References: <r1@b.example>\r\n <r2@b.example>\r\n",
    )
    assert (read.sender, read.sender_name) == ("ann@mail.example", "Ann Lee")
    assert read.delivered_to == (
        "support+tok1@brand.example",
        "b@brand.example",
        "c@brand.example",
    )
    assert read.subject == "Zahlung €"
    assert read.message_id == "A1@mail.example"
    assert read.in_reply_to == "r2@b.example"
    assert read.references == ("r1@b.example", "r2@b.example")
    assert read.text == "Where is my money?\n\n-- \nAnn"
    assert not read.robot
    assert read.bounce_of is None


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),  # UTF-8 under a wrong name
        ("我要退款".encode("gb18030"), "gb2312", "我要退款"),
        ("返金".encode("iso-2022-jp"), "iso-2022-jp", "返金"),
        ("联通".encode("gbk"), "gbk", "联通"),  # its bytes are valid UTF-8 by chance
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        (b"50 \x80", "us-ascii", "50 €"),
        ("naïve".encode(), "no-such-charset", "naïve"),
        (b"abc", "punycode", "abc"),
        (b"\xff\xfe\xfa", "utf-8", "\ufffd\ufffd\ufffd"),
        (b"a\x00b", "utf-8", "a\ufffdb"),
    ],
)
def test_charsets_are_read_as_they_are_and_not_as_they_are_called(
    body: bytes, charset: str, text: str
) -> None:
    assert text_of(body, f"text/plain; charset={charset}") == text


def test_broken_transfer_encodings_keep_what_can_be_read() -> None:
    assert "Hello" in text_of(b"Hello =ZZ world", "text/plain", "quoted-printable")
    assert text_of(b"SGVsbG8", "text/plain", "base64") == "Hello"
    assert "Hello" in text_of(b"Hello", "text/plain", "x-unknown")


def test_of_two_alternatives_the_plain_one_with_words_is_taken() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = "ann@mail.example"
    message.set_content("plain words")
    message.add_alternative("<p>rich words</p>", subtype="html")
    assert parse_mail(message.as_bytes()).text == "plain words"
    next(message.iter_parts()).set_content("\n")
    assert parse_mail(message.as_bytes()).text == "rich words"


def test_attachments_are_listed_without_their_content() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = "ann@mail.example"
    message.set_content("see the receipt")
    message.add_attachment(b"x" * 3000, maintype="image", subtype="png", filename="收据.png")
    message.add_attachment("log", filename="log.txt")
    read = parse_mail(message.as_bytes())
    assert read.text == "see the receipt"
    assert [(a.name, a.mime, a.size, a.url) for a in read.attachments] == [
        ("收据.png", "image/png", 3000, None),
        ("log.txt", "text/plain", 5, None),
    ]


def test_a_mail_that_is_only_html_becomes_readable_text() -> None:
    html = (
        "<html><head><title>no</title><style>p{}</style></head><body><p>Hello&nbsp;<b>Ann</b>,<br>"
        'your money</p><ul><li>one<li>two</ul><script>alert(1)</script><img src="http://t.example/p">'
        '<p>Pay at <a href="https://evil.example/x">https://brand.example</a></p>'
        "<blockquote>old<br>words</blockquote></body></html>"
    )
    read = mail(html.encode(), b"Content-Type: text/html\r\n").text
    assert read.startswith("Hello Ann,\nyour money\n\n- one\n- two")
    assert "https://brand.example (https://evil.example/x)" in read
    assert "> old\n> words" in read
    assert "alert" not in read
    assert "t.example" not in read


def test_an_empty_line_parts_a_quotation_from_the_words_around_it() -> None:
    above, below = "<p>Hi</p>Ann wrote:", "My answer<br>goes on"
    for quoted in ("one", "<p>one</p>", "<div><p>one</p></div>"):
        read = html_to_text(f"{above}<blockquote>{quoted}</blockquote>{below}")
        assert read == "Hi\n\nAnn wrote:\n\n> one\n\nMy answer\ngoes on"
    inner = "<blockquote>a<blockquote>b</blockquote>c</blockquote>d"
    assert html_to_text(inner) == "> a\n>\n> > b\n>\n> c\n\nd"
    assert html_to_text("<p>&gt;</p><p>kept</p>") == ">\n\nkept"


def test_a_link_that_says_where_it_leads_is_not_repeated() -> None:
    assert html_to_text('<a href="https://a.example/">https://a.example</a>') == "https://a.example"
    assert html_to_text('<a href="mailto:a@b.example">a@b.example</a>') == "a@b.example"


@settings(deadline=None)
@given(st.text(st.sampled_from("<>/!-abp \"'=&;\nscriptlockquote"), max_size=300))
def test_any_html_gives_text_without_tags_that_hide_scripts(source: str) -> None:
    assert "<script>" not in html_to_text(f"{source}<script>x</script>")


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<script>", "<blockquote>", "<", "<style>x</style"]
)
def test_a_megabyte_of_unclosed_tags_is_read_in_one_pass(piece: str) -> None:
    # A reader that looks to the end from every tag would run into the time limit of the tests.
    assert len(html_to_text(piece * (1_000_000 // len(piece)))) <= 1_000_000


def test_a_mail_without_message_id_gets_the_same_one_every_time() -> None:
    first, second = mail(b"one"), mail(b"one")
    assert first.message_id == second.message_id
    assert first.message_id.endswith("@no-message-id.invalid")
    assert mail(b"two").message_id != first.message_id


def test_the_digest_survives_other_line_ends() -> None:
    raw = FROM + b"Message-ID: <a@b.example>\r\n\r\nHello\r\nAnn\r\n"
    assert parse_mail(raw).digest == parse_mail(raw.replace(b"\r\n", b"\n")).digest
    assert parse_mail(raw).digest != parse_mail(raw + b"more").digest


def test_a_name_that_decodes_to_an_address_stays_a_name() -> None:
    read = parse_mail(b"From: =?utf-8?q?boss=40brand=2Eexample=2C_x?= <ann@mail.example>\r\n\r\nHi")
    assert read.sender == "ann@mail.example"
    assert read.sender_name == "boss@brand.example, x"


def test_encoded_line_breaks_in_subject_and_name_become_spaces() -> None:
    read = parse_mail(
        b"From: =?utf-8?q?Ann=0D=0ABcc=3A_all=40brand=2Eexample?= <ann@mail.example>\r\n"
        b"Subject: =?utf-8?q?Hi=0D=0ABcc=3A_all=40brand=2Eexample=00?=\r\n\r\nHi"
    )
    assert read.sender_name == "Ann Bcc: all@brand.example"
    assert read.subject is not None
    assert read.subject.startswith("Hi Bcc: all@brand.example")
    assert "\n" not in read.subject + read.sender_name


def test_raw_utf8_in_headers_is_read() -> None:
    read = parse_mail("From: 张三 <a@b.example>\r\nSubject: 退款\r\n\r\nHi".encode())
    assert (read.sender_name, read.subject) == ("张三", "退款")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n\r\n", b"nothing but words\r\n", b"Subject: no sender\r\n\r\nHi", b"\x00" * 100],
)
def test_what_names_no_sender_is_no_mail(raw: bytes) -> None:
    with pytest.raises(ValueError, match="sender"):
        parse_mail(raw)


def test_a_thousand_parts_in_parts_still_give_the_sender_and_the_words() -> None:
    raw = FROM + b"Message-ID: <deep@mail.example>\r\n"
    for n in range(1000):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
    read = parse_mail(raw + b"\r\nI want my money\r\n")
    assert read.sender == "ann@mail.example"
    assert read.message_id == "deep@mail.example"
    assert "I want my money" in read.text


def test_a_huge_header_and_a_huge_text_are_cut() -> None:
    ids = b" ".join(b"<r%d@mail.example>" % n for n in range(50_000))
    read = mail(
        b"x" * (MAX_TEXT + 10), b"References: " + ids + b"\r\nSubject: " + b"s" * 500_000 + b"\r\n"
    )
    assert len(read.references) == MAX_REFERENCES
    assert read.references[0] == "r0@mail.example"
    assert read.references[-1] == "r49999@mail.example"
    assert read.text.endswith(CUT_NOTE)
    assert len(read.text) < MAX_TEXT + 100
    assert read.subject is not None
    assert len(read.subject) <= 1000


@pytest.mark.parametrize(
    "head",
    [
        b"Auto-Submitted: auto-replied",
        b"Precedence: bulk",
        b"Precedence: junk",
        b"X-Auto-Response-Suppress: All",
        b"Return-Path: <>",
        b"X-Autoreply: yes",
    ],
)
def test_mails_that_no_person_wrote_are_told_by_their_headers(head: bytes) -> None:
    assert mail(b"I am away", head + b"\r\n").robot


@pytest.mark.parametrize(
    "head", [b"Auto-Submitted: no", b"Precedence: first-class", b"X-Auto-Response-Suppress: OOF"]
)
def test_a_persons_mail_is_not_taken_for_a_robots(head: bytes) -> None:
    assert not mail(b"Hello", head + b"\r\n").robot


def report(status: bytes, original: bytes = b"<key@brand.example>", more: bytes = b"") -> Mail:
    return parse_mail(
        b"From: MAILER-DAEMON@mx.example\r\nTo: support@brand.example\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\n\r\nYour mail could not be delivered.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; Ann@mail.example\r\nAction: "
        + status
        + b"\r\nStatus: 5.1.1\r\n"
        + more
        + b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
        + original
        + b"\r\n"
        b"References: <root@mail.example> <q@mail.example>\r\n--b--\r\n"
    )


def test_a_bounce_names_the_mail_that_failed_and_joins_its_thread() -> None:
    read = report(b"failed")
    assert read.bounce_of == read.in_reply_to == "key@brand.example"
    assert read.references == ("root@mail.example", "q@mail.example", "key@brand.example")
    assert read.robot
    assert read.text == "Your mail could not be delivered."
    assert read.bounced == ("ann@mail.example",)
    forwarded = b"\r\nOriginal-Recipient: rfc822;lee@shop.example\r\nAction: failed\r\n"
    forwarded += b"Final-Recipient: rfc822; lee@home.example\r\n"
    assert report(b"delivered", more=forwarded).bounced == ("lee@shop.example",)


@pytest.mark.parametrize("status", [b"delayed", b"delivered", b"relayed"])
def test_a_report_of_delay_or_delivery_takes_no_answer_back(status: bytes) -> None:
    read = report(status)
    assert read.bounce_of is None
    assert read.in_reply_to == "key@brand.example"
    assert read.robot


def test_a_report_that_names_no_mail_is_just_a_robots_mail() -> None:
    read = report(b"failed", b"")
    assert read.bounce_of is None
    assert read.robot


def test_a_bounce_with_the_whole_mail_inside_is_understood() -> None:
    read = parse_mail(
        b"From: mailer-daemon@mx.example\r\n"
        b"Content-Type: multipart/report; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nA: b\r\n\r\nAction: failed\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: s@brand.example\r\n"
        b"Message-ID: <key@brand.example>\r\n\r\nHello\r\n--b--\r\n"
    )
    assert read.bounce_of == "key@brand.example"


PIECES = st.lists(
    st.sampled_from(
        [
            b"From: a@b.example\r\n",
            b'From: "=?utf-8?b?AAAA?=" <<>>@ , ;:\r\n',
            b"Message-ID: <>\r\n",
            b"Message-ID: <[x@y]>\r\n",
            b'Content-Type: multipart/mixed; boundary=""\r\n',
            b"Content-Type: multipart/alternative; boundary=b\r\n",
            b"Content-Type: multipart/report; boundary=b\r\n",
            b"Content-Type: message/rfc822\r\n",
            b"Content-Type: message/delivery-status\r\n",
            b'Content-Type: text/html; charset="=?x?q?y?="\r\n',
            b"Content-Disposition: attachment; filename*=utf-9''%ff\r\n",
            b"Content-Disposition: attachment; filename*0*=x''%; filename*1=y\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Transfer-Encoding: uuencode\r\n",
            b"Subject: =?utf-8?b?/w==?= =?gb2312?q?=ff?=\r\n",
            b"\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"\x00\xff\xfe words =?\r\n",
        ]
    ),
    max_size=25,
)


@settings(deadline=None)
@given(PIECES, st.binary(max_size=60))
def test_no_bytes_crash_the_reader(pieces: list[bytes], tail: bytes) -> None:
    read = parse_mail(b"From: ann@mail.example\r\n" + b"".join(pieces) + tail)
    assert read.sender
    assert read.text == clean(read.text)
    assert read.message_id


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (
            "Thanks!\n\nOn Mon, 23 Nov 2026 at 10:00, Support\n<s@b.example> wrote:\n\n> Hi\n",
            "Thanks!",
        ),
        ("谢谢\n\n在 2026年11月23日 写道：\n> 你好", "谢谢"),
        ("ok\n\n-----Original Message-----\nFrom: x\n", "ok"),
        ("ok\n________\nFrom: S <s@b.example>\nSent: Monday\nTo: me\n\nold", "ok"),
        ("> q\nanswer\n> q2\nanswer 2", "> q\nanswer\n> q2\nanswer 2"),
        ("> nothing but a quotation", "> nothing but a quotation"),
        ("From: a friend I got money", "From: a friend I got money"),
        ("My number ends like this:\n\n> 12", "My number ends like this:"),
        ("", ""),
    ],
)
def test_the_newest_words_stand_above_the_closing_quotation(text: str, new: str) -> None:
    assert written(text) == new


@settings(deadline=None)
@given(st.lists(st.sampled_from(["> x", "", "word", "On 1 May 2026 wrote:", "From: x", "Date: y"])))
def test_the_newest_words_begin_the_text_and_are_never_empty(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert text.startswith(written(text))
    assert written(text).strip() or not text.strip()
