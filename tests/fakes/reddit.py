"""A Reddit on 127.0.0.1: tokens, listings, comments, messages, modmail, moderation.

Strict where Reddit is: HTTP Basic for tokens, a descriptive User-Agent, a bearer that has not run
out, at most 100 items a page, `&<>` escaped without `raw_json`, refusals in a 200.
"""

import argparse
import base64
import html
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from connectors.core.contract import Account
from tests.fakes.http import Answer, Fake, Json, Request
from tests.fakes.reddit_mail import Modmail

ME, MY_ID, SUB = "brand", "b1", "brandhelp"
CLIENT_ID, CLIENT_SECRET, PASSWORD = "fake-app-id", "fake-app-secret", "fake-password"
REFRESH = "fake-refresh-token"
SCOPE = "identity read history privatemessages submit edit vote report modposts modmail"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
ACTS = {
    "/api/remove": "hide",
    "/api/approve": "unhide",
    "/api/del": "delete",
    "/api/block": "block",
    "/r/all/api/unfriend": "unblock",
    "/api/report": "report",
}
VOTES = {"1": "like", "0": "unlike"}
NO_USER_AGENT = Answer(429, {"message": "Too Many Requests", "error": 429})


def refused(code: str, words: str, field: str = "parent", **more: Any) -> Answer:
    """A refusal in a 200."""
    return Answer(200, {"json": {"errors": [[code, words, field]], **more}})


