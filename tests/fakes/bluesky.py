"""A believable Bluesky on 127.0.0.1: one account's own server, the network's lists and the chat.

Like Bluesky it wants the session's own tokens (and gives new ones for a refresh token, once), lists
newest first with a cursor that walks back, starts the chat's change log where it is first asked
for, forwards chat calls only with their header, knows posts by record keys that clients choose,
checks facets, references and lengths, and tells its quota. `fault` makes it misbehave.

By hand: `python -m tests.fakes.bluesky --port 8097`, then POST {"text", "author"} to /_fake/mention
or /_fake/dm.
"""

import argparse
import base64
import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs

from connectors.core.contract import Account
from tests.fakes.bluesky_chat import Chat
from tests.fakes.bluesky_items import (
    ME,
    Post,
    cid_of,
    did_of,
    iso,
    profile,
    reference,
    view,
    wrong_in,
)
from tests.fakes.http import Answer, Fake, Json, Request

PASSWORD = "fake-app-pass-word"
PICTURE = b"picture " * 200
WINDOW_S = 300
KEY = re.compile(r"[234567a-j][234567a-z]{12}")
NO_RECORD = Answer(400, {"error": "RecordNotFound", "message": "Could not locate record"})
EXPIRED = Answer(400, {"error": "ExpiredToken", "message": "Token has expired"})
BAD = Answer(400, {"error": "InvalidRequest", "message": "Invalid request"})


