"""A believable X on 127.0.0.1: mentions, own posts and direct messages of one account.

Like X it checks OAuth 1.0a signatures (made for https://api.twitter.com), lists newest first, omits
`data` when there is none, gives only the fields asked for, tells its quota with every answer, keeps
edits under new ids, shows own posts late, refuses answers to posts that did not summon us, and
speaks the old (`tweet.fields`) or the new (`post.fields`) names. `fault` makes it misbehave.

By hand: `python -m tests.fakes.x --port 8099`, then POST {"text", "author"} to /_fake/mention or
/_fake/dm.
"""

import argparse
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from typing import Any, Literal, Self

from connectors.core.contract import Account
from tests.fakes.oauth1 import is_signed
from tests.fakes.x_http import Answer, Request, Server
from tests.fakes.x_items import Item, Json, Writer, shortened

EPOCH_MS = 1_288_834_974_657
ME = "1111"
HANDLE = "brand"
SECRETS = {
    "consumer_key": "fake-consumer-key",
    "consumer_secret": "fake-consumer-secret",
    "access_token": f"{ME}-fake-access-token",
    "access_token_secret": "fake-access-token-secret",
}
FAULTS = {  # answers given instead of X's own
    "unauthorized": Answer(401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}),
    "forbidden": Answer(403, {"status": 403, "detail": "You are not permitted to do this."}),
    "capped": Answer(403, {"type": "https://api.twitter.com/2/problems/usage-capped"}),
    "limited": Answer(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}),
    "unavailable": Answer(503, "<html><h1>Over capacity</h1></html>"),
    "garbled": Answer(200, "<html>Please sign in to this network</html>"),
    "bad_token": Answer(400, {"errors": [{"parameters": {"pagination_token": ["?"]}}]}),
}
LATER_FAULTS = ("partial", "slow", "lost")  # X does what was asked, then …
QUOTAS = {"dm_events": 15, "messages": 15, "mentions": 300, "tweets": 100, "me": 75}
WINDOW_S = 900
PARAMETERS = {"max_results", "pagination_token", "since_id", "start_time", "exclude", "expansions"}
PARAMETERS |= {"user.fields", "media.fields", "dm_event.fields", "event_types"}