class FakeReddit(Fake):
    """Things are kept oldest first; `page_limit` makes pages smaller than asked for."""

    FAULTS: ClassVar[Mapping[str, Answer]] = {
        "unauthorized": Answer(401, {"message": "Unauthorized", "error": 401}),
        "forbidden": Answer(403, {"message": "Forbidden", "reason": "private", "error": 403}),
        "unscoped": Answer(
            403,
            {"message": "Forbidden", "error": 403},
            {"www-authenticate": 'Bearer realm="reddit", error="insufficient_scope"'},
        ),
        "limited": Answer(429, {"message": "Too Many Requests"}, {"x-ratelimit-reset": "120"}),
        "unavailable": Answer(503, "<html>Our servers are busy</html>"),
        "break": refused(
            "RATELIMIT", "Take a break for 3 minutes before trying again.", "ratelimit"
        ),
        "locked": refused("THREAD_LOCKED", "Comments are locked."),
    }

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
        page_limit: int = 100,
        quota: int = 1000,
    ) -> None:
        super().__init__(now=now, port=port)
        self.things: dict[str, Json] = {}
        self.erased: dict[str, Json] = {}
        self.codes: dict[str, str] = {}
        self.page_limit, self.quota, self.used = page_limit, quota, 0
        self.modmail = Modmail(self)
        self._count, self._tokens = 36**4, 1
        self.token = "fake-access-1"

    def account(self, **settings: str) -> Account:
        """The connected account, signed in on the web, with subreddit and modmail."""
        given = {"client_id": CLIENT_ID, "subreddit": SUB, "modmail": "yes", **settings}
        secrets = {
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH,
            "access_token": self.token,
            "scope": SCOPE,
        }
        return Account("reddit", f"u/{ME}", ME, self.url, given, secrets)

    def post(self, text: str, author: str = "ann", sub: str = SUB, **more: Any) -> str:
        """A post; its name."""
        title, _, body = text.partition("\n\n")
        said = {"title": title, "selftext": body, "is_self": True, "url": f"/r/{sub}/comments/x/"}
        return self._add("t3", author, {"subreddit": sub, "edited": False, **said, **more})

    def comment(
        self, text: str, author: str = "ann", above: str = "", *, inbox: str = "", **more: Any
    ) -> str:
        """A comment under `above` (a post of ours by default). `inbox` is the type under which the
        brand's inbox shows it, "" for not at all."""
        above = above or self.post("We are open", ME)
        top = self.things[above]
        root = above if above.startswith("t3_") else top["link_id"]
        said = {
            "body": text,
            "parent_id": above,
            "link_id": root,
            "subreddit": self.things[root]["subreddit"],
            "edited": False,
        }
        return self._add("t1", author, {**said, "_inbox": inbox, **more})

    def reply(self, text: str, author: str = "ann") -> str:
        """A comment under a post of ours elsewhere, shown in the inbox."""
        return self.comment(text, author, self.post("Ask us", ME, "payments"), inbox="post_reply")

    def mention(self, text: str, author: str = "ann") -> str:
        post = self.post("Whom to trust?", "cy", "payments")
        return self.comment(text, author, post, inbox="username_mention")

    def message(self, text: str, author: str = "ann", above: str | None = None) -> str:
        """A private message to us, or from us."""
        first = self.things[above].get("first_message_name") or above if above else None
        mine = author == ME
        to = self.things[above]["author"] if mine and above else ME
        said = {"subject": "hi", "body": text, "dest": to, "parent_id": above, "subreddit": None}
        return self._add("t4", author, {**said, "first_message_name": first})

    def erase(self, name: str) -> None:
        """The author deletes it: lists drop it, single look-ups show what is left."""
        if name.startswith("modmail_"):
            self.modmail.erase(name)
            return
        words = "selftext" if name.startswith("t3_") else "body"
        left = {"author": "[deleted]", "author_fullname": None, words: "[deleted]"}
        self.erased[name] = self.things.pop(name) | left

    def expire(self) -> None:
        self._tokens += 1
        self.token = f"fake-access-{self._tokens}"

    def quota_headers(self, request: Request) -> dict[str, str]:
        self.used += 1
        left = max(self.quota - self.used, 0)
        told = {"used": self.used, "remaining": float(left), "reset": 540}
        return {f"x-ratelimit-{name}": str(value) for name, value in told.items()}

    def route(self, request: Request) -> Answer:
        if request.path == "/api/v1/authorize":
            return self._consent(request.query)
        agent = request.headers.get("user-agent", "")
        if not agent.isascii() or ":" not in agent:
            return NO_USER_AGENT
        if request.path == "/api/v1/access_token":
            return self._give_token(request)
        if request.headers.get("authorization") != f"bearer {self.token}":
            return self.FAULTS["unauthorized"]
        if request.path.startswith("/api/mod/conversations"):
            return self.modmail.route(request)
        found = self._read(request) if request.method == "GET" else self._write(request)
        return found or Answer(404, {"message": "Not Found", "error": 404})

    def control(self, request: Request) -> Answer:
        """POST {"text", "author"} to /_fake/reply, mention, post, message or modmail."""
        text, author = request.json["text"], request.json.get("author", "ann")
        known = {
            "reply": self.reply,
            "mention": self.mention,
            "post": self.post,
            "message": self.message,
            "modmail": self.modmail.write,
        }
        write = known.get(request.path.rpartition("/")[2])
        return Answer(201, {"name": write(text, author)}) if write else Answer(404)

    def new_id(self) -> str:
        self._count += 1
        rest, digits = self._count, ""
        while rest:
            rest, digit = divmod(rest, 36)
            digits = BASE36[digit] + digits
        return digits

    def _consent(self, query: Mapping[str, str]) -> Answer:
        code = f"code-{self.new_id()}"
        self.codes[code] = query["redirect_uri"]
        back = urlencode({"state": query["state"], "code": code})
        return Answer(302, "", {"location": f"{query['redirect_uri']}?{back}"})

    def _give_token(self, request: Request) -> Answer:
        app = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.method != "POST" or request.headers.get("authorization") != f"Basic {app}":
            return Answer(401, {"message": "Unauthorized", "error": 401})
        form, more = request.form, {}
        match form.get("grant_type"):
            case "authorization_code":
                good = self.codes.pop(form["code"], "") == form["redirect_uri"]
                more = {"refresh_token": REFRESH}
            case "refresh_token":
                good = form["refresh_token"] == REFRESH
            case "password":
                good = (form["username"], form["password"]) == (ME, PASSWORD)
            case _:
                return Answer(200, {"error": "unsupported_grant_type"})
        if not good:
            return Answer(200, {"error": "invalid_grant"})
        told = {"token_type": "bearer", "expires_in": 86400, "scope": SCOPE, **more}
        return Answer(200, {"access_token": self.token, **told})

    def _read(self, request: Request) -> Answer | None:
        path, query = request.path, request.query
        if path == "/api/v1/me":
            return Answer(200, {"id": MY_ID, "name": ME})
        if path == f"/r/{SUB}/about":
            return Answer(200, {"kind": "t5", "data": {"user_is_moderator": True}})
        if path == "/message/messages":
            return Answer(302, "", {"location": "/login/"})
        if path == "/api/info":
            kept = {**self.things, **self.erased}
            found = [kept[n] for n in query["id"].split(",")[:100] if n in kept]
            return Answer(200, _listing([_shown(t, query) for t in found], None))
        newest = [t for t in reversed(self.things.values()) if _belongs(t, path)]
        if path not in LISTS and not re.fullmatch(r"/r/\w+/(new|comments)", path):
            return None
        if path == "/message/inbox" and query.get("mark", "true") == "true":
            for thing in newest:
                thing["new"] = False
        return Answer(200, self._page(newest, path, query))

    def _page(self, newest: list[Json], path: str, query: Mapping[str, str]) -> Json:
        names = [t["name"] for t in newest]
        start = 0
        if query.get("after"):  # after what is not listed any more there is nothing
            start = names.index(query["after"]) + 1 if query["after"] in names else len(names)
        count = min(int(query.get("limit", 25)), 100, self.page_limit)
        page = newest[start : start + count]
        more = start + count < len(names) and bool(page)
        inbox = path == "/message/inbox"
        shown = [_shown(_noticed(t) if inbox else t, query) for t in page]
        return _listing(shown, page[-1]["name"] if more else None)

    def _write(self, request: Request) -> Answer | None:
        form = request.form
        if request.path == "/api/comment":
            return self._take(form)
        act = VOTES.get(form.get("dir", "")) if request.path == "/api/vote" else None
        act = act or ACTS.get(request.path)
        if act is None:
            return None
        self.acts.append(act)
        if act == "delete":
            self.things.pop(form["id"], None)
        return Answer(200, {"json": {"errors": []}} if act == "report" else {})

    def _take(self, form: Mapping[str, str]) -> Answer:
        above, text = form.get("thing_id", ""), form.get("text", "")
        if above not in self.things:
            return refused("NO_THING_ID", "id not specified")
        if not text:
            return refused("NO_TEXT", "we need something here", "text")
        if len(text) > 10_000:
            return refused("TOO_LONG", "this is too long (max: 10000)", "text")
        if self.things[above].get("archived"):
            return refused("TOO_OLD", "that's a piece of history now")
        private = above.startswith("t4_")
        made = (self.message if private else self.comment)(text, ME, above)
        self.sent.append(text)
        told = {"kind": made[:2], "data": _visible(self.things[made])}
        return Answer(200, {"json": {"errors": [], "data": {"things": [told]}}})

    def _add(self, kind: str, author: str, data: Json) -> str:
        name = f"{kind}_{self.new_id()}"
        at = float(int(self.now().timestamp()))
        self.things[name] = {
            "id": name[3:],
            "name": name,
            "author": author,
            "author_fullname": f"t2_{author}",
            "created_utc": at,
            "new": True,
            **data,
        }
        return name


