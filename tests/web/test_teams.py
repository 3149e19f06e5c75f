"""Teams on the site: what others' accounts hold answers 404 at every address (law 12, ADR 47)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.flows import cases
from inbox.store.tables import Account, ContactNote, User
from inbox.web import objects
from inbox.web.permissions import API, PERMISSIONS
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_team, make_user
from tests.web.api.calling import V1, code, program
from tests.web.api.everything import fill
from tests.web.serving import Site
from tests.web.test_live import announce, listening

DAY = timedelta(days=1)
OF_ACCOUNTS = sorted(
    (method, path)
    for method, path in (*PERMISSIONS, *API)
    if objects.NUMBER in path and objects.named(path)
)


@pytest.fixture
def bordered(site: Site) -> Site:
    """All that stands there is of accounts that only Bo's team serves."""
    ada = make_user(site.store, "Ada Voss", "admin")
    fill(site.store, ada, site.app.state.desk.settings.folder)
    with site.store.write() as session:
        said = {"author_id": 1, "text": "calls", "search_text": " calls ", "created_at": MONDAY}
        session.add(ContactNote(contact_id=1, **said))
    bo = make_user(site.store, "Bo Narin", "lead")
    with site.store.read() as session:
        accounts = session.scalars(select(Account)).all()
    make_team(site.store, "Others", [bo], accounts)
    return site


def test_every_number_of_what_others_serve_is_hidden(bordered: Site) -> None:
    store, hidden = bordered.store, frozenset({1, 2})
    paths = {path for _, path in OF_ACCOUNTS}
    assert {path for path in paths if objects.may_see(store, path, 1, hidden)} == set()
    assert {path for path in paths if not objects.may_see(store, path, 99, hidden)} == set()
    assert len(OF_ACCOUNTS) > 80


def test_the_gate_answers_404_to_browsers_and_programs(bordered: Site) -> None:
    for who, said in ((make_user(bordered.store, "Eli Font", "lead"), 404), (None, 200)):
        reader = who or person(bordered, "bo")
        browser, client = bordered.signed_in(reader), program(bordered, reader)
        pages = [browser.get(f"/{one}/1").status_code for one in PAGES]
        calls = [client.get(f"{V1}/{one}/1").status_code for one in PAGES]
        assert {*pages, *calls} == {said}
        posts = browser.post("/conversations/1/assign"), client.post(f"{V1}/conversations/1/assign")
        assert (said == 404) == ({one.status_code for one in posts} == {404})


PAGES = ("conversations", "files", "bulk", "surges")


def test_a_number_written_otherwise_is_the_same_number(bordered: Site) -> None:
    """The gate reads an address as the route behind it does."""
    for who, said in ((make_user(bordered.store, "Eli Font", "lead"), 404), (None, 200)):
        reader = who or person(bordered, "bo")
        browser, client = bordered.signed_in(reader), program(bordered, reader)
        for number in ("+1", "1.0", "%201", "0_1", "0" * 30 + "1"):
            asked = {browser.get(f"/{one}/{number}").status_code for one in PAGES}
            asked |= {client.get(f"{V1}/{one}/{number}").status_code for one in PAGES}
            assert asked == {said}, number


def person(site: Site, name: str) -> User:
    with site.store.read() as session:
        return session.scalars(select(User).where(User.email.startswith(name))).one()


def test_pages_and_programs_say_nothing_of_what_others_serve(bordered: Site) -> None:
    """One conversation is everyone's, the other one Bo's team's."""
    eli, store = make_user(bordered.store, "Eli Font", "lead"), bordered.store
    with store.read() as session:
        account = session.get_one(Account, 1)
    make_conversation(store, account, name="Hidden Hanna", text="Nobody reads this")
    make_conversation(store, make_account(store), name="Open Olaf")
    at = ("/?view=all", "/contacts", "/conversations.csv?view=all")
    for who, sees in ((eli, False), (person(bordered, "ada"), True)):
        browser, client = bordered.signed_in(who), program(bordered, who)
        said = {path: browser.get(path).text for path in at}
        said |= {path: client.get(f"{V1}{path}").text for path in API_LISTS}
        wrong = {path for path, text in said.items() if ("Hanna" in text) != sees}
        assert wrong == set()
        assert "Olaf" in said["/?view=all"]
        handles = [one["handle"] for one in client.get(f"{V1}/accounts").json()["accounts"]]
        assert (account.handle in handles) == sees
        assert (account.handle in browser.get("/accounts").text) == sees


API_LISTS = ("/conversations?view=all", "/search?q=is:open", "/contacts")


def test_no_page_and_no_call_names_a_customer_of_others(bordered: Site) -> None:
    """Every list and single page that a lead reads, and those of a conversation of one case with a
    hidden one."""
    eli, store = make_user(bordered.store, "Eli Font", "lead"), bordered.store
    mine = make_conversation(store, make_account(store), name="Open Olaf", text="Hello")
    cases.join(store, conversation_id=mine.id, other_id=1, actor="cli", now=MONDAY)
    named: dict[str, set[str]] = {}
    for who in (eli, person(bordered, "ada")):
        browser, client = bordered.signed_in(who), program(bordered, who)
        for path in READ:
            asked = client if path.startswith(V1) else browser
            answer = asked.get(path.replace(objects.NUMBER, f"/{mine.id}") + ASKED.get(path, ""))
            assert answer.status_code < 500, path
            if re.search("Lin Yue|my refund|We look", answer.text):
                named.setdefault(who.name, set()).add(path)
    assert named.pop("Eli Font", set()) == set()
    assert len(named["Ada Voss"]) > 12  # else there was nothing to see


