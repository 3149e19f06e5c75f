"""Signing in to a mailbox by access token (XOAUTH2), against real servers and a token endpoint."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.core.contract import Account
from connectors.core.errors import AuthExpired, AuthRevoked, Refused, Transient, Unsupported
from connectors.email import Connector
from tests.connectors.fixtures.email.desk import answer, now
from tests.fakes.mail import ANN, LOGIN, PostOffice
from tests.fakes.tokens import CLIENT_ID, CLIENT_SECRET, CODE, TokenServer

APP = {"username": LOGIN, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
BACK = "https://desk.brand.example/back"


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


@pytest.fixture
def issuer(post: PostOffice) -> Iterator[TokenServer]:
    with TokenServer(post.accept_token) as running:
        yield running


def account(post: PostOffice, issuer: TokenServer, **secrets: str) -> Account:
    own = {"provider": "other", "token_url": issuer.token_url, "sign_in": "token"}
    return replace(post.account(**own), secrets={**APP, **secrets})


def bare(**settings: Any) -> Connector:
    chosen = {"sign_in": "consent", **settings}
    return Connector(Account("email", "a@b.example", None, None, chosen, APP), now)


def test_a_mailbox_is_read_and_answered_by_token(post: PostOffice, issuer: TokenServer) -> None:
    post.write("Where is it?")
    known = account(post, issuer, refresh_token="refresh-0")
    with closing(Connector(known, now)) as connector:
        fresh = connector.renew()
    assert fresh.expires_at is not None
    assert timedelta(minutes=59) < fresh.expires_at - now() < timedelta(minutes=60)
    assert fresh.secrets["refresh_token"] == "refresh-1"  # the provider ended the first
    known = replace(known, secrets={**known.secrets, **fresh.secrets})
    with closing(Connector(known, now)) as connector:
        assert connector.check().missing == ()
        (question,) = connector.pull("inbox", {}).messages
        connector.send(answer(question))
    assert len(post.mailbox(ANN)) == 1


@pytest.mark.parametrize("token", ["", "access-that-ran-out"])
def test_a_token_that_ran_out_is_renewed_by_nobody_s_hand(
    post: PostOffice, issuer: TokenServer, token: str
) -> None:
    post.accept_token("another")
    known = account(post, issuer, refresh_token="refresh-0", access_token=token)
    with closing(Connector(known, now)) as connector:
        with pytest.raises(AuthExpired):
            connector.check()
        with pytest.raises(AuthExpired):
            connector.pull("inbox", {})
        assert connector.renew().secrets["access_token"] == "access-1"


def test_a_refresh_token_that_was_withdrawn_needs_a_person(
    post: PostOffice, issuer: TokenServer
) -> None:
    withdrawn = account(post, issuer, refresh_token="withdrawn")
    missing = account(post, issuer, access_token="access-without-refresh")
    for known in (withdrawn, missing):
        with closing(Connector(known, now)) as connector, pytest.raises(AuthRevoked):
            connector.renew()
    with closing(Connector(missing, now)) as connector, pytest.raises(AuthRevoked):
        connector.pull("inbox", {})


def test_a_password_does_not_run_out(post: PostOffice) -> None:
    with closing(Connector(post.account(), now)) as connector, pytest.raises(Unsupported):
        connector.renew()


def test_a_provider_that_is_down_withdraws_nothing(post: PostOffice, issuer: TokenServer) -> None:
    issuer.fault("/token", "lost")
    known = account(post, issuer, refresh_token="refresh-0")
    with closing(Connector(known, now)) as connector, pytest.raises(Transient):
        connector.renew()


def test_the_code_of_the_consent_page_becomes_credentials(
    post: PostOffice, issuer: TokenServer
) -> None:
    with closing(Connector(account(post, issuer), now)) as connector:
        got = connector.exchange(CODE, BACK, "verifier")
        assert got.secrets == {"access_token": "access-1", "refresh_token": "refresh-1"}
        with pytest.raises(AuthRevoked):
            connector.exchange("another", BACK, "verifier")


def test_each_provider_is_asked_on_its_own_page_for_a_lasting_permission() -> None:
    google = urlsplit(bare().begin(BACK, "state-1", "v" * 43).url)
    assert (google.scheme, google.hostname) == ("https", "accounts.google.com")
    asked = {name: values[0] for name, values in parse_qs(google.query).items()}
    assert asked["access_type"] == "offline"
    assert asked["scope"] == "https://mail.google.com/"
    assert (asked["state"], asked["redirect_uri"]) == ("state-1", BACK)
    assert asked["code_challenge_method"] == "S256"
    microsoft = bare(provider="microsoft").begin(BACK, "state-1", "v" * 43).url
    assert urlsplit(microsoft).hostname == "login.microsoftonline.com"
    assert "offline_access" in parse_qs(urlsplit(microsoft).query)["scope"][0]


@pytest.mark.parametrize("url", ["", "http://mail.example/authorize", "ftp://127.0.0.1/"])
def test_secrets_go_to_no_address_in_the_clear(url: str) -> None:
    connector = bare(provider="other", authorize_url=url, token_url=url)
    with pytest.raises(Refused):
        connector.begin(BACK, "state-1", "v" * 43)
    with pytest.raises(Refused):
        connector.exchange(CODE, BACK, "v" * 43)
