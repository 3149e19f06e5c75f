"""Connecting accounts, credentials that run out, and signing in on the platform's page."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.core.contract import Identity, Renewed
from connectors.core.errors import AuthExpired, AuthRevoked, Transient, Unsupported
from inbox.flows import oauth
from inbox.flows.accounts import (
    AccountExists,
    Added,
    Incomplete,
    NewAccount,
    OtherAccount,
    add_account,
    configure,
    reconnect,
    try_out,
)
from inbox.flows.poll import poll
from inbox.store import accounts as stored
from inbox.store.session import Store
from inbox.store.tables import Account, Audit, OAuthStart
from tests.clock import Clock
from tests.flows.desk import Desk, says
from tests.scripted import SCRIPTS, Script

HOUR = timedelta(hours=1)


@pytest.fixture
def rich(sqlite_store: Store, tmp_path: Path, clock: Clock) -> Desk:
    return Desk.open(sqlite_store, tmp_path, clock, "rich")


@pytest.fixture
def script() -> Script:
    """What the platform of `@new` does."""
    SCRIPTS["@new"] = Script()
    return SCRIPTS["@new"]


def wanted(**more: Any) -> NewAccount:
    values: dict[str, Any] = {"settings": {"region": "eu"}, "secrets": {"key": "k1"}} | more
    return NewAccount("rich", "@new", None, **values)


def added(desk: Desk, new: NewAccount) -> Added:
    return add_account(desk.store, desk.settings, new, actor="ada", now=desk.clock)


def secrets(desk: Desk, account_id: int) -> dict[str, str]:
    with desk.store.read() as session:
        row = session.get_one(Account, account_id)
    return dict(stored.for_connector(row, desk.settings.cipher).secrets)


def account(desk: Desk, account_id: int) -> Account:
    with desk.store.read() as session:
        return session.get_one(Account, account_id)


def test_what_is_missing_is_named_field_by_field(rich: Desk) -> None:
    with pytest.raises(Incomplete) as e:
        added(rich, wanted(settings={}, secrets={}))
    assert set(e.value.fields) == {"key", "region"}
    assert len(rich.rows(Account)) == 1


def test_a_secret_that_we_make_up_is_shown_once_and_stored(rich: Desk, script: Script) -> None:
    done = added(rich, wanted())
    ((prompt, value),) = done.made
    assert (prompt, secrets(rich, done.id)["hook"]) == ("Hook secret", value)
    assert done.hook
    assert done.hook.startswith("http://127.0.0.1:8080/hooks/rich/")


def test_credentials_that_do_not_work_store_nothing(rich: Desk, script: Script) -> None:
    def revoked() -> Identity:
        raise AuthRevoked("Wrong key.")

    script.on_check = revoked
    for step in (
        lambda: added(rich, wanted()),
        lambda: try_out(rich.store, rich.settings, wanted(), rich.clock),
    ):
        with pytest.raises(AuthRevoked):
            step()
    assert len(rich.rows(Account)) == 1


def test_an_account_is_connected_once(rich: Desk, script: Script) -> None:
    added(rich, wanted())
    with pytest.raises(AccountExists):
        added(rich, wanted())


def test_short_lived_credentials_are_made_at_once_and_again_before_they_run_out(
    rich: Desk, script: Script
) -> None:
    made = iter("abc")
    script.on_renew = lambda: Renewed({"token": next(made)}, rich.clock() + HOUR)
    done = added(rich, wanted())
    assert secrets(rich, done.id)["token"] == "a"
    for forward, token in ((50, "a"), (6, "b"), (10, "b")):
        rich.clock.forward(minutes=forward)
        poll(rich.store, rich.settings, done.id, classifier=None, now=rich.clock)
        assert script.secrets[-1]["token"] == token
    assert secrets(rich, done.id) | {"hook": ""} == {"key": "k1", "token": "b", "hook": ""}


def test_credentials_that_never_run_out_are_connected_as_they_are(
    rich: Desk, script: Script
) -> None:
    """A channel may renew in one way of signing in, and have nothing to renew in another."""

    def never() -> Renewed:
        raise Unsupported("Keys do not run out.")

    script.on_renew = never
    done = added(rich, wanted())
    assert (secrets(rich, done.id)["key"], account(rich, done.id).fresh_until) == ("k1", None)


def test_credentials_that_ran_out_early_are_renewed_at_the_next_try(
    rich: Desk, script: Script
) -> None:
    script.on_renew = lambda: Renewed({"token": "fresh"}, rich.clock() + HOUR)
    done = added(rich, wanted(secrets={"key": "k", "token": "stale"}))
    script.pages = {"first": [AuthExpired("The token ran out.")]}
    rich.clock.forward(minutes=1)
    poll(rich.store, rich.settings, done.id, classifier=None, now=rich.clock)
    row = account(rich, done.id)
    assert row.state == "active"
    assert row.not_before == rich.clock() + timedelta(seconds=1)
    script.pages = {}
    rich.clock.forward(seconds=2)
    assert poll(rich.store, rich.settings, done.id, classifier=None, now=rich.clock).error is None
    assert account(rich, done.id).failures == 0


def test_a_renewal_that_the_platform_refuses_asks_for_a_person(rich: Desk, script: Script) -> None:
    done = added(rich, wanted())

    def refuses() -> Renewed:
        raise AuthRevoked("Sign in again.")

    script.on_renew = refuses
    with rich.store.write() as session:
        session.get_one(Account, done.id).fresh_until = rich.clock()
    poll(rich.store, rich.settings, done.id, classifier=None, now=rich.clock)
    assert (account(rich, done.id).state, account(rich, done.id).last_error) == (
        "revoked",
        "Sign in again.",
    )


def test_a_renewal_that_fails_in_passing_is_tried_again(rich: Desk, script: Script) -> None:
    done = added(rich, wanted())

    def fails() -> Renewed:
        raise Transient("Down.")

    script.on_renew = fails
    with rich.store.write() as session:
        session.get_one(Account, done.id).fresh_until = rich.clock()
    poll(rich.store, rich.settings, done.id, classifier=None, now=rich.clock)
    assert (account(rich, done.id).state, account(rich, done.id).failures) == ("active", 1)


def test_connecting_again_keeps_the_history_and_the_place_in_every_stream(
    rich: Desk, script: Script
) -> None:
    done = added(rich, wanted())
    script.pages = {"first": [says_page("1")]}
    poll(rich.store, rich.settings, done.id, classifier=None, now=rich.clock)
    with rich.store.write() as session:
        stored.set_state(session, done.id, "active", "revoked")
    reconnect(rich.store, rich.settings, done.id, {"key": "k2"}, actor="ada", now=rich.clock)
    row = account(rich, done.id)
    assert (row.state, row.failures, secrets(rich, done.id)["key"]) == ("active", 0, "k2")
    with rich.store.read() as session:
        assert stored.cursor(session, done.id, "first") == ({"page": 1}, 1)


def test_another_way_to_sign_in_is_kept(rich: Desk, script: Script) -> None:
    done = added(rich, wanted())
    how: Any = {"actor": "ada", "now": rich.clock, "sign_in": "page"}
    reconnect(rich.store, rich.settings, done.id, {"token": "t"}, **how)
    assert account(rich, done.id).settings == {"region": "eu", "sign_in": "page"}


def test_another_accounts_credentials_are_refused(rich: Desk, script: Script) -> None:
    done = added(rich, wanted())
    script.on_check = lambda: Identity("somebody-else", "@other")
    with pytest.raises(OtherAccount, match="@other"):
        reconnect(rich.store, rich.settings, done.id, {"key": "k2"}, actor="ada", now=rich.clock)
    assert secrets(rich, done.id)["key"] == "k1"


def test_another_server_is_given_none_of_the_stored_credentials(rich: Desk, script: Script) -> None:
    done = added(rich, wanted())
    how: Any = {"settings": {"region": "us"}, "actor": "ada", "now": rich.clock()}
    assert not configure(rich.store, done.id, base_url=None, **how)
    assert secrets(rich, done.id)["key"] == "k1"
    assert configure(rich.store, done.id, base_url="http://127.0.0.1:9", **how)
    assert (secrets(rich, done.id), account(rich, done.id).state) == ({}, "revoked")
    actions = [a.action for a in rich.rows(Audit)]
    assert actions == ["connect", "configure", "configure"]


@pytest.mark.parametrize("name", ["smtp", "provider", "token_url"])
def test_a_setting_that_says_where_credentials_go_is_such_an_address_too(
    rich: Desk, name: str
) -> None:
    known = {"smtp": "smtps://mail.brand.example:465", "provider": "google"}
    with rich.store.write() as session:
        id_ = stored.add(session, "email", "help@brand.example", rich.clock())
        row = session.get_one(Account, id_)
        row.base_url, row.settings = "imaps://mail.brand.example", dict(known)
        row.secrets = stored.seal(rich.settings.cipher, {"password": "p1"})
    how: Any = {"base_url": "imaps://mail.brand.example", "actor": "ada", "now": rich.clock()}
    same = {"smtp": known["smtp"], "name": "Support"}  # google is what holds where nothing is said
    assert not configure(rich.store, id_, settings=same, **how)
    assert secrets(rich, id_) == {"password": "p1"}
    assert configure(rich.store, id_, settings={**same, name: "smtps://evil.example"}, **how)
    assert (secrets(rich, id_), account(rich, id_).state) == ({}, "revoked")


def test_a_refresh_token_that_a_test_used_up_is_followed_by_the_next(
    rich: Desk, script: Script
) -> None:
    """The provider ends each token at its first use; whoever entered the first knows no other."""
    alive = ["token-0"]

    def renew() -> Renewed:
        if script.secrets[-1]["refresh_token"] != alive[-1]:
            raise AuthRevoked("The refresh token was used before.")
        alive.append(f"token-{len(alive)}")
        return Renewed({"refresh_token": alive[-1]}, rich.clock() + HOUR)

    def tried() -> Identity:
        return try_out(rich.store, rich.settings, new, rich.clock)

    script.on_renew = renew
    new = wanted(secrets={"key": "k1", "refresh_token": "token-0"})
    tried()
    tried()
    done = added(rich, new)
    assert secrets(rich, done.id)["refresh_token"] == alive[-1] == "token-3"
    assert all(token not in row.sealed for row in rich.rows(OAuthStart) for token in alive)
    with pytest.raises(oauth.SignInLost):
        finish(rich, "rich refresh_token token-0", "rotated")
    rich.clock.forward(minutes=11)
    with pytest.raises(AuthRevoked):
        tried()


def test_what_was_entered_for_one_server_is_not_given_to_the_next(
    rich: Desk, script: Script
) -> None:
    done = added(rich, wanted())
    state = start(rich, account_id=done.id)
    how: Any = {"settings": {"region": "eu"}, "actor": "ada", "now": rich.clock()}
    configure(rich.store, done.id, base_url="http://127.0.0.1:9", **how)
    with pytest.raises(oauth.SignInLost):
        finish(rich, state)
    assert secrets(rich, done.id) == {}


def start(desk: Desk, session_key: str = "browser-1", account_id: int | None = None) -> str:
    """The `state` that the platform would send back."""
    begun = oauth.start(
        desk.store,
        desk.settings,
        wanted(settings={"region": "eu", "sign_in": "page"}, secrets={}),
        session_key=session_key,
        account_id=account_id,
        now=desk.clock,
    )
    assert parse_qs(urlsplit(begun.url).query)["state"] == [begun.state]
    return begun.state


def finish(desk: Desk, state: str, session_key: str = "browser-1") -> Added:
    return oauth.finish(
        desk.store,
        desk.settings,
        state=state,
        code="code-1",
        session_key=session_key,
        actor="ada",
        now=desk.clock,
    )


def test_a_sign_in_on_the_platforms_page_connects_the_account(rich: Desk, script: Script) -> None:
    seen: list[str] = []

    def exchange(code: str, verifier: str) -> Renewed:
        seen.extend((code, verifier))
        return Renewed({"token": "t1"}, rich.clock() + HOUR)

    script.on_exchange = exchange
    done = finish(rich, start(rich))
    kept = secrets(rich, done.id)
    assert (kept["token"], kept["app"], seen[0]) == ("t1", "made", "code-1")
    assert len(seen[1]) >= 43
    assert account(rich, done.id).fresh_until == rich.clock() + HOUR


@pytest.mark.parametrize(
    "spoil",
    [
        lambda desk, state: finish(desk, "another-state"),
        lambda desk, state: finish(desk, state, "another-browser"),
        lambda desk, state: (desk.clock.forward(minutes=11), finish(desk, state)),
        lambda desk, state: (finish(desk, state), finish(desk, state)),
    ],
    ids=["forged", "another session", "too late", "used twice"],
)
def test_a_sign_in_that_this_session_did_not_begin_is_refused(
    rich: Desk, script: Script, spoil: Callable[[Desk, str], Any]
) -> None:
    state = start(rich)
    with pytest.raises(oauth.SignInLost):
        spoil(rich, state)


def test_neither_state_nor_verifier_is_readable_in_the_database(rich: Desk, script: Script) -> None:
    state = start(rich)
    (row,) = rich.rows(OAuthStart)
    assert state not in (row.state_hash, row.sealed)
    assert "made" not in row.sealed


def says_page(*names: str) -> Any:
    from connectors.core.contract import Page

    return Page(tuple(says(n) for n in names), {})
