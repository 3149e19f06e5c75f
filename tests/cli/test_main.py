"""The program as the terminal starts it: one line on standard error, JSON alone on standard out."""

import json
import os
import subprocess
import sys
from pathlib import Path

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


WRONG = {
    "replydesk.toml is not TOML": "data = \n",
    "REPLYDESK_DATA": 'data = "replydesk.toml/below"\n',
    "REPLYDESK_SECRET_KEY": 'secret_key = "short"\n',
    "Connection refused": 'database_url = "postgresql://ada:geheim@127.0.0.1:1/desk"\n',
    "not a database": 'database_url = "sqlite:///replydesk.toml"\n',
    "REPLYDESK_DATABASE_URL": 'database_url = "mysql://ada:geheim@127.0.0.1:1/desk"\n',
}
EACH = """
import os, pathlib
for folder in sorted(pathlib.Path().iterdir()):
    if not os.fork():
        os.chdir(folder)
        os.dup2(os.open("said", os.O_CREAT | os.O_WRONLY), 2)
        main()
    (folder / "status").write_text(str(os.waitstatus_to_exitcode(os.wait()[1])))
raise SystemExit
"""


def test_a_setting_that_cannot_work_is_named_in_one_line(tmp_path: Path) -> None:
    """One program for all of them, which forks before it reads a setting: starting takes long."""
    folders = {words: tmp_path / str(number) for number, words in enumerate(WRONG)}
    for words, folder in folders.items():
        folder.mkdir()
        (folder / "replydesk.toml").write_text(WRONG[words])
    replydesk(tmp_path, "accounts", "list", first=f"exec({EACH!r}); ")
    for words, folder in folders.items():
        said = (folder / "said").read_text()
        assert (folder / "status").read_text() == "1"
        assert said.startswith("error: ")
        assert words in said
        assert "geheim" not in said
        assert "Traceback" not in said


def test_a_name_in_brackets_is_shown_as_it_is(tmp_path: Path) -> None:
    ran = replydesk(tmp_path, "import", "[/b].jsonl")
    assert "[/b].jsonl cannot be read" in ran.stderr
