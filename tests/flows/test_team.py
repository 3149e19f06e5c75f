"""Invitations, roles, shutting someone out, and passwords by a one-time link; on each engine."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from inbox.config import Settings
from inbox.flows import forgotten, letters, team
from inbox.flows.keys import TooManyTries
from inbox.flows.people import LinkUsed, PersonInvalid, sign_in, who
from inbox.flows.profile import change_password
from inbox.flows.team import LastAdmin
from inbox.flows.upkeep import tidy
from inbox.store.session import Store
from inbox.store.tables import (
    Audit,
    Conversation,
    Event,
    HookDelivery,
    Invitation,
    Letter,
    OneTimeLink,
    User,
)
from tests.clock import Clock
from tests.factories import (
    PASSWORD,
    make_account,
    make_brand,
    make_conversation,
    make_endpoint,
    make_user,
)
from tests.fakes.smtp import SmtpServer
from tests.flows.test_health import mails

NEW = "four quiet words here"
ADMIN = "ada@lumenpay.example"
DEE = "dee@lumenpay.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Without a mail server."""
    return Settings(data=tmp_path / "data")


def with_mail(settings: Settings, server: SmtpServer) -> Settings:
    """The same with one."""
    return settings.model_copy(update={"smtp_url": SecretStr(server.url)})


def invited(store: Store, settings: Settings, clock: Clock, role: str = "lead") -> str:
    """The token of a fresh invitation for Dee."""
    link = team.invite(
        store, settings, email=" Dee@LumenPay.example", role=role, actor=ADMIN, now=clock()
    )
    assert link is not None
    return link.rpartition("/join/")[2]


def join(store: Store, token: str, clock: Clock) -> str:
    return team.join(store, token=token, name="Dee Park", password=PASSWORD, now=clock())


def in_the_log(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(Audit.action).order_by(Audit.id)))


def test_who_is_invited_joins_once_with_the_role_that_was_meant(
    store: Store, settings: Settings, clock: Clock
) -> None:
    token = invited(store, settings, clock)
    signed = who(store, join(store, token, clock), clock())
    assert signed is not None
    assert (signed.email, signed.name, signed.role) == (DEE, "Dee Park", "lead")
    with pytest.raises(LinkUsed):
        join(store, token, clock)
    assert in_the_log(store) == ["invite", "join"]
    with store.read() as session:
        assert session.scalars(select(Invitation)).all() == []


def test_an_invitation_ends_after_seven_days_when_replaced_and_when_withdrawn(
    store: Store, settings: Settings, clock: Clock
) -> None:
    first = invited(store, settings, clock)
    second = invited(store, settings, clock, "agent")
    assert team.invitation_of(store, first, clock()) is None
    found = team.invitation_of(store, second, clock())
    assert found is not None
    assert found.role == "agent"
    clock.forward(days=7)
    with pytest.raises(LinkUsed):
        join(store, second, clock)
    third = invited(store, settings, clock)
    assert team.withdraw(store, invitation_id=found.id, actor=ADMIN, now=clock())
    assert not team.withdraw(store, invitation_id=found.id, actor=ADMIN, now=clock())
    with pytest.raises(LinkUsed):
        join(store, third, clock)


def test_the_database_holds_no_link(store: Store, settings: Settings, clock: Clock) -> None:
    token = invited(store, settings, clock)
    with store.read() as session:
        stored = session.scalars(select(Invitation.token_hash)).one()
        logged = session.scalars(select(Audit.detail)).one()
    assert stored is not None
    assert token not in stored + str(logged)


@pytest.mark.parametrize(("email", "role"), [("nobody", "agent"), (DEE, "king"), (ADMIN, "agent")])
def test_nobody_is_invited_wrongly_or_twice(
    sqlite_store: Store, settings: Settings, clock: Clock, email: str, role: str
) -> None:
    make_user(sqlite_store, "Ada Voss", "admin")
    with pytest.raises(PersonInvalid):
        team.invite(sqlite_store, settings, email=email, role=role, actor=ADMIN, now=clock())


def test_the_mail_of_an_invitation_brings_the_link(
    store: Store, settings: Settings, clock: Clock
) -> None:
    make_brand(store)
    with SmtpServer(needs_sign_in=False) as server:
        settings = with_mail(settings, server)
        server.faults.append("450")
        team.invite(store, settings, email=DEE, role="agent", actor=ADMIN, now=clock())
        assert letters.mail_due(store, settings, clock) == 0
        clock.forward(hours=1)
        assert letters.mail_due(store, settings, clock) == 1
        assert letters.mail_due(store, settings, clock) == 0
        (mail,) = mails(server)
    assert mail["To"] == DEE
    assert ADMIN in mail.get_content()
    join(store, token_in(mail.get_content(), "join"), clock)