class FakeBluesky(Fake):
    """`posts` is its memory, `chat` its other half. `page_limit` makes pages smaller."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": Answer(401, {"error": "AuthenticationRequired", "message": "Invalid"}),
        "expired": EXPIRED,
        "unavailable": Answer(502, {"error": "UpstreamFailure", "message": "Upstream Failure"}),
        "broken": Answer(500, {"error": "InternalServerError", "message": "Internal Error"}),
    }

    def __init__(self, *, page_limit: int = 100, quota: int = 3000, **more: Any) -> None:
        super().__init__(**more)
        self.page_limit, self.quota = page_limit, quota
        self.scope = "com.atproto.appPassPrivileged"
        self.did_doc: Json | None = None
        self.posts: dict[str, Post] = {}
        self.told: list[tuple[str, str]] = []  # (reason, post), oldest first
        self.records: dict[str, Json] = {}  # likes and blocks
        self.blobs: dict[str, bytes] = {}
        self.reports: list[Json] = []
        self.chat = Chat(self.now, page_limit)
        self._made, self._used, self._sessions = 0, 0, 0
        self.tokens: dict[str, str] = {}
        self._new_session()

    def account(self, **secrets: str) -> Account:
        """Our account, signed in; `secrets` instead of the usual ones."""
        known = {"app_password": PASSWORD, **self.tokens}
        return Account("bluesky", "@brand.example", ME, self.url, {}, secrets or known)

    def expire(self) -> None:
        """The access token runs out; the refresh token still works."""
        self.tokens = {**self.tokens, "access_jwt": "expired"}

    def mention(
        self,
        text: str,
        author: str = "ann.example",
        *,
        above: str | None = None,
        reason: str = "",
        late: bool = False,
        **record: Any,
    ) -> str:
        """Somebody's post that we are told of; `late`: not until `tell`."""
        uri = self.post(text, author, above=above, **record)
        if not late:
            self.tell(uri, reason or ("reply" if above else "mention"))
        return uri

    def tell(self, uri: str, reason: str = "mention") -> None:
        self.told.append((reason, uri))

    def post(
        self, text: str, author: str = "brand.example", *, above: str | None = None, **record: Any
    ) -> str:
        """A post that nobody tells us of: ours, made in the app, or a third party's."""
        with self.lock:
            self._made += 1
            parent = self.posts[above] if above else None
            reply = {"reply": reference(parent)} if parent else {}
            at = iso(self.now())
            whole = {
                "$type": "app.bsky.feed.post",
                "text": text,
                "createdAt": at,
                **reply,
                **record,
            }
            uri = f"at://{did_of(author)}/app.bsky.feed.post/3l6oveex{_digits(self._made)}"
            return self._store(uri, author, whole)

    def delete(self, uri: str) -> None:
        self.posts.pop(uri)
        self.told = [t for t in self.told if t[1] != uri]

    def break_last(self) -> None:
        list(self.posts.values())[-1].broken = True

    def quota_headers(self, request: Request) -> dict[str, str]:
        reset = int((self.now() + timedelta(seconds=WINDOW_S)).timestamp())
        return {
            "ratelimit-limit": str(self.quota),
            "ratelimit-remaining": str(max(self.quota - self._used, 0)),
            "ratelimit-reset": str(reset),
            "ratelimit-policy": f"{self.quota};w={WINDOW_S}",
        }

    def route(self, request: Request) -> Answer:
        if request.path.startswith("/img/"):
            return Answer(200, PICTURE, {"content-type": "image/jpeg"})
        name = request.path.removeprefix("/xrpc/")
        self._used += 1
        if self._used > self.quota:
            return Answer(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"})
        sign_in = {
            "com.atproto.server.createSession": self._create_session,
            "com.atproto.server.refreshSession": self._refresh_session,
        }.get(name)
        if sign_in is not None:
            return sign_in(request)
        if request.bearer != self.tokens["access_jwt"]:
            return EXPIRED if request.bearer else self.FAULTS["unauthorized"]
        if name.startswith("chat.bsky."):
            if request.headers.get("atproto-proxy") != "did:web:api.bsky.chat#bsky_chat":
                return Answer(404, {"error": "XRPCNotSupported", "message": "XRPCNotSupported"})
            if self.scope == "com.atproto.appPass":
                return Answer(401, {"error": "InvalidToken", "message": "Bad token scope"})
            return self.chat.answer(name.rpartition(".")[2], request)
        known = self._methods().get(name)
        return known(request) if known else Answer(501, {"error": "MethodNotImplemented"})

    def _methods(self) -> Mapping[str, Callable[[Request], Answer]]:
        return {
            "com.atproto.server.getSession": lambda _: Answer(200, self._session_body()),
            "com.atproto.identity.resolveHandle": self._resolve,
            "com.atproto.repo.putRecord": self._put,
            "com.atproto.repo.getRecord": self._get,
            "com.atproto.repo.createRecord": self._create,
            "com.atproto.repo.deleteRecord": self._delete,
            "com.atproto.repo.uploadBlob": self._upload,
            "com.atproto.moderation.createReport": self._report,
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.feed.getAuthorFeed": self._feed,
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.actor.getProfile": self._profile,
            "app.bsky.actor.getProfiles": self._profiles,
            "app.bsky.graph.muteActor": lambda r: self._acted("mute", r.json.get("actor")),
            "app.bsky.graph.unmuteActor": lambda r: self._acted("unmute", r.json.get("actor")),
        }

    def _new_session(self) -> Json:
        self._sessions += 1
        exp = int((self.now() + timedelta(hours=2)).timestamp())
        claims = {"scope": self.scope, "sub": ME, "exp": exp, "n": self._sessions}
        part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        access, refresh = f"head.{part}.access", f"head.{part}.refresh"
        self.tokens = {"access_jwt": access, "refresh_jwt": refresh}
        return {"accessJwt": access, "refreshJwt": refresh, **self._session_body()}

    def _session_body(self) -> Json:
        doc = {"didDoc": self.did_doc} if self.did_doc else {}
        return {"did": ME, "handle": "brand.example", "active": True, **doc}

    def _create_session(self, request: Request) -> Answer:
        given = request.json
        known = given.get("identifier") in (ME, "brand.example")
        if not known or given.get("password") != PASSWORD:
            return self.FAULTS["unauthorized"]
        return Answer(200, self._new_session())

    def _refresh_session(self, request: Request) -> Answer:
        if request.bearer != self.tokens["refresh_jwt"] or request.raw:
            return EXPIRED
        return Answer(200, self._new_session())

    def _resolve(self, request: Request) -> Answer:
        handle = request.query.get("handle", "")
        return Answer(200, {"did": did_of(handle)}) if handle.endswith(".example") else BAD

    def _page(self, request: Request, newest_first: list[Json], name: str) -> Answer:
        """A page; its cursor names the place below which the next one begins."""
        cursor = request.query.get("cursor", "")
        if cursor and not cursor.startswith("below-"):
            return Answer(400, {"error": "InvalidRequest", "message": "Malformed cursor"})
        left = len(newest_first) if not cursor else int(cursor.removeprefix("below-"))
        rest = newest_first[len(newest_first) - left :]
        most = min(int(request.query.get("limit", 50)), self.page_limit)
        body: Json = {name: rest[:most]}
        if len(rest) > most:
            body["cursor"] = f"below-{len(rest) - most}"
        return Answer(200, body)

    def _notifications(self, request: Request) -> Answer:
        reasons = parse_qs(request.raw_query).get("reasons", [])
        listed = [
            {**view(self.posts[uri], self.url, embed=False), "reason": reason, "isRead": False}
            for reason, uri in reversed(self.told)
            if reason in reasons
        ]
        return self._page(request, listed, "notifications")

    def _feed(self, request: Request) -> Answer:
        own = [p for p in self.posts.values() if p.author == "brand.example"]
        return self._page(request, [{"post": view(p, self.url)} for p in reversed(own)], "feed")

    def _posts(self, request: Request) -> Answer:
        uris = parse_qs(request.raw_query).get("uris", [])
        if len(uris) > 25 or not uris:
            return BAD
        likes = {
            r["subject"]["uri"]: uri for uri, r in self.records.items() if "/app.bsky.feed" in uri
        }
        found = [self.posts[u] for u in uris if u in self.posts]
        return Answer(200, {"posts": [view(p, self.url, like=likes.get(p.uri)) for p in found]})

    def _profile(self, request: Request) -> Answer:
        did = request.query["actor"]
        blocks = [u for u, r in self.records.items() if r["subject"] == did]
        viewer = {"blocking": blocks[0]} if blocks else {}
        return Answer(200, {**profile(did), "viewer": viewer})

    def _profiles(self, request: Request) -> Answer:
        dids = parse_qs(request.raw_query).get("actors", [])
        return Answer(200, {"profiles": [profile(d) for d in dids]}) if len(dids) <= 25 else BAD

    def _put(self, request: Request) -> Answer:
        given = request.json
        record, key = given["record"], given["rkey"]
        uri = f"at://{ME}/{given['collection']}/{key}"
        known = self.posts.get(uri)
        if known is not None and known.record == record:
            return Answer(200, {"uri": uri, "cid": known.cid})
        if known is not None and "swapRecord" in given and given["swapRecord"] is None:
            return Answer(400, {"error": "InvalidSwap", "message": f"Record was at {known.cid}"})
        wrong = wrong_in(record, self.posts, self.blobs) if KEY.fullmatch(key) else "no TID"
        if wrong or given["repo"] != ME:
            return Answer(400, {"error": "InvalidRequest", "message": f"Invalid record: {wrong}"})
        self._store(uri, "brand.example", record)
        self.sent.append(record["text"])
        return Answer(200, {"uri": uri, "cid": self.posts[uri].cid, "validationStatus": "valid"})

    def _get(self, request: Request) -> Answer:
        query = request.query
        uri = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
        post = self.posts.get(uri)
        return Answer(200, {"uri": uri, "value": post.record}) if post else NO_RECORD

    def _create(self, request: Request) -> Answer:
        given = request.json
        self._made += 1
        uri = f"at://{ME}/{given['collection']}/3l6like2{_digits(self._made)}"
        self.records[uri] = given["record"]
        name = {"app.bsky.feed.like": "like", "app.bsky.graph.block": "block"}[given["collection"]]
        return self._acted(name, given["record"]["subject"], {"uri": uri, "cid": cid_of(uri)})

    def _delete(self, request: Request) -> Answer:
        given = request.json
        uri = f"at://{ME}/{given['collection']}/{given['rkey']}"
        names = {"app.bsky.feed.like": "unlike", "app.bsky.graph.block": "unblock"}
        self.records.pop(uri, None)
        if uri in self.posts:
            self.delete(uri)
        return self._acted(names.get(given["collection"], "delete"), uri)

    def _upload(self, request: Request) -> Answer:
        mime = request.headers.get("content-type", "")
        if len(request.raw) > 1_000_000 or not mime.startswith("image/"):
            return Answer(400, {"error": "BlobTooLarge", "message": "This file is too large."})
        link = cid_of(str(request.raw))
        self.blobs[link] = request.raw
        blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": mime, "size": len(request.raw)}
        return Answer(200, {"blob": blob})

    def _report(self, request: Request) -> Answer:
        self.reports.append(request.json)
        return self._acted("report", request.json.get("subject"), {"id": len(self.reports)})

    def _acted(self, name: str, subject: Any, body: Json | None = None) -> Answer:
        if not subject:
            return BAD
        if name not in self.acts:
            self.acts.append(name)
        return Answer(200, body) if body else Answer(200, b"")

    def _store(self, uri: str, author: str, record: Json) -> str:
        self.posts[uri] = Post(uri, cid_of(json.dumps(record)), author, record, self._indexed())
        return uri

    def _indexed(self) -> datetime:
        """Times of indexing differ, so that they order."""
        last = list(self.posts.values())[-1].indexed_at if self.posts else self.now()
        return max(self.now(), last + timedelta(milliseconds=1))

    def control(self, request: Request) -> Answer:
        places = {"/_fake/mention": self.mention, "/_fake/dm": self.chat.write}
        write = places.get(request.path)
        return Answer(201, {"id": write(**request.json)}) if write else Answer(404)


def _digits(number: int) -> str:
    """A number as the end of a record key, whose alphabet has no 0, 1, 8 and 9."""
    return f"{number:05d}".translate(str.maketrans("0189", "wxyz"))


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.bluesky")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with FakeBluesky(port=given.port, quota=1_000_000) as fake:
        entered = {"handle": "@brand.example", "base_url": fake.url, "app_password": PASSWORD}
        print(json.dumps(entered, indent=2), flush=True)
        print(f'Write with: curl {fake.url}/_fake/dm -d \'{{"text": "hello"}}\'')
        threading.Event().wait()


if __name__ == "__main__":
    main()
