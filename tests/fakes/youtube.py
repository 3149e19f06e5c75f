"""A YouTube on 127.0.0.1: Google's sign-in, comment threads, answers, moderation, quota.

Strict where YouTube is: `part`, exactly one filter, at most 100 items, a bearer that has not run
out, units of the day's quota, five answers beside a thread, answers to first comments only.
"""

import argparse
import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from connectors.core.contract import Account
from tests.fakes.http import Answer, Fake, Json, Request

CHANNEL, HANDLE = "UCbrand", "@brand"
CLIENT_ID, CLIENT_SECRET = "fake-client-id", "fake-client-secret"
REFRESH = "fake-refresh-token"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
WRITE_UNITS = 50
FILTERS = {"id", "parentId", "allThreadsRelatedToChannelId", "channelId", "videoId"}
ACTS = {"heldForReview": "hide", "published": "unhide", "rejected": "delete"}


def failure(status: int, reason: str, message: str) -> Answer:
    """An error in Google's form."""
    errors = [{"message": message, "domain": "youtube.comment", "reason": reason}]
    return Answer(status, {"error": {"code": status, "message": message, "errors": errors}})


QUOTA = failure(403, "quotaExceeded", "The request cannot be completed: quota exceeded.")
MISSING = failure(404, "commentNotFound", "One or more of the comments cannot be found.")