def token_in(text: str, page: str) -> str:
    found = re.search(rf"http://[^ ]+/{page}/(\S+)", text)
    assert found is not None
    return found[1]


def test_a_refused_address_is_told_to_the_admins_and_not_tried_again(
    sqlite_store: Store, settings: Settings, clock: Clock
) -> None:
    with SmtpServer(needs_sign_in=False) as server:
        settings = with_mail(settings, server)
        server.faults.append("550")
        team.invite(sqlite_store, settings, email=DEE, role="agent", actor=ADMIN, now=clock())
        letters.mail_due(sqlite_store, settings, clock)
        clock.forward(days=1)
        assert letters.mail_due(sqlite_store, settings, clock) == 0
        assert mails(server) == []
    with sqlite_store.read() as session:
        assert session.scalars(select(Letter.error)).one()


def test_a_forgotten_password_is_set_once_by_the_link_in_the_mail(
    store: Store, settings: Settings, clock: Clock
) -> None:
    ada = make_user(store, "Ada Voss", "admin")
    before = sign_in(store, email=ada.email, password=PASSWORD, address="a", now=clock())
    with SmtpServer(needs_sign_in=False) as server:
        settings = with_mail(settings, server)
        forgotten.ask(store, email="Ada@LumenPay.example ", address="a", now=clock())
        assert letters.mail_due(store, settings, clock) == 1
        token = token_in(mails(server)[0].get_content(), "reset")
    forgotten.set_password(store, token=token, password=NEW, now=clock())
    assert who(store, before, clock()) is None
    assert sign_in(store, email=ada.email, password=NEW, address="a", now=clock())
    with pytest.raises(LinkUsed):
        forgotten.set_password(store, token=token, password=PASSWORD, now=clock())
    assert in_the_log(store) == ["password_forgot", "password_reset"]


def reset_token(store: Store, settings: Settings, user: User, clock: Clock) -> str:
    link = forgotten.new_link(store, settings, user_id=user.id, actor=ADMIN, now=clock())
    assert link is not None
    return link.rpartition("/")[2]


def test_a_link_to_a_password_ends_after_an_hour_when_replaced_and_when_shut_out(
    store: Store, settings: Settings, clock: Clock
) -> None:
    make_user(store, "Ada Voss", "admin")
    bo = make_user(store, "Bo Narin")
    first = reset_token(store, settings, bo, clock)
    second = reset_token(store, settings, bo, clock)

    def works(token: str) -> bool:
        return forgotten.link_works(store, token, clock())

    assert (works(first), works(second)) == (False, True)
    clock.forward(hours=1)
    assert not works(second)
    third = reset_token(store, settings, bo, clock)
    team.disable(store, user_id=bo.id, actor=ADMIN, now=clock())
    assert not works(third)


def test_a_password_changed_otherwise_ends_the_link_and_the_mail(
    store: Store, settings: Settings, clock: Clock
) -> None:
    ada = make_user(store, "Ada Voss", "admin")
    link = reset_token(store, settings, ada, clock)
    forgotten.ask(store, email=ada.email, address="a", now=clock())
    token = sign_in(store, email=ada.email, password=PASSWORD, address="a", now=clock())
    change_password(store, user_id=ada.id, old=PASSWORD, new=NEW, token=token, now=clock())
    assert not forgotten.link_works(store, link, clock())
    with store.read() as session:
        assert session.scalars(select(Letter)).all() == []


def test_asking_for_an_unknown_address_leaves_nothing_but_a_counter(
    store: Store, clock: Clock
) -> None:
    name = make_user(store, "Tess", password_hash=None)
    gone = make_user(store, "Bo Narin", disabled_at=clock())
    for email in ("no@lumenpay.example", name.email, gone.email):
        forgotten.ask(store, email=email, address="a", now=clock())
    with store.read() as session:
        assert session.scalars(select(Letter)).all() == []


def test_asking_is_slowed_for_each_address_known_or_not(store: Store, clock: Clock) -> None:
    make_user(store, "Ada Voss")
    for email in (ADMIN, "no@lumenpay.example"):
        for _ in range(3):
            forgotten.ask(store, email=email, address=email, now=clock())
        with pytest.raises(TooManyTries):
            forgotten.ask(store, email=email, address=email, now=clock())