READ = sorted(
    path
    for (method, path), roles in (PERMISSIONS | {at: one.roles for at, one in API.items()}).items()
    if method == "GET"
    and "lead" in roles
    and path not in ("/events", "/style", f"{V1}/openapi.json")
    and ("{" not in path or (objects.NUMBER in path and objects.named(path) == "conversation"))
)
ASKED = {f"{V1}/search": "?q=refund", "/": "?view=all", "/conversations.csv": "?view=all"}


def test_numbers_in_bodies_are_bound_too(bordered: Site) -> None:
    eli = make_user(bordered.store, "Eli Font", "lead")
    client, browser = program(bordered, eli), bordered.signed_in(eli)
    mine = make_conversation(bordered.store, make_account(bordered.store))
    joined = client.post(f"{V1}/conversations/{mine.id}/matter", json={"other": 1})
    assert (joined.status_code, code(joined)) == (409, "matter")
    made = client.post(f"{V1}/contacts/{mine.contact_id}/join", json={"other": 1})
    assert made.status_code == 404
    asked = {"conversations": [1, mine.id], "actions": {"assign": "me"}}
    job = client.post(f"{V1}/bulk", json=asked, headers={"Idempotency-Key": "k"}).json()
    assert [run["conversation_id"] for run in job["runs"]] == [mine.id]
    assert "Lin Yue" not in browser.get("/bulk/new?id=1").text
    to = {"to": str(person(bordered, "bo").id)}
    assert browser.post(f"/conversations/{mine.id}/give", data=to).status_code == 303


def test_a_lead_gives_only_to_who_sees_it(bordered: Site) -> None:
    eli, bo = make_user(bordered.store, "Eli Font", "agent"), person(bordered, "bo")
    browser, client = bordered.signed_in(bo), program(bordered, bo)
    assert "Eli Font" not in browser.get("/conversations/1/give").text
    given = browser.post("/conversations/1/give", data={"to": str(eli.id)})
    asked = client.post(f"{V1}/conversations/1/assign", json={"to": eli.id})
    assert (given.status_code, asked.status_code) == (422, 422)


def test_the_stream_says_nothing_of_what_others_serve(bordered: Site) -> None:
    eli = make_user(bordered.store, "Eli Font", "lead")
    mine = make_conversation(bordered.store, make_account(bordered.store))
    with listening(bordered, bordered.signed_in(eli)) as page:
        announce(bordered.store, 1)
        announce(bordered.store, mine.id)
        heard = page.next()
        bo, client = program(bordered, person(bordered, "bo")), program(bordered, eli)
        for id_ in (1, mine.id):
            bo.post(f"{V1}/conversations/{id_}/here", json={})
        seen = page.next("watching")
    assert heard is not None
    assert seen is not None
    assert heard["data"] == seen["data"] == {"conversation": mine.id}
    there = client.get(f"{V1}/watching").json()["watching"]
    assert [one["conversation_id"] for one in there] == [mine.id]


def test_saved_views_count_for_each_what_they_see(bordered: Site) -> None:
    """The team's counts are kept once for all who see the same."""
    eli = make_user(bordered.store, "Eli Font", "lead")
    counts = [
        program(bordered, who).get(f"{V1}/views").json()["views"][0]["count"]
        for who in (person(bordered, "ada"), eli, person(bordered, "bo"))
    ]
    assert counts == [2, 0, 2]


def test_a_report_names_nobody_whom_its_reader_does_not_see(bordered: Site) -> None:
    eli = make_user(bordered.store, "Eli Font", "lead")
    with bordered.store.read() as session:
        account = session.get_one(Account, 1)
    make_conversation(bordered.store, account, name="Hidden Hanna", opened_at=MONDAY - 2 * DAY)
    texts = [
        bordered.signed_in(who).get("/reports/2026-11-22").text
        for who in (eli, person(bordered, "ada"))
    ]
    assert ["Hidden Hanna" in text for text in texts] == [False, True]
    assert ["another team’s" in text for text in texts] == [True, False]


def test_admins_make_change_and_remove_teams(bordered: Site) -> None:
    ada, eli = person(bordered, "ada"), make_user(bordered.store, "Eli Font")
    browser, form = bordered.signed_in(ada), {"name": "Night", "member": str(eli.id)}
    assert browser.post("/teams/new", data=form).headers["location"] == "/teams?done=saved"
    page = browser.get("/teams").text
    assert all(name in page for name in ("Night", "Eli Font", "Others"))
    again = browser.post("/teams/new", data=form)
    assert (again.status_code, "There is a team Night already." in again.text) == (422, True)
    number = re.findall(r'href="/teams/(\d+)"><bdi>Night', page)[0]
    assert "checked" in browser.get(f"/teams/{number}").text
    moved = browser.post(f"/teams/{number}", data=form | {"account": "1", "lead": str(eli.id)})
    assert moved.headers["location"] == "/teams?done=saved&freed=0"
    assert bordered.signed_in(eli).get("/conversations/1").status_code == 200
    gone = browser.post(f"/teams/{number}", data={"do": "remove"})
    assert gone.headers["location"] == "/teams?done=removed"
    assert bordered.signed_in(eli).get("/conversations/1").status_code == 404
    assert browser.get(f"/teams/{number}").status_code == 404


def test_a_number_without_an_object_stops_the_start() -> None:
    objects.check([("GET", "/conversations/{id}"), ("POST", f"{V1}/runs/{{id}}/undo")])
    with pytest.raises(objects.NumberWithoutObject, match=r"/secrets/\{id\}"):
        objects.check([("GET", "/"), ("GET", "/secrets/{id}")])
