"""The fake X's answers, route by route."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.fakes.http import Answer, Request
from tests.fakes.x_items import Item, Json, Writer, shortened
from tests.fakes.x_signin import APP_TOKEN

if TYPE_CHECKING:
    from tests.fakes.x import FakeX

NOT_FOUND = Answer(404, {"status": 404, "detail": "Not Found"})
REACH = timedelta(days=7)
PARAMETERS = {"max_results", "pagination_token", "since_id", "start_time", "exclude", "expansions"}
PARAMETERS |= {"user.fields", "media.fields", "dm_event.fields", "event_types", "ids"}
PARAMETERS |= {"query", "next_token"}
ACTS = (  # method, path, act
    ("PUT", r"/2/tweets/(\d+)/hidden", "hide"),
    ("DELETE", r"/2/tweets/(\d+)", "delete"),
    ("DELETE", r"/2/dm_events/(\d+)", "delete"),
    ("POST", r"/2/users/(\d+)/dm/block", "block"),
    ("POST", r"/2/users/(\d+)/dm/unblock", "unblock"),
    ("POST", r"/2/users/1111/muting", "mute"),
    ("DELETE", r"/2/users/1111/muting/(\d+)", "unmute"),
)


class Routes:
    """One request to the fake; called under its lock."""

    def __init__(self, fake: "FakeX") -> None:
        self.fake = fake
        self.me = fake.users["brand"]
        self.writer = Writer(fake.spelling, fake.users)

    def answer(self, request: Request) -> Answer:
        path, now = request.path, self.fake.now().timestamp()
        if path == "/i/oauth2/authorize":
            return self.fake.sign_ins.consent(request, now)
        if path == "/2/oauth2/token":
            return self.fake.sign_ins.token(request, now)
        if path.startswith("/media/"):
            return self.fake.pictures.show(path, False)
        if path.startswith(("/2/webhooks", "/2/activity")) and request.bearer == APP_TOKEN:
            if path.startswith("/2/webhooks"):
                return self.fake.hooks.manage(request)
            return self.fake.hooks.subscribe(request, by_token=False)
        if not self.fake.is_account(request):
            return self.fake.FAULTS["unauthorized"]
        if not self.fake.spend(request):
            return self.fake.FAULTS["limited"]
        return self._of_account(request)

    def _of_account(self, request: Request) -> Answer:
        path, method = request.path, request.method
        if path == "/2/activity/subscriptions" and method == "POST":
            return self.fake.hooks.subscribe(request, self.fake.is_token(request))
        if path.startswith(("/1.1/ton/", "/2/dm_conversations/media/")):
            return self.fake.pictures.show(path, self.fake.is_keyed(request))
        if path.startswith("/2/media/"):
            return self.fake.pictures.take(request)
        if method == "GET":
            return self._read(request)
        for asked, pattern, act in ACTS:
            if asked == method and (found := re.fullmatch(pattern, path)):
                return self._moderate(act, path, "".join(found.groups()), request.json)
        if path == "/2/tweets":
            return self._take_post(request.json)
        if found := re.fullmatch(r"/2/dm_conversations/(?:with/)?([\d-]+)/messages", path):
            return self._take_message(found[1], request.json)
        return NOT_FOUND

    def _read(self, request: Request) -> Answer:
        path, query = request.path, request.query
        if path == "/2/users/me":
            me = {"id": self.me, "username": "brand", "name": "Brand"}
            keyed = {"x-access-level": "read-write-directmessages"}
            return Answer(200, {"data": me}, keyed if self.fake.is_keyed(request) else {})
        unknown = query.keys() - PARAMETERS - {f"{self.fake.spelling}.fields"}
        if unknown and self.fake.strict:
            complaints = [{"parameters": {n: [query[n]]}, "message": f"[{n}]?"} for n in unknown]
            return Answer(400, {"errors": complaints, "detail": "Invalid Request"})
        if path == "/2/tweets":
            return self._singles(query)
        if found := re.fullmatch(r"/2/dm_events/(\d+)", path):
            dm = next((d for d in self.fake.dms if d.id == found[1]), None)
            if dm is None:
                return NOT_FOUND
            body = self._written([dm], query, True)
            return Answer(200, {**body, "data": body["data"][0]})
        return self._list(path, query)

    def _singles(self, query: dict[str, str]) -> Answer:
        """Posts by id; those that are not there are told beside the others."""
        ids = query["ids"].split(",")
        if len(ids) > 100:
            return Answer(400, {"errors": [{"parameters": {"ids": ids}}]})
        known = {p.id: p for p in self.fake.posts}
        live = {i for p in self.fake.posts for i in p.history}
        known |= {i: p for i, p in self.fake.older.items() if i in live}
        body = self._written([known[i] for i in ids if i in known], query, False)
        missing = [i for i in ids if i not in known]
        if missing:
            kind = "https://api.twitter.com/2/problems/resource-not-found"
            about = {"title": "Not Found Error", "parameter": "ids", "type": kind}
            body["errors"] = [{**about, "value": i, "resource_id": i} for i in missing]
        return Answer(200, body)

    def _list(self, path: str, query: dict[str, str]) -> Answer:
        is_dm = path.endswith("dm_events")
        found = self._found(path, query)
        if found is None:
            return Answer(400, {"errors": [{"parameters": {"since_id": [query["since_id"]]}}]})
        count = min(int(query.get("max_results", 100)), self.fake.page_limit)
        page, rest = found[:count], found[count:]
        body = self._written(page, query, is_dm)
        body["meta"] = {"result_count": len(page)}
        if page and not is_dm:
            body["meta"] |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if rest:
            body["meta"]["next_token"] = f"below{page[-1].id:0>24}"
        if self.fake.partial:
            body["errors"] = [{"title": "Not Found Error", "detail": "User not found"}]
        return Answer(200, body)

    def _written(self, items: list[Item], query: dict[str, str], is_dm: bool) -> Json:
        if not items:
            return {}
        write = self.writer.message if is_dm else self.writer.post
        includes = self.writer.includes(items, self.fake.posts, query)
        return {"data": [write(i, query) for i in items], "includes": includes}

    def _found(self, path: str, query: dict[str, str]) -> list[Item] | None:
        """The visible items of a list that the query asks for, newest first; None when it asks for
        what lies beyond the list's reach."""
        fake, now = self.fake, self.fake.now()
        above = int(query.get("since_id", 0))
        if path == "/2/tweets/search/recent":
            if above and now - _time_of(above) > REACH:
                return None
            recent = [p for p in fake.posts if now - p.made_at <= REACH]
            items: Iterable[Item] = [p for p in recent if _matches(p, query["query"])]
        elif found := re.fullmatch(r"/2/dm_conversations/(?:with/)?([\d-]+)/dm_events", path):
            items = [d for d in fake.dms if found[1] in (d.thread, *d.thread.split("-"))]
        elif path == "/2/dm_events":
            items = fake.dms
        else:
            own = path.endswith("/tweets")
            items = [p for p in fake.posts if (p.author == self.me) == own and not p.untagged]
        token = query.get("pagination_token") or query.get("next_token") or f"below{10**24 - 1}"
        below = int(token.removeprefix("below"))
        start = datetime.fromisoformat(query.get("start_time", "2010-11-06T00:00:01Z"))
        wanted = (i for i in items if above < int(i.id) < below and i.made_at >= start)
        return sorted((i for i in wanted if i.visible_at <= now), key=lambda i: -int(i.id))

    def _take_post(self, body: Json) -> Answer:
        fake = self.fake
        target = body.get("reply", {}).get("in_reply_to_tweet_id")
        post = next((p for p in fake.posts if target in p.history), None)
        ours = {p.id for p in fake.posts if p.author == self.me}
        if post is None or not ("@brand" in post.text or post.quoted in ours):
            return fake.FAULTS["forbidden"]
        media = body.get("media", {}).get("media_ids", [])
        files = fake.pictures.attached(media, "tweet_image", 4)
        if files is None or not (files or body.get("text")):
            return Answer(400, {"detail": "Your media IDs are invalid."})
        text = str(body.get("text", ""))
        new_id = fake.own_post(text, target)
        self._sent(fake.posts[-1], text, files, False)
        return Answer(201, {"data": {"id": new_id, "text": shortened(text)[0]}})

    def _take_message(self, place: str, body: Json) -> Answer:
        fake = self.fake
        party = next(p for p in place.split("-") if p != self.me)
        handle = next((h for h, i in fake.users.items() if i == party), None)
        if handle is None:
            return fake.FAULTS["forbidden"]
        media = [a["media_id"] for a in body.get("attachments", ())]
        files = fake.pictures.attached(media, "dm_image", 1)
        if files is None or not (files or body.get("text")):
            return Answer(400, {"detail": "Your media IDs are invalid."})
        text = str(body.get("text", ""))
        new_id = fake.dm(text, handle, own=True)
        self._sent(fake.dms[-1], text, files, True)
        thread = fake.dms[-1].thread
        return Answer(201, {"data": {"dm_conversation_id": thread, "dm_event_id": new_id}})

    def _sent(self, item: Item, text: str, files: list[bytes], private: bool) -> None:
        item.media = [self.fake.pictures.kept(f, self.fake.url, private) for f in files]
        self.fake.sent.append(text)
        self.fake.files += files

    def _moderate(self, act: str, path: str, on: str, body: Json) -> Answer:
        fake = self.fake
        post = next((p for p in fake.posts if on and on in p.history), None)
        roots = {p.id for p in fake.posts if p.author == self.me}
        if act == "hide":
            if post is None or post.thread not in roots or post.author == self.me:
                return fake.FAULTS["forbidden"]
            post.hidden = bool(body["hidden"])
            act = "hide" if post.hidden else "unhide"
        elif act == "delete":
            known = [*fake.posts, *fake.dms]
            item = next((i for i in known if on in (i.id, *i.history)), None)
            if item is None:
                return NOT_FOUND
            if item.author != self.me:
                return fake.FAULTS["forbidden"]
            fake.erase(on)
        elif (on or str(body.get("target_user_id"))) not in fake.users.values():
            return NOT_FOUND
        fake.acts += [act] if act not in fake.acts else []
        return Answer(200, {"data": {act: True}})


def _matches(post: Item, query: str) -> bool:
    """Whether a post fits a query of `to:`, `from:` and `conversation_id:` joined by OR."""
    terms = dict.fromkeys(re.findall(r"(to|from|conversation_id):(\d+)", query))
    facts = {("to", post.to), ("from", post.author), ("conversation_id", post.thread)}
    return bool(facts & terms.keys())


def _time_of(number: int) -> datetime:
    return datetime.fromtimestamp(((number >> 22) + 1_288_834_974_657) / 1000).astimezone()
