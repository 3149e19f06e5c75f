"""The page and the calls of mailed reports: who gets them, how they look, what became of each."""

import re
from collections.abc import Iterator
from html import unescape

import httpx2
import pytest
from playwright.sync_api import Browser

from inbox.store import audit_log
from inbox.store.audit_log import Asked
from inbox.store.tables import User
from reports.editions import make_due
from reports.mails import mail_due
from tests.factories import make_account, make_conversation, make_user
from tests.fakes.smtp import SmtpServer
from tests.mailed import make_report_mail
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site, mails_by

PAGE = "/reports/mails"
LEAD = "lead@lumenpay.example"


@pytest.fixture
def smtp(any_site: Site) -> Iterator[SmtpServer]:
    with SmtpServer(needs_sign_in=False) as server:
        mails_by(any_site, server.url)
        yield server


def status(page: str) -> str:
    """What the page says was done."""
    found = re.search(r'role="status">(.*?)</(?:p|button|form)>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def follow(browser: httpx2.Client, path: str, **form: object) -> str:
    """The page after a form was sent."""
    answer = browser.post(path, data=form)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def test_a_reader_is_added_gets_a_test_and_the_report_and_both_are_in_the_log(
    any_site: Site, smtp: SmtpServer
) -> None:
    ada = make_user(any_site.store, "Ada Voss", "admin")
    browser = any_site.signed_in(ada)
    assert "Nobody gets reports yet." in browser.get(PAGE).text
    page = follow(browser, "/reports/recipients", address=LEAD, kind=["day"], locale="en")
    assert status(page) == f"{LEAD} gets reports, from the next one on: Daily."
    assert re.search(r"The first leaves [^.]+ 07:00\.", unescape(page))
    page = follow(browser, f"{PAGE}/test", to=LEAD, kind="week", locale="zh_Hans_CN")
    assert f"took the test for {LEAD}" in status(page)
    assert smtp.accepted[0].to == (LEAD,)
    assert "Weekly, 中文 → " in unescape(page)
    any_site.clock.forward(days=1)
    make_due(any_site.store, any_site.clock())
    smtp.faults.append("550")
    settings = any_site.app.state.desk.settings
    mail_due(any_site.store, settings, any_site.clock)
    browser = any_site.signed_in(ada)  # a night is over
    refused = browser.get(PAGE).text
    assert "No such user" in refused
    again = re.search(rf'action="({PAGE}/\d+/again)"', refused)
    assert again is not None
    assert "leaves again" in status(follow(browser, again[1]))
    assert mail_due(any_site.store, settings, any_site.clock) == 1
    done = browser.get(PAGE).text
    assert "taken by the mail server" in done
    assert again[1] not in done
    assert b"/reports/mails\r\n" in smtp.accepted[-1].raw.replace(b"=\r\n", b"")


def test_a_reader_is_changed_in_place_removed_and_brought_back(site: Site, ada: User) -> None:
    make_report_mail(site.store, LEAD)
    browser, one = site.signed_in(ada), "/reports/recipients/1"
    form = {"address": LEAD, "kind": ["day", "week", "month"], "locale": "en"}
    assert "the address" not in status(follow(browser, one, **form))
    assert status(follow(browser, one, **form)) == f"Nothing was new for {LEAD} ."
    page = follow(browser, one, **form | {"kind": ["week"], "at": "08:30"})
    assert status(page) == f"Changed for {LEAD} , from the next report on: Weekly; 08:30."
    edit = browser.get(f"{PAGE}?edit=1").text
    assert 'value="08:30"' in edit
    wrong = browser.post(one, data=form | {"kind": [], "at": "08:45"})
    assert wrong.status_code == 422
    assert "Choose at least one report." in wrong.text
    assert 'value="08:45"' in wrong.text
    page = follow(browser, f"{one}/remove")
    assert "gets no more reports" in status(page)
    assert f'action="{one}/restore"' in page
    assert "gets reports again: Weekly." in status(follow(browser, f"{one}/restore"))
    assert browser.post(f"{one}9/remove").status_code == 404


def test_who_is_no_admin_sees_who_gets_them_and_can_change_nothing(site: Site, bo: User) -> None:
    make_report_mail(site.store, LEAD)
    page = site.signed_in(bo).get(PAGE).text
    assert LEAD in page
    assert "Admins change who gets them." in page
    assert 'action="/reports' not in page
    assert "iframe" not in page


def test_a_test_that_does_not_leave_says_why_beside_the_address(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    for to, why in ((LEAD, "Set REPLYDESK_SMTP_URL."), ("nobody", "not an e-mail address")):
        answer = browser.post(f"{PAGE}/test", data={"to": to, "kind": "day", "locale": "en"})
        assert answer.status_code == 422
        assert why in answer.text
    with site.store.read() as session:
        (row,) = audit_log.page(session, Asked(actions=("report_mail_test",)), 5).rows
    assert (row.actor, row.detail["address"]) == (ada.email, LEAD)
    assert "No mail server is set." in row.detail["reason"]


def test_a_mail_is_shown_in_a_frame_that_runs_and_loads_nothing(
    site: Site, ada: User, browser: Browser
) -> None:
    make_conversation(site.store, make_account(site.store), name="<script>alert(1)</script>")
    signed = site.signed_in(ada)
    shown = signed.get(f"{PAGE}/preview?kind=week&locale=zh_Hans_CN")
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "sandbox allow-popups" in policy
    assert signed.get(f"{PAGE}/preview?locale=tlh").status_code == 404
    context = browser.new_context()
    for one in signed.cookies.jar:
        context.add_cookies([{"name": one.name, "value": str(one.value), "url": site.url}])
    page, wrong = context.new_page(), list[str]()
    page.on("console", lambda said: wrong.append(said.text))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}{PAGE}?kind=week")
    here = page.locator(".look-asks [aria-current]:visible")
    assert here.all_inner_texts() == ["Weekly", "English", "On a phone", "Light"]
    assert page.locator(".look-box").evaluate("(it) => it.scrollWidth <= it.clientWidth")
    page.goto(f"{site.url}{PAGE}?kind=week&width=phone")
    mail = page.frame_locator("iframe")
    assert mail.locator(".h1").inner_text() == "No answer was due."
    assert mail.locator(".h1").evaluate("(one) => getComputedStyle(one).fontSize") == "28px"
    foot = mail.get_by_text("Change who gets this mail")
    assert str(foot.get_attribute("href")).endswith(PAGE)
    with context.expect_page():  # in a window of its own
        foot.click()
    context.close()
    blocked = "Blocked script execution"  # of the test's own reading in the frame
    assert [said for said in wrong if not said.startswith(blocked)] == []


def test_programs_do_all_of_it_with_scopes(site: Site, ada: User, bo: User) -> None:
    api = program(site, ada)
    new = {"address": LEAD, "kinds": ["week", "day"], "at": "08:30"}
    made = api.post(f"{V1}/reports/recipients", json=new, headers={"Idempotency-Key": "k"}).json()
    again = api.post(f"{V1}/reports/recipients", json=new, headers={"Idempotency-Key": "k"})
    assert (again.json(), again.headers["idempotency-replayed"]) == (made, "true")
    assert made == {"id": 1, "address": LEAD, "locale": "en", "kinds": ["day", "week"]} | {
        "at": "08:30"
    }
    assert code(api.post(f"{V1}/reports/recipients", json=new)) == "taken"
    late = new | {"address": "x@lumenpay.example", "at": "25:00"}
    assert code(api.post(f"{V1}/reports/recipients", json=late)) == "recipient"
    for n in range(3):
        make_report_mail(site.store, f"n{n}@lumenpay.example", "accepted" if n else "refused")
    first = api.get(f"{V1}/reports/mails?limit=2").json()
    rest = api.get(f"{V1}/reports/mails?limit=2&cursor={first['next_cursor']}").json()
    assert [one["id"] for one in first["mails"] + rest["mails"]] == [3, 2, 1]
    assert rest["next_cursor"] is None
    assert api.post(f"{V1}/reports/mails/1/again").json()["state"] == "queued"
    assert code(api.post(f"{V1}/reports/mails/1/again")) == "state"
    assert code(api.post(f"{V1}/reports/mails/test", json={"kind": "day"})) == "not_sent"
    shown = api.get(f"{V1}/reports/mails/preview?kind=month").json()
    assert "monthly report" in shown["text"]
    reads = program(site, ada, ["reports:read"])
    assert len(reads.get(f"{V1}/reports/recipients").json()["recipients"]) == 4
    assert code(reads.post(f"{V1}/reports/recipients/1/remove")) == "scope_missing"
    assert code(program(site, bo).get(f"{V1}/reports/mails/preview?kind=day")) == "not_found"


def test_before_the_brand_has_a_name_the_page_is_there_and_says_when_the_first_leaves(
    empty_site: Site,
) -> None:
    signed = empty_site.signed_in(make_user(empty_site.store, "Ada Voss", "admin"))
    page = follow(signed, "/reports/recipients", address=LEAD, kind=["week"], locale="en")
    assert "gets reports, from the next one on: Weekly." in status(page)
    assert "The first leaves once a mail server is set." in unescape(page)
    assert signed.get(f"{PAGE}/preview?theme=dark").status_code == 200
