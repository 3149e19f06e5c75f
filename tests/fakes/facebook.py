"""A believable Facebook Page: its posts, visitors' posts, comments, and the one private answer.

It lists newest first, shows answers to comments only with `filter=stream`, attaches an answer to an
answer to its root, allows one private answer to a comment within 7 days, and says the same of what
was deleted and of what the token may not see. `hidden_authors` leaves out who wrote comments.

By hand: `python -m tests.fakes.facebook --port 8099`, then POST {"text", "author"} to
/_fake/comment, /_fake/visitor or /_fake/tag.
"""

import hashlib
from typing import Any

from connectors.core.contract import Account
from tests.fakes.graph import NO_SUCH, FakeGraph, error, parse_fields, pick, run
from tests.fakes.http import Answer, Json, Request

PAGE = "900"
NAME = "Brand"
WEEK_S = 7 * 86_400
TWICE = error(10900, "(#10900) Activity already replied to")
TOO_OLD = error(10903, "(#10903) This user cant reply to this activity")


def person(name: str) -> str:
    """The page-scoped id of a person."""
    return str(5000 + int(hashlib.sha256(name.encode()).hexdigest()[:6], 16))


class FakeFacebook(FakeGraph):
    """`items` holds posts and comments by id, oldest first; keys with `_` are its own."""

    CHANNEL = "facebook"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.items: dict[str, Json] = {}
        self.hidden_authors = False
        self.banned: set[str] = set()
        self.photos: dict[str, bytes] = {}

    def account(self, **settings: Any) -> Account:
        return Account("facebook", f"@{NAME.lower()}", PAGE, self.url, settings, self.secrets)

    def post(self, text: str, author: str = "", **extra: Any) -> str:
        """A post of the Page, or of a visitor on it."""
        owner = PAGE if not extra.get("_tagged") else person(author)
        return self._add(self.new_id(f"{owner}_"), text, author, **extra)

    def tag(self, text: str, author: str = "ann", **extra: Any) -> str:
        """Somebody's own post that names the Page."""
        return self.post(text, author, _tagged=True, **extra)

    def comment(
        self, text: str, author: str = "ann", post: str = "", parent: str = "", **extra: Any
    ) -> str:
        """A comment under a post (the latest one, if none is named); no author: the Page's."""
        post = post or next((i for i in reversed(self.items) if self._is_root(i)), "")
        post = post or self.post("We are open")
        found = self.new_id(f"{post.partition('_')[2]}_")
        extra |= {"_post": post, "can_reply_privately": bool(author), "is_hidden": False}
        if parent:
            extra["parent"] = {"id": self.items[parent].get("parent", {}).get("id", parent)}
        return self._add(found, text, author, **extra)

    def change(self, found: str, verb: str = "add", **extra: Any) -> Json:
        """The webhook call of the field `feed` about a post or comment."""
        item = self.items[found]
        value = {"verb": verb, "message": item["message"], "from": self._from(item)}
        value |= {"created_time": int(item["_at"].timestamp())}
        if self._is_root(found):
            value |= {"item": "status", "post_id": found}
        else:
            post = item["_post"]
            value |= {"item": "comment", "comment_id": found, "post_id": post}
            value |= {"parent_id": item.get("parent", {}).get("id", post), "post": {"id": post}}
        return self.entry({"field": "feed", "value": {**value, **extra}}, PAGE)

    def naming(self, found: str) -> Json:
        """The webhook call of the field `mention`; it does not hold the words."""
        item = self.items[found]
        value = {"verb": "add", "item": "post", "post_id": item.get("_post", found)}
        if not self._is_root(found):
            value |= {"item": "comment", "comment_id": found}
        return self.entry({"field": "mention", "value": value}, PAGE)

    def edge(self, request: Request, path: str) -> Answer:
        first, _, rest = path.partition("/")
        if first == "me":
            return self._me(request, rest)
        if first.startswith("t_"):
            return self._thread(request, first)
        item = self.items.get(first)
        if item is None:
            return NO_SUCH
        if rest == "likes":
            return self._done("like" if request.method == "POST" else "unlike")
        if rest == "comments":
            listing = request.method == "GET"
            return self._comments(request, first) if listing else self._answer(request, item)
        return self._item(request, item)

    def control(self, request: Request) -> Answer:
        write = {"comment": self.comment, "visitor": self.post, "tag": self.tag}
        made = write.get(request.path.removeprefix("/_fake/"))
        if made is None:
            return super().control(request)
        with self.lock:
            told = request.json
            found = made(str(told["text"]), author=str(told.get("author", "ann")))
            tagged = self.items[found].get("_tagged")
            self.tell(self.naming(found) if tagged else self.change(found))
        return Answer(201, {"id": found})

    def _me(self, request: Request, edge: str) -> Answer:
        if edge == "":
            me = {"id": PAGE, "name": NAME, "username": NAME.lower(), "category": "Bank"}
            return Answer(200, pick(me, parse_fields(request.query["fields"])))
        if edge in ("feed", "tagged"):
            tagged = edge == "tagged"
            roots = [i for i in self.items if self._is_root(i)]
            wanted = [i for i in roots if bool(self.items[i].get("_tagged")) == tagged]
            return self.listed([self._shown(i) for i in reversed(wanted)], request)
        if edge == "photos" and request.method == "POST":
            (picture,) = [p for p in request.parts if p.name == "source"]
            if request.fields.get("published") != "false":
                return error(100, "This fake's Page shows no picture that nobody asked to show.")
            found = self.new_id("photo")
            self.photos[found] = picture.data
            return Answer(200, {"id": found})
        if edge == "blocked":
            return self._ban(request)
        return self._reply_privately(request) if edge == "messages" else NO_SUCH

    def _comments(self, request: Request, post: str) -> Answer:
        found = [i for i in self.items if self.items[i].get("_post") == post]
        if request.query.get("filter") != "stream":
            found = [i for i in found if "parent" not in self.items[i]]
        since = int(request.query.get("since", 0))
        shown = [self._shown(i) for i in found if self.items[i]["_at"].timestamp() > since]
        newest_first = request.query.get("order") == "reverse_chronological"
        return self.listed(shown[::-1] if newest_first else shown, request)

    def _answer(self, request: Request, item: Json) -> Answer:
        fields = request.fields
        text, photo = (str(fields.get(n, "")) for n in ("message", "attachment_id"))
        if not (text or photo):
            return error(100, "(#100) Missing message or attachment")
        if len(text) > 8000:
            return error(100, "(#100) The message is too long")
        if photo:
            if photo not in self.photos:
                return error(100, "(#100) Invalid attachment")
            self.uploads.append(self.photos[photo])
        extra = {"attachment": {"type": "photo", "url": "https://cdn.example/p"}} if photo else {}
        parent = "" if self._is_root(item["id"]) else item["id"]
        found = self.comment(text, "", str(item.get("_post", item["id"])), parent, **extra)
        self.sent.append(text)
        self.tell(self.change(found))
        return Answer(200, {"id": found})

    def _item(self, request: Request, item: Json) -> Answer:
        if request.method == "DELETE":
            del self.items[item["id"]]
            return self._done("delete")
        if request.method == "POST":
            hidden = request.fields["is_hidden"] in (True, "true")
            item["is_hidden"] = hidden
            return self._done("hide" if hidden else "unhide")
        wanted = parse_fields(request.query.get("fields", "id"))
        return Answer(200, pick(self._shown(item["id"]), wanted))

    def _ban(self, request: Request) -> Answer:
        if request.method == "POST":
            self.banned |= {str(p) for p in request.json["psid"]}
            return self._done("block")
        self.banned.discard(request.query["psid"])
        return self._done("unblock")

    def _reply_privately(self, request: Request) -> Answer:
        body = request.json
        found = body["recipient"].get("comment_id") or body["recipient"].get("post_id")
        item = self.items.get(found)
        if item is None or item.get("_author", "") == "":
            return NO_SUCH
        if "_thread" in item:
            return TWICE
        if (self.now() - item["_at"]).total_seconds() > WEEK_S:
            return TOO_OLD
        text = str(body["message"]["text"])
        made: Json = {"id": self.new_id("m_"), "message": text, "created_time": self.iso()}
        made["from"] = {"id": PAGE}
        item |= {"_thread": made, "can_reply_privately": False}
        item["private_reply_conversation"] = {"id": f"t_{found}"}
        self.sent.append(text)
        recipient = person(item["_author"])
        return Answer(200, {"recipient_id": recipient, "message_id": made["id"]})

    def _thread(self, request: Request, thread: str) -> Answer:
        item = self.items[thread.removeprefix("t_")]
        people = [{"id": person(item["_author"])}, {"id": PAGE}]
        found = {"id": thread, "participants": {"data": people}}
        found["messages"] = {"data": [item["_thread"]]}
        return Answer(200, pick(found, parse_fields(request.query["fields"])))

    def _add(self, found: str, text: str, author: str, **extra: Any) -> str:
        item = {"id": found, "message": text, "created_time": self.iso(), "_at": self.now()}
        self.items[found] = {**item, "_author": author, **extra}
        return found

    def _shown(self, found: str) -> Json:
        """As the Graph API gives it; the Page itself is always named."""
        item = self.items[found]
        hidden = self.hidden_authors and item["_author"]
        return item if hidden else {**item, "from": self._from(item)}

    def _from(self, item: Json) -> Json:
        author = item["_author"]
        if not author:
            return {"id": PAGE, "name": NAME}
        return {"id": person(author), "name": author.title()}

    def _is_root(self, found: str) -> bool:
        return "_post" not in self.items[found]

    def _done(self, act: str) -> Answer:
        self.acts.append(act)
        return Answer(200, {"success": True})


if __name__ == "__main__":
    run(FakeFacebook, "facebook", "comment", "visitor", "tag")
