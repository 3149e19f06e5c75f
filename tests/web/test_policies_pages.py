"""The pages of policies and calendars: looked at, previewed, changed, and taken back."""

import re
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select

from inbox.flows.policies import change_calendar
from inbox.flows.refold import refold
from inbox.store.tables import CalendarVersion, Conversation, Message, PolicyVersion, User
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_team, make_user
from tests.web.serving import Site
from tests.web.test_classifier_pages import words

POLICY = {
    "id": "social",
    "name": "Social media",
    "first": "4h",
    "calendar": "working days",
    "public": "yes",
    "warn_at": "50 75 90",
}
OFFICE = {
    "name": "office",
    "zone": "Europe/Lisbon",
    "countries": "PT",
    **dict.fromkeys(("monday", "tuesday", "thursday"), "09:00-12:30 13:30-18:00"),
    "days": "2026-12-24 closed Christmas Eve\n\n2026-12-31 09:00-12:00 short day",
}


@pytest.fixture
def waiting(site: Site, ada: User) -> Conversation:
    """A turn opened at nine on Monday, due after 24 hours."""
    conversation = make_conversation(site.store, make_account(site.store))
    with site.store.write() as session:
        refold(session, [conversation.id], site.clock())
    return conversation


def due_after(site: Site, conversation: Conversation) -> timedelta:
    with site.store.read() as session:
        due_at = session.get_one(Conversation, conversation.id).due_at
    assert due_at is not None
    return due_at - MONDAY


def beside(answer: httpx2.Response) -> str:
    """The words beside a conversation, in one line."""
    aside = answer.text.partition("<aside")[2].partition("</aside>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", aside).split())


def numbers(site: Site, table: type[PolicyVersion] | type[CalendarVersion]) -> list[int]:
    with site.store.read() as session:
        return list(session.scalars(select(table.number)))


def test_everybody_may_look_and_only_admins_find_a_button(site: Site, ada: User, cy: User) -> None:
    for path in ("/policies", "/calendars"):
        auditor = site.signed_in(cy).get(path)
        assert auditor.status_code == 200
        assert "Change" not in words(auditor)
        assert set(re.findall(r'<form[^>]* action="([^"]+)"', auditor.text)) <= {"/me", "/sign-out"}
        assert "Change" in words(site.signed_in(ada).get(path))
    assert site.signed_in(cy).get("/policies/edit").status_code == 404


