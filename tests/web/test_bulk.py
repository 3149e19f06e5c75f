"""Many conversations at once: chosen, done, watched and taken back, on pages and by programs."""

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from inbox.flows import bulk
from inbox.store.tables import Conversation, User
from tests.factories import make_brand, make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.pages_server import PageServer
from tests.web.sample_desk import SampleDesk
from tests.web.serving import Site


def states(site: Site) -> list[str]:
    with site.store.read() as session:
        return list(session.scalars(select(Conversation.status).order_by(Conversation.id)))


def test_chosen_conversations_are_done_and_taken_back(site: Site, bo: User) -> None:
    make_brand(site.store)
    for name in ("Ann", "<i>Ben"):
        make_conversation(site.store, name=name, category="payment", urgency="low")
    browser = site.signed_in(bo)
    assert 'form="picked" name="id" value="1"' in browser.get("/").text
    page = browser.get("/bulk/new?id=2&id=1").text
    assert page.count("checked>") == 2
    assert "&lt;i&gt;Ben" in page
    form = {"id": ["1", "2"], "view": "due", "key": "k"}
    bad = browser.post("/bulk/new", data=form)
    assert (bad.status_code, "Choose something to do." in bad.text) == (422, True)
    wanted = form | {"move": "spam", "reason": "advert"}
    began = browser.post("/bulk/new", data=wanted)
    assert began.headers["location"] == "/bulk/1"
    assert browser.post("/bulk/new", data=wanted).headers["location"] == "/bulk/1"
    working = browser.get("/bulk/1", headers={"HX-Request": "true"}).text
    assert ("0 of 2 done" in working, "load delay:1s" in working) == (True, True)
    bulk.work(site.store, site.clock)
    done = browser.get("/bulk/1").text
    assert ("Done: 2 of 2." in done, "load delay:1s" in done) == (True, False)
    assert states(site) == ["spam", "spam"]
    assert browser.post("/bulk/1/undo").is_redirect
    bulk.work(site.store, site.clock)
    assert "Taken back" in browser.get("/bulk/1").text
    assert states(site) == ["open", "open"]
    assert "Several conversations" in browser.get("/conversations/1").text  # what was done to it
    changed = wanted | {"assign": "me", "move": ""}  # after the browser's Back: the key is the same
    assert browser.post("/bulk/new", data=changed).headers["location"] == "/bulk/2"
    assert browser.post("/bulk/2/undo").is_redirect  # before it came to any
    assert "Nothing had to be done." not in browser.get("/conversations/1").text
    assert browser.get("/bulk/9").status_code == 404


def test_whose_customer_waits_is_resolved_with_a_reason_or_left_out(site: Site, bo: User) -> None:
    make_brand(site.store)
    for name in ("Ann", "Ben"):
        make_conversation(site.store, name=name)
    browser = site.signed_in(bo)
    page = browser.get("/bulk/new?id=1&id=2&move=resolve").text
    assert '<option value="resolve" selected>' in page
    form = {"id": ["1", "2"], "view": "due", "key": "k", "move": "resolve", "macro": ""}
    asked = browser.post("/bulk/new", data=form)
    assert asked.status_code == 422
    assert "Of these customers 2 still wait" in asked.text
    assert asked.text.count("checked>") == 2
    assert browser.post("/bulk/new", data=form | {"waiting": "leave"}).is_redirect
    bulk.work(site.store, site.clock)
    assert states(site) == ["open", "open"]
    nothing = browser.get("/bulk/1").text
    assert ("Done: 0 of 2." in nothing, "Undo the whole" in nothing) == (True, False)
    assert browser.post("/bulk/new", data=form | {"reason": "A thank-you"}).is_redirect
    bulk.work(site.store, site.clock)
    assert states(site) == ["resolved", "resolved"]
    assert "Undo the whole" in browser.get("/bulk/2").text


