"""Policies and calendars as files on the command line, and the explanation of a due time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.cli.common import Stop
from inbox.domain.written import Unclear

CALL = {
    "channel": "webhook",
    "account": "@brand",
    "external_id": "1",
    "conversation": "c1",
    "direction": "in",
    "kind": "call",
    "author": {"id": "u1"},
    "text": "Where is my refund?",
    "sent_at": "2026-11-20T09:15:31Z",  # a Friday
}
OFFICE = """
countries = ["PT"]
[hours]
monday = "09:00-12:30 13:30-18:00"
tuesday = "09:00-12:30 13:30-18:00"
wednesday = "09:00-18:00"
[days]
2026-11-24 = "closed Moving house"
"""

Run = Callable[..., str]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command's output, in a data folder with an empty migrated database."""
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    monkeypatch.setenv("REPLYDESK_DATA", str(folder))

    def run(*arguments: str, said: str = "") -> str:
        ran = CliRunner().invoke(app, list(arguments), input=said, catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return ran.output

    return run


@pytest.fixture
def called(run: Run, tmp_path: Path) -> Run:
    """With a phone call that waits for an answer."""
    file = tmp_path / "call.jsonl"
    file.write_text(json.dumps(CALL))
    run("import", str(file))
    return run


def explained(run: Run) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(run("sla", "explain", "1", "--json"))
    return found[-1]


def test_a_due_time_is_explained_day_by_day(called: Run) -> None:
    called("sla", "calendars", "set", "working days", "-", said=OFFICE)
    turn = explained(called)
    assert turn["due_at"] == "2026-11-30T18:00:00Z"
    assert turn["calendar"] == {"name": "working days", "version": 2, "zone": "UTC"}
    how = turn["calculation"]
    assert how["conditions"] == {"kinds": ["call"]}
    assert [(d["date"][-2:], d["counts"], d["name"]) for d in how["days"]] == [
        ("21", False, ""),
        ("22", False, ""),
        ("23", True, ""),
        ("24", False, "Moving house"),
        ("25", True, ""),
        *((str(day), False, "") for day in range(26, 30)),
        ("30", True, ""),
    ]
    text = called("sla", "explain", "1")
    assert "kind is call; no policy that fits has more conditions" in " ".join(text.split())
    assert "Moving house" in text


def test_evidence_of_before_a_change_stays_readable(called: Run) -> None:
    called("sla", "calendars", "set", "working days", "-", said=OFFICE)
    both = json.loads(called("sla", "explain", "1", "--history", "--json"))
    assert [turn["calendar"]["version"] for turn in both] == [1, 2]
    assert len(both[0]["calculation"]["days"]) == 5


def test_policies_go_out_to_a_file_and_come_back_in(called: Run, tmp_path: Path) -> None:
    file = tmp_path / "policies.toml"
    file.write_text(called("sla", "policies", "show").replace('"3bd"', '"1bd"'))
    would = called("sla", "policies", "set", str(file), "--dry-run")
    assert "Would be version 2. Of 1 open turns 1 would get an earlier due time" in flat(would)
    assert explained(called)["policy"]["version"] == 1
    called("sla", "policies", "set", str(file))
    assert explained(called)["policy"]["target"] == "1bd"
    called("sla", "policies", "restore", "1")
    assert explained(called)["policy"]["target"] == "3bd"
    versions = json.loads(called("sla", "policies", "history", "--json"))["versions"]
    assert [(v["number"], v["made_by"], v["restores"]) for v in versions] == [
        (1, "system", None),
        (2, "cli", None),
        (3, "cli", 1),
    ]
    assert "every turn" in called("sla", "policies", "list")


def test_a_calendar_tells_its_holidays_and_what_is_not_final(run: Run) -> None:
    run("sla", "calendars", "set", "shanghai", "-", said='countries = ["CN"]')
    shown = json.loads(run("sla", "calendars", "show", "shanghai", "--json"))
    assert {"date": "2026-02-14", "kind": "make-up", "name": "make-up workday (CN)"} in shown[
        "published"
    ]
    assert shown["not_final"]
    assert "# Not final:" in run("sla", "calendars", "show", "shanghai")
    assert "shanghai" in run("sla", "calendars", "list")
    run("sla", "calendars", "set", "shanghai", "-", said="countries = []")
    run("sla", "calendars", "restore", "shanghai", "1")
    assert "v3" in run("sla", "calendars", "history", "shanghai")


@pytest.mark.parametrize(
    ("said", "words"),
    [("x", "That is not TOML"), ("[[policy]]\nid = 'a'", "the name is missing")],
)
def test_a_file_with_a_slip_of_the_pen_is_refused_in_words(run: Run, said: str, words: str) -> None:
    with pytest.raises(Unclear, match=words):
        run("sla", "policies", "set", "-", said=said)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_teams_calendar_and_when_an_answer_would_be_due(called: Run) -> None:
    called("sla", "calendars", "set", "office", "-", said=OFFICE)
    own = 'base = "office"\n\n[days]\n2026-11-25 = "closed Fair"\n'
    called("sla", "calendars", "set", "fair", "-", said=own)
    assert called("sla", "calendars", "show", "fair") == own
    team = ("--account", "webhook/@brand", "--calendar", "fair")
    called("teams", "add", "Cards", *team)
    assert '"calendar": "fair"' in called("teams", "list", "--json")
    about = ("webhook/@brand", "--kind", "call", "--at", "2026-11-20T09:15:31Z")
    found = json.loads(called("sla", "when", *about, "--json"))["due"][0]
    (turn,) = json.loads(called("sla", "explain", "1", "--json"))
    assert (found["due_at"], found["calendar"]) == (turn["due_at"], turn["calendar"])
    assert turn["calendar"]["instead_of"] == "working days"
    said = " ".join(called("sla", "when", *about).replace("│", " ").split())
    assert "fair v1, UTC; of the team Cards, instead of working days" in said
    assert "2026-11-25 Fair" in said
    about = (*about[:-1], "2026-11-20T10:15:31+01:00")
    told = json.loads(called("sla", "when", *about, "--json"))
    assert (told["at"], told["due"][0]) == ("2026-11-20T09:15:31Z", found)
    with pytest.raises(Stop, match="outside the years"):
        called("sla", "when", *about[:-1], "9999-12-31T23:00Z")
    called("teams", "change", "Cards", "--calendar", "none")
    assert "of the team" not in called("sla", "explain", "1")
