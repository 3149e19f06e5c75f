"""The pages that connect an account and look after one: what they refuse, show and never show."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.core.contract import Budget, Secret
from inbox.flows import reconcile
from inbox.flows.accounts import told as as_stored
from inbox.store.session import Store
from inbox.store.tables import Account, OAuthStart, Reconciliation
from tests.connectors.fixtures.telegram.harness import Telegram
from tests.connectors.harness import capabilities
from tests.factories import make_user
from tests.web.connecting import (
    CHANNELS,
    Desk,
    asks_there,
    came_back_to,
    desk_of,
    leaving,
    said,
)
from tests.web.test_conversations import HX

WRONG = "not-the-right-one"
CALLBACK = "/accounts/oauth/callback"
MADE = tuple(c for c in CHANNELS if any(s.made for s in capabilities(c).secrets))
SIGN_IN_ELSEWHERE = ("reddit", "x", "youtube")
CHECKED = tuple(c for c in CHANNELS if c not in (*SIGN_IN_ELSEWHERE, "webhook"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def desk(request: pytest.FixtureRequest, sqlite_store: Store, folder: Path) -> Iterator[Desk]:
    """Mastodon, if the test names no other channel."""
    with desk_of(getattr(request, "param", "mastodon"), sqlite_store, folder) as found:
        yield found


@pytest.fixture
def connected(desk: Desk) -> Desk:
    assert "tried-connected" in desk.connect().text
    return desk


def every(*channels: str) -> pytest.MarkDecorator:
    """The test for each of these channels."""
    return pytest.mark.parametrize("desk", channels or CHANNELS, indirect=True)


def wanted(desk: Desk) -> tuple[Secret, ...]:
    return capabilities(desk.channel).wanted(desk.harness.account.settings)


def field(page: str, name: str) -> str:
    """One field of the form, with its hint or its error."""
    found = re.search(rf'<div class="form-field">\s*<label[^>]* for="{name}".*?</div>', page, re.S)
    assert found is not None, name
    return found[0]


@every(*CHECKED)
@pytest.mark.parametrize("do", ["test", "connect"])
def test_wrong_credentials_name_what_fails_and_lose_nothing(desk: Desk, do: str) -> None:
    right = desk.fill(do=do)
    wrong = right | {name: WRONG for name in right if name.startswith("secret.")}
    path = f"/accounts/new/{desk.channel}"
    told = desk.browser.post(path, data=wrong)
    assert told.status_code == 422
    assert "It does not work yet" in said(told)
    for name, typed in right.items():
        if name in ("handle", "base_url") or name.startswith("setting."):
            shown = unescape(field(told.text, name))
            chosen = " selected" if "<select" in shown else ""
            assert f'value="{typed}"{chosen}' in shown, name
    assert WRONG not in told.text
    part = desk.browser.post(path, data=wrong, headers=HX)  # beside the form, which stays
    assert part.status_code == 200
    assert "tried-failed" in part.text
    assert "<form" not in part.text
    assert desk.count(Account) == 0


@every()
def test_each_missing_field_is_named_where_it_is(desk: Desk) -> None:
    offered = capabilities(desk.channel)
    sign_in = desk.fill()["sign_in"]
    told = desk.browser.post(f"/accounts/new/{desk.channel}", data={"sign_in": sign_in})
    assert told.status_code == 422
    needed = [f"secret.{s.name}" for s in wanted(desk) if not (s.optional or s.made)]
    needed += [f"setting.{s.name}" for s in offered.asked({"sign_in": sign_in}) if s.required]
    needed += ["base_url"] if offered.server else []
    for name in ("handle", *needed):
        assert "hint-wrong" in field(told.text, name), name
    assert told.text.count("hint-wrong") == len(needed) + 1
    assert desk.count(Account) == desk.count(OAuthStart) == 0


@every("email")
def test_the_form_asks_only_what_the_chosen_way_needs(desk: Desk) -> None:
    for way, asks in {"password": False, "token": True, "consent": True}.items():
        page = desk.browser.get("/accounts/new/email", params={"sign_in": way}).text
        assert ('name="setting.token_url"' in page) == asks, way
        assert ('name="setting.authorize_url"' in page) == (way == "consent"), way
        assert ('name="secret.password"' in page) == (way == "password"), way
        assert "Mail server that is read" in page


@every()
def test_no_page_shows_a_secret(desk: Desk) -> None:
    public = ("client_id", "username")  # the platform's address holds the one, names the other
    known = desk.harness.account
    secrets = [value for name, value in known.secrets.items() if name not in public]
    path = f"/accounts/new/{desk.channel}"
    unfinished = desk.browser.post(path, data=desk.fill(handle=""))
    pages = [unfinished, desk.connect()]
    pages += [desk.browser.post(path, data=desk.fill())]  # it is connected already
    pages += [desk.browser.post("/accounts/1/check"), desk.browser.post("/accounts/1/credentials")]
    for place in ("", "/1", "/1/credentials", "/new", f"/new/{desk.channel}"):
        pages.append(desk.browser.get(f"/accounts{place}"))
    assert len({page.status_code for page in pages}) > 1
    shown = [s for s in secrets for page in pages if s in page.text or s in str(page.headers)]
    assert shown == []
    sealed = desk.account().secrets
    assert sealed
    assert not any(secret in sealed for secret in secrets)


@every(*MADE)
def test_a_secret_that_we_make_up_is_shown_once(desk: Desk) -> None:
    left_out = {f"secret.{s.name}": "" for s in wanted(desk) if s.made}
    done = desk.connect(**left_out)
    made = re.findall(r"\(shown only now[^<]*</p><p>.*?<code[^>]*>([^<]+)<", done.text, re.S)
    shown = [s for s in wanted(desk) if s.made and s.shown]
    assert len(made) == len(shown), said(done)
    for place in ("/accounts/1", "/accounts/1/credentials"):
        assert not any(secret in desk.browser.get(place).text for secret in made)


def test_another_servers_address_deletes_the_credentials_and_asks_for_them(connected: Desk) -> None:
    told = connected.browser.post("/accounts/1/settings", data={"base_url": "http://127.0.0.1:9"})
    assert told.status_code == 303
    assert told.headers["location"] == "/accounts/1/credentials"
    row = connected.account()
    assert (row.secrets, row.state, row.base_url) == (None, "revoked", "http://127.0.0.1:9")
    form = connected.browser.get("/accounts/1/credentials").text
    assert "Leave it empty to keep the stored one" not in form
    page = connected.browser.get("/accounts/1").text
    assert "Enter the credentials again" in page
    home = connected.harness.account.base_url or ""
    connected.browser.post("/accounts/1/settings", data={"base_url": home})
    secret = {k: v for k, v in connected.fill().items() if k.startswith(("secret.", "sign_in"))}
    again = connected.browser.post("/accounts/1/credentials", data=secret)
    assert "tried-connected" in again.text, said(again)
    assert connected.account().state == "active"


@every("email")
def test_only_an_account_that_is_there_warns_of_losing_its_credentials(connected: Desk) -> None:
    loses = "Another value deletes the stored credentials"
    assert loses in connected.browser.get("/accounts/1").text
    assert loses not in connected.browser.get("/accounts/new/email").text


@every()
def test_saving_the_settings_as_they_are_changes_nothing(connected: Desk) -> None:
    before = connected.account()
    page = connected.browser.get("/accounts/1").text
    names = [name for name in connected.fill() if name.startswith("setting.")]
    fields = {n: v for n, v in connected.fill().items() if n in names}
    assert [name for name in names if f'name="{name}"' not in page] == []
    told = connected.browser.post(
        "/accounts/1/settings", data=fields | {"base_url": before.base_url or ""}
    )
    assert told.headers["location"] == "/accounts/1?done=settings"
    assert "The settings are saved." in connected.browser.get("/accounts/1?done=settings").text
    after = connected.account()
    given = {k: v for k, v in before.settings.items() if v}
    assert (after.settings, after.secrets, after.state) == (given, before.secrets, "active")


def test_pause_and_resume(connected: Desk) -> None:
    assert "Pause" in connected.browser.get("/accounts/1").text
    connected.browser.post("/accounts/1/pause")
    page = connected.browser.get("/accounts/1").text
    assert connected.account().state == "paused"
    assert 'action="/accounts/1/resume"' in page
    assert 'action="/accounts/1/pause"' not in page
    connected.browser.post("/accounts/1/resume")
    assert connected.account().state == "active"


def test_a_comparison_is_begun_shown_under_way_and_told(connected: Desk) -> None:
    connected.harness.write("mentions", "Were you told of this?")
    assert 'action="/accounts/1/compare"' in connected.browser.get("/accounts/1").text
    begun = connected.browser.post("/accounts/1/compare")
    assert begun.headers["location"] == "/accounts/1#streams"
    page = connected.browser.get("/accounts/1").text
    assert page.count("under way: 0 messages compared") == connected.count(Reconciliation) > 0
    assert "<progress" in page
    assert 'action="/accounts/1/compare"' not in page
    reconcile.work(
        connected.store, connected.settings, 1, classifier=None, now=connected.harness.now
    )
    page = connected.browser.get("/accounts/1").text
    assert "1 was missing and is here now" in page
    assert "nothing was missing" in page
    assert "<progress" not in page


@every("whatsapp")
def test_what_is_only_called_has_nothing_to_compare(connected: Desk) -> None:
    assert 'action="/accounts/1/compare"' not in connected.browser.get("/accounts/1").text
    assert connected.browser.post("/accounts/1/compare").status_code == 404


def test_an_auditor_sees_the_account_and_nothing_to_press(connected: Desk) -> None:
    cy = connected.site.signed_in(make_user(connected.store, "Cy Okoro", "auditor"))
    page = cy.get("/accounts/1")
    assert page.status_code == 200
    assert 'id="health"' in page.text
    assert 'action="/accounts/1' not in page.text
    assert "/accounts/1/credentials" not in page.text
    assert "/accounts/new" not in cy.get("/accounts").text


@every(*SIGN_IN_ELSEWHERE)
def test_only_the_browser_that_began_a_sign_in_ends_it_and_only_once(desk: Desk) -> None:
    assert asks_there(desk.channel, desk.harness)
    path = f"/accounts/new/{desk.channel}"
    left = desk.browser.post(path, data=desk.fill())
    back = came_back_to(leaving(left.text))
    bo = desk.site.signed_in(make_user(desk.store, "Bo Narin", "admin"))
    refused = bo.get(back)
    assert refused.status_code == 422
    assert "was not begun here" in said(refused)
    assert desk.count(Account) == 0
    assert "tried-connected" in desk.browser.get(back).text
    assert "was not begun here" in said(desk.browser.get(back))
    assert desk.count(Account) == 1


@every("x")
def test_htmx_leads_the_whole_browser_to_the_platform(desk: Desk) -> None:
    told = desk.browser.post("/accounts/new/x", data=desk.fill(), headers=HX)
    assert told.headers["hx-redirect"].startswith(desk.harness.account.base_url or "-")
    assert told.headers["hx-redirect"] == leaving(told.text)


@every("x")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"error": "access_denied"}, "Consent was refused on the platform’s page."),
        ({"error": "invalid_scope"}, "The platform says invalid_scope."),
        ({"error": "access_denied", "error_description": "The person said no."}, "said no"),
        ({}, "no code"),
    ],
)
def test_a_sign_in_without_consent_is_explained_and_connects_nothing(
    desk: Desk, query: dict[str, str], words: str
) -> None:
    told = desk.browser.get(CALLBACK, params=query)
    assert told.status_code == 422
    assert words in said(told)
    assert "Nothing was connected." in said(told)


@every(*SIGN_IN_ELSEWHERE)
def test_after_a_failed_sign_in_the_form_is_there_again_without_the_secrets(desk: Desk) -> None:
    given = desk.fill()
    there = leaving(desk.browser.post(f"/accounts/new/{desk.channel}", data=given).text)
    state = parse_qs(urlsplit(there).query)["state"][0]
    told = desk.browser.get(CALLBACK, params={"state": state, "error": "access_denied"})
    (again,) = re.findall(r'href="(/accounts/new/[^"]+)"', told.text)
    form = unescape(desk.browser.get(unescape(again)).text)
    for name, value in given.items():
        is_secret = name.startswith("secret.")
        assert is_secret or f'value="{value}"' in form, name
        assert not is_secret or value not in told.text + form, name
    assert desk.count(Account) == 0


@pytest.mark.parametrize("act", ["check", "subscribe", "settings"])
def test_a_buttons_answer_that_is_looked_at_again_is_the_account(connected: Desk, act: str) -> None:
    told = connected.browser.get(f"/accounts/1/{act}", follow_redirects=False)
    assert (told.status_code, told.headers["location"]) == (303, "/accounts/1")


@every("email")
def test_a_user_name_is_typed_openly_and_a_password_is_not(desk: Desk) -> None:
    page = desk.browser.get("/accounts/new/email").text
    assert 'type="text"' in field(page, "secret.username")
    assert 'type="password"' in field(page, "secret.password")


@every("telegram")
def test_an_account_that_is_asked_shows_no_address_to_call(desk: Desk) -> None:
    assert "tried-connected" in desk.connect().text
    page = desk.browser.get("/accounts/1").text
    assert ("Last call" in page, "/hooks/" in page) == (False, False)
    assert "Take the webhook back" in page


def test_what_to_have_ready_names_settings_that_are_needed_too(desk: Desk) -> None:
    page = unescape(desk.browser.get("/accounts/new").text)
    for words in ("Phone number ID", "AppID", "Client ID"):
        assert re.search(rf"have ready:[^<]*{words}", page), words


def test_what_must_be_given_is_asked_first(desk: Desk) -> None:
    """An app's ID stands above its secret, and where to register it above both."""
    for channel, *order in (
        ("youtube", "oauth/callback", 'name="setting.client_id"', 'name="secret.client_secret"'),
        ("email?sign_in=consent", 'name="setting.provider"', 'name="secret.client_id"'),
        ("wechat", 'name="setting.app_id"', 'name="secret.app_secret"'),
    ):
        page = desk.browser.get(f"/accounts/new/{channel}").text
        assert [page.index(one) for one in order] == sorted(page.index(one) for one in order)


