"""Notices on the pages and in the API: counted, listed, read; who was told of a conversation."""

from datetime import timedelta

import pytest

from inbox.flows import warnings
from inbox.store.tables import Conversation, User
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_team, make_user
from tests.web.api.calling import V1, program
from tests.web.serving import Site

UNREAD = '<span class="rail-late rail-unread">'


@pytest.fixture
def late(site: Site, bo: User) -> Conversation:
    """Lin Yue's wait, Bo's, is past due, and Lee, the lead, was told."""
    make_user(site.store, "Lee Lead", "lead")
    account = make_account(site.store, created_at=MONDAY - timedelta(days=9))
    conversation = make_conversation(
        site.store,
        account,
        assignee_id=bo.id,
        opened_at=MONDAY - timedelta(hours=25),
        warn_at=MONDAY,
    )
    assert warnings.look(site.store, site.clock()) == 1
    return conversation


def test_a_warning_is_counted_until_its_conversation_is_opened(
    site: Site, bo: User, late: Conversation
) -> None:
    browser = site.signed_in(bo)
    page = browser.get("/notices").text
    assert UNREAD in page
    assert f'<a href="/conversations/{late.id}"><bdi>Lin Yue</bdi></a>' in page
    assert UNREAD in browser.get("/", headers={"Replydesk-Live": "1"}).text
    browser.get(f"/conversations/{late.id}", headers={"Replydesk-Live": "1"})
    assert UNREAD in browser.get("/notices").text, "nobody looked at it"
    assert UNREAD not in browser.get(f"/conversations/{late.id}").text
    assert UNREAD not in browser.get("/notices").text


def test_all_that_stands_on_the_page_is_marked_as_read(
    site: Site, bo: User, late: Conversation
) -> None:
    browser = site.signed_in(bo)
    assert browser.post("/notices/read", data={"up_to": "0"}).status_code == 303
    assert UNREAD in browser.get("/notices").text
    browser.post("/notices/read", data={"up_to": "99"})
    assert UNREAD not in browser.get("/notices").text


def test_the_conversation_and_the_list_show_the_escalation(
    site: Site, ada: User, late: Conversation
) -> None:
    page = site.signed_in(ada).get(f"/conversations/{late.id}").text
    assert "Escalated" in page
    assert "<bdi>Lee Lead</bdi> (the lead on duty)" in page
    assert "<bdi>Bo Narin</bdi> (whose it is)" in page


def test_the_choice_of_mails_is_kept(site: Site, bo: User) -> None:
    browser = site.signed_in(bo)
    assert '<option value="90" selected>' in browser.get("/me").text
    assert browser.post("/me/notices", data={"part": "100"}).status_code == 303
    assert '<option value="100" selected>' in browser.get("/me").text
    assert browser.post("/me/notices", data={"part": "7"}).status_code == 422


def test_an_auditor_who_leads_a_team_marks_as_read_and_chooses_no_mail(
    site: Site, cy: User
) -> None:
    browser = site.signed_in(cy)
    assert "#b-notices" not in browser.get("/notices").text
    assert browser.post("/me/notices", data={"part": "90"}).status_code == 404
    account = make_account(site.store, created_at=MONDAY - timedelta(days=9))
    make_team(site.store, "Cards", [cy], [account], cy)
    since = MONDAY - timedelta(hours=25)
    make_conversation(site.store, account, opened_at=since, warn_at=MONDAY)
    assert warnings.look(site.store, site.clock()) == 1
    assert UNREAD in browser.get("/notices").text
    assert browser.post("/notices/read", data={"up_to": "99"}).status_code == 303
    assert UNREAD not in browser.get("/notices").text


def test_programs_read_their_persons_warnings(site: Site, bo: User, late: Conversation) -> None:
    client = program(site, bo)
    found = client.get(f"{V1}/notices").json()
    assert (found["unread"], found["before"]) == (1, None)
    (notice,) = found["notices"]
    assert (notice["part"], notice["why"], notice["who"]) == (100, "assignee", "Lin Yue")
    assert client.post(f"{V1}/notices/read", json={"up_to": notice["id"]}).json() == {"marked": 1}
    told = client.get(f"{V1}/conversations/{late.id}/warnings").json()["warnings"][0]["told"]
    assert [(one["person"], one["why"]) for one in told] == [
        ("bo@lumenpay.example", "assignee"),
        ("lee@lumenpay.example", "lead"),
    ]
    assert client.get(f"{V1}/conversations/99/warnings").status_code == 404
