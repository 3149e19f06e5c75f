"""Import and export as jobs of a page: counted, resumed, stopped, and their files deleted."""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import cast

import pytest
from sqlalchemy import event
from sqlalchemy.exc import NoResultFound, OperationalError

from inbox.flows import transfers
from inbox.flows.importing import PAGE
from inbox.flows.ingest import Tagger
from inbox.flows.tagging import LazyClassifier
from inbox.store.tables import Audit, Message, Transfer
from scheduler import spool_in, working
from tests.flows.desk import Desk, says

ADA = "ada@lumen.example"


def line(number: int, **more: object) -> str:
    said = {
        "channel": "x",
        "account": "@brand",
        "external_id": f"e{number}",
        "conversation": f"c{number % 7}",
        "direction": "in",
        "author": {"id": f"u{number % 7}"},
        "text": f"message {number}",
        "sent_at": f"2026-11-20T09:{number % 60:02d}:00Z",
    }
    return json.dumps(said | more)


def receive(desk: Desk, *lines: str, most: int = transfers.MOST) -> int:
    source = BytesIO("".join(f"{one}\n" for one in lines).encode())
    folder = desk.settings.folder
    return transfers.receive(
        desk.store, folder, source, name="old.jsonl", actor=ADA, now=desk.clock(), most=most
    )


def work(desk: Desk, classifier: Tagger | None = None, **more: Callable[[], bool]) -> int:
    folder = desk.settings.folder
    return transfers.work(desk.store, folder, classifier, desk.clock, page=5, **more)


def files(desk: Desk) -> list[Path]:
    return list(transfers.folder_of(desk.settings.folder).iterdir())


def begin_export(desk: Desk) -> int:
    return transfers.begin_export(desk.store, actor=ADA, now=desk.clock())


def fetch(desk: Desk, transfer: int) -> list[dict[str, object]]:
    _, path = transfers.fetch(
        desk.store, desk.settings.folder, transfer, actor=ADA, now=desk.clock()
    )
    return [json.loads(one) for one in path.read_text().splitlines()]


def test_a_file_is_imported_counted_and_deleted(desk: Desk) -> None:
    receive(desk, line(1), line(2), line(1), "{no", line(3, sent_at="2026-11-20T09:00:00"))
    [kept] = files(desk)
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (work(desk), work(desk)) == (1, 0)
    [row] = desk.rows(Transfer)
    assert (row.state, row.done == row.total, row.name) == ("done", True, "old.jsonl")
    counted = [row.counts[name] for name in ("read", "new", "duplicate", "refused")]
    assert counted == [5, 2, 1, 2]
    assert row.refused == [[4, "not valid JSON"], [5, "sent_at needs a zone, for example Z"]]
    assert files(desk) == []
    receive(desk, line(1), line(2))
    work(desk)
    assert desk.rows(Transfer)[1].counts["duplicate"] == 2
    assert [one.action for one in desk.rows(Audit)] == ["transfer_import"] * 2