def test_a_macro_without_a_reason_takes_that_of_the_form(site: Site, ada: User) -> None:
    make_brand(site.store)
    make_conversation(site.store)
    browser = site.signed_in(ada)
    browser.post("/macros/new", data={"name": "Close", "move": "resolve"})
    form = {"id": ["1"], "view": "due", "key": "k", "macro": "1"}
    asked = browser.post("/bulk/new", data=form)
    assert (asked.status_code, '<option value="1" selected>' in asked.text) == (422, True)
    assert browser.post("/bulk/new", data=form | {"reason": "A thank-you"}).is_redirect
    bulk.work(site.store, site.clock)
    assert states(site) == ["resolved"]


def test_a_whole_view_and_a_macro_can_be_taken(site: Site, ada: User) -> None:
    for _ in range(3):
        make_conversation(site.store)
    browser = site.signed_in(ada)
    browser.post("/macros/new", data={"name": "Mine", "assign": "me"})
    assert "All of this view" in browser.get("/bulk/new?view=unassigned").text
    form = {"view": "unassigned", "all": "1", "macro": "1", "key": "k"}
    assert browser.post("/bulk/new", data=form).is_redirect
    assert bulk.work(site.store, site.clock) == 3
    with site.store.read() as session:
        assert set(session.scalars(select(Conversation.assignee_id))) == {ada.id}
    assert "Mine" in browser.get("/bulk/1").text


def test_a_search_or_a_saved_view_is_taken_as_the_list_shows_it(site: Site, ada: User) -> None:
    for category in ("refund", "payment", "refund"):
        make_conversation(site.store, category=category)
    browser = site.signed_in(ada)
    saved = {"name": "Refunds", "query": "category:refund"}
    assert browser.post("/views", data=saved).is_redirect
    for view, called in (("find:category:refund", "category:refund"), ("saved:1", "Refunds")):
        page = browser.get("/bulk/new", params={"view": view}).text
        assert [n for n in "123" if f'name="id" value="{n}"' in page] == ["1", "3"]
        assert f"<bdi>{called}</bdi>" in page
        form = {"view": view, "all": "1", "assign": "me", "key": view}
        assert browser.post("/bulk/new", data=form).is_redirect
        assert bulk.work(site.store, site.clock) == 2
    empty = browser.get("/bulk/new", params={"view": "find:channel:nowhere"}).text
    assert "There is nothing to choose." in empty
    with site.store.read() as session:
        found = session.scalars(select(Conversation.assignee_id).order_by(Conversation.id))
        assert list(found) == [ada.id, None, ada.id]


def test_programs_begin_watch_and_undo_jobs(site: Site, bo: User) -> None:
    make_conversation(site.store)
    agent = program(site, bo)
    body = {"conversations": [1, 99], "actions": {"assign": "me"}}
    assert code(agent.post(f"{V1}/bulk", json=body)) == "key_missing"
    key = {"Idempotency-Key": "a"}
    began = agent.post(f"{V1}/bulk", json=body, headers=key)
    assert (began.status_code, began.json()["counts"]) == (202, {"waiting": 1})
    bulk.work(site.store, site.clock)
    done = agent.get(f"{V1}/bulk/1").json()
    assert (done["finished"], done["runs"][0]["did"][0]["verb"]) == (True, "assign")
    assert agent.post(f"{V1}/bulk/1/undo").json()["undoing"]
    bulk.work(site.store, site.clock)
    assert agent.get(f"{V1}/bulk/1").json()["counts"] == {"undone": 1}
    assert code(agent.get(f"{V1}/bulk/9")) == "not_found"
    empty = agent.post(f"{V1}/bulk", json=body | {"actions": {}}, headers={"Idempotency-Key": "b"})
    assert code(empty) == "actions"


def test_rows_are_chosen_by_key_and_by_range(browser: Browser, server: PageServer) -> None:
    SampleDesk(server)
    with browser.new_context(base_url=server.base, viewport={"width": 1440, "height": 900}) as c:
        page = c.new_page()
        page.goto("/")
        bar, boxes = page.locator("#picked"), page.locator(".row-pick input")
        expect(bar).to_be_hidden()
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(bar).to_contain_text("1 chosen")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Shift+X")
        expect(bar).to_contain_text("3 chosen")
        expect(boxes.nth(1)).to_be_checked()
        boxes.nth(1).click()
        expect(bar).to_contain_text("2 chosen")
        bar.get_by_role("button", name="Choose none").click()
        expect(bar).to_be_hidden()
