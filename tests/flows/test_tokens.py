"""API tokens: made by a person, known once, never more than the person is now."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from inbox.domain.scopes import SCOPES, effective, held
from inbox.flows import tokens
from inbox.flows.people import ROLES
from inbox.flows.tokens import Made, TokenInvalid
from inbox.store import tokens as stored
from inbox.store.session import Store
from inbox.store.tables import ApiToken, Audit, User
from tests.clock import Clock
from tests.factories import make_user

READ = ("conversations:read",)


def made(store: Store, person: User, clock: Clock, **given: Any) -> Made:
    values: dict[str, Any] = {"name": "Shop", "scopes": READ, "lasts": None}
    values |= given
    who: dict[str, Any] = {"email": person.email, "actor": person.email, "now": clock()}
    return tokens.make(store, **(who | values))


def change(store: Store, person: User, **values: object) -> None:
    with store.write() as session:
        row = session.get_one(User, person.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_token_brings_in_its_person_with_its_scopes(store: Store, clock: Clock) -> None:
    ada = make_user(store, role="lead")
    fresh = made(store, ada, clock, scopes=("reports:read", "conversations:read"))
    found = tokens.bearer(store, fresh.token, clock())
    assert found is not None
    assert (found.token_id, found.person.email, found.person.role) == (fresh.id, ada.email, "lead")
    assert found.scopes == {"reports:read", "conversations:read"}


def test_only_a_hash_is_stored_and_the_audit_does_not_know_the_token(
    store: Store, clock: Clock
) -> None:
    fresh = made(store, make_user(store), clock)
    assert fresh.token.startswith("rd_")
    assert len(fresh.token) > 40
    with store.read() as session:
        whole = str([tuple(r) for r in session.execute(text("SELECT * FROM api_tokens"))])
        whole += str(session.scalars(select(Audit.detail)).all())
    assert fresh.token not in whole
    assert fresh.token[:7] in whole


def test_a_token_ends_when_it_expires_or_is_revoked(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    short = made(store, ada, clock, lasts=timedelta(days=1))
    long = made(store, ada, clock)
    clock.forward(hours=24)
    assert tokens.bearer(store, short.token, clock()) is None
    assert tokens.bearer(store, long.token, clock()) is not None
    assert tokens.revoke(store, long.id, actor="cli", now=clock())
    assert not tokens.revoke(store, long.id, actor="cli", now=clock())
    assert tokens.bearer(store, long.token, clock()) is None
    assert tokens.bearer(store, "rd_guess", clock()) is None


def test_a_token_ends_with_its_person_and_does_not_come_back(store: Store, clock: Clock) -> None:
    bo = make_user(store, "Bo Narin")
    fresh = made(store, bo, clock)
    change(store, bo, disabled_at=clock())
    assert tokens.bearer(store, fresh.token, clock()) is None
    with store.write() as session:
        stored.revoke_all(session, bo.id, clock())
    change(store, bo, disabled_at=None)
    assert tokens.bearer(store, fresh.token, clock()) is None
    change(store, bo, disabled_at=clock())
    with pytest.raises(TokenInvalid):
        made(store, bo, clock)


def test_a_token_may_less_when_its_person_does(store: Store, clock: Clock) -> None:
    ada = make_user(store, role="admin")
    fresh = made(store, ada, clock, scopes=("accounts:read", "accounts:write"))
    change(store, ada, role="auditor")
    found = tokens.bearer(store, fresh.token, clock())
    assert found is not None
    assert found.scopes == {"accounts:read"}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": " \n "}),
        ("scopes", {"scopes": ()}),
        ("scopes", {"scopes": ("accounts:write",)}),
        ("scopes", {"scopes": ("everything",)}),
        ("days", {"lasts": timedelta(0)}),
        ("days", {"lasts": timedelta(days=3651)}),
        ("person", {"email": "nobody@lumenpay.example"}),
    ],
)
def test_what_cannot_be_made_is_said_and_leaves_nothing(
    sqlite_store: Store, clock: Clock, field: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(TokenInvalid) as caught:
        made(sqlite_store, make_user(sqlite_store), clock, **wrong)
    assert caught.value.field == field
    with sqlite_store.read() as session:
        assert session.scalars(select(ApiToken.id)).all() == []


def test_the_last_use_is_written_at_most_every_five_minutes(store: Store, clock: Clock) -> None:
    fresh = made(store, make_user(store), clock)
    seen = []
    for _ in range(3):
        tokens.bearer(store, fresh.token, clock())
        with store.read() as session:
            seen.append(session.get_one(ApiToken, fresh.id).last_used_at)
        clock.forward(minutes=4)
    assert seen[0] == seen[1] != seen[2]


@given(st.sets(st.sampled_from([*SCOPES, "unknown"])), st.sampled_from(ROLES))
def test_a_token_never_may_more_than_its_role(scopes: set[str], role: str) -> None:
    found = effective(scopes, role)
    assert found <= scopes & set(held(role))
    assert "conversations:write" not in effective(SCOPES, "auditor")
