"""The OpenAPI document and the API agree: whatever is sent, the answer is one of those described,
and nothing is an error of ours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from inbox.store.tables import User
from inbox.web.api.models import Taken
from tests.fakes.smtp import SmtpServer
from tests.web.api.calling import V1, hears, program
from tests.web.api.everything import BODIES, KEYED, fill, path_of
from tests.web.serving import Site, mails_by

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
NUMBERS = st.sampled_from([1, 1, 1, 0, 2, 99, -1, 2**63 - 1, 2**63])
TEXTS = st.text(max_size=20) | st.sampled_from(["\x00", "\u202e退款", "x" * 501, "2026-11-20"])


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    told: dict[str, Any]
    schemas: dict[str, Any] = field(repr=False)

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return list(self.told.get("parameters", ()))

    @property
    def body(self) -> dict[str, Any] | None:
        if "requestBody" not in self.told:
            return None
        found: dict[str, Any] = self.told["requestBody"]["content"]["application/json"]["schema"]
        return found


def operations(client: httpx2.Client) -> list[Operation]:
    whole = client.get(f"{V1}/openapi.json").json()
    schemas = {"components": whole["components"]}
    return [
        Operation(method, path, told, schemas)
        for path, methods in whole["paths"].items()
        for method, told in methods.items()
    ]


def fitting(schema: dict[str, Any], known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that mostly fit a schema."""
    if "$ref" in schema:
        return fitting(known["components"]["schemas"][schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return st.one_of([fitting(one, known) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        fields = {n: fitting(one, known) for n, one in schema.get("properties", {}).items()}
        needed = {name: fields.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional=fields)
    if kind in ("integer", "number"):
        return NUMBERS
    return {"boolean": st.booleans(), "null": st.none()}.get(str(kind), TEXTS)


def request(draw: Any, one: Operation) -> dict[str, Any]:
    """Arguments of `Client.request`: three of four bodies fit the schema, mostly."""
    path, query, headers = one.path, {}, {}
    for told in one.parameters:
        name, value = told["name"], fitting(told["schema"], one.schemas)
        if told["in"] == "path":
            path = path.replace(f"{{{name}}}", str(draw(NUMBERS)))
        elif told["in"] == "header":
            headers[name] = draw(st.sampled_from(["k1", "k2"]))
        elif told.get("required") or draw(st.booleans()):
            query[name] = draw(st.dates().map(str) if name in ("from", "to") else value)
    sent: dict[str, Any] = {"method": one.method.upper(), "url": path}
    if one.body is not None:
        fits = draw(st.integers(0, 3))
        sent["json"] = draw(fitting(one.body, one.schemas) if fits else JSON)
    asked = {n: v for n, v in query.items() if v is not None and "\x00" not in str(v)}
    return sent | {"params": asked, "headers": headers}


def faults(one: Operation, answer: httpx2.Response) -> list[str]:
    """How an answer differs from what the document says."""
    told = one.told["responses"].get(str(answer.status_code))
    if told is None:
        return [f"{answer.status_code} is not described: {answer.text}"]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if "*/*" in told["content"]:
        return []
    if kind not in told["content"]:
        return [f"{kind} is not described"]
    if not kind.endswith("json"):
        return []
    schema = told["content"][kind]["schema"] | one.schemas
    return [error.message for error in Draft202012Validator(schema).iter_errors(answer.json())]


@pytest.fixture
def client(site: Site, ada: User, bo: User) -> Iterator[httpx2.Client]:
    """An admin's program on a desk where everything has the number 1."""
    fill(site.store, ada, site.app.state.desk.settings.folder)
    hears(site)
    with SmtpServer(needs_sign_in=False) as smtp:
        mails_by(site, smtp.url)
        yield program(site, ada)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_is_sent_the_answer_is_as_described(client: httpx2.Client, data: Any) -> None:
    one = data.draw(st.sampled_from(operations_of(client)))
    sent = data.draw(st.composite(request)(one))
    answer = client.request(**sent)
    assert answer.status_code < 500, (sent, answer.text)
    assert faults(one, answer) == [], sent


def operations_of(client: httpx2.Client) -> list[Operation]:
    known = getattr(client, "operations", None)
    if known is None:
        known = operations(client)
        client.operations = known  # type: ignore[attr-defined]  # a place of ours
    return known


def test_each_operation_answers_well_at_least_once_as_described(client: httpx2.Client) -> None:
    wrong = {}
    ends = ["", f"{V1}/outbox/{{id}}/withdraw", f"{V1}/outbox/{{id}}"]  # nothing leaves after them
    for one in sorted(operations(client), key=lambda o: o.path in ends and ends.index(o.path)):
        path, body = path_of(one.path), None
        if one.method == "post":
            body = BODIES.get(one.path.removeprefix(V1), {})
        if one.path == f"{V1}/conversations/{{id}}/undo":
            body = {"step": client.get(path.replace("/undo", "/step")).json()["id"]}
        headers = {"Idempotency-Key": path} if path.endswith(KEYED) else {}
        answer = client.request(one.method.upper(), path, json=body, headers=headers)
        if answer.status_code not in (200, 202) or faults(one, answer):
            wrong[path] = answer.text, faults(one, answer)
    assert wrong == {}


def test_what_is_refused_as_things_are_is_described_too(client: httpx2.Client) -> None:
    reply = next(one for one in operations(client) if one.path.endswith("/reply"))
    url, body = reply.path.replace("{id}", "1"), BODIES["/conversations/{id}/reply"]
    client.post(f"{V1}/accounts/1/pause")
    answers = [client.post(url, json=body, headers=h) for h in ({}, {"Idempotency-Key": "k"})]
    assert [answer.status_code for answer in answers] == [400, 409]
    assert [faults(reply, answer) for answer in answers] == [[], []]


def test_every_operation_says_what_it_does_and_who_may(client: httpx2.Client) -> None:
    for one in operations(client):
        assert one.told["summary"]
        assert "roles: " in one.told["description"], one.path
        assert one.told["security"] == [{"HTTPBearer": []}], one.path
        assert one.told["responses"]["401"]["content"].keys() == {"application/problem+json"}
    text = client.get(f"{V1}/openapi.json").text
    assert "HTTPValidationError" not in text


def taken(of: type[Taken] = Taken) -> list[type[Taken]]:
    """Everything that a call can send."""
    return [one for sub in of.__subclasses__() for one in (sub, *taken(sub))]


def test_no_word_or_number_passes_for_a_yes_or_a_time_and_none_of_them_for_a_number() -> None:
    wrong: dict[str, tuple[Any, ...]] = {"integer": ("1", True, 1.5), "boolean": (0, 1, "yes")}
    wrong |= dict.fromkeys(("date", "date-time"), (0, 1.5, "0", "0.0", "-1e3"))
    passed, asked = [], 0
    for model in taken():
        for name, told in model.model_json_schema()["properties"].items():
            each = (told, *told.get("anyOf", ()))
            kinds = {one.get("format", one.get("type")) for one in each} - {None}
            for value in (one for kind in kinds & set(wrong) for one in wrong[kind]):
                asked += 1
                check, empty = model.__pydantic_validator__, model.model_construct()
                try:
                    check.validate_assignment(empty, name, value)
                except ValidationError:
                    continue
                passed.append((model.__name__, name, value))
    assert (passed, asked > 100) == ([], True)


def test_no_number_passes_for_a_time_in_a_query(client: httpx2.Client) -> None:
    passed, asked = [], 0
    for one in operations(client):
        timely = [
            told["name"]
            for told in one.parameters
            if any(
                of.get("format", "").startswith("date")
                for of in (told["schema"], *told["schema"].get("anyOf", ()))
            )
        ]
        answer = client.get(path_of(one.path), params=dict.fromkeys(timely, "0.0"))
        refused = {told["at"] for told in answer.json()["errors"]} if timely else set()
        passed += [(one.path, name) for name in timely if f"query.{name}" not in refused]
        asked += len(timely)
    assert (passed, asked > 5) == ([], True)
