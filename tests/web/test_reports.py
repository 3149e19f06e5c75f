"""Reports in the browser: any days by the address, and the sheet and JSON that its links bring."""

import csv
import io
import json
import re
from datetime import date, timedelta

import pytest

from inbox.store.tables import User
from reports.daily import report_json
from tests.clock import MONDAY
from tests.factories import make_conversation
from tests.web.serving import Site

HOUR = timedelta(hours=1)
WEEK = "/reports?from=2026-11-16&to=2026-11-22"


def test_a_week_shows_its_figures_and_its_links_bring_the_same(site: Site, ada: User) -> None:
    for hours in (20, 30, 50, 200):
        make_conversation(site.store, opened_at=MONDAY - hours * HOUR)
    browser = site.signed_in(ada)
    page = browser.get(WEEK).text
    known = report_json(site.store, date(2026, 11, 16), date(2026, 11, 22), None, site.clock())
    assert re.findall(r'class="kind" href="[^"]*" aria-current="page">(\w+)', page) == ["Week"]
    assert f'fig-num">{known["received"]}<' in page
    links = re.findall(r'href="(/reports\.(?:csv|json)\?[^"]+)"', page)
    site.clock.forward(hours=1)  # the links name the page's instant
    sheet, figures = (browser.get(link.replace("&amp;", "&")) for link in links)
    assert figures.json() == json.loads(json.dumps(known))
    rows = csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff")))
    told = {row["figure"]: row["value"] for row in rows if row["group"] == "all"}
    assert told["turns_due"] == str(known["turns_due"]) != "0"
    assert told["previous.turns_due"] == str(known["previous"]["turns_due"])
    assert "attachment" in sheet.headers["content-disposition"]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("from=2026-11-20&to=2026-11-20", "/reports/2026-11-20"),
        ("from=2026-11-20", "/reports/2026-11-20"),
        ("from=2026-11-20&to=2026-11-16", "16 Nov – 20 Nov 2026"),
        ("from=2020-01-01&to=2026-11-22", "19 Oct 2025 – 22 Nov 2026"),
        ("from=2026-10-01&to=2026-10-31", "October 2026"),
        ("from=0001-01-01&to=2026-10-31", "404"),
        ("from=2026-10-01&to=9999-12-31", "404"),
        ("from=soon&to=later", "404"),
        ("from=2026-10-01&to=2026-10-31&as_of=2026-10-31", "404"),
    ],
)
def test_any_days_can_be_asked_for(site: Site, ada: User, query: str, where: str) -> None:
    answer = site.signed_in(ada).get(f"/reports?{query}")
    told = re.sub(r"\s+", " ", answer.text)
    assert where in (told, answer.headers.get("location"), str(answer.status_code)) or where in told


def test_a_download_is_of_yesterday_or_of_a_stored_edition(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.get("/reports.json").json()["to"] == "2026-11-22"
    assert browser.get("/reports.json?from=2026-11-22&edition=1").status_code == 404
