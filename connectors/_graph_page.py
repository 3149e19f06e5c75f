"""Accounts that sign in with a Page's access token: what they ask for, and who they are."""

from collections.abc import Iterable, Iterator

from connectors._graph import UNREADABLE, Graph, identifier, text
from connectors.core.contract import Account, Identity, Secret, Setting, word
from connectors.core.errors import AuthRevoked, Refused, Transient

PAGE_TOKEN = Secret(
    "access_token",
    word("Page access token"),
    help=word("The Page’s own token, not that of a person."),
)
APP_ID = Setting("app_id", word("App ID"), word("Of the Meta app that the token belongs to."))


def identity(graph: Graph, account: Account, edges: Iterable[str]) -> Identity:
    """The Page of the token. What reading its `edges` (with their parameters) needs and the token
    lacks is missing. A person's token is `AuthRevoked`."""
    try:
        me = graph.get("/me", fields="id,name,username,category")
    except Refused as e:
        if "(category)" in e.reason:  # a person has no such field
            words = word("This token is a person’s. Enter the token of the Page itself.")
            raise AuthRevoked(words) from e
        raise
    found, name, username = identifier(me, "id"), text(me, "name"), text(me, "username")
    if not found:
        raise Transient(UNREADABLE)
    handle = f"@{username}" if username else name or found
    return Identity(found, handle, name or None, tuple(missing(graph, account, edges)))


def missing(graph: Graph, account: Account, edges: Iterable[str]) -> Iterator[str]:
    """What keeps the account from being read or called, in plain words."""
    for edge in edges:
        path, _, platform = edge.partition("?platform=")
        try:
            graph.listing(path, fields="id", limit=1, platform=platform or None)
        except Refused as e:
            yield e.reason
    if not account.secrets.get("app_secret"):
        yield word("the app secret (Meta’s calls cannot be believed without it)")
