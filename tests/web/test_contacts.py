"""The pages of people outside the team, and the same for programs."""

from inbox.store.search import index_everything
from inbox.store.tables import User
from tests.factories import make_account, make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site


def test_a_person_is_joined_tagged_noted_and_separated_on_their_page(site: Site, ada: User) -> None:
    one = make_conversation(site.store, make_account(site.store, "x"), name="Lin Yue", lang="en")
    two = make_conversation(site.store, make_account(site.store, "line"), name="Lin Yue", lang="en")
    with site.store.write() as session:
        index_everything(session, 100)
    browser = site.signed_in(ada)
    page = f"/contacts/{one.contact_id}"
    assert "the same name, the same language" in browser.get(page).text
    for path, form in (
        ("join", {"other": str(two.contact_id)}),
        ("vip", {"on": "yes"}),
        ("tags", {"add": "Press, key account"}),
        ("notes", {"text": "<b>calls</b> on Mondays"}),
    ):
        assert browser.post(f"{page}/{path}", data=form).status_code == 303, path
    shown = browser.get(page).text
    for words in ("key-account", "&lt;b&gt;calls&lt;/b&gt;", "joined by", "Remove from VIP"):
        assert words in shown, words
    assert browser.get(f"/contacts/{two.contact_id}").headers["location"] == page
    assert browser.get("/contacts", params={"q": "mondays", "tag": "press"}).text.count(page) == 1
    assert 'class="vip"' in browser.get("/").text
    beside = browser.get(f"/conversations/{two.id}").text
    assert f'href="{page}"' in beside
    assert "calls&lt;/b&gt; on Mondays" in beside
    assert browser.post(f"{page}/tags", data={"add": "a_b"}).status_code == 422
    again = browser.post(f"{page}/join", data={"other": str(two.contact_id)})
    assert (again.status_code, "That is the same person already." in again.text) == (422, True)
    assert browser.post(f"{page}/separate", data={"identity": str(two.contact_id)}).is_redirect
    assert browser.get(f"/contacts/{two.contact_id}").status_code == 200
    assert browser.post(f"{page}/block", data={"on": "yes"}).is_redirect
    assert f'href="/conversations/{one.id}"' not in browser.get("/").text
    assert f'href="/conversations/{one.id}?view=all"' in browser.get("/?view=all").text


def test_each_conversation_of_a_person_says_how_it_stands(site: Site, ada: User) -> None:
    one, two = make_conversation(site.store), make_conversation(site.store)
    browser, page = site.signed_in(ada), f"/contacts/{one.contact_id}"
    third = {"to": "third", "reason": "the bank", "shown": "99"}
    assert browser.post(f"/conversations/{two.id}/state", data=third).is_redirect
    snooze = {"to": "snooze", "until": "monday", "shown": "99"}
    assert browser.post(f"/conversations/{one.id}/state", data=snooze).is_redirect
    browser.post(f"{page}/join", data={"other": str(two.contact_id)})
    shown = browser.get(page).text
    assert "due tomorrow" in shown
    assert "waiting on others" in shown
    assert "answered" not in shown


def test_programs_see_people_and_agents_may_not_block(site: Site, ada: User, bo: User) -> None:
    one, two = make_conversation(site.store), make_conversation(site.store)
    agent = program(site, bo)
    path = f"{V1}/contacts/{one.contact_id}"
    said = agent.post(f"{path}/join", json={"other": two.contact_id}).json()
    assert [i["id"] for i in said["identities"]] == [one.contact_id, two.contact_id]
    assert agent.get(f"{V1}/contacts").json()["contacts"][0]["id"] == one.contact_id
    assert code(agent.post(f"{path}/marks", json={"blocked": True})) == "role"
    assert code(agent.post(f"{path}/tags", json={"add": ["a_b"]})) == "words"
    assert code(agent.post(f"{path}/join", json={"other": two.contact_id})) == "not_one"
    assert code(agent.get(f"{V1}/contacts/99")) == "not_found"
    lead = program(site, ada)
    assert lead.post(f"{path}/marks", json={"blocked": True, "vip": True}).json()["blocked"]
    assert lead.post(f"{path}/marks", json={"muted": 0}).status_code == 422
    noted = agent.post(f"{path}/notes", json={"text": "calls"}).json()["notes"]
    assert [n["author"] for n in noted] == [bo.email]
    back = agent.post(f"{path}/separate", json={"identity": two.contact_id}).json()
    assert len(back["identities"]) == 1


def test_the_list_and_what_a_search_finds_come_as_a_sheet(site: Site, ada: User) -> None:
    one = make_conversation(site.store, name="=Lin")
    make_conversation(site.store, category="payment")
    browser = site.signed_in(ada)
    assert "/conversations.csv?view=due" in browser.get("/").text
    whole = browser.get("/conversations.csv?view=due")
    assert whole.headers["content-type"].startswith("text/csv")
    assert whole.text.count("\r\n") == 3
    found = program(site, ada).get(f"{V1}/conversations.csv", params={"q": "category:refund"})
    assert f"/conversations/{one.id}\r\n" in found.text
    assert ",'=Lin," in found.text
    assert browser.get("/conversations.csv?q=nothing:here").status_code == 422
    assert code(program(site, ada).get(f"{V1}/conversations.csv?q=no:x")) == "search"
