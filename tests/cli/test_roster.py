"""The roster as a file on the command line."""

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.config import utc_now
from inbox.store.session import Store
from tests.domain.test_ical_in import file
from tests.factories import make_brand, make_user

FILE = """\
[[shift]]
id = "night"
name = "Night"
hours = "22:00-22:00"
groups = [["ada@lumenpay.example"], ["bo@lumenpay.example"]]
first_week = "2026-11-23"
weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
zone = "Asia/Shanghai"
since = "2020-01-01"
dates = ["2020-02-02", "2020-02-09 5f2a"]
without = ["2020-02-03"]
"""


@pytest.fixture
def folder(sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_brand(sqlite_store)
    make_user(sqlite_store, "Ada Voss")
    make_user(sqlite_store, "Bo Narin")
    data = str(Path(sqlite_url.removeprefix("sqlite:///")).parent)
    monkeypatch.setenv("REPLYDESK_DATA", data)


def run(*arguments: str, said: str = "") -> str:
    ran = CliRunner().invoke(app, ["roster", *arguments], input=said, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.usefixtures("folder")
def test_shifts_go_in_and_come_out_as_they_were_written() -> None:
    assert run("now") == "Nobody.\n"
    assert "Would be version 1." in run("import", "-", "--dry-run", said=FILE)
    assert "Version 1." in run("import", "-", said=FILE)
    assert run("export") == FILE
    assert json.loads(run("export", "--json"))["version"] == 1


@pytest.mark.usefixtures("folder")
def test_cover_has_no_gaps_and_names_the_holes() -> None:
    run("import", "-", said=FILE)
    spans = json.loads(run("show", "--days", "14", "--json"))["cover"]
    assert all(one["to"] == other["from"] for one, other in pairwise(spans))
    found = json.loads(run("holes", "--json"))["holes"]
    empty = [one | {"asked": 1} for one in spans if not one["people"]]
    for holes in (found, empty):
        holes[0].pop("from"), holes[-1].pop("to")  # each command begins now, which may be in one
    assert found == empty
    assert len(found) in (2, 3)  # the nights that begin on Sunday
    run("import", "-", said=FILE.replace(', "saturday"]', ', "saturday", "sunday"]'))
    assert "None: somebody is on duty" in run("holes")
    assert "ada@lumenpay.example" in run("show")
    assert "lumenpay.example>, agent" in run("now")
    cover = '\n[cover]\npeople = 2\nsaturday = "closed"\nsunday = "closed"\n'
    run("import", "-", said=FILE + cover)
    assert run("export") == FILE + cover
    assert ": 1 of 2" in run("holes")


@pytest.mark.usefixtures("folder")
def test_a_calendar_is_written_and_its_link_made_listed_and_ended() -> None:
    run("import", "-", said=FILE)
    assert run("calendar", "ada@lumenpay.example", "--whole").startswith("BEGIN:VCALENDAR")
    assert "/roster.ics" in run("link", "bo@lumenpay.example")
    (link,) = json.loads(run("links", "--json"))["links"]
    assert (link["person"], link["of"]) == ("bo@lumenpay.example", "own")
    assert "own shifts" in run("links")
    ended = [run("unlink", "bo@lumenpay.example") for _ in "12"]
    assert ended == ["Ended.\n", "There was none.\n"]


@pytest.mark.usefixtures("folder")
def test_absences_of_a_calendar_file_are_tried_entered_and_taken_back(tmp_path: Path) -> None:
    path, day = tmp_path / "away.ics", utc_now() + timedelta(days=3)
    path.write_bytes(file(f"UID:1|SUMMARY:Away|DTSTART;VALUE=DATE:{day:%Y%m%d}"))
    arguments = ("import", str(path), "--person", "ada@lumenpay.example")
    assert json.loads(run(*arguments, "--dry-run", "--json"))["lines"][0]["what"] == "new"
    assert "undo-import 1" in run(*arguments)
    assert json.loads(run("imports", "--json"))["imports"][0]["added"] == 1
    assert "away.ics" in run("imports")
    path.write_bytes(file(f"UID:2|SUMMARY:Cy|DTSTART:{day:%Y%m%d}T080000Z|DURATION:PT8H"))
    assert "Nobody here knows: Cy." in run("import", str(path), "--shifts", "--dry-run")
    undone = [run("undo-import", "1") for _ in "12"]
    assert undone == ["Taken back.\n", "It was taken back before.\n"]
