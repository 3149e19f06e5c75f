"""The program as the terminal starts it: one line on standard error, JSON alone on standard out."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

WRONG = {
    "replydesk.toml is not TOML": "data = \n",
    "REPLYDESK_DATA": 'data = "replydesk.toml/below"\n',
    "REPLYDESK_SECRET_KEY": 'secret_key = "short"\n',
    "Connection refused": 'database_url = "postgresql://ada:geheim@127.0.0.1:1/desk"\n',
    "not a database": 'database_url = "sqlite:///replydesk.toml"\n',
    "REPLYDESK_DATABASE_URL": 'database_url = "mysql://ada:geheim@127.0.0.1:1/desk"\n',
}
LOGS = "the log"
RUNS = {
    **{words: ["accounts", "list"] for words in WRONG},
    LOGS: ["accounts", "list", "--json"],
    "[/b].jsonl cannot be read": ["import", "[/b].jsonl"],
    "not UTF-8": ["withdraw", "1", "--agent", "\udcff"],
}
"""What the program is started with, by what it says."""
EACH = """
import atexit, json, os, pathlib, structlog, sys
from inbox.cli import main
for folder in sorted(pathlib.Path().iterdir()):
    if not os.fork():
        os.chdir(folder)
        for number, file in ((1, "out"), (2, "err")):
            os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY), number)
        atexit.register(lambda: structlog.get_logger().warning("told"))
        sys.argv[1:] = json.loads(pathlib.Path("arguments").read_text())
        main()
    (folder / "status").write_text(str(os.waitstatus_to_exitcode(os.wait()[1])))
"""


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """One program for all of them, each in a working folder of its own with no setting but its
    files; it forks before it reads a setting, since starting takes long."""
    around = tmp_path_factory.mktemp("runs")
    for number, (words, arguments) in enumerate(RUNS.items()):
        folder = around / str(number)
        folder.mkdir()
        (folder / "arguments").write_text(json.dumps(arguments))
        if words in WRONG:
            (folder / "replydesk.toml").write_text(WRONG[words])
    env = {name: v for name, v in os.environ.items() if not name.startswith("REPLYDESK_")}
    subprocess.run([sys.executable, "-c", EACH], cwd=around, env=env, check=True)
    found = {}
    for number, words in enumerate(RUNS):
        said = [(around / str(number) / name).read_text() for name in ("status", "out", "err")]
        found[words] = Ran(int(said[0]), *said[1:])
    return found


def test_a_log_line_does_not_stand_in_the_json(ran: dict[str, Ran]) -> None:
    assert json.loads(ran[LOGS].out) == []
    assert "told" in ran[LOGS].err


@pytest.mark.parametrize("words", WRONG)
def test_a_setting_that_cannot_work_is_named_in_one_line(ran: dict[str, Ran], words: str) -> None:
    assert ran[words].status == 1
    assert ran[words].err.startswith("error: ")
    assert words in ran[words].err
    assert "geheim" not in ran[words].err
    assert "Traceback" not in ran[words].err


def test_a_name_in_brackets_is_shown_as_it_is(ran: dict[str, Ran]) -> None:
    assert "[/b].jsonl cannot be read" in ran["[/b].jsonl cannot be read"].err


def test_bytes_that_are_no_text_are_said_to_be_none(ran: dict[str, Ran]) -> None:
    assert ran["not UTF-8"].status == 1
    assert ran["not UTF-8"].err.startswith("error: What was typed is not UTF-8.\n")
