"""Sessions, links and throttles in the store, on both engines, also when two come at once."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.config import Settings
from inbox.flows import keys
from inbox.flows.keys import TooManyTries
from inbox.flows.people import (
    LinkUsed,
    NewAdmin,
    PersonInvalid,
    WrongPassword,
    add_user,
    create_first_admin,
    reset_password,
    setup_link,
    sign_in,
    who,
)
from inbox.store.people import everyone
from inbox.store.session import Store
from inbox.store.tables import Audit, OneTimeLink, Throttle, User
from tests.clock import Clock
from tests.factories import PASSWORD, make_user

ADMIN = NewAdmin("Ada", "ada@lumenpay.example", PASSWORD)


def token_of(store: Store, clock: Clock) -> str:
    link = setup_link(store, Settings(), clock())
    assert link is not None
    return link.rpartition("/")[2]


def at_once(tries: int, work: Callable[[int], None]) -> None:
    """Runs `work(0 … tries-1)` in threads that start together."""
    start = threading.Barrier(tries)

    def run(number: int) -> None:
        start.wait()
        work(number)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_who_open_the_link_at_once_make_one_admin(store: Store, clock: Clock) -> None:
    token = token_of(store, clock)
    made: list[str] = []
    refused: list[int] = []

    def open_link(number: int) -> None:
        try:
            made.append(create_first_admin(store, token=token, admin=ADMIN, now=clock()))
        except LinkUsed:
            refused.append(number)

    at_once(2, open_link)
    assert (len(made), len(refused)) == (1, 1)
    with store.read() as session:
        assert [person.role for person in everyone(session)] == ["admin"]


def test_a_link_that_was_lost_is_not_in_the_database(store: Store, clock: Clock) -> None:
    token = token_of(store, clock)
    assert len(token) == 26
    with store.read() as session:
        rows = session.execute(select(OneTimeLink)).all()
    assert token not in repr([row[0].__dict__ for row in rows])


def test_guesses_made_at_once_are_all_counted(store: Store, clock: Clock) -> None:
    make_user(store)
    slowed: list[int] = []

    def guess(number: int) -> None:
        try:
            sign_in(
                store,
                email="ada@lumenpay.example",
                password=f"guess {number}",
                address=f"192.0.2.{number}",
                now=clock(),
            )
        except TooManyTries:
            slowed.append(number)
        except WrongPassword:
            pass

    at_once(12, guess)
    assert len(slowed) == 12 - keys.FREE_TRIES["account"]


def test_failures_are_forgotten_after_a_quiet_day(store: Store, clock: Clock) -> None:
    make_user(store)

    def guess() -> None:
        sign_in(
            store, email="ada@lumenpay.example", password="no", address="192.0.2.1", now=clock()
        )

    for _ in range(5):
        with pytest.raises(WrongPassword):
            guess()
    with pytest.raises(TooManyTries):
        guess()
    clock.now += keys.QUIET + timedelta(seconds=2)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            guess()


def test_the_table_of_failures_holds_no_name_and_no_address(store: Store, clock: Clock) -> None:
    with pytest.raises(WrongPassword):
        sign_in(
            store, email="ada@lumenpay.example", password="no", address="192.0.2.1", now=clock()
        )
    with store.read() as session:
        keys = session.scalars(select(Throttle.key)).all()
    assert len(keys) == 2
    assert not any("ada" in key or "192" in key for key in keys)


def test_a_new_password_ends_every_session_of_that_person(store: Store, clock: Clock) -> None:
    make_user(store)
    make_user(store, "Bo Narin")
    ada = sign_in(store, email="ada@lumenpay.example", password=PASSWORD, address="a", now=clock())
    bo = sign_in(store, email="bo@lumenpay.example", password=PASSWORD, address="a", now=clock())
    reset_password(
        store, email="Ada@lumenpay.example", password="another good one", actor="cli", now=clock()
    )
    assert who(store, ada, clock()) is None
    assert who(store, bo, clock()) is not None
    with pytest.raises(WrongPassword):
        sign_in(store, email="ada@lumenpay.example", password=PASSWORD, address="a", now=clock())
    assert sign_in(
        store,
        email="ada@lumenpay.example",
        password="another good one",
        address="a",
        now=clock(),
    )


def test_the_same_password_typed_on_another_keyboard_is_the_same(
    store: Store, clock: Clock
) -> None:
    add_user(
        store,
        email="zoe@lumenpay.example",
        name="Zoë",
        role="agent",
        password="Zoe\u0308 waits long",
        actor="cli",
        now=clock(),
    )
    typed = "Zo\u00eb waits long"
    assert sign_in(store, email="zoe@lumenpay.example", password=typed, address="a", now=clock())


def test_a_person_is_added_once(store: Store, clock: Clock) -> None:
    def add() -> int:
        return add_user(
            store,
            email=" Bo@LumenPay.example",
            name="Bo",
            role="agent",
            password=PASSWORD,
            actor="ada@lumenpay.example",
            now=clock(),
        )

    add()
    with pytest.raises(PersonInvalid, match="has an account already"):
        add()
    with store.read() as session:
        assert [p.email for p in everyone(session)] == ["bo@lumenpay.example"]
        audit = session.scalars(select(Audit)).one()
        assert (audit.actor, audit.action) == ("ada@lumenpay.example", "user_add")
        assert PASSWORD not in str(audit.detail)


def test_a_name_from_an_import_gets_its_sign_in_and_keeps_its_id(
    store: Store, clock: Clock
) -> None:
    name = make_user(store, "Bo Narin", password_hash=None)
    added = add_user(
        store,
        email=name.email,
        name="Bo N.",
        role="lead",
        password=PASSWORD,
        actor="cli",
        now=clock(),
    )
    assert added == name.id
    with store.read() as session:
        assert session.get_one(User, name.id).role == "lead"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"email": "a b@c"}, "not an e-mail"),
        ({"name": "  "}, "name is needed"),
        ({"role": "king"}, "role is one of"),
        ({"password": "eleven char"}, "12 to 1024"),
        ({"password": "x" * 1025}, "12 to 1024"),
    ],
)
def test_what_is_wrong_with_a_person_is_said(
    sqlite_store: Store, clock: Clock, wrong: dict[str, str], says: str
) -> None:
    given = {"email": "bo@x.example", "name": "Bo", "role": "agent", "password": PASSWORD} | wrong
    with pytest.raises(PersonInvalid, match=says):
        add_user(sqlite_store, **given, actor="cli", now=clock())


def test_nobody_known_has_no_password_to_reset(sqlite_store: Store, clock: Clock) -> None:
    with pytest.raises(PersonInvalid, match="Nobody has this"):
        reset_password(
            sqlite_store, email="no@x.example", password=PASSWORD, actor="cli", now=clock()
        )
