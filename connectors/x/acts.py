"""Moderation on X: what there is, and the requests that do it.

Facts: X's pages "Hide replies", "Manage posts", "Manage DM blocks" and "Mutes", and the changelog
of 16 Apr 2026, which took likes, follows and quotes from self-serve apps. Full blocks went in 2023;
there is no way to report.
"""

from collections.abc import Callable, Mapping

from connectors.core.contract import Act, Json, Kind, Offer, On, Ref, Visibility, word
from connectors.core.errors import Refused, Unsupported
from connectors.x.client import Client, Rows

POSTS = (Kind.MENTION, Kind.COMMENT)
OFFERS = (
    Offer(
        Act.HIDE,
        On.THEIRS,
        POSTS,
        undo=Act.UNHIDE,
        note=word("Only replies in a thread that this account began can be hidden."),
    ),
    Offer(Act.UNHIDE, On.THEIRS, POSTS, undo=Act.HIDE),
    Offer(Act.DELETE, On.OURS, POSTS),
    Offer(
        Act.DELETE,
        On.OURS,
        (Kind.DM,),
        note=word("The message goes from this account’s view; the customer keeps theirs."),
    ),
    Offer(
        Act.BLOCK,
        On.PERSON,
        undo=Act.UNBLOCK,
        note=word("Stops their direct messages; X lets apps block no more than that."),
    ),
    Offer(Act.UNBLOCK, On.PERSON, undo=Act.BLOCK),
    Offer(Act.MUTE, On.PERSON, undo=Act.UNMUTE),
    Offer(Act.UNMUTE, On.PERSON, undo=Act.MUTE),
)
Request = tuple[str, str, Json | None]
_HIDE: Rows = {
    403: lambda a: Refused(
        word(
            "X did not do it: {words} Only replies in a thread that this account began can be"
            " hidden."
        ).format(words=a.detail)
    )
}


def perform(client: Client, me: Callable[[], str], act: Act, on: Ref) -> None:
    """One act; what is done already counts as done."""
    if not any(_meant(o, act, on) for o in OFFERS):
        raise Unsupported("X cannot do this.")
    method, route, body = REQUESTS[act](me(), on)
    rows = _HIDE if act in (Act.HIDE, Act.UNHIDE) else _DELETE if act is Act.DELETE else {}
    try:
        client.do(method, route, body, rows)
    except _Gone:
        return


class _Gone(Refused):
    """What should be deleted is not there any more."""


_DELETE: Rows = {404: lambda a: _Gone(word("X no longer has it."))}


def _meant(offer: Offer, act: Act, on: Ref) -> bool:
    if offer.on is On.PERSON:
        whose = not on.ours and on.author is not None
    else:
        whose = on.ours == (offer.on is On.OURS)
    return offer.act is act and whose and (not offer.kinds or on.kind in offer.kinds)


def _hidden(hidden: bool) -> Callable[[str, Ref], Request]:
    return lambda me, on: ("PUT", f"/2/tweets/{_post(on)}/hidden", {"hidden": hidden})


def _delete(me: str, on: Ref) -> Request:
    if on.visibility is Visibility.PRIVATE:
        return "DELETE", f"/2/dm_events/{on.external_id}", None
    return "DELETE", f"/2/tweets/{_post(on)}", None


def _post(on: Ref) -> str:
    """The newest version's id."""
    return str(on.platform.get("post_id", on.external_id))


def _person(on: Ref) -> str:
    return on.author.id if on.author else ""  # `_meant` saw to it


REQUESTS: Mapping[Act, Callable[[str, Ref], Request]] = {
    Act.HIDE: _hidden(True),
    Act.UNHIDE: _hidden(False),
    Act.DELETE: _delete,
    Act.BLOCK: lambda me, on: ("POST", f"/2/users/{_person(on)}/dm/block", None),
    Act.UNBLOCK: lambda me, on: ("POST", f"/2/users/{_person(on)}/dm/unblock", None),
    Act.MUTE: lambda me, on: (
        "POST",
        f"/2/users/{me}/muting",
        {"target_user_id": _person(on)},
    ),
    Act.UNMUTE: lambda me, on: ("DELETE", f"/2/users/{me}/muting/{_person(on)}", None),
}
