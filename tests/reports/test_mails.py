"""A report's mail goes out until the server has taken it, under one Message-ID."""

import email
import email.policy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

import pytest

from inbox.config import Settings
from inbox.flows.report_recipients import remove, restore, send_again
from inbox.store import report_mails
from inbox.store.session import Store
from reports import mails
from reports.editions import make_due, page_for
from reports.mails import mail_due
from templates.periods import Days
from tests.clock import Clock
from tests.fakes.smtp import Accepted, SmtpServer
from tests.reports.office import ADA, BO, DAY, Office, answers, asks, at
from tests.reports.victims import KILLED, killed_before

CY = "cy@lumen.example"


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer(needs_sign_in=False) as server:
        yield server


@pytest.fixture
def morning(clock: Clock) -> Clock:
    """19 November, 07:00 UTC."""
    clock.now = at(31)
    return clock


def made(office: Office, *recipients: str, **more: Any) -> Office:
    """An office whose report of 18 November waits to be mailed."""
    office.open(created_at=at(1), recipients=recipients or (ADA,), **more)
    office.take(asks("ann", at(-20)), answers("ann", at(-19)), stored_at=at(-19))
    office.take(asks("ben", at(-10)))
    make_due(office.store, at(31))
    return office


def read(mail: Accepted) -> EmailMessage:
    message = email.message_from_bytes(mail.raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def ids(smtp: SmtpServer) -> list[str]:
    return [str(read(mail)["Message-ID"]) for mail in smtp.accepted]


def test_a_mail_leaves_once_and_is_settled(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    made(office)
    settings = office.settings(smtp.url)
    assert mail_due(office.store, settings, morning) == 1
    assert mail_due(office.store, settings, morning) == 0
    (row,) = office.mails()
    assert (row.state, row.accepted_at) == ("accepted", at(31))
    assert ids(smtp) == [f"<{row.message_id}>"]
    assert row.message_id.endswith("@lumen.example")
    assert (smtp.accepted[0].sender, smtp.accepted[0].to) == ("desk@lumen.example", (ADA,))


def test_a_server_that_is_down_gets_the_mail_when_it_is_up(
    office: Office, morning: Clock, smtp: SmtpServer
) -> None:
    made(office)
    with SmtpServer(needs_sign_in=False) as gone:
        nobody = office.settings(gone.url)
    for _ in range(3):
        assert mail_due(office.store, nobody, morning) == 0
        morning.forward(minutes=5)
    (row,) = office.mails()
    assert (row.state, row.failures) == ("queued", 3)
    assert row.reason == "The mail server could not be reached."
    assert mail_due(office.store, office.settings(smtp.url), morning) == 1
    assert ids(smtp) == [f"<{row.message_id}>"]


def test_after_a_failure_the_mail_rests_and_longer_each_time(
    sqlite_office: Office, morning: Clock, smtp: SmtpServer
) -> None:
    office = made(sqlite_office)
    smtp.faults.extend(["450", "450"])
    settings = office.settings(smtp.url)
    mail_due(office.store, settings, morning)
    assert office.mails()[0].not_before == at(31).replace(second=15)
    morning.forward(seconds=14)
    mail_due(office.store, settings, morning)
    assert office.mails()[0].failures == 1
    morning.forward(seconds=1)
    mail_due(office.store, settings, morning)
    assert office.mails()[0].failures == 2
    morning.forward(seconds=29)
    assert mail_due(office.store, settings, morning) == 0
    morning.forward(seconds=1)
    assert mail_due(office.store, settings, morning) == 1


@pytest.mark.parametrize("fault", ["cut", "gibberish"])
def test_an_answer_lost_after_the_text_repeats_that_message_id_and_nothing_else(
    office: Office, smtp: SmtpServer, morning: Clock, fault: str
) -> None:
    made(office, ADA, BO)
    smtp.faults.append(fault)
    settings = office.settings(smtp.url)
    assert mail_due(office.store, settings, morning) == 1
    morning.forward(hours=1)
    assert mail_due(office.store, settings, morning) == 1
    first, other = office.mails()
    assert ids(smtp) == [f"<{m}>" for m in (first.message_id, other.message_id, first.message_id)]
    once, again = read(smtp.accepted[0]), read(smtp.accepted[2])
    assert dict(once.items()) | {"Content-Type": ""} == dict(again.items()) | {"Content-Type": ""}
    assert [bodies(once)] == [bodies(again)]


def bodies(message: EmailMessage) -> tuple[str, str]:
    """(plain, html) of a mail."""
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    plain, html = (str(part.get_content()) for part in parts if part is not None)
    return plain, html


def test_a_refused_recipient_does_not_keep_the_others_from_their_mail(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    nobody = "no address\r\nBcc: all@lumen.example"
    made(office, ADA, nobody, BO, CY)
    smtp.faults.append("550")
    assert mail_due(office.store, office.settings(smtp.url), morning) == 2
    states = {mail.recipient: (mail.state, mail.reason) for mail in office.mails()}
    assert states[ADA] == ("refused", "The mail server answered 550: 5.1.1 No such user")
    assert states[nobody] == ("refused", "This is not an e-mail address.")
    assert states[BO] == states[CY] == ("accepted", None)
    assert [mail.to for mail in smtp.accepted] == [(BO,), (CY,)]
    morning.forward(hours=1)
    assert mail_due(office.store, office.settings(smtp.url), morning) == 0


def test_without_a_mail_server_mails_wait_and_the_page_says_so(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    made(office)
    settings = office.settings()
    assert mail_due(office.store, settings, morning) == 0
    shown = page_for(office.store, settings, Days.day(DAY.date()), morning())
    assert shown is not None
    assert (shown.mail_server, [mail.state for mail in shown.mails]) == (False, ["queued"])
    assert mail_due(office.store, office.settings(smtp.url), morning) == 1


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:25/inbox", "smtps://mail.example?x=1"])
def test_a_mail_address_that_cannot_be_read_is_named_and_the_mail_waits(
    sqlite_office: Office, morning: Clock, url: str
) -> None:
    office = made(sqlite_office)
    settings = Settings.model_validate({**office.settings().model_dump(), "smtp_url": url})
    assert mail_due(office.store, settings, morning) == 0
    (row,) = office.mails()
    assert row.state == "queued"
    assert str(row.reason).startswith("REPLYDESK_SMTP_URL: ")


def test_two_schedulers_send_each_mail_once(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    made(office, *(f"p{n}@lumen.example" for n in range(6)))
    settings = office.settings(smtp.url)
    stores = [Store(office.store.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: mail_due(store, settings, morning), stores))
    for store in stores:
        store.close()
    assert sorted(mail.to[0] for mail in smtp.accepted) == [f"p{n}@lumen.example" for n in range(6)]


def test_killed_at_any_step_of_sending_every_copy_bears_one_message_id(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    made(office)
    settings = office.settings(smtp.url)
    step, ended = 0, KILLED
    while ended == KILLED:
        step += 1
        office.store.close()
        ended = killed_before(
            step, office.store.url, lambda store: mail_due(store, settings, morning)
        )
    (row,) = office.mails()
    assert step > 8
    assert row.state == "accepted"
    assert set(ids(smtp)) == {f"<{row.message_id}>"}
    assert len(smtp.accepted) > 1


def test_the_language_is_the_brands(
    sqlite_office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    office = made(sqlite_office, locale="zh")
    mail_due(office.store, office.settings(smtp.url), morning)
    plain, html = bodies(read(smtp.accepted[0]))
    assert "每日报表" in plain
    assert '<html lang="zh-Hans">' in html


def test_a_refused_mail_goes_out_again_when_asked_under_its_message_id(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    made(office)
    settings = office.settings(smtp.url)
    smtp.faults.append("550")
    assert mail_due(office.store, settings, morning) == 0
    (row,) = office.mails()
    assert send_again(office.store, row.id, actor=ADA, now=morning())
    assert mail_due(office.store, settings, morning) == 1
    assert not send_again(office.store, row.id, actor=ADA, now=morning())
    assert ids(smtp) == [f"<{row.message_id}>"]
    with office.store.read() as session:
        (told,) = map(mails.told, report_mails.log(session, 5))
    assert (told["state"], told["tries"], told["kind"]) == ("accepted", 2, "day")


def test_to_whom_was_removed_nothing_leaves_and_back_again_it_does(
    office: Office, smtp: SmtpServer, morning: Clock
) -> None:
    made(office)
    settings = office.settings(smtp.url)
    remove(office.store, 1, actor=ADA, now=morning())
    assert mail_due(office.store, settings, morning) == 0
    with office.store.read() as session:
        assert [mails.told(row)["state"] for row in report_mails.log(session, 5)] == ["removed"]
    restore(office.store, 1, actor=ADA, now=morning())
    assert mail_due(office.store, settings, morning) == 1


@pytest.mark.parametrize(
    ("locale", "says"), [("en", "of the week’s answers"), ("zh", "的当周回复")]
)
def test_a_weeks_mail_speaks_of_the_week_and_of_the_one_before(
    sqlite_office: Office, smtp: SmtpServer, clock: Clock, locale: str, says: str
) -> None:
    office = sqlite_office.open(created_at=at(1), kinds=["week"], locale=locale)
    for day in (-7, 0):
        office.take(asks(f"c{day}", at(24 * day - 20)), answers(f"c{day}", at(24 * day - 19)))
    office.take(asks("late", at(-30)))
    clock.now = at(24 * 5 + 7)
    make_due(office.store, clock.now)
    assert mail_due(office.store, office.settings(smtp.url), clock) == 1
    for body in bodies(read(smtp.accepted[0])):
        assert says in body
        assert ("the week before" if locale == "en" else "前一周") in body
        assert ("Needs a decision" if locale == "en" else "需要决定") in body
