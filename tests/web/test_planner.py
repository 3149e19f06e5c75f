"""The planner on its page, by program and on the command line."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.config import utc_now
from inbox.flows import rostering
from inbox.store.session import Store
from inbox.store.tables import User
from tests.factories import make_brand, make_user
from tests.flows.test_planning import SHIFT, history, keep
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import shown

TRY = "without=day&people=1&day=0&day=5&from=09:00&to=17:00&minutes=20&within=4"


@pytest.fixture
def desk(site: Site, ada: User) -> Site:
    keep(site.store, history(16, ada.id))
    rostering.change_shifts(site.store, {"shift": [SHIFT]}, actor="ada", now=site.clock())
    return site


def test_the_page_answers_in_one_sentence_and_tries_another_roster(desk: Site, ada: User) -> None:
    browser = desk.signed_in(ada)
    assert 'href="/planner"' in browser.get("/roster").text
    text = shown(browser.get("/planner").text)
    assert "100 % of the messages of the next 7 days are answered within 24 hours." in text
    assert "An answer takes 10 minutes on average of 48 that were seen." in text
    tried = browser.get(f"/planner?{TRY}").text
    assert "With the roster as it is: 100 %." in shown(tried)
    assert "The weakest hours:" in shown(tried)
    assert ('value="day" checked' in tried, tried.count(" checked")) == (True, 3)
    wrong = browser.get("/planner?people=2")
    assert (wrong.status_code, "Tick the days" in wrong.text) == (422, True)
    for bad in ("people=x", "minutes=nan", "people=1&day=1&from=9"):
        assert browser.get(f"/planner?{bad}").status_code == 422


def test_how_right_it_was_is_asked_for_by_itself(desk: Site, ada: User) -> None:
    """It costs as much as the rest; without script a link leads to it."""
    browser = desk.signed_in(ada)
    assert "tried=1" not in browser.get("/planner").text, "16 days are too few"
    keep(desk.store, history(40, ada.id, desk.clock() - timedelta(days=16)))
    page = browser.get("/planner?minutes=20").text
    (path,) = re.findall(r'hx-get="([^"]+)" hx-trigger="revealed"', page)
    assert "What came" not in page
    part = browser.get(path.replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert ("What came" in part, "<h1" in part, "hx-get" in part) == (True, False, False)
    whole = browser.get(path.replace("&amp;", "&")).text
    assert ("What came" in whole, "<h1" in whole, "hx-get" in whole) == (True, True, False)


def test_a_program_is_told_the_same(desk: Site, ada: User) -> None:
    lead = program(desk, ada)
    query = "without=day&more=1 mon,sat 09:00-17:00&handling_s=1200&within=4"
    told = lead.get(f"{V1}/plan?{query}").json()
    assert told["needs"] == []
    assert told["roster"]["week"]["in_time"] == {"low": 1.0, "middle": 1.0, "high": 1.0}
    assert told["changed"]["week"]["in_time"]["high"] < 1
    assert told["changed"]["week"]["within"][0]["hours"] == 4
    assert (told["more"], told["handling"]["given"]) == (["1 mon,sat 09:00-17:00"], True)
    assert sum(day["messages"] for day in told["days"]) == pytest.approx(28)
    assert told["tested"]["weeks"] == []
    assert lead.get(f"{V1}/plan?without=no").status_code == 422


def test_the_command_line_tells_it_too(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_store.url)
    assert "two whole weeks" in CliRunner().invoke(app, ["plan"]).stdout
    make_brand(sqlite_store)
    keep(sqlite_store, history(17, make_user(sqlite_store).id, until=utc_now()))
    more = ["plan", "--more", "1 daily 09:00-11:00"]
    said = CliRunner().invoke(app, more).stdout
    assert "Answered in time" in said
    assert "10.0 minutes" in said
    told = json.loads(CliRunner().invoke(app, [*more, "--json"]).stdout)
    assert (told["runs"], told["roster"]["week"]["in_time"]["high"]) == (100, 0)
