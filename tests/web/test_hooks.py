"""The addresses that platforms call, for every channel that is called."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from inbox.flows.upkeep import tidy
from inbox.store.session import Store
from inbox.store.tables import Base, Conversation, HookEvent, Message, Quarantine
from tests.connectors.harness import skipped_where_not_offered
from tests.web.connecting import ON_BOTH, RECEIVING, Desk, desk_of

ROWS = (Message, Conversation, Quarantine, HookEvent)


@pytest.fixture(params=[one for one in ON_BOTH if one[0] in RECEIVING], ids="-".join)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A channel and a database."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def store_url(place: tuple[str, str], request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if place[1] == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def desk(place: tuple[str, str], store: Store, tmp_path: Path) -> Iterator[Desk]:
    """A connected account."""
    with desk_of(place[0], store, tmp_path / "data") as found:
        assert "tried-connected" in found.connect().text
        yield found


def rows(desk: Desk) -> dict[str, int]:
    return {table.__tablename__: desk.count(table) for table in ROWS}


def test_the_platforms_question_is_answered(desk: Desk) -> None:
    with skipped_where_not_offered(desk.channel):
        question, right = desk.harness.challenge()
    told = desk.call(question)
    assert told.status_code == right.status
    assert (told.text if isinstance(right.body, str) else told.json()) == right.body
    assert set(rows(desk).values()) == {0}


def test_a_forged_call_is_refused_and_stores_nothing(desk: Desk) -> None:
    before = desk.account()
    assert desk.call(desk.harness.forged()).status_code == 401
    assert set(rows(desk).values()) == {0}
    assert desk.account().called_at == before.called_at


def test_a_replay_changes_no_row_of_any_table(desk: Desk) -> None:
    """Not even where the scheme signs no time (Meta, LINE, X): no clock, event, alert, success."""
    call = desk.harness.request("Where is my payment?")
    assert desk.call(call).status_code < 300
    assert rows(desk)["messages"] == 1
    once = everything(desk)
    assert desk.call(call).status_code == 200
    assert everything(desk) == once
    assert desk.account().called_at is not None


def everything(desk: Desk) -> dict[str, list[str]]:
    with desk.store.read() as session:
        tables = Base.metadata.sorted_tables
        return {t.name: sorted(map(repr, session.execute(select(t)))) for t in tables}


def test_a_replay_brings_nothing_back(desk: Desk) -> None:
    """Not even a message that is no longer stored; after a month its own id must do."""
    call = desk.harness.request("Where is my payment?")
    assert desk.call(call).status_code < 300
    with desk.store.write() as session:
        session.execute(delete(Message))
    assert desk.call(call).status_code == 200
    assert desk.count(Message) == 0
    tidy(desk.store, desk.harness.now() + timedelta(days=36))
    assert desk.count(HookEvent) == 0


def test_a_call_to_another_address_is_not_answered(desk: Desk) -> None:
    call = desk.harness.request("Where is my payment?")
    assert desk.call(call, key="another-key-than-the-accounts").status_code == 404
    assert set(rows(desk).values()) == {0}
