"""A new edition of a report by hand: on its page, by program, on the command line's words."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inbox.store.tables import Audit, User
from reports.editions import edition_for, make_due
from reports.evidence.check import verify
from templates.periods import Days
from tests.clock import MONDAY
from tests.factories import make_brand, make_conversation, make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

HOUR = timedelta(hours=1)
QUERY = "from=2026-11-23&to=2026-11-23"
LIST = f"/reports/editions?{QUERY}"


@pytest.fixture
def desk(any_site: Site) -> Site:
    """Monday's report was made on Tuesday at nine; since then a wait of Monday fell due."""
    make_brand(any_site.store)
    make_conversation(any_site.store, opened_at=MONDAY - 22 * HOUR)
    any_site.clock.forward(days=1)
    make_due(any_site.store, any_site.clock())
    make_conversation(any_site.store, opened_at=MONDAY - 20 * HOUR)
    any_site.clock.forward(hours=2)
    return any_site


@pytest.fixture
def ada(desk: Site) -> User:
    """An admin, on the engine of the test."""
    return make_user(desk.store, "Ada Voss", "admin")


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())


def figures(desk: Site, number: int) -> Any:
    edition = edition_for(desk.store, Days.day(MONDAY.date()), number)
    assert edition is not None
    return edition.document.figures


def test_a_lead_makes_a_new_edition_and_the_earlier_one_stays_reachable(desk: Site) -> None:
    lead = desk.signed_in(make_user(desk.store, "Lea Moss", "lead"))
    page = lead.get("/reports/2026-11-23").text
    assert 'popovertarget="editions">edition 1<' in page
    assert "Those before stay as they are, also the one that was mailed." in page
    assert f'action="{LIST.replace("&", "&amp;")}"' in page
    made = lead.post(LIST, data={"after": "1"})
    assert made.status_code == 303
    shown = words(lead.get(made.headers["location"]).text)
    assert "Edition 2 is made. Nothing was mailed" in shown
    assert "made by Lea Moss" in shown
    assert "Edition 1 as of Tue 24 Nov 2026 09:00 made by itself" in shown
    assert "Late and open: 2 +1 " in shown
    newest, first = (lead.get(f"/reports/2026-11-23{n}").text for n in ("", "?edition=1"))
    assert ">edition 2 of 2<" in newest
    assert ">edition 1 of 2<" in first
    for number, told in ((1, first), (2, newest)):
        assert f"edition={number}" in told
        one = lead.get(f"/reports.json?{QUERY}&edition={number}").json()
        assert one == json.loads(json.dumps(figures(desk, number)))
    assert figures(desk, 2)["turns_due"] == figures(desk, 1)["turns_due"] + 1
    now = lead.get(f"/reports?{QUERY}&as_of=now").text
    assert ">2 editions<" in now
    with desk.store.read() as session:
        (act,) = session.scalars(select(Audit).where(Audit.action == "report_edition"))
    assert act.detail == {"first": "2026-11-23", "last": "2026-11-23", "edition": "2"}


def test_a_second_press_of_the_same_page_makes_none_and_says_whose_came_first(desk: Site) -> None:
    lead = desk.signed_in(make_user(desk.store, "Lea Moss", "lead"))
    for _ in range(2):
        told = lead.post(LIST, data={"after": "1"}).headers["location"]
    page = words(lead.get(told).text)
    assert "Nothing was made now: edition 2 came before you" in page
    assert "Edition 3" not in page


def test_agents_read_the_editions_and_make_none(desk: Site) -> None:
    agent = desk.signed_in(make_user(desk.store, "Bo Narin", "agent"))
    for path in ("/reports/2026-11-23", LIST):
        page = agent.get(path)
        assert page.status_code == 200
        assert "Make a new edition" not in page.text
    assert agent.post(LIST, data={"after": "1"}).status_code == 404
    assert edition_for(desk.store, Days.day(MONDAY.date()), 2) is None


@pytest.mark.parametrize(
    "query",
    ["from=2026-11-20&to=2026-11-23", f"{QUERY}&channel=x", "from=0001-01-01", f"{QUERY}&made=0"],
)
def test_of_other_days_and_of_a_part_there_are_none(desk: Site, ada: User, query: str) -> None:
    browser = desk.signed_in(ada)
    assert browser.get(f"/reports/editions?{query}").status_code == 404
    if "made" not in query:
        assert browser.post(f"/reports/editions?{query}", data={"after": "1"}).status_code == 404


def test_days_whose_report_is_not_made_say_when_it_will_be(desk: Site, ada: User) -> None:
    browser, today = desk.signed_in(ada), "/reports/editions?from=2026-11-24"
    assert "No edition is kept of these days." in browser.get(today).text
    told = browser.post(today, data={"after": "1"}).headers["location"]
    assert "No edition is kept of these days." in browser.get(told).text
    assert 'id="editions"' not in browser.get("/reports/2026-11-24").text


def test_programs_make_and_read_editions(desk: Site, ada: User) -> None:
    client, about = program(desk, ada), {"from": "2026-11-23", "to": "2026-11-23"}
    editions, key = f"{V1}/reports/editions", {"Idempotency-Key": "one"}
    made = client.post(editions, json=about, headers=key)
    assert (made.status_code, made.json()["made"]) == (200, True)
    again = client.post(editions, json=about, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
    late = client.post(editions, json=about | {"after": 1}).json()
    assert (late["made"], late["edition"]["number"]) == (False, 2)
    told = client.get(f"{editions}?{QUERY}").json()["editions"]
    assert [(one["number"], one["made_by"]) for one in told] == [(2, ada.email), (1, None)]
    assert told[0] == made.json()["edition"]
    for one in told:
        kept = client.get(f"{V1}/reports?{QUERY}&edition={one['number']}").json()
        assert kept == json.loads(json.dumps(figures(desk, one["number"])))
        assert kept["turns_due"] == one["turns_due"]


def test_programs_are_told_what_is_not_there(desk: Site, ada: User) -> None:
    client, editions = program(desk, ada), f"{V1}/reports/editions"
    of = {"from": "2026-11-20", "to": "2026-11-23"}
    assert client.get(editions, params=of).json() == {"editions": []}
    assert code(client.post(editions, json=of)) == "not_found"
    assert code(client.post(editions, json={"from": "2026-11-24", "to": "2026-11-20"})) == "period"
    assert client.get(f"{V1}/reports?{QUERY}&edition=2").status_code == 404
    for more in ("tz=UTC", "channel=email", "as_of=2026-11-24T00:00Z"):
        answer = client.get(f"{V1}/reports?{QUERY}&edition=1&{more}")
        assert answer.status_code == 422, more


def test_the_pack_of_an_editions_page_is_that_editions(desk: Site, ada: User) -> None:
    lead = desk.signed_in(make_user(desk.store, "Lea Moss", "lead"))
    page = lead.get("/reports/2026-11-23?edition=1").text
    (action,) = re.findall(r'action="(/reports/evidence\?[^"]+)"', page)
    given = lead.post(action.replace("&amp;", "&"))
    named = 'filename="evidence-2026-11-23-edition-1.zip"'
    assert named in given.headers["content-disposition"]
    assert verify(io.BytesIO(given.content)).edition == 1
    packs = f"{V1}/reports/evidence?{QUERY}"
    client = program(desk, ada)
    assert client.get(f"{packs}&edition=1").content == given.content
    assert client.get(f"{packs}&edition=2").status_code == 404
    assert code(client.get(f"{packs}&edition=1&tz=UTC")) == "period"
    assert lead.post(f"/reports/evidence?{QUERY}&edition=2").status_code == 404
