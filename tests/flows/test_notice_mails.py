"""Warnings by mail: one letter to each person, quiet when answered, the same name at each try."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from inbox.flows import notice_mails, noticing, team, warnings
from inbox.store.tables import Account, Conversation, Notice
from tests.factories import make_user
from tests.fakes.smtp import SmtpServer
from tests.flows.desk import Desk, at, own, says
from tests.flows.test_health import mails
from tests.kill.victims import Step, run


@pytest.fixture
def desk(sqlite_desk: Desk) -> Desk:
    """Ann and Ben wait; the conversations are Ada's; Max is the admin and reads Chinese."""
    with sqlite_desk.store.write() as session:
        session.execute(update(Account).values(created_at=at(-60)))
    sqlite_desk.take(says("1"), says("2", author="ben", conversation="c2", minutes=-9))
    make_user(sqlite_desk.store, "Max Admin", "admin", locale="zh_Hans_CN")
    with sqlite_desk.store.write() as session:
        session.execute(update(Conversation).values(assignee_id=sqlite_desk.agent_id))
    return sqlite_desk


@pytest.fixture
def server(desk: Desk) -> Iterator[SmtpServer]:
    with SmtpServer(needs_sign_in=False) as server:
        desk.settings.smtp_url = SecretStr(server.url)
        yield server


def tick(desk: Desk, hours: float) -> int:
    """A look and its mails, so many hours after Ann wrote."""
    desk.clock.now = at(-9) + timedelta(hours=hours)
    warnings.look(desk.store, desk.clock())
    return notice_mails.mail_due(desk.store, desk.settings, desk.clock)


def test_all_that_is_due_is_one_letter_in_the_readers_language(
    desk: Desk, server: SmtpServer
) -> None:
    assert [tick(desk, hours) for hours in (18, 24, 24.1)] == [0, 2, 0]
    ada, chief = sorted(mails(server), key=lambda mail: str(mail["To"]))
    assert (ada["To"], ada["Subject"]) == ("ada@lumen.example", "2 answers are past due")
    assert chief["Subject"] == "2 个回复已逾期"
    words = ada.get_content()
    assert "Ann on Scripted" in words
    assert f"/conversations/{desk.conversation('ben').id}" in words
    assert "it is yours" in words


def test_what_was_answered_before_the_letter_leaves_is_left_out(
    desk: Desk, server: SmtpServer
) -> None:
    server.faults.append("421")
    assert tick(desk, 21.6) == 0
    desk.take(own("3", minutes=60 * 22, in_reply_to="1"))
    assert tick(desk, 24) == 2
    words = next(m for m in mails(server) if m["To"] == "ada@lumen.example").get_content()
    assert "Ben" in words
    assert "Ann" not in words
    assert "90 %" not in words, "of one wait the highest step is enough"
    assert {n.state for n in desk.rows(Notice) if n.channel == "mail"} == {"sent", "quiet"}


def test_a_letter_of_a_killed_process_is_the_same_letter_again(
    desk: Desk, server: SmtpServer
) -> None:
    desk.clock.now = at(-9) + timedelta(hours=21.6)
    warnings.look(desk.store, desk.clock())
    desk.store.close()
    assert run(
        desk.store,
        lambda: notice_mails.mail_due(desk.store, desk.settings, desk.clock),
        Step("before", "notices", 2),  # the server has it, nothing says so
    )
    assert tick(desk, 21.7) == 1
    assert len({mail["Message-ID"] for mail in mails(server)}) == 1


def test_each_person_chooses_what_comes_by_mail(desk: Desk, server: SmtpServer) -> None:
    noticing.choose_mail(desk.store, user_id=desk.agent_id, part=1, actor="ada", now=desk.clock())
    assert tick(desk, 12) == 1
    noticing.choose_mail(desk.store, user_id=desk.agent_id, part=0, actor="ada", now=desk.clock())
    assert tick(desk, 18) == 0
    with pytest.raises(ValueError, match="none of"):
        noticing.choose_mail(
            desk.store, user_id=desk.agent_id, part=55, actor="ada", now=desk.clock()
        )


def test_who_was_shut_out_meanwhile_gets_no_letter(desk: Desk, server: SmtpServer) -> None:
    desk.clock.now = at(-9) + timedelta(hours=21.6)
    warnings.look(desk.store, desk.clock())
    team.disable(desk.store, user_id=desk.agent_id, actor="max", now=desk.clock())
    assert tick(desk, 21.7) == 0
    assert mails(server) == []


def test_a_refused_address_is_not_tried_again(desk: Desk, server: SmtpServer) -> None:
    server.faults.append("550")
    assert tick(desk, 21.6) == 0
    assert tick(desk, 21.7) == 0
    assert {n.state for n in desk.rows(Notice) if n.channel == "mail"} == {"refused"}
