"""The line that Meta's channels share, on a Graph API that knows one node and one list."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors._graph import Gone, Graph, Invalid, instant, proof, read_usage
from connectors._graph_hooks import Told, is_signed, receive, walk
from connectors.core.contract import Account, Direction, HookRequest, Json, Message
from connectors.core.errors import (
    AuthRevoked,
    ConnectorError,
    Malformed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
    WindowClosed,
)
from tests.fakes.graph import FULL, SECRETS, FakeGraph, error, parse_fields, pick
from tests.fakes.http import Answer, Request

NOW = datetime(2026, 11, 20, 9, 15, 31, tzinfo=UTC)
BODY = rb'{"a":1,"t":"h\u00e9llo"}'
SIGNATURE = "sha256=2e8ffb75aa49d2da02ae14bbeab722247700da946ceb04da23cda721e118a9d9"


class Line(FakeGraph):
    def edge(self, request: Request, path: str) -> Answer:
        if path == "list":
            return self.listed([{"id": str(n)} for n in range(7)], request)
        return Answer(200, {"id": path, "made": request.method})


@pytest.fixture
def fake() -> Iterator[Line]:
    with Line(page_limit=3, now=lambda: NOW) as fake:
        yield fake


def line(fake: Line, **settings: str) -> Graph:
    account = Account("meta", "brand", "900", fake.url, settings, fake.secrets)
    return Graph(account, fake.now, fake.url)


def call(body: bytes, **headers: str) -> HookRequest:
    return HookRequest(
        "POST", "/", {k.replace("_", "-"): v for k, v in headers.items()}, {}, body, NOW
    )


def test_the_token_travels_in_the_header_and_the_version_in_the_path(fake: Line) -> None:
    assert line(fake).get("/me") == {"id": "me", "made": "GET"}
    assert line(fake, version="v27.0").post("/me", {}) == {"id": "me", "made": "POST"}
    first, second = fake.requests
    assert (first.path, second.path) == ("/v26.0/me", "/v27.0/me")
    assert first.bearer == SECRETS["access_token"]
    assert SECRETS["access_token"] not in first.raw_query
    assert first.query["appsecret_proof"] == proof(SECRETS["access_token"], SECRETS["app_secret"])


def test_the_proof_of_the_app_secret_is_left_out_without_one(fake: Line) -> None:
    assert proof("token", "") == ""
    del fake.secrets["app_secret"]
    line(fake).get("/me")
    assert "appsecret_proof" not in fake.requests[-1].query


@pytest.mark.parametrize("token", ["", "  ", "EAA\u00e9", "EAA\nX: y"])
def test_what_can_be_no_token_is_not_sent(fake: Line, token: str) -> None:
    fake.secrets = {**fake.secrets, "access_token": token}
    with pytest.raises(AuthRevoked, match="missing or cut"):
        line(fake).get("/me")
    assert fake.requests == []


def test_a_list_is_walked_with_its_cursors_and_next_is_never_followed(fake: Line) -> None:
    graph, after, found = line(fake), None, []
    while True:
        page = graph.listing("/list", after=after, fields="id")
        found += [i["id"] for i in page.items]
        after = page.after
        if after is None:
            break
    assert found == [str(n) for n in range(7)]
    assert [r.path for r in fake.requests] == ["/v26.0/list"] * 3


def test_an_empty_page_is_not_the_end_and_what_is_no_list_is_no_page(fake: Line) -> None:
    following = "https://graph.facebook.com/v26.0/list?access_token=x&after=QVFI&limit=3"
    fake.fault("*", Answer(200, {"data": [], "paging": {"next": following}}))
    page = line(fake).listing("/list")
    assert (page.items, page.after) == ((), "QVFI")
    for body in ({}, {"data": None}, {"data": {"id": "1"}}):
        fake.fault("*", Answer(200, body))
        with pytest.raises(Transient):
            line(fake).listing("/list")


ERRORS: tuple[tuple[Answer, type[ConnectorError], type[ConnectorError], str], ...] = (
    (error(190, "x", 460), AuthRevoked, AuthRevoked, "password"),
    (error(190, "x", 463), AuthRevoked, AuthRevoked, "run out"),
    (error(102, "Session has expired"), AuthRevoked, AuthRevoked, "Session has expired"),
    (error(10, "Requires pages_messaging"), Refused, Refused, "permission pages_messaging"),
    (error(200, "(#200) Not allowed"), Refused, Refused, "Not allowed"),
    (error(299, "(#299) Not allowed"), Refused, Refused, "Not allowed"),
    (error(4, "App limit"), RateLimited, RateLimited, "App limit"),
    (error(17, "User limit"), RateLimited, RateLimited, "User limit"),
    (error(613, "Custom limit", status=403), RateLimited, RateLimited, "Custom limit"),
    (error(80007, "WABA limit"), RateLimited, RateLimited, "WABA limit"),
    (error(1, "Unknown"), Transient, OutcomeUnknown, "Unknown"),
    (error(2, "Down", status=503), Transient, OutcomeUnknown, "503"),
    (error(5000, "Later", again=True), Transient, OutcomeUnknown, "Later"),
    (error(100, "No object", 33), Gone, Gone, "No object"),
    (error(100, "Invalid parameter"), Invalid, Invalid, "Invalid parameter"),
    (error(368, "Abusive"), Refused, Refused, "blocked"),
    (error(551, "Not available"), Refused, Refused, "cannot be reached"),
    (error(10, "Outside of allowed window", 2018278), WindowClosed, WindowClosed, "write again"),
    (error(10, "Outside", 2534022, status=403), WindowClosed, WindowClosed, "write again"),
    (Answer(502, "<html>Bad gateway</html>"), Transient, OutcomeUnknown, "502"),
    (Answer(200, {"success": False}), Refused, Refused, "did not do it"),
    (Answer(200, {"error": {"code": 190}}), AuthRevoked, AuthRevoked, "access token"),
)


@pytest.mark.parametrize(("answer", "reading", "sending", "words"), ERRORS)
def test_the_code_of_an_error_says_what_now(
    fake: Line,
    answer: Answer,
    reading: type[ConnectorError],
    sending: type[ConnectorError],
    words: str,
) -> None:
    fake.fault("*", answer, times=2)
    with pytest.raises(ConnectorError) as read:
        line(fake).get("/me")
    with pytest.raises(ConnectorError) as sent:
        line(fake).send("/me/messages", {})
    assert (type(read.value), type(sent.value)) == (reading, sending)
    assert words in sent.value.reason


def test_words_meant_for_people_go_before_the_technical_ones(fake: Line) -> None:
    told = error(100, "Param x", 1)
    told.body["error"]["error_user_msg"] = "The picture is too small."
    fake.fault("*", told)
    with pytest.raises(Refused, match=r"^The picture is too small\.$"):
        line(fake).get("/me")


def test_a_limit_tells_when_there_is_room_again(fake: Line) -> None:
    fake.fault("*", "limited")
    with pytest.raises(RateLimited) as e:
        line(fake).get("/me")
    assert e.value.resets_at == NOW + timedelta(minutes=19)


def test_usage_is_a_budget_in_percent_and_a_full_one_asks_to_wait(fake: Line) -> None:
    graph = line(fake)
    graph.get("/me")
    assert [(b.name, b.limit, b.remaining) for b in graph.budgets] == [
        ("Calls by the app (percent)", 100, 72),
        ("Calls for Pages (percent)", 100, 72),
    ]
    assert graph.not_before is None
    fake.usage = 100
    graph.get("/me")
    assert graph.not_before == NOW + timedelta(minutes=15)
    (business,) = read_usage(FULL, NOW)
    assert (business.remaining, business.resets_at) == (0, NOW + timedelta(minutes=19))


@pytest.mark.parametrize("header", ["", "[]", "{", '{"9": 1}', '{"9": [1, {"call_count": "a"}]}'])
def test_usage_headers_that_make_no_sense_stop_nothing(header: str) -> None:
    for budget in read_usage({"x-app-usage": header, "x-business-use-case-usage": header}, NOW):
        assert budget.remaining == 100


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2026-11-20T09:15:31+0000", 0),
        ("2026-11-20T10:15:31+01:00", 0),
        (1795166131, 0),
        ("1795166131", 0),
        (1795166131000, 0),
        (1795166131500, 0.5),
    ],
)
def test_times_are_read_by_their_magnitude(told: str | int, seconds: float) -> None:
    assert instant(told) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("told", ["", "yesterday", "2026-11-20T09:15:31", None, True, [], {}, 1e30])
def test_what_is_no_time_is_none(told: object) -> None:
    assert instant(told) is None


def test_the_published_signature_fits_the_raw_bytes_only() -> None:
    assert is_signed(call(BODY, x_hub_signature_256=SIGNATURE), "msecret")
    assert not is_signed(call(BODY + b" ", x_hub_signature_256=SIGNATURE), "msecret")
    rewritten = json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    assert not is_signed(call(rewritten, x_hub_signature_256=SIGNATURE), "msecret")
    assert not is_signed(call(BODY, x_hub_signature_256=SIGNATURE), "other")
    assert not is_signed(call(BODY, x_hub_signature_256="sha256=é"), "msecret")
    assert not is_signed(call(BODY), "msecret")


def test_without_an_app_secret_no_call_is_genuine() -> None:
    made = "sha256=" + "b" * 64
    assert receive(call(BODY, x_hub_signature_256=made), {}, lambda told: ()).status == 401


def test_the_challenge_is_answered_for_the_right_verify_token_alone(fake: Line) -> None:
    question = fake.question()
    answer = receive(question, SECRETS, lambda told: ())
    assert (answer.status, answer.body) == (200, "1158201444")
    for secrets in ({}, {"verify_token": ""}, {"verify_token": "another"}):
        assert receive(question, secrets, lambda told: ()).status == 401


def test_every_entry_is_walked_in_all_the_shapes_that_meta_uses() -> None:
    body = {
        "entry": [
            {"id": "1", "time": 1795166131, "changes": [{"field": "feed", "value": {"n": 1}}]},
            {"id": "2", "time": 1795166131000, "messaging": [{"n": 2}], "standby": [{"n": 3}]},
            {"id": "3", "field": "comments", "value": {"n": 4}},
            "no entry",
            {"id": "5", "changes": [{"field": "feed", "value": 7}, 8]},
            {"id": "6", "messaging": ["no event"]},
        ]
    }
    found = list(walk(body))
    told = [(t.entry, t.name, t.value["n"]) for t in found if isinstance(t, Told)]
    assert told == [
        ("1", "feed", 1),
        ("2", "messaging", 2),
        ("2", "standby", 3),
        ("3", "comments", 4),
    ]
    assert sum(isinstance(t, Malformed) for t in found) == 4
    assert {t.at for t in found if isinstance(t, Told)} == {NOW, None}


@pytest.mark.parametrize("body", [b"", b"nothing", b"[]", b"7", b'{"entry": 7}', b"[" * 100_000])
def test_a_genuine_call_that_makes_no_sense_is_taken_and_brings_nothing(
    fake: Line, body: bytes
) -> None:
    signature = fake._signature(body, "")
    request = HookRequest("POST", "/", signature, {}, body, NOW)
    answer = receive(request, SECRETS, lambda told: ())
    assert (answer.status, answer.messages, answer.events) == (200, (), ())


def test_one_unreadable_thing_does_not_stop_the_rest_of_a_call(fake: Line) -> None:
    def read(told: Told) -> Iterator[Message]:
        if told.value.get("broken"):
            raise Malformed("It is broken.", told.value)
        yield Message(str(told.value["n"]), "c", Direction.IN, "hello", NOW)

    events: list[Json] = [{"n": 1}, {"broken": True}, {"n": 2}]
    body = {"object": "page", "entry": [{"id": "900", "time": 1, "messaging": events}]}
    answer = receive(fake.signed(body), SECRETS, read)
    assert [m.external_id for m in answer.messages] == ["1", "2"]
    assert [m.reason for m in answer.malformed] == ["It is broken."]


def test_a_call_under_another_secret_brings_nothing(fake: Line) -> None:
    body = fake.entry({"n": 1}, "900")
    assert receive(fake.signed(body, "another"), SECRETS, lambda told: ()).status == 401


def test_the_fake_gives_the_fields_asked_for_only() -> None:
    wanted = parse_fields("id,from{id},messages.limit(1){id,message}")
    item = {
        "id": "1",
        "from": {"id": "2", "name": "Ann"},
        "link": "x",
        "messages": {"data": [{"id": "3", "message": "a", "to": 1}, {"id": "4"}]},
    }
    picked = pick(item, wanted)
    assert picked.keys() == {"id", "from", "messages"}
    assert picked["from"] == {"id": "2"}
    assert picked["messages"]["data"] == [{"id": "3", "message": "a"}]
    assert picked["messages"]["paging"]["next"]
