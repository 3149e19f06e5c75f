"""Assignment as leads see and change it, in pages and by programs."""

from datetime import timedelta

from inbox.flows import assigning, steps
from inbox.store.tables import User
from tests.factories import make_conversation, make_team
from tests.web.api.calling import V1, program
from tests.web.serving import Site
from tests.web.test_roster import DAY, follow, shown


def test_a_lead_switches_it_on_says_who_takes_what_and_sees_what_waits(
    site: Site, ada: User, bo: User
) -> None:
    lead, agent = site.signed_in(ada), site.signed_in(bo)
    lead.post("/roster/shifts", data=DAY | {"version": "0"})
    make_conversation(site.store, name="Lin Yue", lang="zh")
    text = shown(lead.get("/assignment").text)
    assert "People take conversations themselves." in text
    assert "Lin Yue" in text
    page = follow(lead, lead.post("/assignment/switch", data={"on": "1"}))
    assert "given within seconds" in shown(page)
    for person in (ada, bo):
        work = {"languages": "en, de", "skill": ["refund"], "capacity": "0"}
        page = follow(lead, lead.post(f"/assignment/people/{person.id}", data=work))
    assert "who fits has no room" in shown(page)
    assert "English, German" in shown(page)
    wrong = lead.post(f"/assignment/people/{bo.id}", data={"languages": "x1", "capacity": "5"})
    assert wrong.status_code == 422
    assert "is no language" in wrong.text
    seen = agent.get("/assignment").text
    assert "/assignment/people" not in seen
    assert "/assignment/switch" not in seen


def test_the_page_of_giving_says_why_the_rule_gave_it(site: Site, ada: User, bo: User) -> None:
    lead = site.signed_in(ada)
    lead.post("/roster/shifts", data=DAY | {"version": "0", "week0": [bo.email]})
    site.signed_in(bo)
    work = {"languages": "es", "capacity": "8"}
    lead.post(f"/assignment/people/{bo.id}", data=work)
    lead.post("/assignment/switch", data={"on": "1"})
    made = make_conversation(site.store, lang="es")
    assert assigning.look(site.store, site.clock()) == 1
    text = shown(lead.get(f"/conversations/{made.id}/give").text)
    assert "Bo Narin has it. Assigned by rule: speaks Spanish; 1 of 8 open." in text


def test_the_page_of_giving_names_the_routing_rule_that_gave_it(
    site: Site, ada: User, bo: User
) -> None:
    made = make_conversation(site.store)
    with site.store.write() as session:
        why = {"because": "rule", "name": "Stolen cards"}
        steps.hand_over(session, made.id, bo.id, None, "system", site.clock(), rule=why)
    text = shown(site.signed_in(ada).get(f"/conversations/{made.id}/give").text)
    assert "Bo Narin has it. Assigned by the rule “Stolen cards”." in text


def test_a_lead_gives_it_to_somebody_unless_it_changed_hands(
    site: Site, ada: User, bo: User, cy: User
) -> None:
    lead, made = site.signed_in(ada), make_conversation(site.store)
    give = f"/conversations/{made.id}/give"
    back = lead.post(give, data={"to": str(bo.id), "held_by": ""})
    assert back.headers["location"] == f"/conversations/{made.id}"
    late = lead.post(give, data={"to": str(ada.id), "held_by": ""})
    assert late.status_code == 422
    assert "It changed hands meanwhile." in late.text
    assert "Bo Narin has it." in shown(late.text)
    assert lead.post(give, data={"to": str(cy.id), "held_by": str(bo.id)}).status_code == 422
    assert lead.get("/conversations/99/give").status_code == 404


def test_programs_read_and_change_it(site: Site, ada: User, bo: User) -> None:
    lead, agent = program(site, ada), program(site, bo)
    made = make_conversation(site.store, due_at=site.clock() + timedelta(hours=2))
    now = agent.get(f"{V1}/assignment").json()
    assert (now["on"], now["waiting"], len(now["people"])) == (False, made.id, 2)
    assert agent.post(f"{V1}/assignment", json={"on": True}).status_code == 404
    assert lead.post(f"{V1}/assignment", json={"on": True}).json()["on"] is True
    work = {"languages": ["es"], "skills": ["refund"], "capacity": 3}
    people = lead.post(f"{V1}/users/{bo.id}/work", json=work).json()["people"]
    assert people[1]["languages"] == ["es"]
    assert lead.post(f"{V1}/users/99/work", json=work).status_code == 404
    assert lead.post(f"{V1}/users/{bo.id}/work", json=work | {"capacity": 999}).status_code == 422


def test_a_lead_leaves_it_to_a_team_on_its_page_and_by_program(
    site: Site, ada: User, bo: User
) -> None:
    made = make_conversation(site.store)
    team = make_team(site.store, "Iberia", [bo])
    lead = site.signed_in(ada)
    give = f"/conversations/{made.id}/give"
    assert "Leave it to them" in lead.get(give).text
    why = {"because": "rule", "name": "Stolen"}
    with site.store.write() as session:
        given = (session, made.id, bo.id, None, "system", site.clock())
        assert steps.hand_over(*given, rule=why)
    assert "Assigned by the rule “Stolen”." in shown(lead.get(give).text)
    assert lead.post(give, data={"team": "99", "held_by": str(bo.id)}).status_code == 422
    lead.post(give, data={"team": str(team), "held_by": str(bo.id)})
    assert "Assigned by the rule" not in shown(lead.get(give).text)
    assert lead.post(give, data={"team": str(team), "held_by": str(bo.id)}).status_code == 422
    lead.post(give, data={"team": str(team), "held_by": ""})
    assert "for the team Iberia" in lead.get(f"/conversations/{made.id}").text
    assert "it is left to the team Iberia" in shown(lead.get(give).text)
    at = f"{V1}/conversations/{made.id}"
    agent, other = program(site, bo), program(site, ada)
    assert agent.get(at).json()["team"] == "Iberia"
    assert agent.post(f"{at}/assign", json={"team": "Iberia"}).status_code == 422
    assert other.post(f"{at}/assign", json={"team": "Nobodies"}).status_code == 422
    assert other.post(f"{at}/assign", json={"team": "iberia"}).json()["team"] == "Iberia"