LISTS: Mapping[str, Callable[[Json], bool]] = {
    "/message/inbox": lambda t: bool(
        t["author"] != ME and (t["name"][:2] == "t4" or t.get("_inbox"))
    ),
    "/message/sent": lambda t: t["name"][:2] == "t4" and t["author"] == ME,
    f"/user/{ME}/comments": lambda t: t["name"][:2] == "t1" and t["author"] == ME,
}
KINDS = {"new": "t3", "comments": "t1"}


def _belongs(thing: Json, path: str) -> bool:
    if path in LISTS:
        return LISTS[path](thing)
    _, _, sub, what = (*path.split("/"), "", "", "")[:4]
    return thing.get("subreddit") == sub and thing["name"][:2] == KINDS.get(what)


def _noticed(thing: Json) -> Json:
    """A comment as the inbox tells of it: another form, with less in it."""
    if thing["name"].startswith("t4_"):
        return {**thing, "was_comment": False, "type": "unknown", "replies": "", "context": ""}
    kept = ("id", "name", "author", "author_fullname", "created_utc", "new", "body", "parent_id")
    where = f"/r/{thing['subreddit']}/comments/{thing['link_id'][3:]}/x/{thing['id']}/?context=3"
    told = {"was_comment": True, "type": thing["_inbox"], "dest": ME, "context": where}
    more = {"subreddit": thing["subreddit"], "first_message_name": None, "replies": ""}
    return {**{n: thing[n] for n in kept if n in thing}, **told, **more}


def _shown(thing: Json, query: Mapping[str, str]) -> Json:
    raw = query.get("raw_json") == "1"
    return {"kind": thing["name"][:2], "data": dict(_said(_visible(thing), raw))}


def _said(data: Json, raw: bool) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        escape = not raw and isinstance(value, str)
        yield name, html.escape(value, quote=False) if escape else value


def _visible(thing: Json) -> Json:
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def _listing(children: list[Json], after: str | None) -> Json:
    return {"kind": "Listing", "data": {"after": after, "before": None, "children": children}}


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.reddit")
    parser.add_argument("--port", type=int, default=0)
    with FakeReddit(port=parser.parse_args().port) as fake:
        entered = {"client_secret": CLIENT_SECRET, "username": ME, "password": PASSWORD}
        told = {"base_url": fake.url, "client_id": CLIENT_ID, "subreddit": SUB, **entered}
        print(json.dumps(told, indent=2))
        for name in ("reply", "mention", "post", "message", "modmail"):
            print(
                f'Write with: curl {fake.url}/_fake/{name} -d \'{{"text": "hello"}}\'', flush=True
            )
        threading.Event().wait()


if __name__ == "__main__":
    main()
