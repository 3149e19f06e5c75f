"""What an operator may type wrong is answered in words, never with a traceback."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.cli.common import Stop

SAID: dict[str, Any] = {
    "channel": "x",
    "account": "@brand",
    "external_id": "1",
    "conversation": "c1",
    "direction": "in",
    "author": {"id": "u1"},
    "text": "Where is my refund?",
    "sent_at": "2026-11-20T09:15:31Z",
}


@pytest.fixture
def folder(sqlite_url: str) -> str:
    """A data folder with an empty migrated database."""
    return str(Path(sqlite_url.removeprefix("sqlite:///")).parent)


@pytest.mark.parametrize(
    "command", ["conversations show", "sla explain", "reply --agent ada@desk.example"]
)
def test_a_number_no_database_can_hold_is_refused(folder: str, command: str) -> None:
    arguments = [*command.split(), str(2**63), *(["hello"] if "reply" in command else [])]
    ran = CliRunner().invoke(app, arguments, env={"REPLYDESK_DATA": folder})
    assert ran.exit_code == 2
    assert "Invalid value" in ran.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--date", "9999-12-31"], "outside the years"),
        (["--date", "0001-01-01", "--tz", "Asia/Shanghai"], "outside the years"),
        (["--as-of", "0001-01-01T00:00:00+10:00"], "outside the years"),
        (["--tz", "America"], "no time zone"),
        (["--out", "/nowhere/report.html"], "cannot be written"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(
    folder: str, arguments: list[str], words: str
) -> None:
    ran = CliRunner().invoke(app, ["report", *arguments], env={"REPLYDESK_DATA": folder})
    assert isinstance(ran.exception, Stop)
    assert words in str(ran.exception)


@pytest.mark.parametrize("field", ["sent_at", "edited_at", "deleted_at"])
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:00:00-10:00"])
def test_a_time_outside_every_calendar_refuses_its_line_alone(
    folder: str, field: str, time: str
) -> None:
    lines = [SAID | {field: time}, SAID | {"external_id": "2"}]
    ran = CliRunner().invoke(
        app,
        ["import", "-", "--json"],
        input="\n".join(map(json.dumps, lines)),
        env={"REPLYDESK_DATA": folder},
    )
    assert ran.exit_code == 1
    assert json.loads(ran.stdout) == {"read": 2, "new": 1, "duplicate": 0, "refused": 1}
    assert f"line 1: {field} " in ran.stderr if field != "sent_at" else "line 1: " in ran.stderr


def test_an_answer_needs_no_author_id(folder: str) -> None:
    answer = SAID | {"direction": "out", "author": {"id": None, "handle": "brand"}}
    ran = CliRunner().invoke(
        app, ["import", "-"], input=json.dumps(answer), env={"REPLYDESK_DATA": folder}
    )
    assert ran.exit_code == 0, ran.output


def test_a_byte_order_mark_does_not_cost_the_first_line(folder: str) -> None:
    ran = CliRunner().invoke(
        app, ["import", "-"], input="\ufeff" + json.dumps(SAID), env={"REPLYDESK_DATA": folder}
    )
    assert ran.exit_code == 0, ran.output


def test_a_line_that_brings_a_field_called_error_is_classified_like_any(folder: str) -> None:
    line, env = '{"error": null, "text": "refund please"}\n', {"REPLYDESK_DATA": folder}
    ran = CliRunner().invoke(app, ["classify"], input=line, env=env)
    assert ran.exit_code == 0, ran.output


def test_json_is_utf8_whatever_the_terminal_is_set_to(folder: str) -> None:
    """In and out again; the program is loaded once, and its copy reads before it writes."""
    line = json.dumps(SAID | {"text": "我要退款"}, ensure_ascii=False).encode()
    both = "import os, sys; from inbox.cli import main; child = os.fork(); "
    both += "child and os.wait(); sys.argv[1:] = ['export'] if child else ['import', '-']; main()"
    env = {"REPLYDESK_DATA": folder, "PYTHONIOENCODING": "ascii:strict"}
    ran = subprocess.run(
        [sys.executable, "-c", both], input=line + b"\n\xff", env=env, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["text"] == "我要退款"


def test_a_picture_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text('{"text": "refund please", "category": "refund", "urgency": "normal"}\n')
    for picture in ("nowhere/plot.png", "plot.nothing"):
        ran = CliRunner().invoke(app, ["evaluate", str(file), "--plot", str(tmp_path / picture)])
        assert isinstance(ran.exception, Stop)
        assert "cannot be written" in str(ran.exception)


def test_nothing_to_evaluate_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "none.jsonl"
    file.write_text("")
    ran = CliRunner().invoke(app, ["evaluate", str(file)])
    assert ran.exit_code == 2
    assert "holds no labelled" in ran.output


@pytest.mark.parametrize("command", ["run", "demo", "serve"])
def test_a_port_that_is_taken_is_named_before_any_work(tmp_path: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        env = {"REPLYDESK_DATA": str(tmp_path), "REPLYDESK_LISTEN": listen}
        ran = CliRunner().invoke(app, [command], env=env)
    assert isinstance(ran.exception, Stop)
    assert f"Nothing can listen at {listen}: address already in use" in str(ran.exception)
    assert "REPLYDESK_LISTEN" in str(ran.exception)
