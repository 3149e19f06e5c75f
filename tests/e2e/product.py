"""The running product: the command a person would start, in a process of its own."""

import json
import multiprocessing
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import IO, Any, Self

from typer.testing import CliRunner

from inbox.cli import app, main
from tests.fakes.imap import free_port

COMMAND = [sys.executable, "-c", "from inbox.cli import main; main()"]
LINK = re.compile(r"(http://\S+/setup/\S+)")
START_S = 60
WARM = multiprocessing.get_context("forkserver")
WARM.set_forkserver_preload(["tests.e2e.loaded"])


class Product:
    """`with Product(folder) as desk:` runs it; `desk.link` is the printed one-time link, if any.

    `url` of a database puts it on PostgreSQL. Commands share its settings. A `warm` one is forked
    from a process that has loaded the program, which saves most of a start.
    """

    def __init__(
        self, folder: Path, url: str | None = None, *, warm: bool = False, **settings: str
    ) -> None:
        self.warm = warm
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
        self.process: subprocess.Popen[str] | BaseProcess
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
        self.stop()

    def start(self, *words: str) -> None:
        """Starts it and waits until it says where it runs."""
        begin = self._fork if self.warm else self._popen
        stream, lines = begin(words or ("run",)), Queue[str | None]()
        threading.Thread(target=self._listen, args=(stream, lines), daemon=True).start()
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

    def stop(self) -> None:
        """As the terminal or the machine would; what does not end is killed."""
        self.process.terminate()
        if not self._ended(20):
            self.kill()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._ended()

    def _popen(self, words: Sequence[str]) -> IO[str]:
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        return self.process.stdout

    def _fork(self, words: Sequence[str]) -> IO[str]:
        heard, said = WARM.Pipe(duplex=False)
        with heard, said:
            self.process = WARM.Process(target=_run, args=(words, self.environment, said))
            self.process.start()
            return os.fdopen(os.dup(heard.fileno()), encoding="utf-8")

    def _ended(self, within_s: float | None = None) -> bool:
        """Waits for its end."""
        if isinstance(self.process, subprocess.Popen):
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(within_s)
            return self.process.returncode is not None
        self.process.join(within_s)
        return self.process.exitcode is not None

    def _listen(self, stream: IO[str], lines: "Queue[str | None]") -> None:
        with stream:
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


def _run(words: Sequence[str], environment: Mapping[str, str], said: Connection) -> None:
    """`replydesk …` in this process, as if the terminal had started it."""
    for number in (1, 2):
        os.dup2(said.fileno(), number)
    said.close()
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["replydesk", *words]
    main()
