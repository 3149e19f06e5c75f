"""A report's filter stands in its address: page, files, links, lists and programs follow it."""

import csv
import io
import json
import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from inbox.store.tables import ReportLink, TurnRow, User
from reports.document import report_json
from reports.editions import make_due
from templates.filters import Filter
from tests.clock import MONDAY
from tests.factories import make_account, make_brand, make_conversation, make_team
from tests.web.api.calling import V1, program
from tests.web.serving import Site

HOUR = timedelta(hours=1)
DAYS = date(2026, 11, 16), date(2026, 11, 22)
WEEK = "from=2026-11-16&to=2026-11-22"
PART = Filter(channel=("x", "email"), urgency=("high", "untagged"))
QUERY = f"{WEEK}&channel=x&channel=email&urgency=high&urgency=untagged"


@pytest.fixture
def desk(site: Site) -> Site:
    """Waits on three channels."""
    for channel, hours in (("x", 20), ("x", 30), ("email", 50), ("mastodon", 60)):
        account = make_account(site.store, channel)
        make_conversation(site.store, account, opened_at=MONDAY - hours * HOUR)
    return site


def links(page: str, start: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', page) if one.startswith(start)]


def test_page_files_and_programs_follow_the_filter_to_the_digit(desk: Site, ada: User) -> None:
    known = report_json(desk.store, *DAYS, None, desk.clock(), PART)
    assert 0 < known["received"] < report_json(desk.store, *DAYS, None, desk.clock())["received"]
    assert known["filter"] == {"channel": ["x", "email"], "urgency": ["high", "untagged"]}
    browser = desk.signed_in(ada)
    shown = browser.get(f"/reports?{QUERY}").text
    assert f'">{known["received"]}</a>' in shown
    (sheet,) = (browser.get(link) for link in links(shown, "/reports.csv"))
    (figures,) = (browser.get(link) for link in links(shown, "/reports.json"))
    assert figures.json() == json.loads(json.dumps(known))
    rows = list(csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff"))))
    told = {row["figure"]: row["value"] for row in rows if row["group"] == "all"}
    assert told["turns_due"] == str(known["turns_due"]) != "0"
    asked = [(row["key"], row["value"]) for row in rows if row["group"] == "filter"]
    assert asked == list(PART.chosen)
    asked_by = {"from": str(DAYS[0]), "to": str(DAYS[1]), **PART.to_json()}
    assert program(desk, ada).get(f"{V1}/reports", params=asked_by).json() == figures.json()


def test_every_list_behind_a_filtered_report_is_filtered(desk: Site, ada: User) -> None:
    browser = desk.signed_in(ada)
    shown = browser.get(f"/reports?{QUERY}").text
    numbers = re.findall(r'class="drill" href="([^"]+)">(\d+)[ <]', shown)
    assert len(numbers) > 5
    for link, number in numbers:
        listed = browser.get(unescape(link)).text
        assert f'behind-count">{number}<' in listed, link
        assert "/conversations/4" not in listed
        assert "Only Channel: X, E-mail · Urgency: High, Not tagged" in " ".join(listed.split())
        (back,) = links(listed, "/reports?")
        assert parse_qs(urlsplit(back).query)["channel"] == ["x", "email"]


def test_chips_take_a_value_away_and_other_days_keep_the_filter(desk: Site, ada: User) -> None:
    shown = desk.signed_in(ada).get(f"/reports?{QUERY}&as_of=2026-11-22T10:00:00Z").text
    chips = re.findall(r'class="chip-x" href="([^"]+)"', shown)
    without = parse_qs(urlsplit(unescape(chips[0])).query)
    assert (without["channel"], without["as_of"]) == (["email"], ["2026-11-22T10:00:00+00:00"])
    before = [one for one in links(shown, "/reports?from=2026-11-09") if "as_of" not in one]
    assert before
    assert all("channel=x&channel=email&urgency=high" in one for one in before)
    (fresh,) = [one for one in links(shown, "/reports?") if "as_of=now" in one]
    assert parse_qs(urlsplit(fresh).query)["urgency"] == ["high", "untagged"]


def test_no_edition_is_of_a_part(desk: Site, ada: User) -> None:
    make_brand(desk.store)
    (made,) = make_due(desk.store, desk.clock.forward(days=1))
    day = f"from={made.first}&to={made.last}"
    browser = desk.signed_in(ada)
    for what in ("", "/behind", ".csv", ".json", ".pdf"):
        here = f"/reports{what}?{day}&edition"
        assert what == ".pdf" or browser.get(f"{here}=1").status_code == 200, what
        assert browser.get(f"{here}=1&channel=x").status_code == 404, what
        assert browser.get(f"{here}={10**30}").status_code == 404, what
    for more, status in (("", 200), ("&channel=x", 404)):
        link = browser.post(f"/reports/links?{day}&edition=1{more}", data={"days": "7"})
        assert link.status_code == status


def test_as_of_now_a_report_is_counted_anew(desk: Site, ada: User) -> None:
    browser = desk.signed_in(ada)
    told = browser.get(f"/reports?{WEEK}&as_of=now")
    desk.clock.forward(hours=2)
    again = browser.get(f"/reports?{WEEK}&as_of=now")
    assert (told.status_code, again.status_code) == (200, 200)
    assert told.text != again.text


def test_of_agents_a_report_has_their_answers_and_dashes(desk: Site, ada: User) -> None:
    browser, query = desk.signed_in(ada), f"{WEEK}&agent={ada.email}"
    assert "Nothing in these days fits this filter" in browser.get(f"/reports?{query}").text
    answered = {"end": "answered", "ended_at": MONDAY - 18 * HOUR, "agent_id": ada.id}
    with desk.store.write() as session:
        session.execute(update(TurnRow).where(TurnRow.conversation_id == 1).values(**answered))
    shown = browser.get(f"/reports?{query}").text
    assert "of their answers came in time." in shown
    assert shown.count('<span class="fig-num">–</span><span class="fig-note">of no one person') == 2
    figures = browser.get(f"/reports.json?{query}").json()
    assert (figures["received"], figures["backlog"]) == (None, None)
    assert figures["answers"] == {"answered": 1, "answered_in_time": 1}
    assert figures["first_response_s"]["max"] == 2 * 3600.0
    assert browser.get(f"/reports.csv?{query}").status_code == 200
    told = program(desk, ada).get(f"{V1}/reports?{query}").json()
    assert told | {"as_of": None} == figures | {"as_of": None}
    for figure, status in (("received", 404), ("answered", 200)):
        assert browser.get(f"/reports/behind?{query}&figure={figure}").status_code == status


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("channel=pigeon", "There is no channel pigeon here. There are: email, mastodon, x."),
        ("team=Shops", "There is no team Shops."),
        ("agent=%00", "Nobody here has the address"),
        ("urgency=soon&category=refund", "There is no urgency soon."),
    ],
)
def test_a_value_that_there_is_not_is_told(desk: Site, ada: User, wrong: str, told: str) -> None:
    browser = desk.signed_in(ada)
    for path in ("reports", "reports.csv", "reports.json", "reports.pdf", "reports/behind"):
        answer = browser.get(f"/{path}?{WEEK}&{wrong}")
        assert answer.status_code == 422
        assert told in " ".join(answer.text.split())
    refused = program(desk, ada).get(f"{V1}/reports?{WEEK}&{wrong}")
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:replydesk:problem:filter")
    assert told in " ".join(refused.json()["detail"].split())