def test_a_mail_that_nobody_waits_for_any_more_does_not_leave(
    sqlite_store: Store, settings: Settings, clock: Clock
) -> None:
    make_user(sqlite_store, "Ada Voss")
    forgotten.ask(sqlite_store, email=ADMIN, address="a", now=clock())
    clock.forward(hours=1)
    with SmtpServer(needs_sign_in=False) as server:
        assert letters.mail_due(sqlite_store, with_mail(settings, server), clock) == 0
    tidy(sqlite_store, clock())
    with sqlite_store.read() as session:
        assert session.scalars(select(Letter)).all() == []
        assert session.scalars(select(OneTimeLink)).all() == []


def test_who_is_shut_out_is_out_at_once_and_the_open_conversations_are_free(
    store: Store, clock: Clock
) -> None:
    make_user(store, "Ada Voss", "admin")
    bo = make_user(store, "Bo Narin")
    account = make_account(store)
    mine = make_conversation(store, account, assignee_id=bo.id)
    done = make_conversation(store, account, assignee_id=bo.id, status="resolved")
    token = sign_in(store, email=bo.email, password=PASSWORD, address="a", now=clock())
    make_endpoint(store, events=["conversation.assigned"])
    assert team.disable(store, user_id=bo.id, actor=ADMIN, now=clock()) == 1
    assert who(store, token, clock()) is None
    with store.read() as session:
        assert session.get_one(Conversation, mine.id).assignee_id is None
        assert session.get_one(Conversation, done.id).assignee_id == bo.id
        assert mine.id in session.scalars(select(Event.conversation_id)).all()
        (said,) = session.scalars(select(HookDelivery.said)).all()
    assert (said["conversation"]["id"], said["conversation"]["assignee"]) == (mine.id, None)
    team.enable(store, user_id=bo.id, actor=ADMIN, now=clock())
    assert who(store, token, clock()) is None
    assert sign_in(store, email=bo.email, password=PASSWORD, address="a", now=clock())
    assert in_the_log(store) == ["assign", "disable", "enable"]


def test_the_last_admin_who_can_sign_in_stays_admin(store: Store, clock: Clock) -> None:
    ada = make_user(store, "Ada Voss", "admin")
    make_user(store, "Tess", "admin", password_hash=None)
    make_user(store, "Eli", "admin", disabled_at=clock())
    with pytest.raises(LastAdmin):
        team.disable(store, user_id=ada.id, actor="cli", now=clock())
    with pytest.raises(LastAdmin):
        team.change_role(store, user_id=ada.id, role="lead", actor="cli", now=clock())
    team.change_role(store, user_id=ada.id, role="admin", actor="cli", now=clock())
    bo = make_user(store, "Bo Narin", "admin")
    team.change_role(store, user_id=ada.id, role="lead", actor=bo.email, now=clock())


def test_two_admins_who_shut_each_other_out_at_once_leave_one(store: Store, clock: Clock) -> None:
    admins = [make_user(store, name, "admin") for name in ("Ada", "Bo")]

    def shut(user: User) -> bool:
        try:
            team.disable(store, user_id=user.id, actor="cli", now=clock())
        except LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(shut, admins)) == [False, True]


def test_another_role_counts_from_the_next_request_on(store: Store, clock: Clock) -> None:
    make_user(store, "Ada Voss", "admin")
    bo = make_user(store, "Bo Narin")
    token = sign_in(store, email=bo.email, password=PASSWORD, address="a", now=clock())
    mine = make_conversation(store, assignee_id=bo.id)
    team.change_role(store, user_id=bo.id, role="lead", actor=ADMIN, now=clock())
    with store.read() as session:
        assert session.get_one(Conversation, mine.id).assignee_id == bo.id
    team.change_role(store, user_id=bo.id, role="auditor", actor=ADMIN, now=clock())
    with store.read() as session:
        assert session.get_one(Conversation, mine.id).assignee_id is None
    clock.forward(seconds=1)
    found = who(store, token, clock())
    assert found is not None
    assert found.role == "auditor"
    with pytest.raises(PersonInvalid):
        team.change_role(store, user_id=bo.id, role="king", actor=ADMIN, now=clock())
    assert timedelta(days=7) == team.INVITATION_LASTS
