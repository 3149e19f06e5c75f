"""Reports in the browser: any days by the address, and the sheet and JSON that its links bring."""

import csv
import io
import json
import re
from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest

from inbox.store.tables import User
from reports import pdf
from reports.document import report_json
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_team, make_user
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
    assert f'">{known["received"]}</a>' in page
    links = re.findall(r'href="(/reports\.(?:csv|json|pdf)\?[^"]+)"', page)
    site.clock.forward(hours=1)  # the links name the page's instant
    assert len(links) == 2 + pdf.available()
    sheet, figures, *paper = (browser.get(link.replace("&amp;", "&")) for link in links)
    assert figures.json() == json.loads(json.dumps(known))
    rows = csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff")))
    told = {row["figure"]: row["value"] for row in rows if row["group"] == "all"}
    assert told["turns_due"] == str(known["turns_due"]) != "0"
    assert told["previous.turns_due"] == str(known["previous"]["turns_due"])
    assert "attachment" in sheet.headers["content-disposition"]
    assert all(file.content.startswith(b"%PDF-") for file in paper)


def test_every_number_of_the_page_leads_to_what_it_counts(site: Site, ada: User) -> None:
    for hours in (20, 30, 50, 60):
        make_conversation(site.store, opened_at=MONDAY - hours * HOUR)
    browser = site.signed_in(ada)
    page = browser.get(WEEK).text
    links = re.findall(r'class="drill" href="([^"]+)">(\d+)[ <]', page)
    figures = {
        parse_qs(link.replace("&amp;", "&"))["/reports/behind?figure"][0] for link, _ in links
    }
    assert figures >= {"received", "turns_due", "late", "late_now", "overdue_open", "waiting"}
    for link, number in links:
        listed = browser.get(link.replace("&amp;", "&")).text
        assert f'behind-count">{number}<' in listed
        assert listed.count('<th scope="row">') == int(number)
        assert set(re.findall(r'href="/conversations/(\d+)', listed)) <= {"1", "2", "3", "4"}


@pytest.mark.parametrize(
    "query",
    [
        *("figure=lies", "figure=late&group=shoes", "to=9999-12-31", "page=0"),
        *("group=hour&key=noon", "group=age&key=1", "group=wait&key=1", "of=0001-01-01"),
    ],
)
def test_what_is_no_figure_is_not_found(site: Site, ada: User, query: str) -> None:
    assert site.signed_in(ada).get(f"/reports/behind?{query}").status_code == 404


def test_another_teams_conversation_is_counted_and_not_named(site: Site, ada: User) -> None:
    account = make_account(site.store)
    make_conversation(site.store, account, opened_at=MONDAY - 30 * HOUR)
    make_team(site.store, "Shops", accounts=[account])
    bo = site.signed_in(make_user(site.store, "Bo Narin", "agent"))
    for figure in ("late", "received"):
        listed = bo.get(f"/reports/behind?figure={figure}&from=2026-11-16&to=2026-11-23").text
        assert 'behind-count">1<' in listed
        assert "another team’s" in listed
        assert "/conversations/" not in listed.split("<main")[1]


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
