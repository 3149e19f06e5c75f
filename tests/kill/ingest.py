"""Law 1 under SIGKILL: pollers of a fake X die at every step; nothing is lost, nothing twice."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, select

from inbox.config import Settings
from inbox.flows.poll import poll
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account, Event, Message, TurnRow
from tests.fakes.x import HANDLE, ME, SECRETS, FakeX
from tests.flows.snapshot import snapshot
from tests.kill.victims import Step, run, run_at_random

TABLES = (
    "contacts",
    "conversations",
    "messages",
    "cursors",
    "turns",
    "events",
    "accounts",
    "commit",
)
STEPS = tuple(Step(when, table) for table in TABLES for when in ("before", "after"))
PEOPLE = tuple(f"customer{n}" for n in range(30))
KEY = "S" * 43 + "="


@dataclass
class Desk:
    """A store with one X account on the fake."""

    store: Store
    settings: Settings
    fake: FakeX
    account_id: int = 0

    @classmethod
    def open(cls, store: Store, folder: Path, fake: FakeX) -> "Desk":
        desk = cls(store, Settings(data=folder, secret_key=SecretStr(KEY)), fake)
        with store.write() as session:
            sealed = accounts.seal(desk.settings.cipher, SECRETS)
            desk.account_id = accounts.add(
                session,
                "x",
                f"@{HANDLE}",
                fake.now(),
                external_id=ME,
                base_url=fake.url,
                sealed=sealed,
            )
            session.get_one(Account, desk.account_id).settings = {"timeout_s": 20}
        return desk

    def poll(self) -> int:
        """One poll, as the scheduler would start it; waits for a dead poller's lock to go."""
        for _ in range(400):
            done = poll(
                self.store, self.settings, self.account_id, classifier=None, now=self.fake.now
            )
            if not done.busy:
                assert done.error is None, done.error
                return done.new
            time.sleep(0.01)
        raise AssertionError("the lock of a dead poller was never freed")

    def poll_to_the_end(self) -> None:
        while self.poll():
            pass
        self.store.close()


@dataclass
class Tally:
    """Kills by step, and how often a victim came to its end unharmed."""

    kills: Counter[str] = field(default_factory=Counter)
    survivors: int = 0

    def __str__(self) -> str:
        steps = ", ".join(f"{name} {n}" for name, n in sorted(self.kills.items()))
        return f"{self.kills.total()} kills ({steps}), {self.survivors} survivors"


def kill_pollers(
    desk: Desk, kills: int, rng: random.Random, progress: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Customers go on writing while pollers die, half of them at a named step."""
    tally = Tally()
    _something_new(desk.fake, rng, 8)
    desk.poll_to_the_end()  # warms everything that a victim inherits
    typical_s = 0.08
    while tally.kills.total() < kills:
        _something_new(desk.fake, rng, rng.randint(1, 3))
        named = rng.choice(STEPS)
        step = Step(named.when, named.table, rng.randint(1, 2))
        started = time.monotonic()
        if rng.random() < 0.5:
            died, name = run(desk.store, desk.poll, step), str(step)
        else:
            died, name = run_at_random(partial(desk.poll), rng, typical_s), "at random"
        if died:
            tally.kills[name] += 1
        else:
            tally.survivors += 1
            typical_s = 0.8 * typical_s + 0.2 * (time.monotonic() - started)
        progress(tally)
    desk.poll_to_the_end()
    return tally


def check(desk: Desk, reference: Desk) -> None:
    """0 lost, 0 double, cursors right: as a desk that was never killed, polling the same X."""
    reference.poll_to_the_end()
    fake = desk.fake
    written = {p.history[0] for p in fake.posts} | {d.id for d in fake.dms}
    with desk.store.read() as session:
        stored = list(session.scalars(select(Message.external_id)))
        cut = session.scalar(select(func.count()).select_from(TurnRow).where(TurnRow.seq < 1))
        told = set(session.scalars(select(Event.conversation_id)))
        places = {m for m in session.scalars(select(Message.conversation_id)) if m}
    assert len(stored) == len(set(stored)), "a message is there twice"
    assert set(stored) == written, f"lost: {written - set(stored)}"
    assert cut == 0
    assert places <= told, "a change was committed without its event"
    assert snapshot(desk.store, desk.account_id) == snapshot(reference.store, reference.account_id)
    before = len(stored)
    assert desk.poll() == 0, "the cursor lies before something new"
    with desk.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == before


def _something_new(fake: FakeX, rng: random.Random, count: int) -> None:
    for _ in range(count):
        fake.advance(20)  # X may show a post late, so each poll asks again for the last minute
        author, text = rng.choice(PEOPLE), f"@{HANDLE} words {rng.randrange(10**6)}"
        kind = rng.random()
        if kind < 0.4:
            fake.mention(text, author)
        elif kind < 0.75:
            fake.dm(text, author)
        elif kind < 0.9 and fake.posts:
            asked = [p for p in fake.posts if p.author != ME]
            if asked:
                fake.own_post(f"answer {rng.randrange(10**6)}", rng.choice(asked).id)
        else:
            fake.dm(f"answer {rng.randrange(10**6)}", author, own=True)
