"""Runs a training beside the other work: a process of its own, looked at every other second.

A full refit takes a minute or two of processor time, and more by the clock. No worker waits for it
(law 8): `look` begins what is queued, reads what the process has said since, and ends what has
ended, each in milliseconds. The lock of training is held while the process runs and ends with ours,
so a training whose worker was killed is seen as one, and begun again.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from classifier.gate import Gate
from connectors.core.contract import word
from inbox.flows import learning, models
from inbox.guard.secrets import mask
from inbox.store.locks import hold
from inbox.store.session import Store
from inbox.store.tables import Training

log = structlog.get_logger()

COMMAND: Final = (sys.executable, "-P", "-m", "classifier.refit")
LONGEST: Final = timedelta(minutes=30)
"""What takes longer hangs, and is ended."""
READ = 65_536  # bytes at a time


@dataclass
class _Run:
    """A training under way, and what it holds."""

    row: Training
    folder: Path
    process: subprocess.Popen[bytes]
    began_at: datetime
    holds: ExitStack = field(default_factory=ExitStack)
    rest: bytes = b""
    gate: Any = None
    words: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Takes what the process has said since: JSON lines, `say` and at last `gate`."""
        assert self.process.stdout is not None
        while piece := _piece(self.process.stdout.fileno()):
            *lines, self.rest = (self.rest + piece).split(b"\n")
            for line in lines:
                self._hear(line)

    def _hear(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return  # a library's own words
        if isinstance(said, dict):
            self.words += [str(said["say"])] if "say" in said else []
            self.gate = said.get("gate", self.gate)


def _piece(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, READ)
    except BlockingIOError:
        return b""


class Trainer:
    """At most one training here; `command` is what refits, the classifier's own by default."""

    def __init__(self, store: Store, data: Path, command: Sequence[str] = COMMAND) -> None:
        self._store = store
        self._data = data
        self._command = tuple(command)
        self._run: _Run | None = None

    @property
    def busy(self) -> bool:
        """Whether a training runs here."""
        return self._run is not None

    def look(self, now: datetime) -> None:
        """One look: begin, follow, or end."""
        if self._run is None:
            self._begin(now)
        else:
            self._follow(self._run, now)

    def wait(self, longest_s: float) -> None:
        """Waits for the process's next words, where there is nothing else to do."""
        if self._run is not None and self._run.process.stdout is not None:
            select.select([self._run.process.stdout], [], [], longest_s)

    def stop(self, now: datetime) -> None:
        """Ends the process; the training is begun anew by the next worker."""
        if self._run is not None:
            run, self._run = self._run, None
            run.process.kill()
            self._let_go(run)
            learning.again(self._store, run.row.id, now)
            run.holds.close()

    def _begin(self, now: datetime) -> None:
        if not learning.is_wanted(self._store):
            return
        with ExitStack() as holds:
            if not holds.enter_context(hold(self._store, self._data, "training", 0)):
                return  # another process trains
            models.sweep(self._store, self._data)
            try:
                self._run = self._begun(now)
            except OSError as e:  # no room on the disk, or no process to be had
                log.error("classifier not trained", reason=str(e))
                learning.cannot_begin(self._store, e.strerror or str(e), now)
            if self._run is not None:
                self._run.holds = holds.pop_all()

    def _begun(self, now: datetime) -> _Run | None:
        place = self._data / "models"
        place.mkdir(mode=0o700, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".training-", dir=place))
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            row = learning.begin(self._store, folder, now)
            if row is None:
                return None
            run = _Run(row, folder, self._start(folder, row.against), now)
            undo.pop_all()
            return run

    def _start(self, folder: Path, serves: str | None) -> subprocess.Popen[bytes]:
        """Its words come through a pipe: left alone by a killed worker, it ends at the next one.
        `serves` is the version to compare with, if its files are here."""
        where = ["--folder", str(folder / "model")]
        where += ["--corrections", str(folder / "corrections.jsonl")]
        if serves and models.is_whole(models.folder_of(self._data, serves)):
            where += ["--serving", str(models.folder_of(self._data, serves))]
        with (folder / "errors.txt").open("wb") as errors:
            process = subprocess.Popen(
                [*self._command, *where],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        return process

    def _follow(self, run: _Run, now: datetime) -> None:
        ended = run.process.poll() is not None
        run.read()
        if run.words:
            learning.say(self._store, run.row.id, run.words, now)
            run.words = []
        late = now - run.began_at > LONGEST
        if not ended and not late:
            return
        self._run = None
        try:
            if late and not ended:
                run.process.kill()
                why = word("It was ended after {n} minutes.").format(n=LONGEST.seconds // 60)
                learning.failed(self._store, run.row.id, why, now)
            else:
                self._end(run, now)
        finally:
            self._let_go(run)
            run.holds.close()

    def _end(self, run: _Run, now: datetime) -> None:
        try:
            if run.process.returncode != 0 or run.gate is None:
                raise ValueError(_last_words(run))
            gate = Gate.read(run.gate)
            learning.finish(self._store, self._data, run.row.id, run.folder / "model", gate, now)
            log.info("classifier trained", passed=gate.passed, reason=gate.reason)
        except (ValueError, OSError) as e:
            log.error("classifier not trained", reason=str(e))
            learning.failed(self._store, run.row.id, str(e), now)

    def _let_go(self, run: _Run) -> None:
        """Nothing of it is left: neither the process, nor customers' words in a file."""
        run.process.wait()
        if run.process.stdout is not None:
            run.process.stdout.close()
        shutil.rmtree(run.folder, ignore_errors=True)


def _last_words(run: _Run) -> str:
    """Why a process ended without a verdict: its last line on standard error."""
    told = (run.folder / "errors.txt").read_text("utf-8", "replace").strip().splitlines()
    why = mask(told[-1]).text[:200] if told else word("It said nothing.")
    ended = word("It ended without a verdict (exit code {code}). {why}")
    return ended.format(code=run.process.returncode, why=why)
