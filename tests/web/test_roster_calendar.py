"""The roster in calendar programs: the section of its page, the link's address, the API."""

import re

from inbox.store.tables import User
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import DAY, follow, shown

LINK = re.compile(r'id="made" value="([^"]+)"')


def test_a_link_is_shown_once_read_without_signing_in_and_ended(site: Site, ada: User) -> None:
    browser, stranger = site.signed_in(ada), site.browser()
    follow(
        browser, browser.post("/roster/shifts", data=DAY | {"version": "0", "week0": [ada.email]})
    )
    assert "No link yet." in browser.get("/roster").text
    answer = browser.post("/roster/links", data={"of": "own"})
    made = LINK.search(answer.text)
    assert made is not None
    path = made[1].removeprefix("http://127.0.0.1:8080")
    read = stranger.get(path)
    assert read.headers["content-type"] == "text/calendar; charset=utf-8"
    told = [read.headers[k] for k in ("cache-control", "referrer-policy", "x-robots-tag")]
    assert told == ["no-store", "no-referrer", "noindex"]
    assert "SUMMARY:Day\r\n" in read.text
    page = browser.get("/roster").text
    assert path not in page
    assert "last read" in shown(page)
    page = follow(browser, browser.post("/roster/links", data={"of": "own", "do": "end"}))
    assert "The link is ended." in shown(page)
    assert stranger.get(path).status_code == 404
    kept = browser.get("/roster.ics?of=whole")
    assert "attachment" in kept.headers["content-disposition"]
    assert "SUMMARY:Day: Ada Voss\r\n" in kept.text


def test_an_auditor_takes_the_whole_roster_as_a_file_and_makes_no_link(
    site: Site, ada: User, cy: User
) -> None:
    one = DAY | {"version": "0", "week0": [ada.email]}
    site.signed_in(ada).post("/roster/shifts", data=one)
    browser = site.signed_in(cy)
    page = browser.get("/roster").text
    assert ("/roster.ics?of=whole" in page, "/roster/links" in page) == (True, False)
    assert browser.get("/roster.ics?of=whole").status_code == 200


def test_programs_make_see_and_end_their_links(site: Site, ada: User) -> None:
    client = program(site, ada)
    assert (
        client.post(f"{V1}/roster/links", json={}, headers={"Idempotency-Key": "k"}).status_code
        == 400
    )
    url = client.post(f"{V1}/roster/links", json={"of": "whole"}).json()["url"]
    path = url.removeprefix("http://127.0.0.1:8080")
    assert site.browser().get(path).status_code == 200
    (link,) = client.get(f"{V1}/roster/links").json()["links"]
    assert (link["of"], link["last_used_at"]) == ("whole", "2026-11-23T09:00:00Z")
    assert [
        client.post(f"{V1}/roster/links/end", json={"of": "whole"}).json()["ended"] for _ in "12"
    ] == [True, False]
    assert site.browser().get(path).status_code == 404
    assert client.get(f"{V1}/roster.ics").text.startswith("BEGIN:VCALENDAR")
