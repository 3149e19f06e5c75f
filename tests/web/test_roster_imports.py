"""A calendar file with absences: shown, entered, taken back, on the page and by program."""

import re

from inbox.domain.roster import Shift
from inbox.store import roster as stored
from inbox.store.tables import User
from tests.domain.test_ical_in import file
from tests.flows.test_roster_import import TUESDAY, WEEK
from tests.flows.test_roster_shifts import LATE, NIGHT
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


def test_shifts_are_shown_with_whom_nobody_knows_then_entered_and_undone(
    site: Site, ada: User, bo: User
) -> None:
    browser = site.signed_in(ada)
    weekly = f"{NIGHT}|RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;UNTIL=20270601T235959Z"
    raw = file(f"{weekly}|ATTENDEE:mailto:cy@other.example", LATE)
    sent = {"file": ("plan.ics", raw, "text/calendar")}
    answer = browser.post("/roster/import", data={"of": "shifts"}, files=sent)
    text = shown(answer.text)
    assert "Nobody here knows these people: cy@other.example" in text
    assert "every 2 weeks: Mon, Tue" in text
    page = follow(browser, browser.post("/roster/import", data=dict(HIDDEN.findall(answer.text))))
    assert "The shifts of the file are entered." in shown(page)
    assert "Mon, Tue · takes turns weekly" in shown(page)
    assert "1 single date" in shown(page)
    late = next(one for one in stored_shifts(site) if one.name == "Late")
    row = {"id": late.id, "version": 1, "name": "Later", "starts": "14:00", "ends": "22:00"}
    browser.post("/roster/shifts", data=row | {"week0": bo.email})
    assert next(one for one in stored_shifts(site) if one.id == late.id).dates == late.dates
    refused = browser.post("/roster/imports/1/undo")
    assert "was changed since" in shown(refused.text)
    browser.post("/roster/undo", data={"version": 2})
    assert "The file is taken back." in follow(browser, browser.post("/roster/imports/1/undo"))
    assert stored_shifts(site) == ()


def stored_shifts(site: Site) -> tuple[Shift, ...]:
    with site.store.read() as session:
        return stored.shifts(session)


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
    said |= {"of": "shifts", "person": bo.email}
    assert client.post(f"{V1}/roster/imports", json=said).status_code == 422  # for leads
    lead = program(site, ada)
    assert lead.post(f"{V1}/roster/imports", json=said).json()["id"] == 2
    assert lead.get(f"{V1}/roster/imports").json()["imports"][0]["of"] == "shifts"
    (made,) = lead.get(f"{V1}/roster").json()["shifts"]
    assert (made["weekdays"], made["dates"][0][:10]) == ([], "2026-11-24")
