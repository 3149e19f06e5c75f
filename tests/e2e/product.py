"""The running product: the command a person would start, in a process of its own."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Self

from typer.testing import CliRunner

from inbox.cli import app
from tests.fakes.imap import free_port

COMMAND = [sys.executable, "-c", "from inbox.cli import main; main()"]
LINK = re.compile(r"(http://\S+/setup/\S+)")
START_S = 60


class Product:
    """`with Product(folder) as desk:` runs it; `desk.link` is the printed one-time link, if any.

    `url` of a database puts it on PostgreSQL. Commands share its settings.
    """

    def __init__(self, folder: Path, url: str | None = None, **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("REPLYDESK_")
        } | {
            "REPLYDESK_DATA": str(folder),
            "REPLYDESK_LISTEN": f"127.0.0.1:{self.port}",
            **({"REPLYDESK_DATABASE_URL": url} if url else {}),
            **{f"REPLYDESK_{name}": value for name, value in settings.items()},
        }
        self.link: str | None = None
        self.said: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:  # pytest shows it with the failure
            print("".join(self.said))
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def start(self, *words: str) -> None:
        """Starts it and waits until it says where it runs."""
        self.process = subprocess.Popen(
            [*COMMAND, *(words or ("run",))],
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines: Queue[str | None] = Queue()
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=START_S)
            except Empty:
                line = None
            if line is None:
                raise RuntimeError("the product did not start:\n" + "".join(self.said))
            if found := LINK.search(line):
                self.link = found[1]
            if "Stop with Ctrl-C" in line:
                return

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def _listen(self, lines: "Queue[str | None]") -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.said.append(line)
                lines.put(line)
        lines.put(None)

    def command(self, *words: str) -> str:
        """Runs `replydesk …` beside the product; its output. Any exit code but 0 fails.

        In this process: a start of its own takes seconds, and `tests/cli/test_main.py` shows that.
        """
        names = {n for n in (*os.environ, *self.environment) if n.startswith("REPLYDESK_")}
        env = {name: self.environment.get(name) for name in names}  # None: not set
        ran = CliRunner().invoke(app, words, env=env, catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    def json(self, *words: str) -> Any:
        """A reading command's JSON."""
        return json.loads(self.command(*words, "--json"))
