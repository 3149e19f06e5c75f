"""`replydesk reply --file`: what it sends along, and what it says of a file that cannot go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from inbox.cli import app
from inbox.store.session import Store
from inbox.store.tables import File, Reply
from tests.factories import make_account, make_conversation, make_user
from tests.pictures import HTML, picture
from tests.scripted import scripted_platforms


@pytest.fixture(autouse=True)
def _scripted() -> Iterator[None]:
    with scripted_platforms():
        yield


def reply(store: Store, *arguments: str) -> Result:
    """Ada answers the one conversation."""
    folder = str(Path(store.url.removeprefix("sqlite:///")).parent)
    make_user(store)
    id_ = make_conversation(store, make_account(store, "scripted")).id
    command = ["reply", str(id_), "Here.", "--agent", "ada@lumenpay.example", *arguments]
    return CliRunner().invoke(app, command, env={"REPLYDESK_DATA": folder})


def test_files_go_along_in_their_order(sqlite_store: Store, tmp_path: Path) -> None:
    for name in ("b.png", "a.png"):
        (tmp_path / name).write_bytes(picture())
    files = ("--file", str(tmp_path / "b.png"), "--file", str(tmp_path / "a.png"))
    ran = reply(sqlite_store, *files)
    assert ran.exit_code == 0, ran.output
    with sqlite_store.read() as session:
        [row] = session.scalars(select(Reply))
        stored = session.scalars(select(File).order_by(File.position)).all()
    assert [(f.name, f.outbox_id, f.state) for f in stored] == [
        ("b.png", row.id, "stored"),
        ("a.png", row.id, "stored"),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("page.png", "does not take page.png (text/html)"), ("missing.png", "cannot be read")],
)
def test_a_file_that_cannot_go_is_named(
    sqlite_store: Store, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "page.png").write_bytes(HTML)
    ran = reply(sqlite_store, "--file", str(tmp_path / name))
    assert words in str(ran.exception)
    with sqlite_store.read() as session:
        assert session.scalars(select(Reply)).all() == []


def test_an_answer_that_did_not_go_is_settled_by_its_number(sqlite_store: Store) -> None:
    assert reply(sqlite_store).exit_code == 0
    with sqlite_store.write() as session:
        session.execute(update(Reply).values(state="refused"))
    folder = str(Path(sqlite_store.url.removeprefix("sqlite:///")).parent)

    def settle(*words: str) -> Result:
        command = ["settle", *words, "--agent", "ada@lumenpay.example"]
        return CliRunner().invoke(app, command, env={"REPLYDESK_DATA": folder})

    assert "Answer 1: queued." in settle("1", "resend").output
    for words in (("1", "resend"), ("1", "burn"), ("2", "drop")):
        assert settle(*words).exit_code == 1
