"""kill -9 of the whole running product under load: nothing lost, nothing twice."""

import json
import threading
import urllib.error
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Self

import pytest

from tests.e2e.world import World, eventually

pytestmark = pytest.mark.timeout(300)

KILLS = 3
LOADERS = 3


class Shop:
    """Posts events without pause; an unanswered call is repeated under the same id."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        self.taken: list[str] = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(60)

    def _run(self) -> None:
        count = 0
        while not self.stopping.is_set():
            count += 1
            event = f"shop{self.number}-{count}"
            while not self._post(event):
                if self.stopping.wait(0.05):
                    return

    def _post(self, event: str) -> bool:
        try:
            self.world.post_webhook(f"where is my payment {event}", event)
        except (OSError, urllib.error.URLError):
            return False
        self.taken.append(event)
        return True


def loaded(shops: list[Shop], events: int) -> bool:
    """Whether so many events were taken."""
    return len(taken(shops)) >= events


def taken(shops: list[Shop]) -> set[str]:
    """External ids of the events that the product said it had taken."""
    return {f"m:{event}" for shop in shops for event in shop.taken}


def test_kill_minus_nine_under_load_loses_and_doubles_nothing(
    store_url: str, tmp_path: Path
) -> None:
    url = None if store_url.startswith("sqlite") else store_url
    with World(tmp_path, url, warm=True) as world:
        posts = [world.x.mention(f"@brand hello {n}", f"user{n}") for n in range(40)]
        world.product.start()
        with ExitStack() as open_shops:
            shops = [open_shops.enter_context(Shop(world, n)) for n in range(LOADERS)]
            for goal in range(10, 10 * KILLS + 10, 10):
                eventually(partial(loaded, shops, goal), "the load", 60)
                world.product.kill()
                posts.append(world.x.mention("@brand are you there?", "late"))
                world.product.start()
        world.product.stop()
        world.product.command("poll", "@brand")
        stored = [json.loads(line) for line in world.product.command("export").splitlines()]
    of_shop = [m["external_id"] for m in stored if m["channel"] == "webhook"]
    of_x = [m["external_id"] for m in stored if m["channel"] == "x"]
    assert taken(shops) <= set(of_shop)
    assert len(of_shop) == len(set(of_shop))
    assert sorted(of_x) == sorted(posts)