@every("whatsapp")
def test_another_number_than_the_named_one_is_told(desk: Desk) -> None:
    told = said(desk.connect(handle="+44 20 7946 0000"))
    assert "Connected: +44 20 7946 0000" in told
    assert "Signed in as +1" in told


@every("whatsapp")
def test_settings_that_are_needed_cannot_be_emptied(desk: Desk) -> None:
    desk.connect()
    given = {n: v for n, v in desk.fill().items() if not n.startswith("secret.")}
    told = desk.browser.post("/accounts/1/settings", data=given | {"setting.waba_id": ""})
    assert told.status_code == 422
    assert "WhatsApp Business Account ID is needed." in field(told.text, "setting.waba_id")
    assert given["setting.phone_number_id"] in field(told.text, "setting.phone_number_id")
    assert desk.account().settings["waba_id"]


@every("telegram")
def test_what_was_missing_is_gone_when_the_platform_was_told(desk: Desk) -> None:
    assert isinstance(desk.harness, Telegram)
    fake = desk.harness.fake
    fake.webhook = {"url": "https://elsewhere.example/hook"}
    assert "polling (a webhook is set at Telegram)" in said(desk.connect())
    page = unescape(desk.browser.post("/accounts/1/subscribe").text)
    assert "Telegram keeps the messages until Replydesk asks for them." in page
    assert "Missing on the platform" not in page
    assert fake.webhook is None


@every("telegram")
def test_an_address_that_telegram_cannot_call_says_what_it_needs(desk: Desk) -> None:
    desk.connect(**{"setting.way_in": "webhook"})
    told = desk.browser.post("/accounts/1/subscribe")
    assert told.status_code == 422
    assert "begins with https://" in unescape(told.text)


@pytest.mark.parametrize(("hours", "shown"), [(1, "0 / 300</td>"), (-1, "– / 300</td>.*renewed")])
def test_a_quota_that_was_spent_is_renewed_by_its_time(
    connected: Desk, hours: int, shown: str
) -> None:
    at = connected.now() + timedelta(hours=hours)
    spent = Budget("requests", 300, 0, at)
    with connected.store.write() as session:
        session.get_one(Account, 1).budgets = as_stored([spent])
    page = connected.browser.get("/accounts/1").text
    assert re.search(shown, page)
    assert ("renewed" in page) == (hours < 0)
