"""Reddit's things in the neutral form: comments (t1), posts (t3) and private messages (t4).

The inbox and the subreddit list the same comment in two forms. What is read here is in both, so
that it becomes the same message: whether it names us is seen from its words, not from the inbox's
`type`. People are known by name, which Reddit gives in every form and nobody can change.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.core.contract import (
    Attachment,
    Author,
    Deletion,
    Direction,
    Json,
    Kind,
    Message,
    Visibility,
    word,
)
from connectors.core.errors import Malformed
from connectors.core.text import clean
from connectors.reddit.walk import seconds

NOBODY = "[deleted]"
GONE = ("[deleted]", "[removed]", "[ Removed by Reddit ]")
NO_ANSWERS = word("Reddit takes no answers here: this is {what}.")
CLOSED = {"locked": word("locked"), "archived": word("archived")}
ROBOTS = ("automoderator", "reddit", "welcomebot")
TEAM = ("moderator", "admin")
_POST = re.compile(r"/comments/(\w+)/")
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class View:
    """Who reads: the account's name, the brand's own subreddit ("" for none), the time now."""

    me: str
    home: str
    now: datetime

    def is_me(self, author: Author | None) -> bool:
        return author is not None and author.id.lower() == self.me.lower()


def parse_thing(thing: Any, view: View) -> Message | Deletion:
    """A thing of a listing; `Deletion` for what is left of a deleted one. Raises `Malformed`."""
    kind = thing.get("kind") if isinstance(thing, dict) else None
    data = thing.get("data") if isinstance(thing, dict) else None
    if not isinstance(data, dict):
        raise Malformed("This is no item of Reddit's.", thing)
    match kind:
        case "t1":
            return parse_comment(data, view)
        case "t3":
            return parse_post(data, view)
        case "t4":
            return parse_private(data, view)
    raise Malformed(f"Reddit has sent something of the unknown kind {kind}.", thing)


def parse_comment(data: Json, view: View) -> Message | Deletion:
    name, body = _name(data, "t1_"), _text(data, "body")
    if body in GONE and _author(data) is None:
        return Deletion(name, view.now)
    root = data.get("link_id")
    if not isinstance(root, str):
        found = _POST.search(str(data.get("context") or data.get("permalink") or ""))
        root = f"t3_{found[1]}" if found else None
    above = data.get("parent_id")
    if root is None or not isinstance(above, str):
        raise Malformed("The comment does not say what it answers.", data)
    return _public(data, view, name, root, body, above)


def parse_post(data: Json, view: View) -> Message | Deletion:
    """A post; its title is the first line. Ours is context: people comment under it."""
    name, body = _name(data, "t3_"), str(data.get("selftext") or "")
    removed = body in GONE or bool(data.get("removed_by_category"))
    if removed and _author(data) is None:
        return Deletion(name, view.now)
    return _public(data, view, name, name, f"{_text(data, 'title')}\n\n{body}".strip(), None)


def parse_private(data: Json, view: View) -> Message:
    """A private message. Those of a subreddit name no author and are shown only."""
    name, author = _name(data, "t4_"), _author(data)
    own = view.is_me(author)
    return Message(
        name,
        _string(data, "first_message_name") or name,
        Direction.OUT if own else Direction.IN,
        clean(_text(data, "body")),
        _time(data),
        author,
        in_reply_to=_string(data, "parent_id"),
        context=author is None or author.id.lower() in ROBOTS,
        subject=clean(_string(data, "subject") or "") or None,
    )


def names(text: str, me: str) -> bool:
    """Whether a text names an account in Reddit's way: u/name."""
    return bool(re.search(rf"(?<![\w/])/?u/{re.escape(me)}(?![\w-])", text, re.IGNORECASE))


def _public(data: Json, view: View, name: str, root: str, text: str, above: str | None) -> Message:
    author = _author(data)
    own = view.is_me(author)
    edited = seconds(data.get("edited"))
    closed = next((words for name, words in CLOSED.items() if data.get(name) is True), None)
    return Message(
        name,
        root,
        Direction.OUT if own else Direction.IN,
        clean(text),
        _time(data),
        author,
        Kind.MENTION if names(text, view.me) else Kind.COMMENT,
        Visibility.PUBLIC,
        above,
        automated=author is not None and author.id.lower() in ROBOTS,
        context=(own and above is None) or (not own and _is_team(data, author, view)),
        attachments=_attachments(data),
        edited_at=datetime.fromtimestamp(edited, UTC) if edited else None,
        can_reply_publicly=closed is None,
        reply_note=NO_ANSWERS.format(what=closed) if closed else None,
        platform={"subreddit": clean(_string(data, "subreddit") or "")},
    )


def _is_team(data: Json, author: Author | None, view: View) -> bool:
    """Robots are no customers, nor are the brand's own moderators where they speak as such."""
    at_home = (_string(data, "subreddit") or "").lower() == view.home.lower() != ""
    speaks_as_team = at_home and data.get("distinguished") in TEAM
    return author is None or speaks_as_team or author.id.lower() in ROBOTS


def _attachments(data: Json) -> tuple[Attachment, ...]:
    """Pictures of a gallery or inside a comment, and the picture that a post is."""
    media = data.get("media_metadata")
    found = [_picture(item) for item in media.values()] if isinstance(media, dict) else []
    url = _string(data, "url")
    if url and data.get("is_self") is not True and _PICTURE.search(url):
        found.append(Attachment(clean(url)))
    return tuple(a for a in found if a is not None)


def _picture(item: Any) -> Attachment | None:
    source = item.get("s") if isinstance(item, dict) else None
    if not isinstance(source, dict):
        return None
    url = _string(source, "u") or _string(source, "gif")
    return Attachment(clean(url), _string(item, "m")) if url else None


def _author(data: Json) -> Author | None:
    name = clean(_string(data, "author") or "")
    return Author(name, f"u/{name}") if name and name != NOBODY else None


def _name(data: Json, prefix: str) -> str:
    name = data.get("name")
    if not isinstance(name, str) or not re.fullmatch(rf"{prefix}\w+", name):
        raise Malformed("The item has no name.", data)
    return name


def _text(data: Json, key: str) -> str:
    text = data.get(key)
    if not isinstance(text, str):
        raise Malformed("The item has no text.", data)
    return text


def _string(data: Json, key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) and value else None


def _time(data: Json) -> datetime:
    at = seconds(data.get("created_utc"))
    if at is None:
        raise Malformed("The item does not say when it was written.", data)
    return datetime.fromtimestamp(at, UTC)
