"""Programs that call the API of a running site."""

from collections.abc import Sequence
from dataclasses import replace

import httpx2

from classifier.explain import Explanation, Neighbour, Word
from classifier.labels import Category, Urgency
from classifier.model import Tags
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


class Heard:
    """A classifier that has an opinion."""

    def tag(self, texts: list[str]) -> list[Tags]:
        known = Tags(Category.PAYMENT, 0.9, Urgency.HIGH, 0.8, "en", False, (), "v1", "charged")
        return [known] * len(texts)

    def explain(self, text: str, n: int = 6) -> Explanation:
        weighed = (Word("twice", Category.PAYMENT, 1.5),)
        near = (Neighbour("charged twice", Category.PAYMENT, Urgency.HIGH, 0.9),)
        return Explanation(Category.PAYMENT, 0.9, weighed, (), ("anger",), near)


def hears(site: Site) -> None:
    """Gives the site a classifier: without one it says that there is none."""
    heard = Heard()
    desk = replace(site.app.state.desk, classifier=heard, explain=heard.explain)
    site.app.state.desk = desk
