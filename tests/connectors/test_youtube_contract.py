"""What we send, and what the fake answers, against Google's own description of the API."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from connectors.core.contract import Act, Author, Kind, Ref, Visibility
from connectors.youtube import Connector
from connectors.youtube.client import SCOPE
from tests.connectors.checks import walk
from tests.connectors.fixtures.youtube.harness import answer
from tests.fakes.http import Answer, Request
from tests.fakes.youtube import CHANNEL, FakeYouTube

KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
}


@cache
def description() -> dict[str, Any]:
    """Google's discovery document, from its client package."""
    place = files("googleapiclient") / "discovery_cache" / "documents" / "youtube.v3.json"
    found: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return found


@cache
def methods() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method["httpMethod"], f"/{method['path']}"): method
        for resource in description()["resources"].values()
        for method in resource.get("methods", {}).values()
    }


def misfits(schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """Where a value is not what the schema says."""
    if "$ref" in schema:
        yield from misfits(description()["schemas"][schema["$ref"]], value, at)
    elif schema["type"] == "object":
        known = schema.get("properties", {})
        for name, inner in value.items():
            if name not in known:
                yield f"{at}.{name} is unknown"
            else:
                yield from misfits(known[name], inner, f"{at}.{name}")
    elif schema["type"] == "array":
        for number, inner in enumerate(value):
            yield from misfits(schema["items"], inner, f"{at}[{number}]")
    elif not isinstance(value, KINDS[schema["type"]]):
        yield f"{at} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} may not be {value}"


def wrong_parameters(method: Mapping[str, Any], query: Mapping[str, str]) -> Iterator[str]:
    known = {**description()["parameters"], **method.get("parameters", {})}
    for name, value in query.items():
        rule = known.get(name)
        if rule is None:
            yield f"{name} is unknown"
        elif "enum" in rule and value not in rule["enum"]:
            yield f"{name} may not be {value}"
        elif "maximum" in rule and int(value) > int(rule["maximum"]):
            yield f"{name} is more than {rule['maximum']}"
    yield from (f"{n} is missing" for n, r in known.items() if r.get("required") and n not in query)


class Witness(FakeYouTube):
    """Remembers what it answered to whom."""

    def __init__(self) -> None:
        super().__init__(page_limit=3)
        self.answers: list[tuple[Request, Answer]] = []

    def route(self, request: Request) -> Answer:
        given = super().route(request)
        self.answers.append((request, given))
        return given


@pytest.fixture(scope="module")
def witness() -> Iterator[Witness]:
    """A fake that has seen everything that the connector ever asks."""
    with Witness() as fake:
        youtube = Connector(fake.account(), fake.now)
        youtube.check()
        top = fake.comment("Hello")
        for n in range(8):
            fake.comment(f"Me too {n}", f"user{n}", top)
            fake.advance(3600)
            fake.comment(f"Another {n}")
        fake.hold("Buy this")
        for stream in ("comments", "held"):
            last = list(walk(youtube, stream, {}))[-1]
            list(walk(youtube, stream, last.cursor))
        sent = youtube.send(answer(fake, top, "Hi"))
        youtube.look_up(answer(fake, top, "Hi"))
        where = (Kind.COMMENT, Visibility.PUBLIC)
        youtube.fetch([Ref(top, top, *where), Ref("Ugone", "Ugone", *where)])
        for act in (Act.HIDE, Act.UNHIDE, Act.DELETE, Act.BLOCK):
            youtube.act(act, Ref(top, top, *where, author=Author("UCann")))
        youtube.act(Act.DELETE, Ref(sent.external_id, top, *where, ours=True))
        yield fake


def test_every_question_is_one_that_google_describes(witness: Witness) -> None:
    for request, _ in witness.answers:
        method = methods()[request.method, request.path]
        assert list(wrong_parameters(method, request.query)) == [], request.path
        if request.raw:
            assert list(misfits(method["request"], request.json)) == []
    asked = {(r.method, r.path.removeprefix("/youtube/v3/")) for r, _ in witness.answers}
    assert asked == {
        ("GET", "channels"),
        ("GET", "commentThreads"),
        ("GET", "comments"),
        ("POST", "comments"),
        ("DELETE", "comments"),
        ("POST", "comments/setModerationStatus"),
    }


def test_every_answer_of_the_fake_is_one_that_google_describes(witness: Witness) -> None:
    for request, given in witness.answers:
        method = methods()[request.method, request.path]
        if "response" in method:
            assert given.status == 200
            assert list(misfits(method["response"], given.body)) == [], request.path
        else:
            assert given.status == 204


def test_the_permission_asked_for_allows_all_of_it(witness: Witness) -> None:
    used = {(r.method, r.path) for r, _ in witness.answers}
    assert all(SCOPE in methods()[name]["scopes"] for name in used)


def test_the_check_itself_sees_what_is_wrong() -> None:
    schema = {"$ref": "CommentThreadListResponse"}
    wrong = {"items": [{"id": 4, "snippet": {"canReply": "yes"}}], "more": True}
    assert len(list(misfits(schema, wrong))) == 3
    method = methods()["GET", "/youtube/v3/commentThreads"]
    query = {"maxResults": "101", "order": "newest", "channel": CHANNEL}
    assert len(list(wrong_parameters(method, query))) == 4
