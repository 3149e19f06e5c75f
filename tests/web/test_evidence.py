"""The evidence pack in the browser and for programs: it proves the page that it was asked from."""

import io
import re

from inbox.store.tables import User
from reports.evidence.archive import public_key
from reports.evidence.check import verify
from tests.clock import MONDAY
from tests.factories import make_conversation, make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site
from tests.web.test_reports import HOUR, WEEK


def test_a_lead_takes_a_pack_that_proves_the_page(site: Site, ada: User, bo: User) -> None:
    for hours in (20, 50):
        make_conversation(site.store, opened_at=MONDAY - hours * HOUR)
    browser = site.signed_in(make_user(site.store, "Lea Sand", "lead"))
    page = browser.get(WEEK).text
    key = public_key(site.app.state.desk.settings.evidence_key)
    assert key in page
    (action,) = re.findall(r'action="(/reports/evidence\?[^"]+)"', page)
    site.clock.forward(hours=1)  # the pack keeps the page's instant
    given = browser.post(action.replace("&amp;", "&"))
    assert (
        'filename="evidence-2026-11-16-to-2026-11-22.zip"' in given.headers["content-disposition"]
    )
    found = verify(io.BytesIO(given.content), key)
    assert (found.differences, found.messages) == ([], 2)
    days = {"from": "2026-11-16", "to": "2026-11-22", "as_of": MONDAY.isoformat()}
    api = program(site, ada)
    assert api.get(f"{V1}/reports/evidence", params=days).content == given.content
    assert code(api.get(f"{V1}/reports/evidence", params=days | {"tz": "Mars"})) == "period"
    assert "/reports/evidence" not in site.signed_in(bo).get(WEEK).text


def test_a_broken_key_is_told_on_the_page_and_breaks_nothing_else(site: Site, ada: User) -> None:
    make_conversation(site.store, opened_at=MONDAY - 20 * HOUR)
    (site.app.state.desk.settings.folder / "evidence.key").write_text("none")
    browser = site.signed_in(make_user(site.store, "Lea Sand", "lead"))
    page = browser.get(WEEK)
    assert page.status_code == 200
    assert "No pack can be signed now" in page.text
    assert "Put back the key that was there before." in page.text
    assert "/reports/evidence?" not in page.text
    days = {"from": "2026-11-16", "to": "2026-11-22"}
    assert browser.post("/reports/evidence", params=days).status_code == 422
    assert code(program(site, ada).get(f"{V1}/reports/evidence", params=days)) == "key"
