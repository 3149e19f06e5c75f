"""Signing in to Reddit: on its page, with a password, and what is missing then."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.core.errors import AuthExpired, AuthRevoked
from connectors.reddit import CAPABILITIES, Connector
from connectors.reddit.client import user_agent
from tests.fakes.reddit import CLIENT_ID, ME, PASSWORD, REFRESH, FakeReddit


@pytest.fixture
def fake() -> Iterator[FakeReddit]:
    with FakeReddit() as served:
        yield served


def test_signing_in_on_reddit(fake: FakeReddit) -> None:
    new = replace(fake.account(), secrets={"client_secret": "fake-app-secret"})
    back = "https://desk.example/accounts/oauth/callback"
    url = urlsplit(Connector(new, fake.now).begin(back, "state-1", "verifier").url)
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (asked["client_id"], asked["duration"], asked["state"]) == (
        CLIENT_ID,
        "permanent",
        "state-1",
    )
    assert {"privatemessages", "submit", "modposts"} <= set(asked["scope"].split())
    fake.codes["code-1"] = back
    renewed = Connector(new, fake.now).exchange("code-1", back, "verifier")
    assert renewed.secrets["refresh_token"] == REFRESH
    assert renewed.expires_at is not None
    signed = Connector(replace(new, secrets={**new.secrets, **renewed.secrets}), fake.now)
    assert (signed.check().handle, signed.check().missing) == ("u/brand", ())
    with pytest.raises(AuthRevoked, match="invalid_grant"):
        Connector(new, fake.now).exchange("code-1", back, "verifier")


def test_a_wrong_client_secret_is_named(fake: FakeReddit) -> None:
    account = fake.account()
    wrong = replace(account, secrets={**account.secrets, "client_secret": "wrong"})
    with pytest.raises(AuthRevoked, match="Reddit did not take the client secret"):
        Connector(wrong, fake.now).exchange("code-1", "https://x", "v")


def test_without_a_base_url_tokens_and_lists_have_reddits_two_hosts() -> None:
    with FakeReddit() as fake:
        begun = Connector(replace(fake.account(), base_url=None), fake.now).begin("x", "y", "z")
    assert begun.url.startswith("https://www.reddit.com/api/v1/authorize?")
    assert CAPABILITIES.base_url == "https://oauth.reddit.com"


def test_signing_in_with_a_password(fake: FakeReddit) -> None:
    entered = {"client_secret": "fake-app-secret", "username": ME, "password": PASSWORD}
    account = replace(fake.account(sign_in="script"), secrets=entered)
    with pytest.raises(AuthExpired):
        Connector(account, fake.now).pull("inbox", {})
    renewed = Connector(account, fake.now).renew()
    assert "refresh_token" not in renewed.secrets
    wrong = replace(account, secrets={**entered, "password": "no"})
    with pytest.raises(AuthRevoked):
        Connector(wrong, fake.now).renew()


def test_what_the_sign_in_does_not_permit_is_told(fake: FakeReddit) -> None:
    account = fake.account()
    narrow = replace(account, secrets={**account.secrets, "scope": "identity read submit"})
    missing = Connector(narrow, fake.now).check().missing
    assert any("“privatemessages”" in m for m in missing)
    assert not any("“read”" in m for m in missing)


def test_a_missing_subreddit_is_told(fake: FakeReddit) -> None:
    (told,) = Connector(fake.account(subreddit="other"), fake.now).check().missing
    assert "r/other" in told


@pytest.mark.parametrize("chosen", ["", "web:desk:v2 (by /u/ada)\r\nx-evil: 1", "窗口"])
def test_the_user_agent_is_one_line_of_ascii(fake: FakeReddit, chosen: str) -> None:
    words = user_agent(fake.account(user_agent=chosen))
    assert words.isascii()
    assert words.isprintable()
    assert ":" in words
