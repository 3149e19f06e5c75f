"""The page of API tokens: made, shown once, revoked."""

import re
from html import unescape

from inbox.flows import tokens
from inbox.store import tokens as stored
from inbox.store.tables import User
from tests.web.serving import Site

SHOWN = re.compile(r'id="made" value="(rd_[^"]+)"')
FORM = {"name": "Nightly figures", "scope": ["reports:read"], "days": "90"}


def test_a_token_is_shown_once_and_works(site: Site, bo: User) -> None:
    browser = site.signed_in(bo)
    answer = browser.post("/tokens", data=FORM)
    assert answer.headers["cache-control"] == "no-store"
    shown = SHOWN.search(answer.text)
    assert shown is not None
    found = tokens.bearer(site.store, shown[1], site.clock())
    assert found is not None
    assert found.person.id == bo.id
    again = browser.get("/tokens").text
    assert shown[1] not in again
    assert "Nightly figures" in again
    assert shown[1][:7] in again


def test_what_is_wrong_stands_beside_what_was_entered(site: Site, cy: User) -> None:
    browser = site.signed_in(cy)
    answer = browser.post("/tokens", data=FORM | {"scope": ["conversations:write"]})
    assert answer.status_code == 422
    assert "This role cannot give conversations:write to a token." in answer.text
    assert 'value="Nightly figures"' in answer.text
    assert 'value="conversations:write"' not in answer.text
    assert browser.post("/tokens", data=FORM | {"name": ""}).status_code == 422
    assert browser.post("/tokens", data={"name": "x", "days": "5000"}).status_code == 422


def test_one_revokes_ones_own_and_an_admin_anybodys(site: Site, ada: User, bo: User) -> None:
    one, other = site.signed_in(ada), site.signed_in(bo)
    for browser, name in ((one, "of Ada"), (other, "of Bo")):
        browser.post("/tokens", data=FORM | {"name": name})
    with site.store.read() as session:
        by_name = {row.name: row.id for row in stored.listed(session)}
    assert "of Ada" not in other.get("/tokens").text
    assert other.post(f"/tokens/{by_name['of Ada']}/revoke").status_code == 404
    assert other.post("/tokens/99/revoke").status_code == 404
    page = unescape(one.get("/tokens").text)
    assert "of Bo" in page
    assert one.post(f"/tokens/{by_name['of Bo']}/revoke").status_code == 303
    with site.store.read() as session:
        assert [row.name for row in stored.listed(session)] == ["of Ada"]