def test_a_promise_is_previewed_saved_and_taken_back(
    site: Site, ada: User, waiting: Conversation
) -> None:
    browser = site.signed_in(ada)
    page = words(browser.post("/policies/edit", data=POLICY | {"do": "preview"}))
    assert "Open now 1 Due earlier 1 Due later 0 Overdue at once 0" in page
    assert due_after(site, waiting) == timedelta(hours=24)
    saved = browser.post("/policies/edit", data=POLICY | {"do": "save"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/policies?done=saved")
    assert due_after(site, waiting) == timedelta(hours=4)
    page = words(browser.get("/policies?done=saved"))
    assert "Saved: a new version is in force." in page
    assert "Social media every other wait 4 hours" in page
    assert f"Version 2 in force today 09:00 · {ada.email}" in page
    asked = words(browser.post("/policies/restore", data={"version": "1", "do": "preview"}))
    assert "Due earlier 0 Due later 1" in asked
    browser.post("/policies/restore", data={"version": "1", "do": "restore"})
    assert due_after(site, waiting) == timedelta(hours=24)
    assert "says version 1 again" in words(browser.get("/policies"))


def test_a_new_policy_stands_first_and_can_be_removed(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    new = POLICY | {"id": "", "name": "Refunds!", "categories": "refund", "next": "1bd"}
    assert browser.post("/policies/edit", data=new | {"do": "save"}).status_code == 303
    page = words(browser.get("/policies"))
    assert "Refunds! Category: Refund 4 hours then 1 business day" in page
    form = browser.get("/policies/edit?id=refunds").text
    assert re.search(r'name="categories" value="refund" checked', form)
    browser.post("/policies/edit", data=new | {"id": "refunds", "do": "remove"})
    assert "Refunds!" not in words(browser.get("/policies"))
    assert numbers(site, PolicyVersion) == [1, 2, 3]


def test_a_target_is_a_number_and_a_unit(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    days = POLICY | {"first": "3", "first_unit": "bd", "next": "", "next_unit": "m", "do": "save"}
    assert browser.post("/policies/edit", data=days).status_code == 303
    form = browser.get("/policies/edit", params={"id": "social"}).text
    assert re.search(r'name="first" type="number"[^>]* value="3"', form)
    assert '<option value="bd" selected>business days</option>' in form
    assert re.search(r'name="next" type="number"[^>]* value=""', form)


def test_what_cannot_be_read_is_said_with_what_was_typed(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    refused = browser.post("/policies/edit", data=POLICY | {"first": "soon", "do": "save"})
    assert refused.status_code == 422
    assert "write a target such as 24h" in words(refused)
    assert 'value="soon"' in refused.text
    odd = {"name": "", "first": "", "warn_at": "90 50", "lead_from": "80", "all_from": "70"}
    page = browser.post("/policies/edit", data=POLICY | odd | {"do": "save"}).text
    said = [re.sub("<.*?>", "", one) for one in re.findall(r"hint-wrong.*?</svg>(.*?)</p>", page)]
    assert [one.split()[0] for one in said] == ["Give", "Give", "Write", "All"]
    assert 'value="90 50"' in page
    last = browser.post("/policies/edit", data=POLICY | {"do": "remove"})
    assert "must have no conditions" in words(last)
    days = OFFICE | {"days": "2026-12-24", "do": "save"}
    refused = browser.post("/calendars/edit", data=days)
    assert refused.status_code == 422
    assert "2026-12-24: write the hours and why" in words(refused)
    odd = {
        "zone": "Lissabon",
        "countries": "Portugal",
        "tuesday": "9-12",
        "days": "24.12. closed X",
    }
    page = browser.post("/calendars/edit", data=OFFICE | odd | {"do": "save"}).text
    marked = re.findall(r'name="(\w+)"[^>]*aria-invalid="true"', page)
    assert marked == ["zone", "countries", "tuesday", "days"]
    assert len(re.findall("hint-wrong", page)) == 4  # each beside its field
    assert numbers(site, PolicyVersion) == numbers(site, CalendarVersion) == [1]


def test_a_calendar_is_made_shown_and_taken_back(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.post("/calendars/edit", data=OFFICE | {"do": "save"}).status_code == 303
    page = words(browser.get("/calendars"))
    assert "office v1 Europe/Lisbon · holidays of PT" in page
    assert "Thu 24 Dec 2026 Christmas Eve · closed · the team’s own day" in page
    assert "Tue 1 Dec 2026 Restoration of Independence Day · closed" in page
    form = browser.get("/calendars/edit?name=office").text
    assert 'value="09:00-12:30 13:30-18:00"' in form
    assert "2026-12-31 09:00-12:00 short day" in form
    browser.post("/calendars/edit", data=OFFICE | {"zone": "", "do": "save"})
    back = {"name": "office", "version": "1"}
    asked = browser.post("/calendars/restore", data=back | {"do": "preview"})
    assert "No wait that is open now would get another due time." in words(asked)
    browser.post("/calendars/restore", data=back | {"do": "restore"})
    assert "office v3 Europe/Lisbon" in words(browser.get("/calendars"))


def test_a_new_calendar_takes_no_other_ones_name(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert '<input type="hidden" name="new" value="1">' in browser.get("/calendars/edit").text
    new = OFFICE | {"new": "1", "do": "save"}
    assert browser.post("/calendars/edit", data=new).status_code == 303
    for do in ("preview", "save"):
        again = browser.post(
            "/calendars/edit", data=new | {"do": do, "days": "2026-12-24 closed X"}
        )
        assert again.status_code == 422
        assert "There is a calendar of this name already." in words(again)
        assert ">2026-12-24 closed X</textarea>" in again.text
    assert "office v1" in words(browser.get("/calendars"))
    changed = OFFICE | {"zone": "", "do": "save"}
    assert browser.post("/calendars/edit", data=changed).status_code == 303


def test_a_year_that_is_not_final_says_so(site: Site, ada: User) -> None:
    china = OFFICE | {"countries": "CN", "do": "save"}
    site.signed_in(ada).post("/calendars/edit", data=china)
    with site.store.read() as session:
        not_final = session.query(CalendarVersion).filter_by(name="office").one().not_final
    page = words(site.signed_in(ada).get("/calendars"))
    assert ("Not final: 2027" in page) == (2027 in not_final)


def test_a_teams_calendar_follows_another_and_the_page_says_when_an_answer_would_be_due(
    site: Site, ada: User, waiting: Conversation
) -> None:
    browser = site.signed_in(ada)
    form = browser.get("/calendars/edit?base=working+days").text
    assert 'name="base" value="working days"' in form
    assert 'name="monday"' not in form
    own = {"new": "1", "name": "Cards", "base": "working days", "days": "2026-11-24 closed Moving"}
    assert browser.post("/calendars/edit", data=own | {"do": "save"}).status_code == 303
    browser.post("/policies/edit", data=POLICY | {"first": "1bd", "do": "save"})
    account = str(waiting.account_id)
    team = {"name": "Cards team", "account": account, "calendar": "Cards"}
    preview = browser.post("/teams/new", data=team | {"do": "preview"})
    assert "Due earlier 0 Due later 1" in words(preview)
    assert '<option value="Cards" selected>' in preview.text
    assert browser.post("/teams/new", data=team | {"do": "save"}).status_code == 303
    assert "Counts in Cards" in words(browser.get("/teams"))
    page = words(browser.get("/calendars"))
    assert "follows working days" in page
    assert "Counts on the accounts of Cards team" in page
    theirs = "of the team Cards team, instead of working days"
    assert f"Cards v1 {theirs}" in beside(browser.get(f"/conversations/{waiting.id}"))
    asked = browser.get(f"/policies?account={account}&at=2026-11-23T10:00&kind=dm")
    assert f"Social media · 1 business day · Cards · {theirs} Not counted: 24 Nov Moving" in words(
        asked
    )
    assert browser.get(f"/policies?account={account}&at=9999-x&kind=none").status_code == 200
    assert browser.get("/calendars/edit?base=Cards").status_code == 404
    other = team | {"name": "Others", "calendar": "working days", "do": "save"}
    assert "would count by two calendars" in words(browser.post("/teams/new", data=other))


def test_nobody_asks_when_it_would_be_due_on_an_account_that_they_do_not_see(site: Site) -> None:
    shops, other = (make_account(site.store, handle=one) for one in ("@shops", "@lumen"))
    make_team(site.store, "Shops", [], [shops])
    browser = site.signed_in(make_user(site.store, "Lee Ortiz", "lead"))
    page = words(browser.get(f"/policies?account={shops.id}"))
    assert "@lumen" in page
    assert "@shops" not in page
    assert "The answer is due" not in page
    assert "The answer is due" in words(browser.get(f"/policies?account={other.id}"))


def test_an_unknown_policy_or_calendar_is_not_found(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.get("/policies/edit?id=none").status_code == 404
    assert browser.get("/calendars/edit?name=none").status_code == 404
    assert browser.post("/policies/restore", data={"version": "9"}).status_code == 422
    assert browser.post("/calendars/restore", data={"version": "x"}).status_code == 422


def test_the_conversation_shows_the_whole_calculation(
    site: Site, ada: User, waiting: Conversation
) -> None:
    browser = site.signed_in(ada)
    page = beside(browser.get(f"/conversations/{waiting.id}"))
    assert "It fits every turn; nothing with conditions fits" in page
    assert "reached Replydesk" not in page
    with site.store.write() as session:
        said = session.scalars(select(Message).filter_by(conversation_id=waiting.id)).one()
        said.stored_at = said.sent_at + timedelta(hours=2)
    assert "reached Replydesk Mon 23 Nov" in beside(browser.get(f"/conversations/{waiting.id}"))
    closed = {"countries": ["PT"], "days": {"2026-11-24": "closed Moving house"}}
    change_calendar(site.store, "working days", closed, actor="ada", now=site.clock())
    days = POLICY | {"first": "1bd", "do": "save"}
    browser.post("/policies/edit", data=days)
    page = beside(browser.get(f"/conversations/{waiting.id}"))
    assert "Policy Social media v2 · 1 business day" in page
    assert "Calendar working days v2" in page
    assert "Not counted 24 Nov Moving house" in page
