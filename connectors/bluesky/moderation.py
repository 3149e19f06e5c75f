"""What can be done about a post or a person on Bluesky.

Likes and blocks are records of ours: there is one already when the post's or the person's view
names it (`viewer`), and taking it back deletes that record.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.bluesky.client import Client, Gone
from connectors.bluesky.parse import record_key
from connectors.core.contract import Act, Json, Kind, Ref, word
from connectors.core.errors import Refused

Do = Callable[[Client, str, Ref, str, datetime], None]
LIKE, BLOCK = "app.bsky.feed.like", "app.bsky.graph.block"


def _like(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    post = _post(client, on)
    if _of_viewer(post, "like") is None:
        _make(client, me, LIKE, {"uri": on.external_id, "cid": post.get("cid")}, now)


def _unlike(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    _delete(client, me, LIKE, _of_viewer(_post(client, on), "like"))


def _block(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    if _of_viewer(_profile(client, on), "blocking") is None:
        _make(client, me, BLOCK, _person(on), now)


def _unblock(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    _delete(client, me, BLOCK, _of_viewer(_profile(client, on), "blocking"))


def _mute(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    client.do("app.bsky.graph.muteActor", {"actor": _person(on)})


def _unmute(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    client.do("app.bsky.graph.unmuteActor", {"actor": _person(on)})


def _remove(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    if on.kind is Kind.DM:
        raise Refused("Bluesky deletes direct messages for the one who deletes them only.")
    _delete(client, me, "app.bsky.feed.post", on.external_id)


def _report(client: Client, me: str, on: Ref, note: str, now: datetime) -> None:
    subject: Json = {"$type": "com.atproto.repo.strongRef", "uri": on.external_id}
    if on.kind is Kind.DM:
        convo, _, number = on.external_id.partition(":")
        ids = {"did": _person(on), "convoId": convo, "messageId": number}
        subject = {"$type": "chat.bsky.convo.defs#messageRef", **ids}
    else:
        subject["cid"] = on.platform.get("cid") or _post(client, on).get("cid")
    reason = {"reasonType": "com.atproto.moderation.defs#reasonOther", "reason": note[:2000]}
    client.post("com.atproto.moderation.createReport", {**reason, "subject": subject})


ACTS: Mapping[Act, Do] = {
    Act.LIKE: _like,
    Act.UNLIKE: _unlike,
    Act.DELETE: _remove,
    Act.MUTE: _mute,
    Act.UNMUTE: _unmute,
    Act.BLOCK: _block,
    Act.UNBLOCK: _unblock,
    Act.REPORT: _report,
}


def _make(client: Client, me: str, collection: str, subject: Any, now: datetime) -> None:
    at = now.isoformat().replace("+00:00", "Z")
    record = {"$type": collection, "subject": subject, "createdAt": at}
    body = {"repo": me, "collection": collection, "record": record}
    client.post("com.atproto.repo.createRecord", body)


def _delete(client: Client, me: str, collection: str, uri: str | None) -> None:
    """Deletes a record of ours; that it is not there is fine, with us and with the server."""
    if uri is not None:
        body = {"repo": me, "collection": collection, "rkey": record_key(uri)}
        client.do("com.atproto.repo.deleteRecord", body)


def _post(client: Client, on: Ref) -> Json:
    found = client.get("app.bsky.feed.getPosts", uris=[on.external_id]).get("posts")
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise Gone(word("Bluesky no longer has this post."))
    return found[0]


def _profile(client: Client, on: Ref) -> Json:
    return client.get("app.bsky.actor.getProfile", actor=_person(on))


def _of_viewer(view: Json, name: str) -> str | None:
    """The address of our own record about a post or person."""
    viewer = view.get("viewer")
    found = viewer.get(name) if isinstance(viewer, dict) else None
    return found if isinstance(found, str) else None


def _person(on: Ref) -> str:
    if on.author is None:
        raise Refused("Bluesky did not say who wrote this.")
    return on.author.id
