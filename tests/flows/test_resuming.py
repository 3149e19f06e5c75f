"""An import and an export that are cut short anywhere go on, and nothing is there twice."""

import json
import os
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from inbox.flows.importing import MOST_LINE, ImportCounts, bounded, export_lines
from inbox.flows.resuming import export_file, import_file
from inbox.store.session import Store
from inbox.store.tables import Message
from tests.clock import MONDAY

NUMBERS = range(1, 24)


class Killed(BaseException):
    """The process ends here."""


def line(number: int) -> str:
    """Every fifth is bad, two accounts by turns."""
    said = {
        "channel": "x",
        "account": f"@brand{number % 2}",
        "external_id": str(number),
        "conversation": f"c{number % 4}",
        "direction": "in",
        "text": f"where is my refund {number}",
        "author": {"id": f"u{number % 3}"},
        "sent_at": None if number % 5 == 0 else f"2026-11-20T09:{number:02}:00Z",
    }
    return json.dumps(said)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "messages.jsonl"
    path.write_text("\n".join(("", *map(line, NUMBERS))) + "\n", "utf-8")
    return path


def run(store: Store, file: Path, refused: list[int], killed_after: int = 99) -> ImportCounts:
    pages = 0

    def progress(counts: ImportCounts, at: int) -> None:
        nonlocal pages
        pages += 1
        if pages == killed_after:
            raise Killed

    how: dict[str, Any] = {"classifier": None, "now": lambda: MONDAY, "page": 4}
    return import_file(
        store,
        file,
        file.parent / "data",
        refuse=lambda number, why: refused.append(number),
        progress=progress,
        **how,
    )


def stored(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


@pytest.mark.parametrize("killed_after", [1, 2, 5])
def test_an_import_goes_on_where_it_was_killed(store: Store, file: Path, killed_after: int) -> None:
    refused: list[int] = []
    with pytest.raises(Killed):
        run(store, file, refused, killed_after)
    before = stored(store)
    assert before == min(4 * killed_after, 19)
    counts = run(store, file, refused)
    assert (counts.read, counts.new, counts.duplicate, counts.refused) == (23, 19, 0, 4)
    assert refused == [6, 11, 16, 21]  # each once, by the number of its line
    assert list((file.parent / "data" / "imports").iterdir()) == []
    again = run(store, file, [])
    assert (again.new, again.duplicate, stored(store)) == (0, 19, 19)


def test_a_place_that_fits_no_more_is_not_used(sqlite_store: Store, file: Path) -> None:
    with pytest.raises(Killed):
        run(sqlite_store, file, [], 2)
    place = next((file.parent / "data" / "imports").iterdir())
    place.write_text('{"at": 1}{', "utf-8")
    assert run(sqlite_store, file, []).read == 23
    with pytest.raises(Killed):
        run(sqlite_store, file, [], 2)
    file.write_text(line(31) + "\n", "utf-8")
    assert run(sqlite_store, file, []).new == 1


def test_a_file_that_was_mended_is_read_from_the_beginning(sqlite_store: Store, file: Path) -> None:
    """Otherwise the bad lines before the place would never come in."""
    with pytest.raises(Killed):
        run(sqlite_store, file, [], 2)
    file.write_text(file.read_text("utf-8").replace("null", '"2026-11-20T10:00:00Z"'), "utf-8")
    counts = run(sqlite_store, file, [])
    assert (counts.new, counts.duplicate, stored(sqlite_store)) == (15, 8, 23)


def test_a_place_in_another_database_is_not_used(sqlite_store: Store, file: Path) -> None:
    """The database was made anew, or restored from before; the data folder is as it was."""
    with pytest.raises(Killed):
        run(sqlite_store, file, [], 2)
    with sqlite_store.write() as session:
        session.execute(delete(Message))
    counts = run(sqlite_store, file, [])
    assert (counts.read, counts.new, stored(sqlite_store)) == (23, 19, 19)


def test_a_pipe_is_imported_too(sqlite_store: Store, file: Path) -> None:
    pipe = file.with_name("pipe")
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(file.read_bytes()))
    writer.start()
    assert run(sqlite_store, pipe, []).new == 19
    writer.join()


@pytest.mark.parametrize("cut", [0, 1, 300, 900, 10**6])
def test_an_export_goes_on_after_its_last_whole_line(store: Store, file: Path, cut: int) -> None:
    run(store, file, [])
    whole = "".join(f"{one}\n" for one in export_lines(store)).encode()
    target = file.with_name("out.jsonl")
    target.with_name("out.jsonl.part").write_bytes(whole[:cut])
    told: list[tuple[int, int]] = []
    written = export_file(store, target, page=3, progress=lambda *said: told.append(said))
    assert target.read_bytes() == whole
    assert written == 19 - whole[:cut].count(b"\n")
    assert (told[0], told[-1]) == ((0, written), (written - written % 3, written))
    assert not target.with_name("out.jsonl.part").exists()


def test_a_line_too_long_is_named_and_passed_over_and_the_others_go_on(
    sqlite_store: Store, file: Path
) -> None:
    told: list[tuple[int, str]] = []
    with file.open("ab") as more:
        more.write(b'{"text": "' + b"x" * MOST_LINE + b'"}\n' + line(41).encode())
    how: dict[str, Any] = {"classifier": None, "now": lambda: MONDAY}
    counts = import_file(
        sqlite_store, file, file.parent / "data", refuse=lambda *one: told.append(one), **how
    )
    assert (counts.read, counts.new, counts.refused, counts.lines) == (25, 20, 5, 26)
    assert told[-1] == (25, "the line is longer than 16 MB")


@given(st.lists(st.text("ab\r", max_size=12).map(str.encode)), st.booleans())
def test_lines_are_as_they_are_but_for_those_too_long(lines: list[bytes], ended: bool) -> None:
    raw = b"\n".join(lines) + (b"\n" if ended else b"")
    whole = [one.decode() for one in BytesIO(raw)]
    found = list(bounded(BytesIO(raw), most=8))
    assert found == [one if len(one.rstrip("\n")) <= 8 else None for one in whole]
