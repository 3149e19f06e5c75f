"""A report for somebody without an account: at a link, without anybody's name, until it ends."""

import re
from datetime import timedelta

from sqlalchemy import select, update

from inbox.flows import upkeep
from inbox.store.tables import Audit, ReportLink, TurnRow, User
from tests.clock import MONDAY
from tests.factories import (
    make_account,
    make_conversation,
    make_team,
    make_user,
)
from tests.report_links import make_report_link
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import shown

HOUR = timedelta(hours=1)
QUERY = "from=2026-11-16&to=2026-11-22"
MADE = re.compile(r'id="made" value="http://127.0.0.1:8080([^"]+)"')


def shared(site: Site, ada: User, days: int = 7) -> str:
    """The address of a week with late, answered and open waits of a team's account."""
    account = make_account(site.store)
    make_team(site.store, "Shops", [ada], [account])
    for n, hours in enumerate((20, 30, 50, 60)):
        one = make_conversation(
            site.store, account, name=f"Odile Brandt {n}", opened_at=MONDAY - hours * HOUR
        )
        if n > 1:
            done = {"end": "answered", "ended_at": MONDAY - (hours - 2) * HOUR, "agent_id": ada.id}
            with site.store.write() as session:
                its = TurnRow.conversation_id == one.id
                session.execute(update(TurnRow).where(its).values(**done))
    answer = site.signed_in(ada).post(f"/reports/links?{QUERY}", data={"days": days})
    made = MADE.search(answer.text)
    assert made is not None, answer.text
    return made[1]


def test_a_stranger_sees_every_figure_and_nobodys_name(site: Site, ada: User) -> None:
    path = shared(site, ada)
    inside = site.signed_in(ada).get(f"/reports?{QUERY}").text
    answer = site.browser().get(path)
    page = answer.text
    assert answer.status_code == 200
    for hidden in ("Odile", "Ada", "Voss", "@lumenpay.example", "Shops", "Late now", "Refund?"):
        assert hidden not in page
    for hidden in ("Odile", "Ada Voss", "Shops", "Late now"):
        assert hidden in inside, "else it proves nothing"
    assert not re.findall(r"<(?:a|form|script|button|iframe)\b|/conversations/|/behind", page)
    head = ("referrer-policy", "x-robots-tag", "cache-control")
    told = [answer.headers[name] for name in head]
    assert told == ["no-referrer", "noindex, nofollow", "no-store"]
    assert "set-cookie" not in answer.headers
    figure = re.search(r"answer-fig[^>]*>([^<]+)<", page)
    assert figure is not None
    assert f">{figure[1]}</span>" in inside
    with site.store.read() as session:
        kept = str(session.scalars(select(ReportLink.document)).one())
    assert not [name for name in ("Odile", "Ada", "ada@", "Shops") if name in kept]


def test_the_figures_stay_as_they_were_when_the_link_was_made(site: Site, ada: User) -> None:
    path = shared(site, ada)
    before = site.browser().get(path).text
    make_conversation(site.store, opened_at=MONDAY - 40 * HOUR)
    assert site.browser().get(path).text == before


def test_a_link_ends_by_itself_by_hand_and_is_made_anew(site: Site, ada: User) -> None:
    path, browser, stranger = shared(site, ada, days=1), site.signed_in(ada), site.browser()
    assert stranger.get(path).status_code == 200
    page = shown(browser.get("/reports/links").text)
    assert ("by Ada Voss" in page, "1 time" in page, path in page) == (True, True, False)
    answer = browser.post("/reports/links/1/revoke")
    gone = stranger.get(path)
    assert gone.status_code == 410
    assert "taken the link back" in gone.text
    assert "Undo" in browser.get(answer.headers["location"]).text
    browser.post("/reports/links/1/restore")
    assert stranger.get(path).status_code == 200
    site.clock.forward(days=1)
    gone = stranger.get(path)
    assert (gone.status_code, gone.headers["referrer-policy"]) == (410, "no-referrer")
    assert "It showed a report until" in gone.text
    fresh = MADE.search(site.signed_in(ada).post("/reports/links/1/renew").text)
    assert fresh is not None
    assert (stranger.get(fresh[1]).status_code, stranger.get(path).status_code) == (200, 404)
    with site.store.read() as session:
        acts = session.scalars(select(Audit.action).where(Audit.subject == "report_link:1")).all()
    assert acts == [f"report_link{end}" for end in ("", "_revoke", "_restore", "_renew")]
    site.clock.forward(days=32)
    upkeep.tidy(site.store, site.clock())
    assert stranger.get(fresh[1]).status_code == 404


def test_a_stranger_who_asks_too_often_waits(site: Site) -> None:
    path, stranger = make_report_link(site.store), site.browser()
    asked = [stranger.get(path).status_code for _ in range(61)]
    assert (set(asked[:60]), asked[60]) == ({200}, 429)


def test_programs_share_reports_for_90_days_at_most(site: Site, ada: User) -> None:
    client, about = program(site, ada), {"from": "2026-11-16", "to": "2026-11-22"}
    links = f"{V1}/reports/links"
    assert client.post(links, json=about | {"days": 91}).status_code == 422
    assert client.post(links, json=about | {"edition": 1}).status_code == 404
    assert client.post(links, json=about, headers={"Idempotency-Key": "k"}).status_code == 400
    made = client.post(links, json=about).json()
    assert made["expires_at"] == "2026-11-30T09:00:00Z"
    path = made["url"].removeprefix("http://127.0.0.1:8080")
    assert site.browser().get(path).status_code == 200
    (listed,) = client.get(links).json()["links"]
    told = [listed[name] for name in ("state", "from", "made_by", "opened")]
    assert told == ["works", "2026-11-16", ada.email, 1]
    assert client.post(f"{links}/1/revoke").json()["state"] == "revoked"
    assert client.post(f"{links}/1/revoke").status_code == 409
    assert client.post(f"{links}/1/restore").json()["state"] == "works"
    bo = make_user(site.store, "Bo Narin", "agent")
    assert program(site, bo).get(links).status_code == 404
    assert 'popovertarget="share"' not in site.signed_in(bo).get(f"/reports?{QUERY}").text
