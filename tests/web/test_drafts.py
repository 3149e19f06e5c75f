"""Drafts on the page, in the list and in the API."""

from inbox.store.tables import User
from tests.factories import make_conversation
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_conversations import HOSTILE, form


def test_a_draft_stands_on_every_device_of_its_author_until_it_is_sent(
    site: Site, ada: User, bo: User
) -> None:
    path = f"/conversations/{make_conversation(site.store).id}"
    desk, phone, other = site.signed_in(ada), site.signed_in(ada), site.signed_in(bo)
    typed = form(desk.get(path).text) | {"mode": "private", "text": f"We look. {HOSTILE}"}
    assert desk.post(f"{path}/draft", data=typed).status_code == 204
    page = phone.get(path).text
    assert ">We look. &lt;" in page
    assert '<b class="row-draft">' in page
    for found in ("/?q=is:open", "/"):
        assert '<b class="row-draft">' in phone.get(found).text
        assert '<b class="row-draft">' not in other.get(found).text
    assert form(page)["idempotency_key"] == typed["idempotency_key"]
    assert "We look" not in other.get(path).text
    assert phone.post(f"{path}/reply", data=form(page) | typed).status_code == 303
    assert '<b class="row-draft" hidden>' in desk.get(path).text


def test_only_ways_to_answer_are_kept(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    path = f"/conversations/{make_conversation(site.store).id}"
    typed = form(browser.get(path).text) | {"mode": "loud", "text": "We look."}
    assert browser.post(f"{path}/draft", data=typed).status_code == 400
    assert browser.post("/conversations/99/draft", data=typed).status_code == 404


def test_programs_keep_and_read_their_persons_drafts(site: Site, ada: User, bo: User) -> None:
    id_ = make_conversation(site.store).id
    mine, theirs = program(site, ada), program(site, bo)
    said = {"text": "We look.", "visibility": "note"}
    for _ in range(2):
        (kept,) = mine.post(f"{V1}/conversations/{id_}/draft", json=said).json()["drafts"]
        assert (kept["conversation_id"], kept["text"], kept["visibility"]) == (id_, *said.values())
    assert theirs.get(f"{V1}/drafts").json() == {"drafts": []}
    assert "We look." in site.signed_in(ada).get(f"/conversations/{id_}").text
    mine.post(f"{V1}/conversations/{id_}/draft", json={"text": " "})
    assert mine.get(f"{V1}/drafts").json() == {"drafts": []}
