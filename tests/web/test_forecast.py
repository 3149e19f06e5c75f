"""The forecast on the roster's page, by program and on the command line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.store.session import Store
from inbox.store.tables import User
from tests.clock import MONDAY
from tests.factories import make_conversation
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import DAY, shown

NIGHT = MONDAY + timedelta(hours=15)


def test_what_falls_due_at_night_stands_below_the_holes(site: Site, ada: User, bo: User) -> None:
    browser = site.signed_in(ada)
    assert "Due while nobody is on duty" not in browser.get("/roster").text
    browser.post("/roster/shifts", data=DAY | {"version": "0"})
    assert "Nothing: all that is due falls into somebody’s shift." in browser.get("/roster").text
    id_ = make_conversation(site.store, due_at=NIGHT).id
    make_conversation(site.store, due_at=MONDAY + timedelta(hours=3))
    page = browser.get("/roster").text
    assert f'href="/conversations/{id_}"' in page
    text = shown(page)
    assert "due tomorrow 00:00 · answer by today 20:00" in text
    assert "somebody is there again tomorrow 08:00" in text
    told = program(site, ada).get(f"{V1}/forecast?days=2").json()
    (alone,) = told["alone"]
    assert (alone["conversation_id"], alone["target"], told["late"]) == (id_, "public", 0)
    assert [one["due"] for one in told["ahead"]] == [1, 1, 0, 0, 0]
    assert told["ahead"][0]["on_duty"] == ["ada@lumenpay.example", "bo@lumenpay.example"]


def test_the_command_line_tells_it_too(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_DATA", str(tmp_path))
    monkeypatch.setenv("REPLYDESK_DATABASE_URL", sqlite_url)
    Store(sqlite_url).close()
    told = json.loads(CliRunner().invoke(app, ["sla", "forecast", "--json"]).stdout)
    assert (told["late"], told["alone"]) == (0, [])
    assert "nobody is on duty" in CliRunner().invoke(app, ["sla", "forecast"]).stdout
