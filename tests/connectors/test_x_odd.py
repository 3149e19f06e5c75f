"""What X sends with anything in it replaced or left out: nothing falls over."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, cast

import pytest

from connectors.core.contract import Kind, Message, Ref, Visibility
from connectors.core.errors import Transient
from connectors.x.client import NO_ROWS, Client, Heard, Params, Rows
from connectors.x.lists import Lists
from tests.connectors.fixtures.x.steps import called, connect, signed_in
from tests.connectors.junk import oddities
from tests.fakes.x import ME, FakeX


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX(quota=10**9) as fake:
        root = fake.own_post("We are open")
        fake.mention(
            "@brand see https://shop.example/a", replied_to=root, quoted=root, pictures=(b"x",)
        )
        fake.dm("See https://shop.example/a", pictures=(b"x",))
        yield fake


def check_can_be_stored(messages: tuple[Message, ...]) -> None:
    for message in messages:
        json.dumps(asdict(message), default=str, ensure_ascii=False).encode()
        assert message.external_id.isdecimal()
        assert message.conversation


def test_any_call_is_answered(fake: FakeX) -> None:
    connector = signed_in(fake)
    items = {"dm.received": fake.dms[-1], "post.delete": fake.posts[0]}
    for kind in ("dm.received", "post.quote.create", "post.delete"):
        call = json.loads(fake.event(kind, items.get(kind, fake.posts[-1])))
        for odd in oddities(call):
            answer = connector.receive(called(fake, json.dumps(odd).encode()))
            assert answer.status == 200
            check_can_be_stored(answer.messages)
            assert len(answer.messages) + len(answer.events) + len(answer.malformed) <= 1


class Told:
    """X, saying one thing whatever it is asked."""

    def __init__(self, body: Any) -> None:
        self.body = json.loads(json.dumps(body))

    def get(self, route: str, params: Params, rows: Rows = NO_ROWS) -> Heard:
        return Heard(self.body, {})


def lists(fake: FakeX, body: Any) -> Lists:
    return Lists(cast(Client, Told(body)), lambda: ME, fake.now)


@pytest.mark.parametrize(
    ("stream", "path"), [("mentions", "/2/users/1111/mentions"), ("dms", "/2/dm_events")]
)
def test_any_page_is_read_or_refused_whole(fake: FakeX, stream: str, path: str) -> None:
    """`Transient` for what is no list; else the page is read, its odd item beside it."""
    connect(fake).pull(stream, {})
    page = fake.route(next(r for r in fake.requests if r.path == path)).body
    for odd in oddities(page):
        try:
            found = lists(fake, odd).pull(stream, {})
        except Transient:
            continue
        check_can_be_stored(found.messages)
        json.dumps(dict(found.cursor))
        assert int(found.cursor["floor"] or 0) < 2**63  # junk does not carry the cursor away


def test_any_single_post_is_read_or_set_aside(fake: FakeX) -> None:
    post = fake.posts[-1].id
    ref = Ref(post, post, Kind.MENTION, Visibility.PUBLIC)
    connect(fake).fetch([ref])
    body = fake.route(fake.requests[-1]).body
    body["errors"] = [{"type": "a/resource-not-found", "resource_id": "5", "parameter": "ids"}]
    for odd in oddities(body):
        try:
            told = lists(fake, odd).fetch([ref])
        except Transient:
            continue
        check_can_be_stored(told.messages)
        assert told.gone == ()
