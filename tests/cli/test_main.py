"""The program as the terminal starts it: one line on standard error, JSON alone on standard out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FIRST = "import atexit, structlog, sys; from inbox.cli import main; "


def replydesk(folder: Path, *arguments: str, first: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the program in a working folder of its own, with no setting but its files."""
    program = [sys.executable, "-c", f"{FIRST}{first}main()", *arguments]
    env = {name: v for name, v in os.environ.items() if not name.startswith("REPLYDESK_")}
    return subprocess.run(program, cwd=folder, env=env, capture_output=True, text=True)


def test_a_log_line_does_not_stand_in_the_json(tmp_path: Path) -> None:
    logs = "atexit.register(lambda: structlog.get_logger().warning('told')); "
    ran = replydesk(tmp_path, "accounts", "list", "--json", first=logs)
    assert json.loads(ran.stdout) == []
    assert "told" in ran.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("data = \n", "replydesk.toml is not TOML"),
        ('data = "replydesk.toml/below"\n', "REPLYDESK_DATA"),
        ('secret_key = "short"\n', "REPLYDESK_SECRET_KEY"),
        ('database_url = "postgresql://ada:geheim@127.0.0.1:1/desk"\n', "Connection refused"),
        ('database_url = "sqlite:///replydesk.toml"\n', "not a database"),
        ('database_url = "mysql://ada:geheim@127.0.0.1:1/desk"\n', "REPLYDESK_DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_work_is_named_in_one_line(
    tmp_path: Path, settings: str, words: str
) -> None:
    (tmp_path / "replydesk.toml").write_text(settings)
    ran = replydesk(tmp_path, "accounts", "list")
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: ")
    assert words in ran.stderr
    assert "geheim" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_name_in_brackets_is_shown_as_it_is(tmp_path: Path) -> None:
    ran = replydesk(tmp_path, "import", "[/b].jsonl")
    assert "[/b].jsonl cannot be read" in ran.stderr
