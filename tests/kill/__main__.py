"""`python -m tests.kill --n 10000`: more of the ingest kill test than a test run has time for."""

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from inbox.store.session import Store
from tests.fakes.x import FakeX
from tests.kill.ingest import STEPS, Desk, Tally, check, kill_pollers
from tests.postgres import postgres_server

ROUND = 500  # kills on one database; its X grows, and polls with it


def main() -> None:
    """Kills, checks, and prints a summary; ends with an error where something was lost."""
    given = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    given.add_argument("--n", type=int, default=10_000, help="how many pollers to kill")
    given.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    given.add_argument("--seed", type=int, default=1)
    options = given.parse_args()
    started, total = time.monotonic(), Tally()
    while total.kills.total() < options.n:
        kills = min(ROUND, options.n - total.kills.total())
        seed = options.seed + total.kills.total()
        with tempfile.TemporaryDirectory(prefix="replydesk-kill-") as folder:
            tally = _round(Path(folder), options.engine, kills, seed, total, options.n)
        total.kills += tally.kills
        total.survivors += tally.survivors
    missed = {str(step) for step in STEPS} - set(total.kills)
    assert options.n < 300 or not missed, f"no victim died {missed}"
    minutes = (time.monotonic() - started) / 60
    print(f"\r{total}\n0 lost, 0 double, cursors right; {minutes:.1f} min on {options.engine}")


def _round(folder: Path, engine: str, kills: int, seed: int, before: Tally, n: int) -> Tally:
    """One database and one X, with a twin that is never killed."""

    def progress(tally: Tally) -> None:
        done = before.kills.total() + tally.kills.total()
        if sys.stderr.isatty():
            print(f"\r{done:>6} of {n} killed", end="", file=sys.stderr, flush=True)

    with ExitStack() as stack, FakeX(page_limit=4, quota=10**9) as fake:
        if engine == "sqlite":
            urls = [f"sqlite:///{folder / name}.db" for name in ("killed", "reference")]
        else:
            server = stack.enter_context(postgres_server())
            urls = [stack.enter_context(server.database()) for _ in range(2)]
        stores = [Store(url) for url in urls]
        for store in stores:
            store.migrate()
            stack.callback(store.close)
        desk, reference = (
            Desk.open(store, folder / f"data{n}", fake) for n, store in enumerate(stores)
        )
        tally = kill_pollers(desk, kills, random.Random(seed), progress)
        check(desk, reference)
        return tally


if __name__ == "__main__":
    main()
