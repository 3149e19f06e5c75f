"""Routing rules as leads write, try, order and take them back, in pages and by programs."""

from typing import Any

from inbox.flows import rule_book
from inbox.store import ruling as stored
from inbox.store.tables import User
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_team, make_user
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import follow, shown

FORM: dict[str, Any] = {
    "name": "At night",
    "words": "stolen\n被盗",
    "off_duty": "yes",
    "from": "18:00",
    "until": "08:00",
    "tag_contact": "stolen, night",
    "urgency": "critical",
    "notify": "leads",
    "on": "1",
}


def test_a_lead_tries_saves_orders_and_takes_back_a_rule(site: Site, ada: User) -> None:
    lead = site.signed_in(ada)
    assert "No rules yet." in lead.get("/rules").text
    tried = lead.post("/rules/edit", data={**FORM, "from": "", "until": "", "do": "try"})
    assert "No message of the last 7 days of 0" in shown(tried.text)
    made = make_conversation(site.store, text="My card was stolen", name="Lin Yue")
    tried = lead.post("/rules/edit", data={**FORM, "from": "", "until": "", "do": "try"})
    text = shown(tried.text)
    assert "1 message of the last 7 days of 1" in text
    assert f'href="/conversations/{made.id}"' in tried.text
    assert "urgency: Critical 1×" in text
    page = follow(lead, lead.post("/rules/edit", data=FORM | {"do": "save", "version": "0"}))
    text = shown(page)
    assert "At night on Words: “ stolen ”, “ 被盗 ”" in text
    assert "nobody is on duty · Hours: 18:00–08:00" in text
    assert "tell: all leads · urgency: Critical · tag the customer: stolen , night" in text
    other = {"name": "Cards", "findings": "card", "hide": "1", "do": "save"}
    page = follow(lead, lead.post("/rules/edit", data=other))
    assert page.index("At night") < page.index("Cards")
    page = follow(lead, lead.post("/rules/order", data={"id": "cards", "do": "up"}))
    assert page.index('id=cards"') < page.index('id=at-night"')
    page = follow(lead, lead.post("/rules/order", data={"id": "at-night", "do": "off"}))
    assert "At night off" in shown(page)
    page = follow(lead, lead.post("/rules/restore", data={"version": "3"}))
    assert "At night on" in shown(page)
    stale = lead.post("/rules/order", data={"id": "cards", "do": "on", "version": "2"})
    assert stale.status_code == 422
    assert "Somebody else changed the rules meanwhile" in stale.text
    form = lead.get("/rules/edit?id=at-night").text
    assert 'value="18:00"' in form
    assert "stolen\n被盗</textarea>" in form
    page = follow(lead, lead.post("/rules/edit", data={"id": "at-night", "do": "remove"}))
    assert "At night" not in page.split("<h2>History")[0]


def test_what_cannot_be_saved_stays_in_the_form_with_the_reason(site: Site, ada: User) -> None:
    lead = site.signed_in(ada)
    wrong = lead.post("/rules/edit", data=FORM | {"acknowledge": "Dear {name}", "do": "save"})
    assert wrong.status_code == 422
    assert "is no variable" in wrong.text
    assert "Dear {name}</textarea>" in wrong.text
    assert lead.get("/rules/edit?id=none").status_code == 404


def test_agents_read_rules_and_change_none(site: Site, ada: User, bo: User) -> None:
    site.signed_in(ada).post("/rules/edit", data=FORM | {"do": "save"})
    page = site.signed_in(bo).get("/rules").text
    assert "At night" in page
    assert 'action="/rules/' not in page


def test_a_rule_keeps_accounts_that_its_reader_does_not_see(site: Site) -> None:
    hidden = make_account(site.store, "email", handle="cards@lumenpay.example")
    make_team(site.store, "Cards", [], [hidden])
    rule = {"id": "s", "name": "Stolen", "accounts": ["email/cards@lumenpay.example"], "hide": True}
    rule_book.change(site.store, {"rule": [rule]}, actor="cli", now=MONDAY)
    lead = site.signed_in(make_user(site.store, "Lee Ortiz", "lead"))
    pages = [lead.get("/rules").text, lead.get("/rules/edit?id=s").text]
    assert not any("cards@" in page for page in pages)
    assert all("accounts of other teams" in page for page in pages)
    lead.post("/rules/edit", data={"id": "s", "name": "Lost", "hide": "1", "do": "save"})
    with site.store.read() as session:
        newest = stored.newest(session)
    assert newest is not None
    assert newest.said["rule"][0] == rule | {"name": "Lost", "on": False}


def test_programs_keep_accounts_that_their_person_does_not_see(site: Site) -> None:
    hidden = make_account(site.store, "email", handle="cards@lumenpay.example")
    make_team(site.store, "Cards", [], [hidden])
    make_conversation(site.store)  # on another account: the rule does not ask for it
    accounts = ["email/cards@lumenpay.example", "x/@lumenpay"]
    rule = {"id": "s", "name": "Stolen", "accounts": accounts[:1], "hide": True}
    rule_book.change(site.store, {"rule": [rule]}, actor="cli", now=MONDAY)
    lead = program(site, make_user(site.store, "Lee Ortiz", "lead"))
    said = lead.get(f"{V1}/rules").json()["rules"]
    assert (said[0]["accounts"], said[0]["unseen"]) == (None, True)
    trial = lead.post(f"{V1}/rules/try", json={"rules": said}).json()
    assert [one["messages"] for one in (trial, *trial["rules"])] == [1, 0]
    body = {"rules": [said[0] | {"name": "Lost", "accounts": accounts[1:]}]}
    made = lead.post(f"{V1}/rules", json=body)
    assert (made.json()["rules"][0]["accounts"], "cards@" in made.text) == (accounts[1:], False)
    with site.store.read() as session:
        newest = stored.newest(session)
    assert newest is not None
    assert newest.said["rule"][0] == rule | {"name": "Lost", "on": False, "accounts": accounts}


def test_programs_read_change_and_try_rules(site: Site, ada: User, bo: User) -> None:
    lead, agent = program(site, ada), program(site, bo)
    made = make_conversation(site.store, text="My card was stolen")
    rule = {"id": "s", "name": "Stolen", "words": ["stolen"], "urgency": "critical"}
    assert agent.post(f"{V1}/rules", json={"rules": [rule]}).status_code == 404
    said = lead.post(f"{V1}/rules", json={"rules": [rule], "after": 0}).json()
    assert (said["version"], said["rules"][0]["words"]) == (1, ["stolen"])
    assert agent.get(f"{V1}/rules").json() == said
    assert lead.post(f"{V1}/rules", json={"rules": [rule], "after": 0}).status_code == 422
    trial = lead.post(f"{V1}/rules/try", json={}).json()
    assert trial == {
        "messages": 1,
        "is_cut": False,
        "rules": [
            {
                "rule": "s",
                "messages": 1,
                "actions": [{"action": "urgency", "value": "critical", "messages": 1}],
                "conversations": [made.id],
            }
        ],
    }
    wrong = {"rules": [rule | {"hours": "late"}]}
    assert lead.post(f"{V1}/rules/try", json=wrong).status_code == 422