class FakeYouTube(Fake):
    """Comments by id, oldest first. `page_limit` makes pages smaller than asked for."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": failure(401, "authError", "Invalid Credentials"),
        "forbidden": failure(403, "forbidden", "The comment cannot be created or read."),
        "disabled": failure(403, "commentsDisabled", "The video has disabled comments."),
        "quota": QUOTA,
        "hurried": failure(403, "rateLimitExceeded", "Rate limit exceeded."),
        "unavailable": failure(503, "backendError", "Backend Error"),
    }

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
        page_limit: int = 100,
        quota: int = 10_000,
    ) -> None:
        super().__init__(now=now, port=port)
        self.comments: dict[str, Json] = {}
        self.banned: set[str] = set()
        self.codes: dict[str, tuple[str, str]] = {}
        self.page_limit, self.quota, self.used = page_limit, quota, 0
        self.closed_pages = False
        self.shows_held_by_id = False
        self._count, self._tokens = 0, 1
        self.token = "fake-access-1"

    def account(self, **settings: str) -> Account:
        given = {"client_id": CLIENT_ID, **settings}
        secrets = {
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH,
            "access_token": self.token,
            "scope": SCOPE,
        }
        return Account("youtube", HANDLE, CHANNEL, self.url, given, secrets)

    def comment(
        self, text: str, author: str = "ann", below: str = "", status: str = "published"
    ) -> str:
        """A comment under a video, or an answer `below` one; its id."""
        self._count += 1
        name = f"{below}.r{self._count}" if below else f"Ugx{self._count}"
        at = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self.comments[name] = {
            "text": text,
            "author": author,
            "below": below,
            "status": status,
            "published": at,
            "updated": at,
            "video": "v1",
            "can_reply": True,
            "extra": {},
        }
        return name

    def hold(self, text: str, author: str = "ann") -> str:
        return self.comment(text, author, status="heldForReview")

    def edit(self, name: str, text: str) -> None:
        at = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self.comments[name] |= {"text": text, "updated": at}

    def expire(self) -> None:
        self._tokens += 1
        self.token = f"fake-access-{self._tokens}"

    def route(self, request: Request) -> Answer:
        if request.path == "/o/oauth2/v2/auth":
            return self._consent(request.query)
        if request.path == "/token":
            return self._give_token(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self.FAULTS["unauthorized"]
        self.used += 1 if request.method == "GET" else WRITE_UNITS
        if self.used > self.quota:
            return QUOTA
        known = {
            ("GET", "channels"): self._channels,
            ("GET", "commentThreads"): self._threads,
            ("GET", "comments"): self._comments,
            ("POST", "comments"): self._take,
            ("DELETE", "comments"): self._delete,
            ("POST", "comments/setModerationStatus"): self._moderate,
        }
        do = known.get((request.method, request.path.removeprefix("/youtube/v3/")))
        return do(request) if do else Answer(404, "<html>Not Found</html>")

    def control(self, request: Request) -> Answer:
        """POST {"text", "author", "below"} to /_fake/comment or /_fake/hold."""
        text, author = request.json["text"], request.json.get("author", "ann")
        if request.path == "/_fake/comment":
            return Answer(201, {"id": self.comment(text, author, request.json.get("below", ""))})
        known = request.path == "/_fake/hold"
        return Answer(201, {"id": self.hold(text, author)}) if known else Answer(404)

    def _consent(self, query: Mapping[str, str]) -> Answer:
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = (query["redirect_uri"], query["code_challenge"])
        back = urlencode({"state": query["state"], "code": code})
        return Answer(302, "", {"location": f"{query['redirect_uri']}?{back}"})

    def _give_token(self, request: Request) -> Answer:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer(401, {"error": "invalid_client", "error_description": "Unauthorized"})
        more: Json = {}
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            good = self.codes.pop(form["code"], None) == (form["redirect_uri"], proof)
            more = {"refresh_token": REFRESH, "refresh_token_expires_in": 604_799}
        else:
            good = form["refresh_token"] == REFRESH
        if not good:
            return Answer(400, {"error": "invalid_grant", "error_description": "Bad Request"})
        told = {"token_type": "Bearer", "expires_in": 3599, "scope": SCOPE, **more}
        return Answer(200, {"access_token": self.token, **told})

    def _channels(self, request: Request) -> Answer:
        snippet = {"title": "Brand", "customUrl": HANDLE}
        return Answer(200, self._list("channel", [{"id": CHANNEL, "snippet": snippet}], None))

    def _threads(self, request: Request) -> Answer:
        query = request.query
        if wrong := _wrong(query):
            return wrong
        tops = {n: c for n, c in self.comments.items() if not c["below"]}
        if "id" in query:
            names = [n for n in query["id"].split(",") if n in tops and self._by_id(tops[n])]
            return Answer(200, self._list("commentThread", [self._thread(n) for n in names], None))
        status = query.get("moderationStatus", "published")
        listed = [n for n in reversed(tops) if tops[n]["status"] == status]
        return self._page(listed, query, "commentThread", self._thread)

    def _comments(self, request: Request) -> Answer:
        query = request.query
        if wrong := _wrong(query):
            return wrong
        if "id" in query:
            kept = (n for n in query["id"].split(",") if n in self.comments)
            names = [n for n in kept if self._by_id(self.comments[n])]
            return Answer(200, self._list("comment", [self._comment(n) for n in names], None))
        if query["parentId"] not in self.comments:
            return MISSING
        return self._page(self._below(query["parentId"]), query, "comment", self._comment)

    def _page(
        self, names: list[str], query: Mapping[str, str], kind: str, write: Callable[[str], Json]
    ) -> Answer:
        token = query.get("pageToken", "")
        if token and self.closed_pages:
            return failure(400, "invalidPageToken", "The request specifies an invalid page token.")
        start = names.index(token.removeprefix("after_")) + 1 if token else 0
        count = min(int(query.get("maxResults", 20)), self.page_limit)
        page = names[start : start + count]
        after = f"after_{page[-1]}" if start + count < len(names) else None
        return Answer(200, self._list(kind, [write(n) for n in page], after))

    def _take(self, request: Request) -> Answer:
        snippet = request.json.get("snippet", {})
        parent, text = snippet.get("parentId", ""), snippet.get("textOriginal", "")
        if request.query.get("part") != "snippet":
            return failure(400, "missingRequiredParameter", "part")
        if parent not in self.comments or self.comments[parent]["below"]:
            return failure(404, "parentCommentNotFound", "The parent comment cannot be found.")
        if len(text) > 10_000:
            return failure(400, "commentTextTooLong", "The comment is too long.")
        if not text:
            return failure(400, "commentTextRequired", "The comment has no text.")
        made = self.comment(text, CHANNEL, parent)
        self.sent.append(text)
        return Answer(200, self._comment(made))

    def _delete(self, request: Request) -> Answer:
        comment = self.comments.pop(request.query["id"], None)
        if comment is None:
            return MISSING
        self.acts.append("delete")
        return Answer(204, b"")

    def _moderate(self, request: Request) -> Answer:
        query = request.query
        comment = self.comments.get(query["id"])
        ban = query.get("banAuthor") == "true"
        if comment is None:
            return MISSING
        if ban and query["moderationStatus"] != "rejected":
            return failure(400, "banWithoutReject", "banAuthor needs rejected")
        comment["status"] = query["moderationStatus"]
        if ban:
            self.banned.add(comment["author"])
        self.acts.append("block" if ban else ACTS[query["moderationStatus"]])
        return Answer(204, b"")

    def _by_id(self, comment: Json) -> bool:
        shown = ("published", "heldForReview") if self.shows_held_by_id else ("published",)
        return comment["status"] in shown

    def _below(self, name: str) -> list[str]:
        found = [n for n, c in self.comments.items() if c["below"] == name]
        return [n for n in reversed(found) if self.comments[n]["status"] == "published"]

    def _thread(self, name: str) -> Json:
        comment, below = self.comments[name], self._below(name)
        snippet = {
            "channelId": CHANNEL,
            "videoId": comment["video"],
            "topLevelComment": self._comment(name),
            "canReply": comment["can_reply"],
            "totalReplyCount": len(below),
            "isPublic": comment["status"] == "published",
        }
        found: Json = {"kind": "youtube#commentThread", "id": name, "snippet": snippet}
        if below:
            found["replies"] = {"comments": [self._comment(n) for n in below[:5]]}
        return found

    def _comment(self, name: str) -> Json:
        comment = self.comments[name]
        mine = comment["author"] == CHANNEL
        snippet: Json = {
            "channelId": CHANNEL,
            "textDisplay": comment["text"],
            "authorDisplayName": HANDLE if mine else f"@{comment['author']}",
            "authorChannelId": {"value": CHANNEL if mine else f"UC{comment['author']}"},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 0,
            "publishedAt": comment["published"],
            "updatedAt": comment["updated"],
        }
        if mine:
            snippet["textOriginal"] = comment["text"]
        snippet["parentId" if comment["below"] else "videoId"] = (
            comment["below"] or comment["video"]
        )
        kept = {k: v for k, v in (snippet | comment["extra"]).items() if v is not None}
        return {"kind": "youtube#comment", "id": name, "snippet": kept}

    def _list(self, kind: str, items: list[Json], after: str | None) -> Json:
        info = {"totalResults": len(items), "resultsPerPage": 100}
        found: Json = {"kind": f"youtube#{kind}ListResponse", "items": items, "pageInfo": info}
        return found | ({"nextPageToken": after} if after else {})


def _wrong(query: Mapping[str, str]) -> Answer | None:
    if "part" not in query or len(FILTERS & query.keys()) != 1:
        return failure(400, "missingRequiredParameter", "No filter selected, or part is missing.")
    by_id = "id" in query and {"maxResults", "pageToken", "moderationStatus"} & query.keys()
    if by_id or not 1 <= int(query.get("maxResults", 20)) <= 100:
        return failure(400, "invalidParameter", "The parameters do not go together.")
    return None


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.youtube")
    parser.add_argument("--port", type=int, default=0)
    with FakeYouTube(port=parser.parse_args().port) as fake:
        entered: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        print(json.dumps({"base_url": fake.url, **entered}, indent=2))
        for name in ("comment", "hold"):
            write = f'curl {fake.url}/_fake/{name} -d \'{{"text": "hello"}}\''
            print(f"Write with: {write}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