def test_an_import_that_died_goes_on_and_stores_nothing_twice(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    receive(desk, *(line(n) for n in range(40)), "{no")
    left = 0

    def dies(_: object) -> None:
        """The process is gone with the commit, and what it was about to keep with it."""
        nonlocal left
        left -= 1
        if left < 0:
            raise InterruptedError

    event.listen(desk.store.writer, "commit", dies)
    for commits in (1, 4, 7, 12):
        left = commits
        with pytest.raises(InterruptedError):
            work(desk)
    event.remove(desk.store.writer, "commit", dies)
    [row] = desk.rows(Transfer)
    assert (row.state, 0 < row.done < row.total) == ("running", True)
    assert work(desk) == 1
    [row] = desk.rows(Transfer)
    assert (row.state, row.counts["read"], row.counts["refused"]) == ("done", 41, 1)
    assert len(desk.rows(Message)) == 40


def test_an_export_is_fetched_for_a_day_and_importing_it_is_an_identity(desk: Desk) -> None:
    desk.take(*(says(f"m{n}", f"hello {n}", -n, conversation=f"t{n}") for n in range(5)))
    made = begin_export(desk)
    with pytest.raises(NoResultFound):
        fetch(desk, made)
    work(desk)
    [row] = desk.rows(Transfer)
    assert (row.state, row.done, row.total, row.size > 0) == ("done", 5, 5, True)
    assert [one["text"] for one in fetch(desk, made)] == [f"hello {n}" for n in range(4, -1, -1)]
    again = receive(desk, *(json.dumps(one) for one in fetch(desk, made)))
    work(desk)
    assert desk.rows(Transfer)[again - 1].counts["duplicate"] == 5
    desk.clock.forward(hours=25)
    transfers.tidy(desk.store, desk.settings.folder, desk.clock())
    assert files(desk) == []
    with pytest.raises(NoResultFound):
        fetch(desk, made)
    desk.clock.forward(days=31)
    transfers.tidy(desk.store, desk.settings.folder, desk.clock())
    assert desk.rows(Transfer) == []


def test_one_that_is_stopped_is_not_gone_on_with(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    made = receive(desk, line(1))
    now = desk.clock()
    assert transfers.stop(desk.store, made, actor=ADA, now=now)
    assert not transfers.stop(desk.store, made, actor=ADA, now=now)
    with pytest.raises(NoResultFound):
        transfers.stop(desk.store, 99, actor=ADA, now=now)
    assert work(desk) == 0
    assert desk.rows(Message) == []
    transfers.tidy(desk.store, desk.settings.folder, now + timedelta(seconds=1))
    assert files(desk) == []


def test_a_file_that_is_gone_is_told(sqlite_desk: Desk) -> None:
    receive(sqlite_desk, line(1))
    files(sqlite_desk)[0].unlink()
    work(sqlite_desk)
    [row] = sqlite_desk.rows(Transfer)
    assert (row.state, row.why) == ("failed", "No such file or directory")


def test_what_is_too_large_or_empty_leaves_nothing_behind(sqlite_desk: Desk) -> None:
    with pytest.raises(transfers.TooLarge):
        receive(sqlite_desk)
    with pytest.raises(transfers.TooLarge):
        receive(sqlite_desk, line(1), most=10)
    assert files(sqlite_desk) == sqlite_desk.rows(Transfer) == []


class Broken:
    """A classifier that cannot tag."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def tag(self, texts: Sequence[str]) -> list[object]:
        raise self.error


def test_what_nobody_thought_of_ends_it_with_words_and_is_not_tried_for_ever(desk: Desk) -> None:
    receive(desk, line(1))
    assert work(desk, Broken(ZeroDivisionError("/ by zero"))) == 1
    [row] = desk.rows(Transfer)
    assert (row.state, row.why) == (
        *("failed", "It broke off (ZeroDivisionError); the log says more."),
    )
    assert (work(desk), files(desk)) == (0, [])


def test_a_database_that_was_away_is_waited_for(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    receive(desk, line(1))
    with pytest.raises(OperationalError):
        work(desk, Broken(OperationalError("", {}, Exception("locked"))))
    assert desk.rows(Transfer)[0].state == "running"
    assert (work(desk), desk.rows(Transfer)[0].state) == (1, "done")


def test_a_program_that_ends_leaves_it_to_the_next(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    receive(desk, *(line(n) for n in range(20)))
    asked = iter((False, False, True))
    assert work(desk, ending=lambda: next(asked)) == 0
    [row] = desk.rows(Transfer)
    assert (row.state, row.counts["new"], len(files(desk))) == ("running", 10, 1)
    assert work(desk) == 1
    [row] = desk.rows(Transfer)
    assert (row.state, row.counts["new"]) == ("done", 20)
    begin_export(desk)
    assert work(desk, ending=lambda: True) == 0
    assert (work(desk), desk.rows(Transfer)[1].done) == (1, 20)


def test_a_file_of_a_process_that_died_is_deleted_after_a_day(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    receive(desk, line(1))
    [kept] = files(desk)
    now = desk.clock().timestamp()
    for name, hours in (("a.jsonl", 25), ("b.jsonl.part", 25), ("c.jsonl", 23)):
        (kept.parent / name).touch()
        os.utime(kept.parent / name, (now - 3600 * hours,) * 2)
    os.utime(kept, (0, 0))
    transfers.tidy(desk.store, desk.settings.folder, desk.clock())
    assert {one.name for one in files(desk)} == {kept.name, "c.jsonl"}


def test_the_place_of_one_that_is_stopped_is_forgotten(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    made = receive(desk, *(line(n) for n in range(20)))
    asked = iter((False, True))
    work(desk, ending=lambda: next(asked))
    places = desk.settings.folder / "imports"
    assert len(list(places.iterdir())) == 1
    transfers.stop(desk.store, made, actor=ADA, now=desk.clock())
    transfers.tidy(desk.store, desk.settings.folder, desk.clock())
    assert list(places.iterdir()) == files(desk) == []


def test_an_export_that_waits_is_not_begun_twice(desk: Desk) -> None:
    assert begin_export(desk) == begin_export(desk) == 1
    work(desk)
    assert begin_export(desk) == 2
    assert [one.action for one in desk.rows(Audit)] == ["transfer_export"] * 2


class Slow:
    """A classifier that tags when the program ends."""

    def __init__(self) -> None:
        self.asked, self.ending = Event(), Event()

    def tag(self, texts: Sequence[str]) -> list[None]:
        self.asked.set()
        assert self.ending.wait(60)
        return [None] * len(texts)


def test_the_program_ends_without_waiting_for_a_long_import(sqlite_desk: Desk) -> None:
    desk, slow = sqlite_desk, Slow()
    receive(desk, *(line(n) for n in range(2 * PAGE + 1)))
    with working(desk.store, desk.settings, cast(LazyClassifier, slow)) as work:
        slow.ending = work.ending
        assert slow.asked.wait(60)
    [row] = desk.rows(Transfer)
    assert (row.state, row.counts["read"]) == ("running", PAGE)


def test_uploads_wait_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    spool_in(tmp_path)
    with tempfile.SpooledTemporaryFile(max_size=1) as file:  # as Starlette does
        file.write(b"more than is kept in memory")
        assert Path(f"/proc/self/fd/{file.fileno()}").readlink().parent == tmp_path
