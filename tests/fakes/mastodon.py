"""A believable Mastodon server on 127.0.0.1, as one account sees it.

Like Mastodon it reads forwards from `min_id` and gives the newest above `since_id`, pages by the
Link header, hides filtered notifications unless asked, writes posts as HTML, forgets deleted ones
(404), remembers an Idempotency-Key for an hour, measures posts, tells its quota with an ISO time,
and drops a direct post to nobody. `fault` makes it misbehave.

By hand: `python -m tests.fakes.mastodon --port 8098`, then POST {"text", "author", "visibility"}
to /_fake/mention.
"""

import argparse
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from connectors.core.contract import Account
from tests.fakes.http import Answer, Fake, Json, Request
from tests.fakes.mastodon_items import ME, People, Post, iso, written

TOKEN = "fake-mastodon-token"
CLIENT = {"client_id": "fake-client-id", "client_secret": "fake-client-secret"}
CODE = "fake-code"
WINDOW_S = 300
LIMIT = 500
PICTURE = b"picture " * 200
GONE = Answer(404, {"error": "Record not found"})
ACTS = {"favourite": "like", "unfavourite": "unlike"}


class FakeMastodon(Fake):
    """`posts` is its memory. `page_limit` makes pages smaller, `quota` is the requests of a window,
    `processing` the number of looks after which an uploaded file is ready."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": Answer(401, {"error": "The access token is invalid"}),
        "forbidden": Answer(403, {"error": "This action is not allowed"}),
        "scopes": Answer(403, {"error": "This action is outside the authorized scopes"}),
        "unavailable": Answer(503, "<html><h1>Down for maintenance</h1></html>"),
    }

    def __init__(self, *, page_limit: int = 80, quota: int = 300, **more: Any) -> None:
        super().__init__(**more)
        self.page_limit, self.quota, self.processing = page_limit, quota, 0
        self.people = People(self.url)
        self.posts: dict[str, Post] = {}
        self.told: list[tuple[str, str, str]] = []  # (notification's id, type, post's id)
        self.filtered: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.reports: list[Json] = []
        self._keys: dict[str, tuple[str, float]] = {}
        self._last_id = 103_186_126_728_896_000
        self._used = 0

    def account(self, **settings: Any) -> Account:
        secrets = {"access_token": TOKEN}
        return Account(
            "mastodon", "@brand", ME, self.url, {"sign_in": "token", **settings}, secrets
        )

    def mention(
        self,
        text: str,
        author: str = "ann@other.example",
        *,
        visibility: str = "public",
        above: str | None = None,
        kind: str = "mention",
        **extra: Any,
    ) -> str:
        """Somebody mentions us; the notification's order is the order of these calls."""
        with self.lock:
            post = self._new(text, author, visibility, above, extra)
            post.mentions = {"brand"} if kind == "mention" else set()
            self.told.append((str(34_975_000 + len(self.told)), kind, post.id))
            return post.id

    def post(
        self,
        text: str,
        author: str = "brand",
        *,
        visibility: str = "public",
        above: str | None = None,
        **extra: Any,
    ) -> str:
        """A post of which we are not told: ours, made in some app, or a third party's."""
        with self.lock:
            post = self._new(text, author, visibility, above, extra)
            post.mentions = set(re.findall(r"@([\w.@-]+\w)", text))
            return post.id

    def edit(self, post_id: str, text: str) -> None:
        self.posts[post_id].text, self.posts[post_id].edited_at = text, self.now()

    def delete(self, post_id: str) -> None:
        """As Mastodon does it: answers stay and no longer say what they answered."""
        del self.posts[post_id]
        self.told = [t for t in self.told if t[2] != post_id]
        for post in self.posts.values():
            if post.above == post_id:
                post.above = None

    def quota_headers(self, request: Request) -> dict[str, str]:
        reset = iso(self.now() + timedelta(seconds=WINDOW_S))
        left = str(max(self.quota - self._used, 0))
        return {
            "X-RateLimit-Limit": str(self.quota),
            "X-RateLimit-Remaining": left,
            "X-RateLimit-Reset": reset,
        }

    def route(self, request: Request) -> Answer:
        path = request.path
        if path.startswith("/files/"):
            return Answer(200, PICTURE, {"content-type": "image/png"})
        if path in ("/api/v1/apps", "/oauth/token"):
            return self._sign_in(request)
        if request.bearer != TOKEN:
            return self.FAULTS["unauthorized"]
        self._used += 1
        if self._used > self.quota:
            return Answer(429, {"error": "Too many requests"})
        plain = {
            "/api/v1/accounts/verify_credentials": self._me,
            "/api/v1/apps/verify_credentials": lambda _: Answer(200, {"scopes": ["read", "write"]}),
            "/api/v2/instance": self._instance,
            "/api/v1/notifications": self._notifications,
            f"/api/v1/accounts/{ME}/statuses": self._own,
            "/api/v1/statuses": self._take,
            "/api/v2/media": self._take_file,
            "/api/v1/reports/": self._report,
        }.get(path)
        if plain is not None:
            return plain(request)
        _, _, noun, thing, *verb = path[1:].split("/") + [""] * 4
        return self._about(request, noun, thing, verb[0])

    def _about(self, request: Request, noun: str, thing: str, verb: str) -> Answer:
        if noun == "media":
            return self._file(thing)
        if noun == "accounts":
            return self._acted(verb, {"id": thing}) if self.people.knows(thing) else GONE
        post = self.posts.get(thing)
        if post is None:
            return GONE
        if request.method == "DELETE":
            self.delete(thing)
            return self._acted("delete", written(post, self.people, self.posts))
        if verb == "context":
            above = [written(p, self.people, self.posts) for p in self._chain(post)]
            return Answer(200, {"ancestors": above, "descendants": []})
        shown = written(post, self.people, self.posts)
        return Answer(200, shown) if not verb else self._acted(verb, shown)

    def _acted(self, verb: str, body: Json) -> Answer:
        name = ACTS.get(verb, verb)
        if name not in self.acts:
            self.acts.append(name)
        return Answer(200, body)

    def _chain(self, post: Post) -> list[Post]:
        chain: list[Post] = []
        while post.above and (above := self.posts.get(post.above)):
            chain.insert(0, above)
            post = above
        return chain

    def _me(self, request: Request) -> Answer:
        return Answer(200, self.people.written("brand"))

    def _instance(self, request: Request) -> Answer:
        statuses = {"max_characters": LIMIT, "characters_reserved_per_url": 23}
        return Answer(200, {"domain": "here.example", "configuration": {"statuses": statuses}})

    def _notifications(self, request: Request) -> Answer:
        asked = dict(parse_qsl(request.raw_query))
        types = {v for k, v in parse_qsl(request.raw_query) if k == "types[]"}
        all_of_them = asked.get("include_filtered") == "true"
        listed = [
            {
                "id": number,
                "type": kind,
                "created_at": iso(self.posts[post_id].made_at),
                "account": self.people.written(self.posts[post_id].author),
                "status": written(self.posts[post_id], self.people, self.posts),
            }
            for number, kind, post_id in self.told
            if kind in types and (all_of_them or post_id not in self.filtered)
        ]
        return self._page(request, listed)

    def _own(self, request: Request) -> Answer:
        own = [p for p in self.posts.values() if p.author == "brand"]
        return self._page(request, [written(p, self.people, self.posts) for p in own])

    def _page(self, request: Request, oldest_first: list[Json]) -> Answer:
        """`min_id` gives the page right above it, `since_id` the newest page above it."""
        query = request.query
        above = int(query.get("min_id", query.get("since_id", 0)))
        below = int(query.get("max_id", 10**24))
        found = [i for i in oldest_first if above < int(i["id"]) < below]
        most = min(int(query.get("limit", 40)), self.page_limit)
        page = found[:most] if "min_id" in query else found[-most:]
        page.reverse()
        links = {"next": ("max_id", -1), "prev": ("min_id", 0)}
        link = ", ".join(
            f'<{self.url}{request.path}?{name}={page[at]["id"]}>; rel="{rel}"'
            for rel, (name, at) in links.items()
            if page
        )
        return Answer(200, page, {"Link": link} if page else {})

    def _take(self, request: Request) -> Answer:
        fields = parse_qsl(request.raw.decode("utf-8"), keep_blank_values=True)
        form = dict(fields)
        key = request.headers.get("idempotency-key", "")
        known, at = self._keys.get(key, ("", 0.0))
        if known in self.posts and self.now().timestamp() - at < 3600:
            return Answer(200, written(self.posts[known], self.people, self.posts))
        above = form.get("in_reply_to_id")
        if above is not None and above not in self.posts:
            return GONE
        media = [v for k, v in fields if k == "media_ids[]"]
        if wrong := self._wrong(form, media):
            return Answer(422, {"error": f"Validation failed: {wrong}"})
        warning = form.get("spoiler_text", "")
        new = self.post(
            form["status"], visibility=form["visibility"], above=above, spoiler_text=warning
        )
        self.posts[new].media = media
        self._keys[key] = (new, self.now().timestamp())
        self.sent.append(form["status"])
        return Answer(200, written(self.posts[new], self.people, self.posts))

    def _wrong(self, form: Mapping[str, str], media: list[str]) -> str:
        text = re.sub(r"https?://\S+", "x" * 23, form.get("status", ""))
        text = re.sub(r"(@\w+)@[\w.-]+\w", r"\1", text) + form.get("spoiler_text", "")
        if not form.get("status", "").strip() and not media:
            return "Text can't be blank"
        if len(text) > LIMIT:
            return f"Text character limit of {LIMIT} exceeded"
        if any(m not in self.files for m in media) or len(media) > 4:
            return "Media attachments are not found"
        return ""

    def _take_file(self, request: Request) -> Answer:
        (file,) = (p for p in request.parts if p.name == "file")
        if not file.mime.startswith("image/"):
            return Answer(422, {"error": "Validation failed: File content type is invalid"})
        new = str(22_348_641 + len(self.files))
        self.files[new] = file.data
        return self._file(new, ready=200, later=202)

    def _file(self, number: str, ready: int = 200, later: int = 206) -> Answer:
        if number not in self.files:
            return GONE
        self.processing -= 1
        url = None if self.processing >= 0 else f"{self.url}/files/{number}.png"
        body = {"id": number, "type": "image", "url": url, "preview_url": url}
        return Answer(ready if url else later, body)

    def _report(self, request: Request) -> Answer:
        form = request.form
        if not self.people.knows(form.get("account_id", "")):
            return GONE
        self.reports.append({**form})
        return self._acted("report", {"id": str(len(self.reports))})

    def _sign_in(self, request: Request) -> Answer:
        form = request.form
        if request.path == "/api/v1/apps":
            whole = {"client_name", "redirect_uris", "scopes"} <= form.keys()
            return Answer(200, {"name": "Replydesk", **CLIENT}) if whole else Answer(422)
        known = {**CLIENT, "grant_type": "authorization_code", "code": CODE}
        if not known.items() <= form.items() or not form.get("code_verifier"):
            return Answer(400, {"error": "invalid_grant"})
        body = {"access_token": TOKEN, "token_type": "Bearer", "scope": "read write"}
        return Answer(200, {**body, "created_at": int(self.now().timestamp())})

    def control(self, request: Request) -> Answer:
        wanted = request.json
        places = {"/_fake/mention": self.mention, "/_fake/post": self.post}
        write = places.get(request.path)
        return Answer(201, {"id": write(**wanted)}) if write else Answer(404)

    def _new(self, text: str, author: str, visibility: str, above: str | None, extra: Json) -> Post:
        self._last_id += 4096
        post = Post(str(self._last_id), author, text, self.now(), visibility, above, extra=extra)
        self.posts[post.id] = post
        return post

    def break_last(self) -> None:
        """Makes the newest post one that nobody can read."""
        newest = list(self.posts)[-1]
        self.posts[newest] = replace(self.posts[newest], broken=True)


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.mastodon")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with FakeMastodon(port=given.port, quota=1_000_000) as fake:
        print(json.dumps({"base_url": fake.url, "access_token": TOKEN}, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/mention -d \'{{"text": "@brand hello"}}\'')
        threading.Event().wait()


if __name__ == "__main__":
    main()
