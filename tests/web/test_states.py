"""Setting a conversation aside on its page and by program; the way back stands beside it."""

import re
from datetime import timedelta

import httpx2
import pytest

from inbox.flows.states import reopen_due
from inbox.store.tables import Conversation, User
from tests.factories import make_conversation
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

HX = {"HX-Request": "true"}


@pytest.fixture
def browser(site: Site, ada: User) -> httpx2.Client:
    return site.signed_in(ada)


def step_of(page: str) -> str:
    found = re.search(r'name="step" value="(\d+)"', page)
    assert found is not None
    return found[1]


def strip(page: str) -> str:
    return page[page.index('id="standing"') : page.index('id="scroll"')]


def test_a_snooze_says_that_the_clock_runs_on_and_is_undone_beside_it(
    site: Site, browser: httpx2.Client
) -> None:
    id_ = make_conversation(site.store).id
    page = browser.get(f"/conversations/{id_}").text
    assert 'id="aside"' in page
    assert 'id="standing"' not in page
    form = {"to": "snooze", "until": "monday", "shown": "1"}
    page = browser.post(f"/conversations/{id_}/state", data=form, headers=HX).text
    assert "but an answer is due" in strip(page)
    assert 'class="clock"' in page  # the running clock is not hidden
    listed = browser.get("/?view=snoozed").text
    assert f'id="row-{id_}"' in listed
    assert f'id="row-{id_}"' not in browser.get("/").text
    undone = browser.post(f"/conversations/{id_}/undo", data={"step": step_of(page)}, headers=HX)
    assert 'id="standing"' not in undone.text
    assert f'id="row-{id_}"' in browser.get("/").text


def test_a_snooze_says_when_it_comes_back_and_is_not_offered_when_it_cannot(
    site: Site, browser: httpx2.Client
) -> None:
    now = site.clock()
    id_ = make_conversation(site.store, opened_at=now).id  # due in 24 hours, warned of at 12
    page = browser.get(f"/conversations/{id_}").text
    told = dict(
        re.findall(r'name="until" value="(\w+)" formnovalidate>.*?<span class="dim">(.*?)<', page)
    )
    assert told["later"].startswith(("today", "tomorrow"))  # three hours on, as it says
    assert {one.endswith(" already") for key, one in told.items() if key == "monday"} == {True}
    form = {"to": "snooze", "until": "monday", "shown": "1"}
    browser.post(f"/conversations/{id_}/state", data=form)
    with site.store.read() as session:
        back = session.get_one(Conversation, id_).back_at
    assert back is not None
    assert f"{back:%H:%M}" in told["monday"]
    late = make_conversation(site.store, opened_at=now - timedelta(hours=26)).id
    page = browser.get(f"/conversations/{late}").text
    assert ("it cannot wait any longer" in page, 'name="until"' in page) == (True, False)


def test_what_comes_back_stands_in_the_list_of_what_is_to_do(
    site: Site, browser: httpx2.Client
) -> None:
    id_ = make_conversation(site.store).id
    at = (site.clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%MZ")
    parked = {"to": "customer", "reason": "called them", "shown": "1"}
    assert browser.post(f"/conversations/{id_}/state", data=parked).status_code == 303
    site.clock.forward(minutes=1)
    browser.post(f"/conversations/{id_}/state", data={"to": "snooze", "until": "at", "at": at})
    site.clock.forward(hours=2)
    assert reopen_due(site.store, site.clock()) == 1
    page = browser.get("/").text
    assert 'id="group-back"' in page
    assert "Back from a snooze" in strip(browser.get(f"/conversations/{id_}").text)


def test_a_step_that_cannot_be_taken_says_why_and_an_unknown_one_is_no_page(
    site: Site, browser: httpx2.Client
) -> None:
    id_ = make_conversation(site.store).id
    refused = browser.post(f"/conversations/{id_}/state", data={"to": "third"}, headers=HX)
    assert refused.status_code == 422
    assert "Say on whom it waits." in refused.text
    assert browser.post("/conversations/77/state", data={"to": "spam"}).status_code == 404
    assert browser.post("/conversations/77/undo").status_code == 404
    late = browser.post(f"/conversations/{id_}/undo", data={"step": "9"}, headers=HX)
    assert (late.status_code, "cannot be taken back" in late.text) == (422, True)


def test_a_reader_sees_the_state_but_no_way_to_change_it(
    site: Site, browser: httpx2.Client, cy: User
) -> None:
    id_ = make_conversation(site.store).id
    browser.post(f"/conversations/{id_}/state", data={"to": "spam", "reason": "spam", "shown": "1"})
    page = site.signed_in(cy).get(f"/conversations/{id_}").text
    assert "Marked as spam" in strip(page)
    assert "<form" not in strip(page)
    assert 'id="aside"' not in page


def test_a_program_parks_brings_back_and_undoes(site: Site, ada: User) -> None:
    make_conversation(site.store)
    client, one = program(site, ada), f"{V1}/conversations/1"
    assert client.get(f"{one}/step").json() is None
    refused = client.post(f"{one}/state", json={"to": "third", "shown": 1})
    assert (refused.status_code, code(refused)) == (422, "reason")
    parked = client.post(f"{one}/state", json={"to": "third", "shown": 1, "reason": "the bank"})
    assert parked.json()["status"] == "third"
    page = client.get(f"{V1}/conversations?view=third").json()
    assert [row["id"] for row in page["conversations"]] == [1]
    step = client.get(f"{one}/step").json()
    assert (step["kind"], step["by"], step["reason"]) == ("third", ada.email, "the bank")
    undone = client.post(f"{one}/undo", json={"step": step["id"]})
    assert undone.json()["status"] == "open"
    late = client.post(f"{one}/undo", json={"step": step["id"]})
    assert (late.status_code, code(late)) == (409, "state")
    until = (site.clock() + timedelta(hours=2)).isoformat()
    snoozed = client.post(f"{one}/state", json={"to": "snooze", "shown": 1, "until": until})
    assert snoozed.json()["back_at"][:16] == until[:16]


def test_spam_is_not_resolved_and_says_so(site: Site, browser: httpx2.Client, ada: User) -> None:
    path = f"/conversations/{make_conversation(site.store).id}"
    browser.post(f"{path}/state", data={"to": "spam", "reason": "an advert", "shown": "1"})
    page = browser.post(f"{path}/resolve", data={"shown": "1"}, headers=HX)
    assert "does not fit this conversation" in page.text
    answer = program(site, ada).post(f"{V1}{path}/resolve", json={"shown": 1})
    assert (answer.status_code, code(answer)) == (409, "state")
