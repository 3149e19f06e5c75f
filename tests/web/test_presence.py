"""Whether somebody is there, as pages and programs see it."""

import re
from typing import Any

import httpx2
from sqlalchemy import func, select

from inbox.store.tables import Audit, Event, User
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import DAY, shown


def head(page: httpx2.Response) -> str:
    found = re.search(r'id="on-duty">(.*?)</p>', page.text, re.S)
    assert found
    return shown(found[1])


def test_the_roster_says_who_on_duty_is_not_there(site: Site, ada: User, bo: User) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    lead.post("/roster/shifts", data=DAY | {"version": "0"})
    assert head(lead.get("/roster")).startswith("On duty now: Ada Voss , Bo Narin ·")
    back = agent.post("/me/presence", data={"state": "away", "next": "/roster"})
    assert back.headers["location"] == "/roster"
    assert 'value="away" aria-pressed="true"' in agent.get("/").text
    assert "Bo Narin · away" in head(lead.get("/roster"))
    site.clock.forward(minutes=61)
    assert "Bo Narin · offline" in head(lead.get("/roster"))
    assert agent.post("/me/presence", data={"state": "asleep"}).status_code == 422
    again = site.signed_in(bo)
    assert "Bo Narin · until" in head(lead.get("/roster"))
    again.post("/me/presence", data={"state": "offline"})
    assert "Bo Narin · offline" in head(lead.get("/roster"))


def test_signing_out_of_the_last_browser_is_leaving(site: Site, ada: User, bo: User) -> None:
    lead, agent, phone = site.signed_in(ada), site.signed_in(bo), site.signed_in(bo)
    lead.post("/roster/shifts", data=DAY | {"version": "0"})
    agent.post("/me/presence", data={"state": "online"})
    agent.post("/sign-out")
    assert "Bo Narin · until" in head(lead.get("/roster"))
    phone.post("/sign-out")
    assert "Bo Narin · offline" in head(lead.get("/roster"))


def test_an_auditor_has_no_presence(site: Site, cy: User) -> None:
    assert "/me/presence" not in site.signed_in(cy).get("/").text


def test_programs_tell_and_choose_it(site: Site, ada: User, bo: User) -> None:
    site.signed_in(ada).post("/roster/shifts", data=DAY | {"version": "0"})
    bot = program(site, bo)
    there: Any = bot.get(f"{V1}/roster/now").json()["on_duty"]
    assert [(one["name"], one["presence"]) for one in there] == [
        ("Ada Voss", "online"),
        ("Bo Narin", "offline"),
    ]
    assert bot.post(f"{V1}/me/presence", json={"state": "online"}).json() == {"state": "online"}
    assert bot.get(f"{V1}/roster/now").json()["on_duty"][1]["presence"] == "online"
    assert bot.post(f"{V1}/me/presence", json={"state": "asleep"}).status_code == 422
    for minutes in (10, 10, 20):  # a sign of life, another, and one that came too late
        site.clock.forward(minutes=minutes)
        bot.post(f"{V1}/me/presence", json={"state": "online"})
    with site.store.read() as session:
        count = select(func.count())
        assert session.scalar(count.select_from(Audit).where(Audit.action == "presence")) == 2
        assert session.scalar(count.select_from(Event).where(Event.topic == "presence")) == 2
