"""The roster's page: shifts, absences and swaps as people enter them."""

import re
from html import unescape
from typing import Any

import httpx2

from inbox.store.tables import User
from tests.factories import make_conversation, make_user
from tests.web.api.calling import V1, program
from tests.web.serving import Site

EVERY = [str(day) for day in range(7)]
DAY: dict[str, Any] = {
    "name": "Day",
    "starts": "08:00",
    "ends": "20:00",
    "zone": "Europe/Lisbon",
    "day": EVERY,
    "week0": ["ada@lumenpay.example", "bo@lumenpay.example"],
}


def follow(browser: httpx2.Client, answer: httpx2.Response) -> str:
    assert answer.status_code == 303, answer.text
    return unescape(browser.get(answer.headers["location"]).text)


def shown(page: str) -> str:
    """The text of a page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_lead_adds_changes_ends_and_undoes_a_shift(site: Site, ada: User, bo: User) -> None:
    browser = site.signed_in(ada)
    assert "No shifts yet." in browser.get("/roster").text
    page = follow(browser, browser.post("/roster/shifts", data=DAY | {"version": "0"}))
    text = shown(page)
    assert "On duty now: Ada Voss , Bo Narin · offline · until today 20:00" in text
    assert "Nobody 20:00–24:00" in text
    assert "Mon 23 Nov 20:00 to Tue 24 Nov 08:00 12 h" in text
    night = {**DAY, "name": "Night", "starts": "20:00", "ends": "08:00", "week1": DAY["week0"]}
    page = follow(browser, browser.post("/roster/shifts", data=night | {"version": "1"}))
    assert "None: somebody is on duty at every hour." in shown(page)
    assert "takes turns weekly" in page
    stale = browser.post("/roster/shifts", data=DAY | {"version": "1"})
    assert stale.status_code == 422
    assert "Somebody else changed the roster meanwhile" in stale.text
    ended = browser.post("/roster/shifts", data={"id": "night", "version": "2", "do": "end"})
    assert "Tue 24 Nov 20:00 to Wed 25 Nov 08:00" in shown(follow(browser, ended))
    page = follow(browser, browser.post("/roster/undo", data={"version": "3"}))
    assert "None: somebody is on duty at every hour." in shown(page)


def test_the_tide_names_the_hours_in_which_nobody_is_on_duty(
    site: Site, ada: User, bo: User
) -> None:
    for _ in range(3):
        make_conversation(site.store)
    browser = site.signed_in(ada)
    assert "tide-off" not in browser.get("/").text  # without shifts nobody is missed
    follow(browser, browser.post("/roster/shifts", data=DAY | {"version": "0"}))
    page = browser.get("/").text
    assert page.count("tide-off") == 1
    assert "Nobody 20:00–08:00" in shown(page)
    night = DAY | {"name": "Night", "version": "1", "starts": "20:00", "ends": "08:00"}
    follow(browser, browser.post("/roster/shifts", data=night))
    assert "tide-off" not in browser.get("/").text


def test_a_form_that_none_of_ours_sent_is_read_as_far_as_it_can_be(site: Site, ada: User) -> None:
    odd = DAY | {"day": ["", "01", "6"], "version": "0", "week0": [ada.email]}
    assert site.signed_in(ada).post("/roster/shifts", data=odd).status_code == 303
    (shift,) = program(site, ada).get(f"{V1}/roster").json()["shifts"]
    assert shift["weekdays"] == ["sunday"]


def test_a_change_leaves_the_days_before_it_as_they_were(site: Site, ada: User, bo: User) -> None:
    browser = site.signed_in(ada)
    follow(browser, browser.post("/roster/shifts", data=DAY | {"version": "0"}))
    site.clock.forward(days=2, hours=2)  # Wednesday, 11:00, in the middle of the shift
    only_bo = DAY | {"id": "day", "version": "1", "week0": ["bo@lumenpay.example"], "ends": "18:00"}
    browser = site.signed_in(ada)
    follow(browser, browser.post("/roster/shifts", data=only_bo))
    text = shown(unescape(browser.get("/roster").text))
    for when, ada_works, hours in (
        ("Tue 24", True, "08:00–20:00"),
        ("Wed 25", False, "08:00–18:00"),
    ):
        day = text[text.index(when) : text.index(when) + 160]
        assert ("Ada" in day.split("Nobody 20:00")[0], hours in day) == (ada_works, True), day
    assert "Nobody 18:00–24:00" in text


def test_a_lead_asks_for_given_hours_and_holes_go_by_them(site: Site, ada: User, bo: User) -> None:
    browser = site.signed_in(ada)
    follow(browser, browser.post("/roster/shifts", data=DAY | {"version": "0"}))
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-21:00")
    asks = week | {"saturday": "closed", "sunday": "", "people": "2", "version": "1"}
    page = follow(browser, browser.post("/roster/cover", data=asks))
    assert "At least 2 people are asked to be on duty: Mon 08:00–21:00" in shown(page)
    assert "Mon 23 Nov 20:00 to Mon 23 Nov 21:00 1 h" in shown(page)
    assert "Sat 28 Nov 20:00" not in shown(page)
    one = DAY | {"id": "day", "version": "2", "week0": [ada.email], "ends": "21:00"}
    page = follow(browser, browser.post("/roster/shifts", data=one))  # asks for the same still
    assert "13 h · 1 of 2" in shown(page)
    for wrong in (
        {"people": "0"},
        {"people": "9" * 5000},
        {"monday": "soon"},
        {"version": "1"},
        {"zone": "Mars"},
    ):
        again = {**asks, "version": "3", **wrong}
        assert browser.post("/roster/cover", data=again).status_code == 422
    read = program(site, bo).get(f"{V1}/roster").json()["cover"]
    assert (read["people"], read["hours"]["monday"]) == (2, "08:00-21:00")
    changed = {"shifts": [], "cover": {"people": 1, "hours": {"monday": "09:00-10:00"}}, "after": 3}
    assert program(site, ada).post(f"{V1}/roster", json=changed).json() == {"id": 4}
    for version in ("4", "5"):  # the API's change, and then its undoing
        follow(browser, browser.post("/roster/undo", data={"version": version}))
    assert program(site, bo).get(f"{V1}/roster").json()["cover"]["people"] == 1


def test_an_absence_opens_a_hole_and_undo_closes_it(site: Site, ada: User, bo: User) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    lead.post("/roster/shifts", data=DAY | {"version": "0", "week0": ["bo@lumenpay.example"]})
    away = {"first": "2026-11-24", "last": "2026-11-24", "from": "10:00", "to": "12:00"}
    page = follow(agent, agent.post("/roster/absences", data=away | {"reason": "Dentist"}))
    assert "Tue 24 Nov 10:00 to Tue 24 Nov 12:00 2 h" in shown(page)
    assert "Dentist" in page
    page = follow(agent, agent.post("/roster/absences/1/withdraw"))
    assert "Dentist" not in page
    assert "Dentist" in follow(agent, agent.post("/roster/absences/1/withdraw", data={"back": "1"}))
    other = agent.post("/roster/absences", data=away | {"person": "ada@lumenpay.example"})
    assert other.status_code == 422
    assert agent.post("/roster/absences", data={"first": "soon"}).status_code == 422
    zoned = away | {"first": "2026-11-26", "last": "2026-11-26", "from": "10:00+05:00"}
    page = follow(agent, agent.post("/roster/absences", data=zoned))
    assert "Thu 26 Nov 10:00 to Thu 26 Nov 12:00 2 h" in shown(page)
    site.clock.forward(days=60)
    past = site.signed_in(bo).get("/roster?week=2026-11-24").text
    assert "12:00–20:00" in shown(past)  # weeks that are long over still know who was away


def test_a_form_that_is_refused_stands_there_again_as_it_was_typed(
    site: Site, ada: User, bo: User
) -> None:
    browser = site.signed_in(ada)
    follow(browser, browser.post("/roster/shifts", data=DAY | {"version": "0"}))

    def again(path: str, typed: dict[str, Any]) -> str:
        answer = browser.post(path, data=typed)
        assert answer.status_code == 422
        return answer.text.partition('id="again"')[2].partition("</section>")[0]

    eve = DAY | {"name": "Eve", "starts": "26:00", "day": ["6"], "week2": [bo.email]}
    shift = again("/roster/shifts", eve | {"version": "1"})
    for kept in ('value="Eve"', 'value="26:00"', 'value="6" checked', f'"{bo.email}" checked'):
        assert kept in shift
    assert (shift.count('name="day"'), shift.count("checked")) == (7, 4)
    assert 'name="version" value="1"' in shift
    asks = {"people": "3", "zone": "Mars", "monday": "soon", "version": "1"}
    cover = again("/roster/cover", asks)
    assert all(f'value="{kept}"' in cover for kept in ("3", "Mars", "soon"))
    away = {"first": "2026-11-26", "last": "2026-11-24", "from": "10:00", "reason": "Dentist"}
    absence = again("/roster/absences", away | {"person": bo.email})
    assert all(f'value="{kept}"' in absence for kept in away.values())
    assert f'value="{bo.email}" selected' in absence
    duty = f"day|2026-11-24|{ada.email}"
    swap = again("/roster/swaps", {"duty": duty, "takes": bo.email})
    assert all(f'value="{kept}" selected' in swap for kept in (duty, bo.email))
    assert 'value="Mars/North"' in browser.post("/me/zone", data={"zone": "Mars/North"}).text


def test_a_swap_is_offered_and_accepted(site: Site, ada: User, bo: User) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    dee = site.signed_in(make_user(site.store, "Dee Marl"))
    lead.post("/roster/shifts", data=DAY | {"version": "0", "week0": ["bo@lumenpay.example"]})
    assert "bo@lumenpay.example" not in re.findall(r'value="(day\|[^"]+)"', dee.get("/roster").text)
    offer = {"duty": "day|2026-11-23|bo@lumenpay.example", "takes": "dee@lumenpay.example"}
    page = follow(agent, agent.post("/roster/swaps", data=offer))
    assert "Dee Marl instead of Bo Narin offered" in shown(page)
    assert "On duty now: Bo Narin" in shown(page)
    assert agent.post("/roster/swaps/1", data={"event": "accept"}).status_code == 422
    page = follow(dee, dee.post("/roster/swaps/1", data={"event": "accept"}))
    assert "On duty now: Dee Marl" in shown(page)
    assert dee.post("/roster/swaps/1", data={"event": "accept"}).status_code == 422
    assert "On duty now: Bo Narin" in shown(
        follow(lead, lead.post("/roster/swaps/1", data={"event": "withdraw"}))
    )


def test_everybody_reads_it_in_their_own_zone_and_agents_see_no_form_of_leads(
    site: Site, ada: User, bo: User, cy: User
) -> None:
    site.signed_in(ada).post("/roster/shifts", data=DAY | {"version": "0"})
    agent, auditor = site.signed_in(bo), site.signed_in(cy)
    page = follow(agent, agent.post("/me/zone", data={"zone": "Asia/Shanghai"}))
    assert "16:00–04:00 08:00–20:00" in shown(page)
    assert agent.post("/me/zone", data={"zone": "Mars/North"}).status_code == 422
    assert "/roster/shifts" not in page
    assert 'action="/roster/' not in auditor.get("/roster").text


def test_programs_read_and_change_the_roster(site: Site, ada: User, bo: User) -> None:
    lead, agent = program(site, ada), program(site, bo)
    row = {"id": "day", "name": "Day", "hours": "08:00-20:00", "groups": [["bo@lumenpay.example"]]}
    said = {"shifts": [row | {"weekdays": ["monday"]}], "after": 0}
    assert agent.post(f"{V1}/roster", json=said).status_code == 404
    assert lead.post(f"{V1}/roster", json=said).json() == {"id": 1}
    assert lead.post(f"{V1}/roster", json=said).status_code == 422
    assert lead.post(f"{V1}/roster/swaps/1", json={"event": "keep"}).status_code == 422
    whole = agent.get(f"{V1}/roster").json()
    assert whole["shifts"][0]["zone"] == "Europe/Lisbon"
    assert lead.post(f"{V1}/roster", json={"shifts": whole["shifts"], "after": 1}).json() == {
        "type": "urn:replydesk:problem:roster",
        "title": "Not valid",
        "status": 422,
        "detail": "That is what version 1 says already.",
    }
    now = agent.get(f"{V1}/roster/now").json()["on_duty"]
    assert [one["email"] for one in now] == ["bo@lumenpay.example"]
    asked = {"from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}
    spans = agent.get(f"{V1}/roster/cover", params=asked).json()["spans"]
    assert [len(one["people"]) for one in spans] == [0, 1, 0]
    assert spans[1]["starts_at"] == "2026-11-23T08:00:00Z"
