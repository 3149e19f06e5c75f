"""A believable X on 127.0.0.1: posts, direct messages and webhooks of one account.

Like X it checks OAuth 1.0a signatures (made for https://api.twitter.com) and OAuth 2.0 tokens that
run out, lists newest first, omits `data` when there is none, gives only the fields asked for, tells
its quota with every answer, keeps edits under new ids, shows own posts late, refuses answers to
posts that did not summon us, calls webhooks with a signature, and speaks the old (`tweet.fields`)
or the new (`post.fields`) names. `fault` makes it misbehave.

By hand: `python -m tests.fakes.x --port 8099 --hook URL`, then POST {"text", "author"} to
/_fake/mention, /_fake/comment (under our newest post, without naming us) or /_fake/dm.
"""

import argparse
import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from connectors.core.contract import Account
from tests.fakes.http import Answer, Fake, Request
from tests.fakes.oauth1 import is_signed
from tests.fakes.x_hooks import Hooks
from tests.fakes.x_items import Item, Json, Writer
from tests.fakes.x_media import Pictures
from tests.fakes.x_routes import Routes
from tests.fakes.x_signin import APP_TOKEN, SignIns

EPOCH_MS = 1_288_834_974_657
ME = "1111"
HANDLE = "brand"
SECRETS = {
    "consumer_key": "fake-consumer-key",
    "consumer_secret": "fake-consumer-secret",
    "access_token": f"{ME}-fake-access-token",
    "access_token_secret": "fake-access-token-secret",
}
UNAUTHORIZED = Answer(401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"})
QUOTAS = {"dm_events": 15, "messages": 15, "mentions": 300, "tweets": 100, "me": 75}
WINDOW_S = 900


class FakeX(Fake):
    """`with FakeX() as fake:` serves at `fake.url`; `posts` and `dms` are its memory.

    `strict` refuses unknown parameters (400) instead of ignoring them; `quota` replaces X's own;
    `page_limit` makes pages smaller; `read_lag_s` hides our fresh posts and messages from lists.
    `partial` puts complaints beside every list.
    """

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": UNAUTHORIZED,
        "forbidden": Answer(403, {"status": 403, "detail": "You are not permitted to do this."}),
        "capped": Answer(403, {"type": "https://api.twitter.com/2/problems/usage-capped"}),
        "limited": Answer(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}),
        "unavailable": Answer(503, "<html><h1>Over capacity</h1></html>"),
        "bad_token": Answer(
            400, {"errors": [{"parameters": {"pagination_token": ["?"], "next_token": ["?"]}}]}
        ),
    }

    def __init__(
        self,
        *,
        spelling: Literal["tweet", "post"] = "tweet",
        strict: bool = False,
        page_limit: int = 100,
        read_lag_s: float = 0,
        quota: int | None = None,
        confidential: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        super().__init__(now=now, port=port)
        self.spelling, self.strict, self.page_limit = spelling, strict, page_limit
        self.read_lag_s, self.quota, self.partial = read_lag_s, quota, False
        self.posts: list[Item] = []
        self.older: dict[str, Item] = {}  # versions before an edit, by their ids
        self.dms: list[Item] = []
        self.files: list[bytes] = []  # their pictures
        self.users = {HANDLE: ME}
        self.sign_ins = SignIns(confidential)
        self.hooks = Hooks(SECRETS["consumer_secret"])
        self.pictures = Pictures()
        self._used: dict[str, tuple[float, int]] = {}
        self._last_id = 0

    def account(self, **settings: Any) -> Account:
        """Our account here, with its OAuth 1.0a keys and the app's bearer token."""
        secrets = {**SECRETS, "bearer_token": APP_TOKEN}
        return Account("x", f"@{HANDLE}", ME, self.url, settings, secrets)

    def signed_in(self, **settings: Any) -> Account:
        """Our account here, signed in with OAuth 2.0."""
        tokens = self.sign_ins.sign_in(self.now().timestamp())
        app = {"bearer_token": APP_TOKEN, "webhook_secret": self.hooks.secret}
        chosen = {"sign_in": "oauth2", **settings}
        return Account("x", f"@{HANDLE}", ME, self.url, chosen, {**app, **tokens})

    def mention(
        self,
        text: str,
        author: str = "ann",
        *,
        replied_to: str | None = None,
        quoted: str | None = None,
        late_s: float = 0,
        untagged: bool = False,
        pictures: tuple[bytes, ...] = (),
        **extra: Any,
    ) -> str:
        """A post in our mentions. Without "@brand" in it, it is there as a reply in our thread;
        `untagged` ones are not there at all."""
        with self.lock:
            item = self._new(self.posts, self.user(author), text, late_s, extra)
            parent = next((p for p in self.posts if replied_to in p.history), None)
            item.replied_to, item.quoted, item.history = replied_to, quoted, [item.id]
            item.thread = parent.thread if parent else item.id
            item.to = parent.author if parent else None
            item.untagged = untagged
            item.media = [self.pictures.kept(p, self.url, False) for p in pictures]
            return item.id

    def own_post(self, text: str, replied_to: str | None = None) -> str:
        """We post, by whatever app."""
        return self.mention(text, HANDLE, replied_to=replied_to, late_s=self.read_lag_s)

    def dm(
        self,
        text: str,
        author: str = "ann",
        *,
        own: bool = False,
        late_s: float = 0,
        pictures: tuple[bytes, ...] = (),
        **extra: Any,
    ) -> str:
        """A direct message from `author`; `own` = ours to them."""
        with self.lock:
            party = self.user(author)
            late_s += self.read_lag_s if own else 0
            item = self._new(self.dms, ME if own else party, text, late_s, extra)
            item.thread = "-".join(sorted((ME, party), key=int))
            item.media = [self.pictures.kept(p, self.url, True) for p in pictures]
            return item.id

    def edit(self, post_id: str, text: str) -> str:
        """The author edits a post: a new id, the old one in its history."""
        with self.lock:
            old = next(p for p in self.posts if p.id == post_id)
            self.posts.remove(old)
            new = self._new(self.posts, old.author, text, 0, old.extra)
            new.thread, new.replied_to, new.quoted = old.thread, old.replied_to, old.quoted
            new.to, new.untagged = old.to, old.untagged
            new.history = old.history = [*old.history, new.id]
            self.older[old.id] = old
            return new.id

    def erase(self, item_id: str) -> None:
        """A post or a message is deleted."""
        with self.lock:
            self.posts = [p for p in self.posts if item_id not in p.history]
            self.dms = [d for d in self.dms if d.id != item_id]

    def break_last(self, items: list[Item]) -> None:
        """Makes the newest item one that nobody can read."""
        items[-1].broken = True

    def user(self, handle: str) -> str:
        """The id of a user, made up at first sight."""
        return self.users.setdefault(handle, str(2221 + len(self.users)))

    def event(self, kind: str, item: Item) -> bytes:
        """The body of a webhook call about an item."""
        writer = Writer(self.spelling, self.users)
        if kind.startswith("dm."):
            people = {u["id"]: {"data": u} for u in writer.people(item.thread.split("-"))}
            payload: Json = {"direct_message_events": [writer.called_message(item)]}
            return self.hooks.envelope(ME, kind, {**payload, "users": people}, {})
        if kind == "post.delete":
            gone = {"id": item.id, "author_id": item.author}
            return self.hooks.envelope(ME, kind, gone, {"users": []})
        post = writer.called_post(item)
        includes = {f"{self.spelling}s": [post], "users": writer.people((item.author, ME))}
        return self.hooks.envelope(
            ME, kind, post, includes | ({"media": item.media} if item.media else {})
        )

    def is_account(self, request: Request) -> bool:
        """Whether a request is signed with our keys, or carries a token that still counts."""
        return self.is_keyed(request) or self.is_token(request)

    def is_keyed(self, request: Request) -> bool:
        host = "ton" if request.path.startswith("/1.1/ton/") else "api"
        url = f"https://{host}.twitter.com{request.path}"
        header = request.headers.get("authorization", "")
        return is_signed(header, request.method, url, request.raw_query, SECRETS)

    def is_token(self, request: Request) -> bool:
        return self.sign_ins.is_valid(request.bearer, self.now().timestamp())

    def route(self, request: Request) -> Answer:
        return Routes(self).answer(request)

    def spend(self, request: Request) -> bool:
        """Counts a request; False when its quota is used up."""
        _, left, _ = self._quota(request)
        if left <= 0:
            return False
        started, used = self._used[_counted(request)]
        self._used[_counted(request)] = (started, used + 1)
        return True

    def quota_headers(self, request: Request) -> dict[str, str]:
        limit, left, resets_at = self._quota(request)
        told = {"limit": limit, "remaining": left, "reset": resets_at}
        return {f"x-rate-limit-{k}": str(v) for k, v in told.items()}

    def control(self, request: Request) -> Answer:
        kind = request.path.removeprefix("/_fake/")
        if request.method != "POST" or kind not in ("mention", "comment", "dm"):
            return Answer(404)
        said = json.loads(request.raw or b"{}")
        text, author = said["text"], said.get("author", "ann")
        if kind == "dm":
            made = self.dm(text, author)
            event = self.event("dm.received", self.dms[-1])
        else:
            own = [p.id for p in self.posts if p.author == ME] or [self.own_post("We are open")]
            comment = kind == "comment"
            under = own[-1] if comment else None
            made = self.mention(text, author, replied_to=under, untagged=comment)
            name = "post.reply.create" if comment else "post.mention.create"
            event = self.event(name, self.posts[-1])
        try:
            self.hooks.call(event)
        except (OSError, ValueError) as e:
            return Answer(502, {"id": made, "error": f"The webhook did not take it: {e}"})
        return Answer(201, {"id": made})

    def _quota(self, request: Request) -> tuple[int, int, int]:
        """(requests a window allows, those left in this one, unix time of its end) of a route."""
        started, used = self._used.get(_counted(request), (0.0, 0))
        now = self.now().timestamp()
        if now >= started + WINDOW_S:
            started, used = now, 0
        self._used[_counted(request)] = (started, used)
        limit = self.quota or QUOTAS.get(request.path.rpartition("/")[2], 15)
        return limit, limit - used, int(started + WINDOW_S) + 1

    def _new(self, items: list[Item], author: str, text: str, late_s: float, extra: Json) -> Item:
        now = self.now()
        elapsed_ms = int(now.timestamp() * 1000) - EPOCH_MS
        self._last_id = max(self._last_id + 1, elapsed_ms << 22)
        seen = now + timedelta(seconds=late_s)
        items.append(Item(str(self._last_id), author, text, now, seen, "", extra=extra))
        return items[-1]


def _counted(request: Request) -> str:
    """The route of a request, whatever ids stand in it."""
    return request.method + re.sub(r"/\d[\d-]*", "/:id", request.path)


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.x")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--spelling", choices=("tweet", "post"), default="tweet")
    parser.add_argument("--hook", help="the webhook address that Replydesk shows")
    given = parser.parse_args()
    with FakeX(port=given.port, spelling=given.spelling) as fake:
        fake.hooks.url = given.hook
        keys, token = fake.account(), fake.signed_in()
        told = {"base_url": fake.url, "oauth1": keys.secrets, "oauth2": token.secrets}
        print(json.dumps(told, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/mention -d \'{{"text": "@brand hello"}}\'')
        threading.Event().wait()


if __name__ == "__main__":
    main()
