"""The second step: codes that count once, recovery codes, and the rule by role; on each engine."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.flows import two_step
from inbox.flows.branding import BrandChange, BrandInvalid, change_brand
from inbox.flows.keys import TooManyTries
from inbox.flows.people import WrongPassword, sign_in, who
from inbox.flows.two_step import WrongCode, step_of
from inbox.store.session import Store
from inbox.store.tables import Audit, RecoveryCode, User
from tests.clock import Clock
from tests.factories import PASSWORD, make_brand, make_user

CIPHER = MultiFernet([Fernet(Fernet.generate_key())])


def shown(secret: str, clock: Clock, steps: int = 0) -> str:
    """What an app shows now, or so many steps of 30 s later."""
    app = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    return app.generate(int(clock().timestamp()) + 30 * steps).decode()


def password(store: Store, user: User, clock: Clock) -> str:
    return sign_in(store, email=user.email, password=PASSWORD, address="a", now=clock())


def enrolled(store: Store, user: User, clock: Clock) -> tuple[str, tuple[str, ...]]:
    """The secret and the recovery codes of someone who has switched the second step on."""
    token = password(store, user, clock)
    secret = two_step.begin(store, CIPHER, user_id=user.id).secret
    code = shown(secret, clock)
    codes = two_step.confirm(store, CIPHER, user_id=user.id, code=code, token=token, now=clock())
    clock.forward(seconds=30)
    return secret, codes


def finish(store: Store, token: str, code: str, clock: Clock) -> str | None:
    return two_step.finish(store, CIPHER, token=token, code=code, now=clock())


def test_the_password_alone_opens_nothing_once_the_second_step_is_on(
    store: Store, clock: Clock
) -> None:
    ada = make_user(store)
    secret, _ = enrolled(store, ada, clock)
    half = password(store, ada, clock)
    assert who(store, half, clock()) is None
    assert two_step.waits(store, half, clock())
    whole = finish(store, half, f" {shown(secret, clock)} ", clock)
    assert whole is not None
    assert whole != half
    signed = who(store, whole, clock())
    assert signed is not None
    assert signed.two_step
    assert finish(store, half, shown(secret, clock, 1), clock) is None
    with store.read() as session:
        assert session.scalars(select(Audit.action)).all() == ["two_step_on"]


def test_half_a_session_ends_after_ten_minutes(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    secret, _ = enrolled(store, ada, clock)
    half = password(store, ada, clock)
    clock.forward(minutes=10)
    assert finish(store, half, shown(secret, clock), clock) is None


def test_a_code_works_once_and_never_an_older_one_after_it(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    secret, _ = enrolled(store, ada, clock)
    code = shown(secret, clock)
    assert finish(store, password(store, ada, clock), code, clock)
    for again in (code, shown(secret, clock, -1)):
        with pytest.raises(WrongCode):
            finish(store, password(store, ada, clock), again, clock)
    assert finish(store, password(store, ada, clock), shown(secret, clock, 1), clock)


def test_the_code_that_switched_it_on_does_not_sign_in(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    token = password(store, ada, clock)
    secret = two_step.begin(store, CIPHER, user_id=ada.id).secret
    code = shown(secret, clock)
    two_step.confirm(store, CIPHER, user_id=ada.id, code=code, token=token, now=clock())
    with pytest.raises(WrongCode):
        finish(store, password(store, ada, clock), code, clock)


@pytest.mark.parametrize(
    ("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_that_is_a_step_off_still_fits(clock: Clock, steps: int, right: bool) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    code = shown(secret, clock, steps)
    assert (step_of(b"12345678901234567890", code, clock()) is not None) is right


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Its Appendix B, the last six digits."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(b"12345678901234567890", code, now) == seconds // 30


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_code_of_now_or_none(code: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    step = step_of(b"12345678901234567890", code, now)
    assert step is None or abs(step - int(now.timestamp()) // 30) <= 1


def test_a_recovery_code_stands_in_once_however_it_is_typed(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    _, codes = enrolled(store, ada, clock)
    assert len(set(codes)) == 10
    typed = codes[3].replace("-", " ").upper()
    assert finish(store, password(store, ada, clock), typed, clock)
    assert two_step.codes_left(store, ada.id) == 9
    with pytest.raises(WrongCode):
        finish(store, password(store, ada, clock), codes[3], clock)


def test_the_code_of_another_person_does_not_fit(store: Store, clock: Clock) -> None:
    ada, bo = make_user(store), make_user(store, "Bo Narin")
    enrolled(store, ada, clock)
    secret, codes = enrolled(store, bo, clock)
    for code in (codes[0], shown(secret, clock)):
        with pytest.raises(WrongCode):
            finish(store, password(store, ada, clock), code, clock)


def test_guessing_codes_is_slowed_also_across_sessions(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    secret, _ = enrolled(store, ada, clock)
    for _ in range(5):
        with pytest.raises(WrongCode):
            finish(store, password(store, ada, clock), "000 00x", clock)
    with pytest.raises(TooManyTries):
        finish(store, password(store, ada, clock), shown(secret, clock), clock)
    clock.forward(seconds=1)
    assert finish(store, password(store, ada, clock), shown(secret, clock), clock)


def test_the_database_holds_neither_secret_nor_code(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    secret, codes = enrolled(store, ada, clock)
    with store.read() as session:
        sealed = session.get_one(User, ada.id).totp_secret
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
        logged = str(session.scalars(select(Audit.detail)).all())
    assert sealed is not None
    assert CIPHER.decrypt(sealed.encode()) == base64.b32decode(secret)
    assert secret not in sealed + logged
    assert not {code.replace("-", "") for code in codes} & set(hashes)


def test_switching_on_ends_the_sessions_that_came_in_without_it(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    other = password(store, ada, clock)
    enrolled(store, ada, clock)
    assert who(store, other, clock()) is None


def test_switching_off_needs_the_password_and_a_reset_ends_every_session(
    store: Store, clock: Clock
) -> None:
    ada = make_user(store)
    secret, codes = enrolled(store, ada, clock)
    with pytest.raises(WrongPassword):
        two_step.turn_off(store, user_id=ada.id, password="wrong", now=clock())
    fresh = two_step.new_codes(store, user_id=ada.id, password=PASSWORD, now=clock())
    assert not set(fresh) & set(codes)
    whole = finish(store, password(store, ada, clock), shown(secret, clock), clock)
    assert whole is not None
    two_step.reset(store, user_id=ada.id, actor="cli", now=clock())
    assert who(store, whole, clock()) is None
    assert who(store, password(store, ada, clock), clock()) is not None
    enrolled(store, ada, clock)
    two_step.turn_off(store, user_id=ada.id, password=PASSWORD, now=clock())
    assert who(store, password(store, ada, clock), clock()) is not None
    assert two_step.codes_left(store, ada.id) == 0


def test_a_secret_that_counts_is_not_replaced_by_a_new_one(store: Store, clock: Clock) -> None:
    ada = make_user(store)
    secret, _ = enrolled(store, ada, clock)
    with pytest.raises(WrongCode):
        two_step.begin(store, CIPHER, user_id=ada.id)
    assert finish(store, password(store, ada, clock), shown(secret, clock), clock)


def test_the_rule_by_role_asks_of_who_lacks_it(store: Store, clock: Clock) -> None:
    make_brand(store)
    ada, bo = make_user(store, "Ada Voss", "admin"), make_user(store, "Bo Narin")
    tokens = [password(store, one, clock) for one in (ada, bo)]
    change_brand(store, BrandChange(two_step_roles=["admin"]), actor="cli", now=clock())
    found = [who(store, token, clock()) for token in tokens]
    assert [one.must_enrol for one in found if one] == [True, False]
    with pytest.raises(BrandInvalid):
        change_brand(store, BrandChange(two_step_roles=["king"]), actor="cli", now=clock())


def test_apps_are_given_brand_and_person(store: Store) -> None:
    make_brand(store)
    ada = make_user(store)
    made = two_step.begin(store, CIPHER, user_id=ada.id)
    uri = urlsplit(made.uri)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert ada.email.replace("@", "%40") in uri.path
    assert parse_qs(uri.query)["secret"] == [made.secret]
