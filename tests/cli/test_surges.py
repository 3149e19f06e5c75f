"""One answer to many, on the command line."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from inbox.config import utc_now
from inbox.flows import bulk
from inbox.flows.surging import Watch
from inbox.store.session import Store
from inbox.store.tables import Message, Reply, Surge
from tests.cli.conftest import Terminal
from tests.factories import make_account, make_conversation
from tests.flows.test_surges import by_first_word

ADA, BO = ("--agent", "ada@lumenpay.example"), ("--agent", "bo@lumenpay.example")
TEXT = ("--text", "en=Hello {customer}, we are on it.")


@pytest.fixture
def surge(sqlite_store: Store) -> Store:
    """Six people say that it is down."""
    account, now = make_account(sqlite_store), utc_now()
    for n in range(6):
        at = now - timedelta(minutes=30 - n)
        make_conversation(sqlite_store, account, text=f"down {n}", name=f"P{n}", opened_at=at)
    Watch(sqlite_store, by_first_word).look(now)
    return sqlite_store


def test_a_surge_is_listed_shown_and_answered_by_a_lead(terminal: Terminal, surge: Store) -> None:
    [told] = json.loads(terminal("surges", "list", "--json"))["surges"]
    assert (told["id"], told["people"], told["waiting"]) == (1, 6, 6)
    assert "down" in terminal("surges", "list")
    assert "P3" in terminal("surges", "show", "1")
    offered = json.loads(terminal("surges", "show", "1", "--json"))["offered"]
    left = offered[0]["conversation_id"]
    said = terminal("surges", "send", "1", *ADA, *TEXT, "--but", str(left))
    assert "Job 1 answers 5" in said
    bulk.work(surge, utc_now)
    with surge.read() as session:
        texts = {row.text for row in session.query(Reply)}
    assert texts == {f"Hello P{n}, we are on it." for n in range(1, 6)}
    [still] = json.loads(terminal("surges", "show", "1", "--json"))["offered"]
    assert (still["conversation_id"], still["left_out"]) == (left, True)


def test_a_surge_is_put_aside_and_brought_back(terminal: Terminal, surge: Store) -> None:
    assert "Put aside." in terminal("surges", "close", "1", *ADA)
    with surge.read() as session:
        assert session.get_one(Surge, 1).closed_by == "ada@lumenpay.example"
    assert "over" in terminal("surges", "list")
    assert "Open again." in terminal("surges", "open", "1", *ADA)
    assert "0 joined." in terminal("surges", "look")


def test_the_sample_of_a_surge_quotes_no_other_mail(terminal: Terminal, surge: Store) -> None:
    with surge.write() as session:
        quoting = "It is down.\n\nOn 30 Nov 2026, Bo wrote:\n> All is well\n> with us\n"
        session.execute(update(Message).values(text=quoting))
    [told] = json.loads(terminal("surges", "list", "--json"))["surges"]
    assert told["text"] == "It is down."


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("show", "9"), "There is no surge 9"),
        (("send", "9", *ADA, *TEXT), "There is no surge 9"),
        (("close", "9", *ADA), "There is no surge 9"),
        (("send", "1", *BO, *TEXT), "A lead or an admin"),
        (("close", "1", *BO), "A lead or an admin"),
        (("send", "1", *ADA, "--text", "en={who}"), "{who}"),
        (("send", "1", *ADA, "--text", "no language"), "language"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_answered(
    terminal: Terminal, surge: Store, said: tuple[str, ...], why: str
) -> None:
    ran = terminal.run("surges", *said)
    assert (ran.exit_code, why in str(ran.exception)) == (1, True)
    with surge.read() as session:
        assert session.query(Reply).count() == 0
