"""What the fakes of Meta's channels stand on: a Graph API on 127.0.0.1.

Like Meta it wants its version in the path and the token in the header (in the address it would
land in logs, so this one refuses it there), checks `appsecret_proof`, gives only the `fields` asked
for, pages with opaque cursors and a `next` that holds the token, answers errors with status 400 and
`error.code`, and tells its usage with every answer. It signs its webhook calls, and escapes the
letters in them in a way of its own, so that only the raw bytes fit the signature; a call may come
twice, and several in the wrong order.
"""

import argparse
import hashlib
import hmac
import json
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from connectors.core.contract import Account, HookRequest
from tests.fakes.http import Answer, Fake, Json, Request

VERSION = "v26.0"
SECRETS = {
    "access_token": "EAAfake-page-access-token",
    "app_secret": "fake-app-secret-0123456789",
    "verify_token": "fake-verify-token",
}
APP_ID = "7001"


def error(
    code: int, message: str, subcode: int = 0, *, status: int = 400, again: bool = False
) -> Answer:
    """An error as the Graph API writes it."""
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Afake"}
    if subcode:
        told["error_subcode"] = subcode
    return Answer(status, {"error": {**told, "is_transient": again}})


NO_SUCH = error(
    100,
    "Unsupported request. Object with this ID does not exist, cannot be loaded due to missing"
    " permissions, or does not support this operation.",
    33,
)
FULL = {
    "x-business-use-case-usage": json.dumps(
        {"900": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    )
}
LIMITED = error(32, "(#32) Page request limit reached")


class FakeGraph(Fake):
    """`with …() as fake:`; a channel writes `edge`. `usage` is the percentage told."""

    CHANNEL = ""
    OBJECT = "page"
    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": error(190, "Error validating access token: it has expired.", 463),
        "removed": error(190, "Error validating access token: not authorized.", 458),
        "forbidden": error(200, "(#200) Requires pages_read_user_content permission."),
        "limited": Answer(LIMITED.status, LIMITED.body, FULL),
        "unavailable": error(2, "Service temporarily unavailable", status=503, again=True),
        "unknown": error(1, "An unknown error occurred", status=500),
        "doubtful": error(2, "Service temporarily unavailable", again=True),
        "blocked": error(368, "The action attempted has been deemed abusive."),
        "window": error(10, "This message is sent outside of allowed window.", 2018278),
        "away": error(551, "This person isn't available right now."),
    }

    def __init__(
        self,
        *,
        page_limit: int = 100,
        hook: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        super().__init__(now=now, port=port)
        self.page_limit, self.hook, self.usage = page_limit, hook, 28
        self.secrets = dict(SECRETS)
        self.calls: list[Json] = []  # the webhook calls made, oldest first
        self.uploads: list[bytes] = []  # files of such answers
        self.subscribed: list[str] = []  # webhook fields that the app is told of
        self._last = 0

    def route(self, request: Request) -> Answer:
        version, _, path = request.path.lstrip("/").partition("/")
        if not re.fullmatch(r"v\d+\.\d", version):
            return error(2500, "Unknown path components")
        if "access_token" in {**request.query, **request.headers}:
            return error(100, "This fake takes the token in the Authorization header only.")
        if request.bearer != self.secrets["access_token"]:
            return error(190, "Invalid OAuth access token.")
        given = request.query.get("appsecret_proof")
        if given is not None and given != self._hmac(self.secrets["access_token"].encode()):
            return error(100, "Invalid appsecret_proof provided in the API argument")
        if path == "me/subscribed_apps":
            return self._subscribed_apps(request)
        return self.edge(request, unquote(path))

    def account(self, **settings: Any) -> Account:
        raise AssertionError("each channel has its own")

    def edge(self, request: Request, path: str) -> Answer:
        """The channel's own answer; `path` without version."""
        raise AssertionError("each channel has its own")

    def quota_headers(self, request: Request) -> dict[str, str]:
        counts = {"call_count": self.usage, "total_time": 25, "total_cputime": 25}
        business = {"900": [{"type": "pages", **counts, "estimated_time_to_regain_access": 0}]}
        return {
            "x-app-usage": json.dumps(counts),
            "x-business-use-case-usage": json.dumps(business),
        }

    def new_id(self, prefix: str = "") -> str:
        self._last += 1
        return f"{prefix}{900000 + self._last}"

    def seconds(self) -> int:
        return int(self.now().timestamp())

    def iso(self) -> str:
        """Now, in the form of the Graph API: no colon in the zone."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S+0000")

    def listed(self, found: Sequence[Json], request: Request) -> Answer:
        """A page of a list that is newest first already."""
        wanted = parse_fields(request.query.get("fields", "id"))
        after = request.query.get("after", "")
        start = next((n + 1 for n, i in enumerate(found) if cursor(i) == after), 0) if after else 0
        if after and not start:
            return error(100, "(#100) The After Cursor specified exceeds the max limit")
        size = min(int(request.query.get("limit", 25)), self.page_limit)
        page = found[start : start + size]
        body: Json = {"data": [pick(i, wanted) for i in page]}
        if page:
            body["paging"] = {"cursors": {"before": cursor(page[0]), "after": cursor(page[-1])}}
        if len(found) > start + size:
            token = self.secrets["access_token"]
            body["paging"]["next"] = f"{self.url}{request.path}?access_token={token}&after=…"
        return Answer(200, body)

    def entry(self, event: Json, own_id: str) -> Json:
        """A webhook body: a chat event, or a `{"field", "value"}` change."""
        kind = "changes" if "field" in event else "messaging"
        at = self.seconds() * (1 if kind == "changes" else 1000)
        return {"object": self.OBJECT, "entry": [{"id": own_id, "time": at, kind: [event]}]}

    def tell(self, body: Json) -> None:
        """Calls the webhook, if there is one; kept in `calls` either way."""
        self.calls.append(body)
        if self.hook:
            threading.Thread(target=self.deliver, args=(body,), daemon=True).start()

    def deliver(self, *bodies: Json, twice: bool = False, reordered: bool = False) -> list[int]:
        """Posts these calls to `hook` and returns the statuses."""
        order = [b for b in bodies for _ in range(2 if twice else 1)]
        return [self._post(b) for b in (reversed(order) if reordered else order)]

    def signed(self, body: Json, secret: str = "") -> HookRequest:
        """A call as the web side hands it to a connector."""
        raw = json.dumps(body).encode()  # non-ASCII letters as \u escapes, like Meta
        headers = {"content-type": "application/json", **self._signature(raw, secret)}
        return HookRequest("POST", f"/hooks/{self.CHANNEL}/1", headers, {}, raw, self.now())

    def question(self) -> HookRequest:
        """The challenge by which Meta asks whether the address is ours."""
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "1158201444",
            "hub.verify_token": self.secrets["verify_token"],
        }
        return HookRequest("GET", f"/hooks/{self.CHANNEL}/1", {}, query, b"", self.now())

    def _subscribed_apps(self, request: Request) -> Answer:
        if request.method == "POST":
            self.subscribed = str(request.json["subscribed_fields"]).split(",")
            return Answer(200, {"success": True})
        app = {"id": APP_ID, "name": "Inbox", "subscribed_fields": self.subscribed}
        return self.listed([app] if self.subscribed else [], request)

    def control(self, request: Request) -> Answer:
        """POST to /_fake/hook sets the address to call; a channel adds its own."""
        if request.path == "/_fake/hook":
            self.hook = str(request.json.get("url", ""))
            return Answer(200, {"hook": self.hook})
        return Answer(404, {})

    def _post(self, body: Json) -> int:
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self._signature(raw, "")}
        call = urllib.request.Request(self.hook, raw, headers)
        with urllib.request.urlopen(call, timeout=5) as answer:
            return int(answer.status)

    def _signature(self, raw: bytes, secret: str) -> dict[str, str]:
        key = (secret or self.secrets["app_secret"]).encode()
        made = hmac.new(key, raw, hashlib.sha256).hexdigest()
        return {"x-hub-signature-256": f"sha256={made}"}

    def _hmac(self, data: bytes) -> str:
        return hmac.new(self.secrets["app_secret"].encode(), data, hashlib.sha256).hexdigest()


def cursor(item: Json) -> str:
    """An item's opaque cursor."""
    return hashlib.sha256(json.dumps(item, default=str, sort_keys=True).encode()).hexdigest()[:24]


Fields = dict[str, "tuple[int, Fields]"]
_FIELD = re.compile(r"([a-z_]+)((?:\.[a-z_]+\([^)]*\))*)")


def parse_fields(text: str) -> Fields:
    """`id,messages.limit(20){id,from}` as {name: (limit, fields)}."""
    found, rest = _fields(text)
    if rest:
        raise ValueError(f"not understood: {rest}")
    return found


def _fields(text: str) -> tuple[Fields, str]:
    found: Fields = {}
    while match := _FIELD.match(text):
        inner: Fields = {}
        text = text[match.end() :]
        if text.startswith("{"):
            inner, text = _fields(text[1:])
            text = text.removeprefix("}")
        limit = re.search(r"limit\((\d+)\)", match[2])
        found[match[1]] = (int(limit[1]) if limit else 25, inner)
        if not text.startswith(","):
            break
        text = text[1:]
    return found, text


def pick(item: Any, wanted: Fields) -> Any:
    """The fields asked for, and always the id."""
    if isinstance(item, list):
        return [pick(i, wanted) for i in item]
    if not isinstance(item, dict) or not wanted:
        return item
    if item.keys() == {"data"}:
        return {"data": pick(item["data"], wanted)}
    return {name: value for name, value in _picked(item, wanted)}


def _picked(item: Json, wanted: Fields) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        if name == "id":
            yield name, value
        elif name in wanted:
            limit, inner = wanted[name]
            is_list = isinstance(value, dict) and value.keys() == {"data"}
            shown = pick({"data": value["data"][:limit]} if is_list else value, inner)
            if is_list and len(value["data"]) > limit:
                shown["paging"] = {"cursors": {"after": "…"}, "next": "https://…"}
            yield name, shown


def run(fake_of: Callable[..., FakeGraph], channel: str, *writes: str) -> None:
    """Serves until interrupted; `writes` are the ways to write as a customer."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.fakes.{channel}")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hook", default="", help="the webhook address to call")
    given = parser.parse_args()
    with fake_of(port=given.port, hook=given.hook) as fake:
        print(json.dumps({"base_url": fake.url, "app_id": APP_ID, **fake.secrets}, indent=2))
        for write in writes:
            told = json.dumps({"text": "hello", "author": "ann"})
            print(f"Write with: curl {fake.url}/_fake/{write} -d '{told}'")
        print(f"Name a webhook: curl {fake.url}/_fake/hook -d '{{\"url\": …}}'", flush=True)
        threading.Event().wait()
