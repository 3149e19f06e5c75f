"""A believable Instagram: comments on one account's media, mentions elsewhere, private messages.

It lists comments without their answers, newest first, takes no answer to an answer or to a hidden
comment, tells of mentions elsewhere only by `mentioned_comment` and `mentioned_media`, and refuses
private messages longer than 1,000 bytes. `by_page` speaks as graph.facebook.com does to the token
of the linked Page, else as graph.instagram.com does, whose tokens can be refreshed once a day old.

By hand: `python -m tests.fakes.instagram --port 8099`, then POST {"text", "author"} to
/_fake/comment, /_fake/mention or /_fake/dm.
"""

import re
from typing import Any

from connectors.core.contract import Account
from tests.fakes.graph import APP_ID, NO_SUCH, error, parse_fields, pick, run
from tests.fakes.graph_chats import FakeChats
from tests.fakes.http import Answer, Json, Request

IG = "17841400000000001"
PAGE = "900"
DAYS_60 = 60 * 86_400
DAY_S = 86_400
NO_ANSWER = error(100, "(#100) The comment cannot be answered")
TWICE = error(100, "(#100) A private reply was sent to this comment", 2534066)


class FakeInstagram(FakeChats):
    """`items` holds media and comments by id, oldest first; keys with `_` are its own."""

    CHANNEL = "instagram"
    OBJECT = "instagram"
    PLATFORM = "instagram"
    ME = IG
    NAME = "brand"
    SCOPE = "7"
    WINDOW_SUBCODE = 2534022
    LIMIT = 1000

    def __init__(self, *, by_page: bool = False, **given: Any) -> None:
        super().__init__(**given)
        self.items: dict[str, Json] = {}
        self.by_page = by_page
        self.token_age_s = 2 * DAY_S

    def account(self, **settings: Any) -> Account:
        given = {"sign_in": "page" if self.by_page else "instagram", "app_id": APP_ID, **settings}
        return Account("instagram", "@brand", IG, self.url, given, self.secrets)

    def naming_of(self, name: str) -> Json:
        return {"username": name}

    def measure(self, text: str) -> int:
        return len(text.encode())

    def media(self, caption: str, author: str = "") -> str:
        """A post of ours, or of somebody else."""
        kind = {"media_type": "IMAGE", "media_url": "https://cdn.example/a.jpg"}
        return self._add(self.new_id("18"), author, caption=caption, **kind)

    def comment(self, text: str, author: str = "ann", media: str = "", parent: str = "") -> str:
        """A comment on a post of ours (the latest, if none is named); no author: ours."""
        ours = [i for i in self.items if self._is_ours(i)]
        media = media or (ours[-1] if ours else self.media("We are open"))
        extra: Json = {"text": text, "_media": media, "media": {"id": media}, "hidden": False}
        if parent:
            extra["parent_id"] = self.items[parent].get("parent_id", parent)
        return self._add(self.new_id("17"), author, **extra)

    def mention(self, text: str, author: str = "ann") -> str:
        """A comment under somebody's post that names us."""
        return self.comment(text, author, self.media("My lunch", "bob"))

    def commented(self, found: str, *, flat: bool = False) -> Json:
        """The webhook call about a comment; `flat` as apps with Instagram's own sign-in get it."""
        item = self.items[found]
        value = {"id": found, "text": item["text"], "from": self._from(item["_author"])}
        value["media"] = {"id": item["_media"], "media_product_type": "FEED"}
        if not item["_author"]:
            value["from"]["self_ig_scoped_id"] = "2105"
        if "parent_id" in item:
            value["parent_id"] = item["parent_id"]
        return self._flat("comments", value) if flat else self._change("comments", value)

    def naming(self, found: str) -> Json:
        """The webhook call about a mention; it does not hold the words."""
        item = self.items[found]
        value = {"media_id": item.get("_media", found)}
        if "_media" in item:
            value["comment_id"] = found
        return self._change("mentions", value)

    def edge(self, request: Request, path: str) -> Answer:
        first, _, rest = path.partition("/")
        if first == IG and rest in ("", "media", "mentions"):
            return self._account(request, rest)
        if path == "me":
            return self._me(request)
        if first == "me":
            return self._private(request, path)
        item = self.items.get(first)
        if item is None or not self._is_ours(str(item.get("_media", first))):
            return NO_SUCH
        if rest in ("comments", "replies"):
            return self._comments(request, first, rest)
        return self._item(request, item)

    def route(self, request: Request) -> Answer:
        if request.path == "/refresh_access_token" and not self.by_page:
            return self._refresh(request)
        return super().route(request)

    def control(self, request: Request) -> Answer:
        write = {"comment": self.comment, "mention": self.mention}
        name = request.path.removeprefix("/_fake/")
        if name not in write:
            return super().control(request)
        with self.lock:
            found = write[name](str(request.json["text"]), str(request.json.get("author", "ann")))
            self.tell(self.naming(found) if name == "mention" else self.commented(found))
        return Answer(201, {"id": found})

    def _me(self, request: Request) -> Answer:
        names = {"username": "brand", "name": "Brand"}
        linked = {"id": PAGE, "name": "Brand", "instagram_business_account": {"id": IG, **names}}
        own = {"id": "99", "user_id": IG, **names}
        wanted = parse_fields(request.query["fields"])
        unknown = wanted.keys() - {"id", *(linked if self.by_page else own)}
        if unknown:
            return error(100, f"(#100) Tried accessing nonexisting field ({min(unknown)})")
        return Answer(200, pick(linked if self.by_page else own, wanted))

    def _private(self, request: Request, path: str) -> Answer:
        """What goes to `/me`: with Instagram's own sign-in no files and no blocking."""
        page_only = path in ("me/message_attachments", "me/moderate_conversations")
        if page_only and not self.by_page:
            return error(100, "(#100) Unsupported request")
        recipient = request.json.get("recipient", {}) if path == "me/messages" else {}
        if "comment_id" in recipient:
            return self._reply_privately(request, str(recipient["comment_id"]))
        return super().edge(request, path)

    def _account(self, request: Request, rest: str) -> Answer:
        if rest == "media":
            ours = [i for i in reversed(self.items) if "_media" not in self.items[i]]
            return self.listed([self._shown(i) for i in ours if self._is_ours(i)], request)
        if rest == "mentions":
            return self._answer_mention(request.json)
        asked = request.query["fields"]
        match = re.match(r"(mentioned_(?:comment|media))\.[a-z_]+\((\d+)\)\{(.+)\}$", asked)
        if match is None or match[2] not in self.items:
            return NO_SUCH
        shown = pick(self._shown(match[2]), parse_fields(match[3]))
        return Answer(200, {match[1]: shown, "id": IG})

    def _comments(self, request: Request, found: str, edge: str) -> Answer:
        if request.method == "POST":
            item = self.items[found]
            if edge == "comments" or "parent_id" in item or item["hidden"]:
                return NO_ANSWER
            return self._answered(str(request.json["message"]), item["_media"], found)
        if edge == "replies":
            wanted = [i for i in self.items if self.items[i].get("parent_id") == found]
            return self.listed([self._shown(i) for i in wanted], request)
        under = [i for i in reversed(self.items) if self.items[i].get("_media") == found]
        tops = [i for i in under if "parent_id" not in self.items[i]]
        return self.listed([self._with_replies(i) for i in tops], request)

    def _answer_mention(self, body: Json) -> Answer:
        media = self.items.get(str(body["media_id"]))
        if media is None or self._is_ours(media["id"]):
            return NO_ANSWER
        return self._answered(str(body["message"]), media["id"], str(body.get("comment_id", "")))

    def _answered(self, text: str, media: str, parent: str) -> Answer:
        if not text or len(text) > 2200:
            return error(100, "(#100) The message is missing or too long")
        found = self.comment(text, "", media, parent)
        self.sent.append(text)
        self.tell(self.commented(found))
        return Answer(200, {"id": found})

    def _item(self, request: Request, item: Json) -> Answer:
        if request.method == "DELETE":
            del self.items[item["id"]]
            self.acts.append("delete")
            return Answer(200, {"success": True})
        if request.method == "POST":
            item["hidden"] = request.json["hide"]
            self.acts.append("hide" if item["hidden"] else "unhide")
            return Answer(200, {"success": True})
        wanted = parse_fields(request.query.get("fields", "id"))
        return Answer(200, pick(self._shown(item["id"]), wanted))

    def _reply_privately(self, request: Request, found: str) -> Answer:
        item = self.items.get(found)
        if item is None or not item["_author"]:
            return NO_SUCH
        if "_private" in item:
            return TWICE
        if (self.now() - item["_at"]).total_seconds() > 7 * DAY_S:
            return error(10, "(#10) The comment is too old", self.WINDOW_SUBCODE)
        item["_private"] = True
        return self.made(request.json["message"], item["_author"], self.person(item["_author"]))

    def _refresh(self, request: Request) -> Answer:
        if request.bearer != self.secrets["access_token"]:
            return error(190, "Error validating access token", 463)
        if self.token_age_s < DAY_S:
            return error(100, "(#100) The access token is not yet a day old")
        self.secrets = {**self.secrets, "access_token": "IGAAfake-refreshed-token"}
        fresh = {"access_token": self.secrets["access_token"], "token_type": "bearer"}
        return Answer(200, {**fresh, "expires_in": DAYS_60})

    def _add(self, found: str, author: str, **extra: Any) -> str:
        item = {"id": found, "timestamp": self.iso(), "_at": self.now(), "_author": author}
        self.items[found] = {**item, **extra}
        return found

    def _shown(self, found: str) -> Json:
        item = self.items[found]
        who = self._from(item["_author"])
        count = sum(i.get("_media") == found for i in self.items.values())
        return {**item, "from": who, "username": who["username"], "comments_count": count}

    def _with_replies(self, found: str) -> Json:
        replies = [i for i in self.items if self.items[i].get("parent_id") == found]
        shown = [self._shown(i) for i in replies]
        return {**self._shown(found), **({"replies": {"data": shown}} if shown else {})}

    def _from(self, author: str) -> Json:
        if not author:
            return {"id": IG, "username": "brand"}
        return {"id": self.person(author), "username": author}

    def _is_ours(self, media: str) -> bool:
        item = self.items.get(media, {})
        return "caption" in item and not item["_author"]

    def _change(self, field: str, value: Json) -> Json:
        return self.entry({"field": field, "value": value}, IG)

    def _flat(self, field: str, value: Json) -> Json:
        return {
            "object": "instagram",
            "entry": [{"id": IG, "time": self.seconds(), "field": field, "value": value}],
        }


if __name__ == "__main__":
    run(FakeInstagram, "instagram", "comment", "mention", "dm")
