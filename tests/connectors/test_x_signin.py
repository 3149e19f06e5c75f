"""Signing in to the fake X with OAuth 2.0, and staying so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from connectors.core.contract import Account, Renewed
from connectors.core.errors import AuthExpired, AuthRevoked, Transient, Unsupported
from connectors.x import CAPABILITIES, Connector
from connectors.x.signin import SCOPES
from tests.connectors.fixtures.x.steps import answer, asks, connect, read, signed_in
from tests.fakes.x import ME, FakeX
from tests.fakes.x_signin import CLIENT_ID, CLIENT_SECRET, CODE_S, TOKEN_S

BACK = "https://desk.example/oauth/back"
VERIFIER = "a-verifier-of-at-least-forty-three-characters"


@pytest.fixture(params=[True, False], ids=["confidential", "public"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakeX]:
    with FakeX(confidential=request.param) as fake:
        yield fake


def new_account(fake: FakeX) -> Account:
    """What a person has entered before the sign-in."""
    secret = {"client_secret": CLIENT_SECRET} if fake.sign_ins.confidential else {}
    secrets = {"client_id": CLIENT_ID, **secret}
    return Account("x", "", None, fake.url, {"sign_in": "oauth2"}, secrets)


def consent(fake: FakeX, account: Account, state: str = "s1") -> str:
    """Goes through X's page; the code that comes back."""
    begun = Connector(account, fake.now).begin(BACK, state, VERIFIER)
    back = httpx2.get(begun.url).headers["location"]
    assert back.startswith(BACK)
    told = dict(parse_qsl(urlsplit(back).query))
    assert told["state"] == state
    return told["code"]


def sign_in(fake: FakeX) -> tuple[Account, Renewed]:
    account = new_account(fake)
    given = Connector(account, fake.now).exchange(consent(fake, account), BACK, VERIFIER)
    return replace(account, secrets={**account.secrets, **given.secrets}), given


def test_consent_gives_tokens_that_work(fake: FakeX) -> None:
    account, given = sign_in(fake)
    assert given.expires_at is not None
    assert abs(given.expires_at - fake.now() - timedelta(seconds=TOKEN_S)) < timedelta(minutes=1)
    identity = Connector(account, fake.now).check()
    assert (identity.external_id, identity.handle, identity.missing) == (ME, "@brand", ())
    fake.dm("Hello")
    (page,) = read(Connector(account, fake.now), "dms")
    assert [m.text for m in page.messages] == ["Hello"]


def test_x_is_asked_for_every_right_that_the_connector_uses_and_no_other(fake: FakeX) -> None:
    begun = Connector(new_account(fake), fake.now).begin(BACK, "s1", VERIFIER)
    query = dict(parse_qsl(urlsplit(begun.url).query))
    assert query["scope"].split() == list(SCOPES)
    assert "like.write" not in SCOPES
    assert query["code_challenge_method"] == "S256"
    assert VERIFIER not in begun.url


def test_x_itself_asks_for_consent_where_the_account_has_no_address_of_its_own() -> None:
    with FakeX() as fake:
        account = replace(new_account(fake), base_url=None)
        begun = Connector(account, fake.now).begin(BACK, "s1", VERIFIER)
    assert begun.url.startswith("https://x.com/i/oauth2/authorize?response_type=code&client_id=")


def test_a_right_that_was_not_granted_is_named(fake: FakeX) -> None:
    fake.sign_ins.withheld = "dm.read"
    account, _ = sign_in(fake)
    assert Connector(account, fake.now).check().missing == ("reading direct messages",)


def test_a_code_is_too_old_after_half_a_minute(fake: FakeX) -> None:
    account = new_account(fake)
    code = consent(fake, account)
    fake.advance(CODE_S + 1)
    with pytest.raises(AuthRevoked, match=r"authorization code was invalid\. Sign in again\."):
        Connector(account, fake.now).exchange(code, BACK, VERIFIER)


