"""The history of a conversation: beside the thread, on its page, for programs, on a terminal."""

from datetime import timedelta
from typing import Any

from inbox.store import audit
from inbox.store.tables import User
from templates import said
from tests.factories import make_conversation
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_conversations import HOSTILE


def many(site: Site, actor: User, times: int = 60) -> int:
    """A conversation in which so much was done, a minute apart; its number."""
    conversation = make_conversation(site.store, text=HOSTILE)
    with site.store.write() as session:
        for n in range(times):
            at = site.clock() + timedelta(minutes=n)
            subject = f"conversation:{conversation.id}"
            audit.record(session, actor.email, "act", subject, at, name=f"{HOSTILE} {n}.")
    return conversation.id


def test_the_newest_stand_beside_the_thread_and_all_of_it_on_a_page(site: Site, ada: User) -> None:
    id_ = many(site, ada)
    browser = site.signed_in(ada)
    thread = browser.get(f"/conversations/{id_}").text
    assert "7*7}} \u202egnp.exe 59.</bdi>”" in thread
    assert " 50.</bdi>" not in thread
    assert f'href="/conversations/{id_}/history"' in thread
    page = browser.get(f"/conversations/{id_}/history").text
    assert page.index(" 59.</bdi>”") < page.index(" 10.</bdi>”")
    assert "<script>alert" not in page
    older = page.split('class="hist-turn"')[1].split('href="')[1].split('"')[0]
    rest = browser.get(older).text
    assert " 9.</bdi>”" in rest
    assert " 10.</bdi>" not in rest
    assert "Wrote a message" in rest
    for wrong in (f"/conversations/{id_}/history?before=x", "/conversations/99/history"):
        assert browser.get(wrong).status_code == 404


def test_the_page_speaks_the_readers_language(site: Site, ada: User) -> None:
    id_ = many(site, ada, 1)
    with site.store.write() as session:
        about = ("excuse", f"conversation:{id_}", site.clock())
        audit.record(session, ada.email, *about, reason="thanks: <b>by phone")
    browser = site.signed_in(ada)
    browser.post("/me", data={"locale": "zh_Hans_CN"})
    page = browser.get(f"/conversations/{id_}/history").text
    assert said("zh_Hans_CN", "Wrote a message") in page
    assert "运行了宏" in page
    chosen = said("zh_Hans_CN", "Only thanks or a reaction")
    assert f'dir="auto">{chosen}: &lt;b&gt;by phone</p>' in page


def test_programs_read_the_same_in_pages(site: Site, ada: User) -> None:
    id_ = many(site, ada, 4)
    api = program(site, ada)
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = api.get(f"{V1}/conversations/{id_}/history", params=asked).json()
        found += page["facts"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [one["what"] for one in found] == ["act"] * 4 + ["clock", "in"]
    assert found[0]["by"] == "Ada Voss"
    assert found[0]["text"].startswith("Ran the macro “<script>")
    wrong = api.get(f"{V1}/conversations/{id_}/history", params={"cursor": "x"})
    assert wrong.json()["type"] == "urn:replydesk:problem:cursor"