def test_an_edition_is_of_everything(desk: Site, ada: User) -> None:
    browser = desk.signed_in(ada)
    for path in ("reports", "reports.json", "reports/behind"):
        assert browser.get(f"/{path}?{QUERY}&edition=1").status_code == 404


def test_where_nothing_fits_the_page_says_what_to_do(desk: Site, ada: User) -> None:
    shown = desk.signed_in(ada).get(f"/reports?{WEEK}&channel=x&language=fr").text
    assert "Nothing in these days fits this filter" in shown
    assert '">Show the whole report</a>' in shown


def test_a_link_shows_the_part_and_says_so_without_a_name(desk: Site, ada: User) -> None:
    make_team(desk.store, "Shops", accounts=[make_account(desk.store)])
    browser, client = desk.signed_in(ada), program(desk, ada)
    made = browser.post(f"/reports/links?{QUERY}", data={"days": "7"}).text
    path = re.search(r"https?://[^/]+(/shared/reports/[\w-]+)", made)
    assert path is not None
    known = report_json(desk.store, *DAYS, None, desk.clock(), PART)
    shown = " ".join(desk.browser().get(path[1]).text.split())
    assert "Only Channel: X, E-mail · Urgency: High, Not tagged" in shown
    assert f'class="fig-num">{known["received"]}</span>' in shown
    about = {"from": "2026-11-16", "to": "2026-11-22"}
    asked = {"team": ["Shops", "everyone"], "agent": [ada.email]}
    told = client.post(f"{V1}/reports/links", json=about | {"filter": asked}).json()
    shown = desk.browser().get(told["url"].partition(":8080")[2]).text
    assert "Only 2 teams · 1 agent" in " ".join(shown.split())
    with desk.store.read() as session:
        kept = str(session.scalars(select(ReportLink.document)).all())
    assert not [name for name in ("Shops", "Ada", "ada@") if name in kept]
    wrong = client.post(f"{V1}/reports/links", json=about | {"filter": {"channel": ["pigeon"]}})
    assert wrong.status_code == 422
    assert client.post(f"{V1}/reports/links", json=about | {"filter": {"s": []}}).status_code == 422


def test_the_api_documents_every_filter(desk: Site, ada: User) -> None:
    paths = program(desk, ada).get(f"{V1}/openapi.json").json()["paths"]
    named = {
        one["name"]: one.get("description") for one in paths[f"{V1}/reports"]["get"]["parameters"]
    }
    assert all(named[kind] for kind in ("channel", "account", "category", "urgency", "language"))
    assert named["agent"] == "Only the answers of these e-mail addresses, or `outside`."