def test_a_code_without_its_verifier_is_worth_nothing(fake: FakeX) -> None:
    account = new_account(fake)
    with pytest.raises(AuthRevoked):
        Connector(account, fake.now).exchange(consent(fake, account), BACK, VERIFIER + "x")


def test_a_token_runs_out_and_is_renewed_once_per_refresh_token(fake: FakeX) -> None:
    account, first = sign_in(fake)
    fake.advance(TOKEN_S + 1)
    stale = Connector(account, fake.now)
    with pytest.raises(AuthExpired):
        stale.check()
    fresh = stale.renew()
    assert fresh.secrets["refresh_token"] != first.secrets["refresh_token"]
    renewed = replace(account, secrets={**account.secrets, **fresh.secrets})
    assert Connector(renewed, fake.now).check().external_id == ME
    with pytest.raises(AuthRevoked):
        stale.renew()  # the old refresh token is used up


def test_a_consent_taken_back_needs_a_person(fake: FakeX) -> None:
    account, _ = sign_in(fake)
    fake.sign_ins.revoke()
    with pytest.raises(AuthExpired):
        Connector(account, fake.now).pull("mentions", {})
    with pytest.raises(AuthRevoked):
        Connector(account, fake.now).renew()


def test_without_the_right_to_stay_a_person_signs_in_again(fake: FakeX) -> None:
    fake.sign_ins.withheld = "offline.access"
    account, given = sign_in(fake)
    assert "refresh_token" not in given.secrets
    missing = Connector(account, fake.now).check().missing
    assert missing == ("staying signed in for more than two hours",)
    with pytest.raises(AuthRevoked, match="Sign in again"):
        Connector(account, fake.now).renew()


def test_a_renewal_that_x_cannot_serve_now_is_tried_again(fake: FakeX) -> None:
    account, _ = sign_in(fake)
    fake.fault("/2/oauth2/token", "unavailable")
    with pytest.raises(Transient):
        Connector(account, fake.now).renew()
    assert "user_token" in Connector(account, fake.now).renew().secrets


def test_a_wrong_client_secret_is_told_from_a_stale_token() -> None:
    with FakeX() as fake:
        account, _ = sign_in(fake)
        wrong = replace(account, secrets={**account.secrets, "client_secret": "wrong"})
        with pytest.raises(AuthRevoked, match="X did not take the client secret"):
            Connector(wrong, fake.now).renew()


def test_an_account_with_keys_has_no_page_to_sign_in_on(fake: FakeX) -> None:
    keyed = connect(fake)
    for call in (
        lambda: keyed.begin(BACK, "s1", VERIFIER),
        lambda: keyed.exchange("code", BACK, VERIFIER),
        keyed.renew,
    ):
        with pytest.raises(Unsupported, match="with keys"):
            call()


def test_each_way_asks_for_its_own_secrets() -> None:
    entered = {
        way: [s.name for s in CAPABILITIES.wanted({"sign_in": way}) if not s.optional]
        for way in ("oauth1", "oauth2")
    }
    keys = ["consumer_key", "consumer_secret", "access_token", "access_token_secret"]
    assert entered == {"oauth1": keys, "oauth2": ["client_id"]}
    assert [s.name for s in CAPABILITIES.wanted({})][:4] == keys  # as accounts always did


def test_no_request_of_an_oauth_2_account_is_signed_the_old_way(fake: FakeX) -> None:
    connector = signed_in(fake, search="on")
    reply = answer(fake, "Hello", fake.mention("@brand hi"))
    for stream in CAPABILITIES.streams:
        connector.pull(stream, {})
    connector.send(reply)
    used = {r.headers["authorization"].partition(" ")[0] for r in fake.requests}
    assert used == {"Bearer"}


def test_an_oauth_2_account_calls_the_new_host(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeX() as fake:
        asked = asks(replace(fake.signed_in(), base_url=None), fake, monkeypatch)
    assert asked.startswith(b"CONNECT api.x.com:443 ")
