"""A calendar file with absences: shown, entered, taken back, on the page and by program."""

import re

from inbox.store.tables import User
from tests.domain.test_ical_in import file
from tests.flows.test_roster_import import TUESDAY, WEEK
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import follow, shown

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def test_a_file_is_shown_first_then_entered_and_taken_back(site: Site, ada: User, bo: User) -> None:
    browser = site.signed_in(ada)
    sent = {"file": ("holidays.ics", file(TUESDAY, WEEK), "text/calendar")}
    answer = browser.post("/roster/import", data={"person": ""}, files=sent)
    text = shown(answer.text)
    assert "1 new · 1 left out" in text
    assert "Bo Narin" in text
    assert "it names nobody of the team" in text
    assert "Nobody is away." in browser.get("/roster").text
    given = dict(HIDDEN.findall(answer.text))
    page = follow(browser, browser.post("/roster/import", data=given))
    assert "The absences of the file are entered." in shown(page)
    assert "Bo Narin: away" in page
    assert browser.post("/roster/import", data=given).status_code == 422
    page = follow(browser, browser.post("/roster/imports/1/undo"))
    assert "Bo Narin: away" not in page
    assert "taken back" in shown(page)
    for wrong in ({"file": ("x", b"<html>", "text/html")}, None):
        refused = browser.post("/roster/import", data={"person": ""}, files=wrong)
        assert refused.status_code == 422
        assert "This is no calendar file (.ics)." in refused.text
    assert site.signed_in(bo).post("/roster/imports/99/undo").status_code == 404


def test_programs_try_take_and_undo(site: Site, ada: User, bo: User) -> None:
    client = program(site, bo)
    said = {"ics": file(TUESDAY).decode(), "file": "x.ics"}
    tried = client.post(f"{V1}/roster/imports", json=said | {"dry_run": True}).json()
    assert (tried["id"], tried["lines"][0]["what"]) == (None, "new")
    assert client.post(f"{V1}/roster/imports", json=said).json()["id"] == 1
    assert client.post(f"{V1}/roster/imports", json=said).status_code == 422
    assert [one["file"] for one in client.get(f"{V1}/roster/imports").json()["imports"]] == [
        "x.ics"
    ]
    assert client.post(f"{V1}/roster/imports/1/undo").json() == {"undone": True}
    assert client.get(f"{V1}/roster").json()["absences"] == []
