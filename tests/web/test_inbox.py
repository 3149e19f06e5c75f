"""The list's page over a real socket."""

import re
from datetime import timedelta
from typing import Any

import pytest

from inbox.store.tables import User
from tests.factories import make_account, make_conversation, make_user
from tests.web.serving import Site


def rows(page: str) -> list[int]:
    """The conversations on a page, in its order."""
    return [int(id_) for id_ in re.findall(r'id="row-(\d+)"', page)]


def test_without_an_account_the_page_tells_how_to_connect_one(site: Site, ada: User) -> None:
    agent = make_user(site.store, "Bo Narin", "agent")
    page = site.signed_in(agent).get("/").text
    assert "An admin connects them" in page
    assert 'href="/accounts/new"' not in page
    lee = site.signed_in(make_user(site.store, "Lee Moran", "admin"))
    assert 'href="/welcome/accounts"' in lee.get("/").text


def test_the_list_is_grouped_by_when_answers_are_due(site: Site, ada: User) -> None:
    account, now = make_account(site.store), site.clock()
    due = {
        "late": now - timedelta(minutes=5),
        "soon": now + timedelta(hours=1),
        "today": now + timedelta(hours=9),
        "tomorrow": now + timedelta(hours=20),
        "later": now + timedelta(days=3),
    }
    ids = [make_conversation(site.store, account, due_at=at).id for at in due.values()]
    ids.append(make_conversation(site.store, account, status="waiting").id)
    page = site.signed_in(ada).get("/").text
    assert rows(page) == ids
    assert re.findall(r'id="group-(\w+)"', page) == [*due, "wait"]


def test_critical_waits_stand_on_top_by_the_teams_target_and_are_next(
    site: Site, ada: User
) -> None:
    account, now = make_account(site.store), site.clock()
    spam: dict[str, Any] = {"category": "spam", "category_confidence": 0.99}
    soon = make_conversation(site.store, account, due_at=now + timedelta(hours=1), **spam).id
    ids = [
        make_conversation(
            site.store,
            account,
            name=f"Critical {n}",
            urgency="critical",
            due_at=now + timedelta(hours=23 - n),
            internal_due_at=now + timedelta(minutes=minutes),
        ).id
        for n, minutes in enumerate((40, -5))
    ]
    browser = site.signed_in(ada)
    page = browser.get("/").text
    assert rows(page) == [ids[1], ids[0], soon]
    assert re.findall(r'id="group-(\w+)"', page) == ["critical", "soon"]
    assert page.count(">team target<") >= 2
    next_one = page[page.index('class="calm-next"') :]
    assert "Critical 1" in next_one[:300]
    assert rows(browser.get("/?view=unassigned").text) == [soon, ids[1], ids[0]]


def test_what_is_surely_spam_is_not_the_next_answer(site: Site, ada: User) -> None:
    account, now = make_account(site.store), site.clock()
    spam: dict[str, Any] = {"category": "spam", "category_confidence": 0.99}
    make_conversation(site.store, account, name="Advert", due_at=now + timedelta(hours=1), **spam)
    make_conversation(site.store, account, name="Lin Yue", due_at=now + timedelta(hours=2))
    page = site.signed_in(ada).get("/").text
    assert "Lin Yue" in page[page.index('class="calm-next"') :][:300]


def test_views_show_theirs_and_say_how_many(site: Site, ada: User, bo: User) -> None:
    account = make_account(site.store)
    mine = make_conversation(site.store, account, assignee_id=ada.id).id
    make_conversation(site.store, account, assignee_id=bo.id)
    nobodys = make_conversation(site.store, account).id
    browser = site.signed_in(ada)
    assert rows(browser.get("/?view=mine").text) == [mine]
    assert rows(browser.get("/?view=unassigned").text) == [nobodys]
    assert rows(browser.get("/?view=nonsense").text) == rows(browser.get("/").text)
    counts = re.findall(
        r'class="view[^>]*>([^<]+) <span class="count">(\d+)', browser.get("/").text
    )
    shown = {"Due first": "3", "Mine": "1", "Unassigned": "1", "Waiting": "0", "Snoozed": "0"}
    assert dict(counts) == shown


@pytest.mark.parametrize(
    ("view", "purpose", "next_step"),
    [
        ("due", "New messages appear here", "/?view=waiting"),
        ("mine", "What you take, or are given", "/?view=unassigned"),
        ("unassigned", "What nobody has taken yet", "/"),
        ("waiting", "What was answered waits here", "/"),
        ("snoozed", "What is snoozed waits here", "/"),
        ("resolved", "What is done with rests here", "/"),
        ("spam", "Only people mark spam", "/"),
        ("saved:1", "as soon as the search of this view finds it", "/"),
    ],
)
def test_an_empty_list_says_what_it_is_for_and_what_to_do_next(
    site: Site, ada: User, view: str, purpose: str, next_step: str
) -> None:
    make_account(site.store)
    browser = site.signed_in(ada)
    browser.post("/views", data={"name": "Late refunds", "query": "is:overdue category:refund"})
    empty = re.findall(r'class="empty".*?</div>', browser.get(f"/?view={view}").text, re.DOTALL)
    assert (len(empty), purpose in empty[0]) == (1, True)
    assert f'href="{next_step}"' in empty[0]


def test_fifty_rows_make_a_page_and_a_link_leads_on(site: Site, ada: User) -> None:
    account = make_account(site.store)
    ids = [
        make_conversation(site.store, account, due_at=site.clock() + timedelta(minutes=n)).id
        for n in range(53)
    ]
    browser = site.signed_in(ada)
    first = browser.get("/").text
    more = re.search(r'class="rows-more"><a class="btn" href="([^"]+)"', first)
    assert more is not None
    second = browser.get(more[1].replace("&amp;", "&")).text
    assert rows(first) + rows(second) == ids
    assert "rows-more" not in second


def test_htmx_gets_only_the_list(site: Site, ada: User) -> None:
    make_conversation(site.store)
    part = site.signed_in(ada).get("/", headers={"HX-Request": "true"}).text
    assert rows(part) == [1]
    assert "<html" not in part


def test_a_silent_account_is_named_below_the_list_and_on_its_page(site: Site, ada: User) -> None:
    make_account(site.store, "email", last_success_at=site.clock() - timedelta(hours=3))
    make_account(site.store, "x")
    browser = site.signed_in(ada)
    assert re.search(r"E-mail silent for", browser.get("/").text)
    assert "conversations" in browser.get("/accounts").text.lower()


def test_every_state_of_an_account_has_words(site: Site, ada: User) -> None:
    now = site.clock()
    make_account(site.store, state="paused")
    make_account(site.store, state="revoked", last_error="401")
    make_account(site.store, "whatsapp", state="imported", last_success_at=None)
    make_account(site.store, failures=3, last_error="503", not_before=now + timedelta(minutes=1))
    make_account(site.store, not_before=now + timedelta(minutes=15))
    make_account(site.store, last_success_at=None)
    make_account(site.store, "webhook", last_success_at=now - timedelta(days=9))
    page = site.signed_in(ada).get("/accounts").text
    assert len(re.findall(r'id="account-\d+"', page)) == 7
    assert "WhatsApp" in page


def test_the_report_of_yesterday_is_the_one_that_opens(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.get("/reports").headers["location"] == "/reports/2026-11-22"
    assert browser.get("/reports/2026-11-22").status_code == 200
    assert browser.get("/reports/2026-11-22?edition=7").status_code == 404


def test_the_style_page_shows_every_part(site: Site, ada: User) -> None:
    assert "every state" in site.signed_in(ada).get("/style").text
