"""Programs that call the API of a running site."""

from collections.abc import Sequence

import httpx2

from inbox.domain.scopes import held
from inbox.flows import tokens
from inbox.store.tables import User
from tests.web.serving import Site

V1 = "/api/v1"


def program(site: Site, person: User, scopes: Sequence[str] | None = None) -> httpx2.Client:
    """A client with a token of this person: with every scope that the role may give, if not said
    otherwise. It has no cookie and is on no page."""
    made = tokens.make(
        site.store,
        email=person.email,
        name="A program",
        scopes=held(person.role) if scopes is None else scopes,
        lasts=None,
        actor=person.email,
        now=site.clock(),
    )
    return bearing(site, made.token)


def bearing(site: Site, token: str) -> httpx2.Client:
    """A client with this token, good or not."""
    headers = {b"Authorization": f"Bearer {token}".strip().encode("latin-1")}
    client = httpx2.Client(base_url=site.url, headers=headers, timeout=60)
    return site.closing.enter_context(client)


def code(answer: httpx2.Response) -> str:
    """The problem's own name, after looking that it is one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    return str(body["type"]).removeprefix("urn:replydesk:problem:")
