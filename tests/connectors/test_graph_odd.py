"""Whatever stands in any field of what Meta sends, nothing is raised and the rest is read."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from connectors.core.contract import HookRequest, Json
from connectors.core.errors import Transient
from connectors.core.registry import connector
from tests.fakes.facebook import FakeFacebook
from tests.fakes.graph import FakeGraph
from tests.fakes.http import Answer
from tests.fakes.instagram import FakeInstagram
from tests.fakes.messenger import FakeMessenger

ODD: tuple[Any, ...] = (None, -1e30, "x", [7], {"data": 7})


def facebook() -> tuple[FakeGraph, list[Json]]:
    fake = FakeFacebook()
    media = {"image": {"src": "https://cdn.example/a.jpg"}}
    above = fake.comment("Hello", attachment={"type": "photo", "media": media})
    reply = fake.comment("And I", "bob", parent=above)
    visit = fake.post("You never answer", "ann", full_picture="https://cdn.example/b.jpg")
    photo: Json = {"photo": "https://cdn.example/a.jpg", "photos": ["https://cdn.example/b.jpg"]}
    return fake, [
        fake.change(reply, **photo),
        fake.change(above, "edited"),
        fake.change(visit, "remove"),
        fake.naming(fake.tag("See @Brand")),
    ]


def messenger() -> tuple[FakeGraph, list[Json]]:
    fake = FakeMessenger()
    first = fake.dm("Hello?", attachments={"data": [{"image_data": {"url": "https://a.example"}}]})
    own = fake.dm("Hello Ann", own=True, reply_to={"mid": first}, app_id="4242")
    load = [{"type": "image", "payload": {"url": "https://cdn.example/x"}}]
    person = fake.person("ann")
    return fake, [
        fake.event(first, attachments=load),
        fake.event(own),
        fake.chat(person, {"delivery": {"mids": ["m_1"]}}),
        fake.chat(person, {"message_edit": {"mid": first, "text": "Hello"}}),
    ]


def instagram() -> tuple[FakeGraph, list[Json]]:
    fake = FakeInstagram()
    above = fake.comment("Where?")
    reply = fake.comment("Here?", "bob", fake.items[above]["_media"], above)
    story = {"story": {"url": "https://cdn.example/story"}}
    return fake, [
        fake.commented(reply),
        fake.commented(above, flat=True),
        fake.naming(fake.mention("Ask @brand")),
        fake.event(fake.dm("Nice", reply_to=story)),
        fake.chat(fake.person("ann"), {"read": {"mid": "m_1"}}),
    ]


MAKERS = (facebook, messenger, instagram)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_odd_fields_of_a_call_raise_nothing(make: Any) -> None:
    served, bodies = make()
    with served as fake:
        reader = connector(fake.CHANNEL)(fake.account(), fake.now)
        for body in bodies:
            for odd in twisted(body):
                answer = reader.receive(fake.signed(odd))
                assert answer.status == 200
        reader.close()


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_odd_fields_of_a_list_raise_nothing(make: Any) -> None:
    """Every answer of the platform, with every field in turn made odd."""
    served, _ = make()
    with served as fake:
        reader = connector(fake.CHANNEL)(fake.account(), fake.now)
        for stream in reader.capabilities.streams:
            cursor: Json = {}
            for _ in range(2):
                fake.requests.clear()
                page = reader.pull(stream, cursor)
                (asked,) = fake.requests
                for odd in twisted(fake.route(asked).body):
                    fake.fault("*", Answer(200, odd))
                    with suppress(Transient):  # what holds no list is asked for again
                        reader.pull(stream, cursor)
                cursor = page.cursor
        reader.close()


def twisted(value: Any) -> Iterator[Any]:
    """Copies of a JSON value, in each of which one thing below the top is something odd."""
    for place in places(value):
        for odd in ODD:
            copied = copy.deepcopy(value)
            *above, last = place
            parent = copied
            for key in above:
                parent = parent[key]
            parent[last] = odd
            yield copied


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (key,)
        if isinstance(inner, dict | list):
            for place in places(inner):
                yield (key, *place)


def test_a_call_without_anything_is_taken() -> None:
    with FakeMessenger() as fake:
        reader = connector("messenger")(fake.account(), fake.now)
        request: HookRequest = fake.signed({})
        assert reader.receive(request).messages == ()
        reader.close()
