"""How soon a commit of another process is heard by an open page (law: within a second).

    python -m benchmarks.live [DATABASE_URL]

Without an address a fresh SQLite file is used. The database must be migrated and may be scratch: a
few event rows are written into it.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from statistics import median

from inbox.store import events
from inbox.store.session import Store
from inbox.web.live import Live
from inbox.web.watching import Watching

TIMES = 40


async def hear(store: Store, url: str) -> list[float]:
    """Seconds from just before each commit until the stream's line is there."""
    live = Live(store, Watching(lambda: datetime.now(UTC)))
    stream = live.stream(None, lambda _: True, lambda: "{}")
    await anext(stream)  # retry
    await anext(stream)  # the first beat
    writer = subprocess.Popen([sys.executable, "-m", "benchmarks.live", "--write", url])
    took = []
    async for line in stream:
        if "conversation" not in line:
            continue
        began_us = int(line.split('"conversation": ')[1].split("}")[0])
        took.append(time.time() - began_us / 1e6)
        if len(took) == TIMES:
            break
    await stream.aclose()
    writer.wait()
    live.stop()
    return took


def write(url: str) -> None:
    """Announces changes at uneven moments; the conversation's number is the time."""
    store = Store(url)
    for n in range(TIMES):
        time.sleep(0.1 + (n * 37 % 100) / 400)
        with store.write() as session:
            now = datetime.now(UTC)
            events.announce(session, "conversation", now, int(time.time() * 1e6))
    store.close()


def main() -> None:
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2])
        return
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if sys.argv[1:] else f"sqlite:///{folder}/replydesk.db"
        store = Store(url)
        store.ready()
        took = sorted(asyncio.run(hear(store, url)))
        store.close()
    print(f"{len(took)} events: median {median(took):.3f} s, longest {took[-1]:.3f} s")


if __name__ == "__main__":
    main()