class FakeX:
    """`with FakeX() as fake:` serves at `fake.url`; `posts` and `dms` are its memory.

    `strict` refuses unknown parameters (400) instead of ignoring them; `quota` replaces X's own;
    `page_limit` makes pages smaller; `read_lag_s` hides our fresh posts and messages from lists.
    """

    def __init__(
        self,
        *,
        spelling: Literal["tweet", "post"] = "tweet",
        strict: bool = False,
        page_limit: int = 100,
        read_lag_s: float = 0,
        quota: int | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        self.spelling, self.strict, self.page_limit = spelling, strict, page_limit
        self.read_lag_s, self.quota = read_lag_s, quota
        self.posts: list[Item] = []
        self.dms: list[Item] = []
        self.sent: list[str] = []  # texts of answers taken through the API, oldest first
        self.requests: list[Request] = []
        self._users = {HANDLE: ME}
        self._faults: list[tuple[str, str | Answer]] = []
        self._used: dict[str, tuple[float, int]] = {}
        self._clock, self._ahead_s = now, 0.0
        self._last_id = 0
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._server = Server(port, self)
        self.url = self._server.url

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def account(self, **settings: Any) -> Account:
        """Our account here, with its keys."""
        return Account("x", f"@{HANDLE}", ME, self.url, settings, SECRETS)

    def now(self) -> datetime:
        return self._clock() + timedelta(seconds=self._ahead_s)

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds

    def fault(self, path: str, mode: str | Answer, times: int = 1) -> None:
        """The next `times` requests to `path` (may hold `*`) meet a mode of the two lists above,
        or that very answer."""
        if isinstance(mode, str) and mode not in FAULTS and mode not in LATER_FAULTS:
            raise ValueError(mode)
        self._faults += [(path, mode)] * times

    def mention(
        self,
        text: str,
        author: str = "ann",
        *,
        replied_to: str | None = None,
        quoted: str | None = None,
        late_s: float = 0,
        **extra: Any,
    ) -> str:
        """A post in our mentions. Without "@brand" in it, it is there as a reply in our thread."""
        with self._lock:
            item = self._new(self.posts, self.user(author), text, late_s, extra)
            item.replied_to, item.quoted, item.history = replied_to, quoted, [item.id]
            threads = (p.thread for p in self.posts if replied_to in p.history)
            item.thread = next(threads, item.id)
            return item.id

    def own_post(self, text: str, replied_to: str | None = None) -> str:
        """We post, by whatever app."""
        return self.mention(text, HANDLE, replied_to=replied_to, late_s=self.read_lag_s)

    def dm(
        self, text: str, author: str = "ann", *, own: bool = False, late_s: float = 0, **extra: Any
    ) -> str:
        """A direct message from `author`; `own` = ours to them."""
        with self._lock:
            party = self.user(author)
            late_s += self.read_lag_s if own else 0
            item = self._new(self.dms, ME if own else party, text, late_s, extra)
            item.thread = "-".join(sorted((ME, party), key=int))
            return item.id

    def edit(self, post_id: str, text: str) -> str:
        """The author edits a post: a new id, the old one in its history."""
        with self._lock:
            old = next(p for p in self.posts if p.id == post_id)
            self.posts.remove(old)
            new = self._new(self.posts, old.author, text, 0, old.extra)
            new.thread, new.replied_to, new.quoted = old.thread, old.replied_to, old.quoted
            new.history = [*old.history, new.id]
            return new.id

    def break_last(self, items: list[Item]) -> None:
        """Makes the newest item one that nobody can read."""
        items[-1].broken = True

    def user(self, handle: str) -> str:
        """The id of a user, made up at first sight."""
        return self._users.setdefault(handle, str(2221 + len(self._users)))

    def answer(self, request: Request) -> Answer | None:
        """X's answer to a request; None = it hangs up."""
        if request.path.startswith("/_fake/"):
            return self._control(request)
        with self._lock:
            self.requests.append(request)
            fault = self._next_fault(request.path)
            signed = f"https://api.twitter.com{request.path}"
            args = (request.authorization, request.method, signed, request.raw_query, SECRETS)
            answer = fault if isinstance(fault, Answer) else FAULTS.get(fault)
            answer = answer if is_signed(*args) else FAULTS["unauthorized"]
            limit, left, resets_at = self._quota(request, answer)
            if left < 0 or fault == "limited":
                answer, left = FAULTS["limited"], 0
            answer = answer or self._route(request)
        if fault == "slow":
            self._closing.wait(20)
        if fault == "lost":
            return None
        if fault == "partial" and isinstance(answer.body, dict):
            answer.body["errors"] = [{"title": "Not Found Error", "detail": "User not found"}]
        headers = {"limit": limit, "remaining": left, "reset": resets_at}
        quota = {f"x-rate-limit-{k}": str(v) for k, v in headers.items()}
        return Answer(answer.status, answer.body, {**quota, **answer.headers})

    def _next_fault(self, path: str) -> str | Answer:
        found = next((f for f in self._faults if fnmatch(path, f[0])), ("", ""))
        if found[1]:
            self._faults.remove(found)
        return found[1]

    def _quota(self, request: Request, answer: Answer | None) -> tuple[int, int, int]:
        """(requests a window allows, those left in this one, unix time of its end) of a route."""
        route = request.method + request.path.rpartition("/")[2]
        started, used = self._used.get(route, (0.0, 0))
        now = self.now().timestamp()
        if now >= started + WINDOW_S:
            started, used = now, 0
        self._used[route] = (started, used + (answer is None))
        limit = self.quota or QUOTAS.get(request.path.rpartition("/")[2], 15)
        return limit, limit - self._used[route][1], int(started + WINDOW_S) + 1

    def _route(self, request: Request) -> Answer:
        path = request.path
        if request.method == "GET" and path == "/2/users/me":
            me = {"id": ME, "username": HANDLE, "name": HANDLE.title()}
            return Answer(200, {"data": me}, {"x-access-level": "read-write-directmessages"})
        if request.method == "GET":
            return self._list(request)
        if path == "/2/tweets":
            return self._take_post(request.body)
        if found := re.fullmatch(r"/2/dm_conversations/(with/)?([\d-]+)/messages", path):
            return self._take_message(found[2], str(request.body["text"]))
        return Answer(404, {"status": 404, "detail": "Not Found"})

    def _list(self, request: Request) -> Answer:
        path, query = request.path, request.query
        unknown = query.keys() - PARAMETERS - {f"{self.spelling}.fields"}
        if unknown and self.strict:
            complaints = [{"parameters": {n: [query[n]]}, "message": f"[{n}]?"} for n in unknown]
            return Answer(400, {"errors": complaints, "detail": "Invalid Request"})
        is_dm = path.endswith("dm_events")
        writer = Writer(self.spelling, self._users)
        found = self._found(path, query)
        count = min(int(query.get("max_results", 100)), self.page_limit)
        page, rest = found[:count], found[count:]
        write = writer.message if is_dm else writer.post
        body: Json = {"meta": {"result_count": len(page)}}
        if page:
            body["data"] = [write(i, query) for i in page]
            body["includes"] = writer.includes(page, self.posts, query)
            if not is_dm:
                body["meta"] |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if rest:
            body["meta"]["next_token"] = f"below{page[-1].id:0>24}"
        return Answer(200, body)

    def _found(self, path: str, query: dict[str, str]) -> list[Item]:
        """The visible items of a list that the query asks for, newest first."""
        if found := re.fullmatch(r"/2/dm_conversations/(with/)?([\d-]+)/dm_events", path):
            items = [d for d in self.dms if found[2] in (d.thread, *d.thread.split("-"))]
        elif path == "/2/dm_events":
            items = self.dms
        else:
            own = path.endswith("/tweets")
            items = [p for p in self.posts if (p.author == ME) == own]
        below = int(query.get("pagination_token", f"below{10**24 - 1}").removeprefix("below"))
        above = int(query.get("since_id", 0))
        start = datetime.fromisoformat(query.get("start_time", "2010-11-06T00:00:01Z"))
        now = self.now()
        wanted = (i for i in items if above < int(i.id) < below and i.made_at >= start)
        return sorted((i for i in wanted if i.visible_at <= now), key=lambda i: -int(i.id))

    def _take_post(self, body: Json) -> Answer:
        target = body.get("reply", {}).get("in_reply_to_tweet_id")
        post = next((p for p in self.posts if target in p.history), None)
        ours = {p.id for p in self.posts if p.author == ME}
        if post is None or not (f"@{HANDLE}" in post.text or post.quoted in ours):
            return FAULTS["forbidden"]
        new_id = self.own_post(str(body["text"]), target)
        self.sent.append(str(body["text"]))
        return Answer(201, {"data": {"id": new_id, "text": shortened(str(body["text"]))[0]}})

    def _take_message(self, place: str, text: str) -> Answer:
        party = next(p for p in place.split("-") if p != ME)
        handle = next((h for h, i in self._users.items() if i == party), None)
        if handle is None:
            return FAULTS["forbidden"]
        new_id = self.dm(text, handle, own=True)
        self.sent.append(text)
        thread = self.dms[-1].thread
        return Answer(201, {"data": {"dm_conversation_id": thread, "dm_event_id": new_id}})

    def _control(self, request: Request) -> Answer:
        write = {"/_fake/mention": self.mention, "/_fake/dm": self.dm}.get(request.path)
        if write is None:
            return Answer(404, {})
        text, author = request.body["text"], request.body.get("author", "ann")
        return Answer(201, {"id": write(text, author)})

    def _new(self, items: list[Item], author: str, text: str, late_s: float, extra: Json) -> Item:
        now = self.now()
        elapsed_ms = int(now.timestamp() * 1000) - EPOCH_MS
        self._last_id = max(self._last_id + 1, elapsed_ms << 22)
        seen = now + timedelta(seconds=late_s)
        items.append(Item(str(self._last_id), author, text, now, seen, "", extra=extra))
        return items[-1]


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.x")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--spelling", choices=("tweet", "post"), default="tweet")
    given = parser.parse_args()
    with FakeX(port=given.port, spelling=given.spelling) as fake:
        print(json.dumps({"base_url": fake.url, **SECRETS}, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/mention -d \'{{"text": "@brand hello"}}\'')
        threading.Event().wait()


if __name__ == "__main__":
    main()
