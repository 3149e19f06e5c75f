"""The second step on the pages: switching it on, signing in with it, and the rule by role."""

import re
from html import unescape

import httpx2
import segno

from inbox.flows.branding import BrandChange, change_brand
from inbox.store.tables import User
from inbox.web.qr import QUIET, qr
from tests.factories import PASSWORD, make_user
from tests.flows.test_two_step import shown
from tests.web.serving import Site


def switched_on(site: Site, browser: httpx2.Client) -> tuple[str, list[str]]:
    """The secret and the recovery codes that the pages showed."""
    page = unescape(browser.post("/me/two-step/begin").text)
    secret = "".join(re.findall(r'id="key">.*?>([A-Z2-7 ]+)<', page)).replace(" ", "")
    assert browser.post("/me/two-step/confirm", data={"code": "000000x"}).status_code == 422
    done = browser.post("/me/two-step/confirm", data={"code": shown(secret, site.clock)})
    assert done.status_code == 200
    site.clock.forward(seconds=30)
    return secret, re.findall(r"<li><code>([a-z2-7-]+)</code></li>", done.text)


def test_the_key_can_be_scanned_and_stands_beside_it_in_letters(site: Site, ada: User) -> None:
    page = unescape(site.signed_in(ada).post("/me/two-step/begin").text)
    uri = re.findall(r'href="(otpauth:[^"]+)"', page)[0]
    code = qr(uri)
    assert f'd="{code.path}"' in page
    assert "style=" not in page
    dark = {
        (int(x) + step - QUIET, int(y) - QUIET)
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", code.path)
        for step in range(int(width))
    }
    matrix = segno.make(uri, error="m", micro=False).matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, on in enumerate(row) if on}
    assert code.size == len(matrix) + 2 * QUIET


def with_password(site: Site, user: User, wanted: str = "/") -> tuple[httpx2.Client, str]:
    """A browser after the first step, and where it is led."""
    browser = site.browser()
    form = {"email": user.email, "password": PASSWORD, "next": wanted}
    return browser, browser.post("/sign-in", data=form).headers["location"]


def test_a_person_signs_in_with_two_steps(site: Site, ada: User) -> None:
    secret, codes = switched_on(site, site.signed_in(ada))
    browser, led = with_password(site, ada, "/accounts?x=1")
    assert led == "/sign-in/code?next=/accounts%3Fx%3D1"
    for path in ("/", "/me", "/me/two-step", "/events"):
        assert browser.get(path).status_code in {303, 401}
    assert browser.get(led).status_code == 200
    form = {"code": "123", "next": "/accounts?x=1"}
    assert browser.post("/sign-in/code", data=form).status_code == 422
    half = browser.cookies["session"]
    done = browser.post("/sign-in/code", data=form | {"code": shown(secret, site.clock)})
    assert done.headers["location"] == "/accounts?x=1"
    assert browser.cookies["session"] != half
    assert browser.get("/").status_code == 200
    assert codes[0] not in browser.get("/me/two-step").text
    other, _ = with_password(site, ada)
    assert other.post("/sign-in/code", data={"code": codes[0]}).status_code == 303
    assert other.get("/").status_code == 200


def test_without_the_first_step_there_is_no_second(site: Site, ada: User) -> None:
    browser = site.browser()
    assert browser.get("/sign-in/code").headers["location"] == "/sign-in"
    assert browser.post("/sign-in/code", data={"code": "1"}).headers["location"] == "/sign-in"
    signed = site.signed_in(ada)
    assert signed.get("/sign-in/code").headers["location"] == "/sign-in"


def test_guessing_the_code_is_slowed(site: Site, ada: User) -> None:
    switched_on(site, site.signed_in(ada))
    browser, _ = with_password(site, ada)
    statuses = [browser.post("/sign-in/code", data={"code": "guess"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_it_is_switched_off_with_the_password(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    switched_on(site, browser)
    off = "/me/two-step/off"
    assert browser.post(off, data={"password": "wrong"}).status_code == 422
    assert "Recovery codes, switch off" in browser.get("/me").text
    assert browser.post(off, data={"password": PASSWORD}).status_code == 303
    assert site.signed_in(ada).get("/").status_code == 200


def test_who_must_have_it_is_led_to_it_and_does_nothing_else(
    site: Site, ada: User, bo: User
) -> None:
    eli = make_user(site.store, "Eli Ng", "lead")
    lead, agent = site.signed_in(eli), site.signed_in(bo)
    wanted = BrandChange(two_step_roles=["lead"])
    change_brand(site.store, wanted, actor="cli", now=site.clock())
    for path in ("/", "/me", "/accounts", "/conversations/1", "/files/1", "/reports"):
        assert lead.get(path).headers["location"] == "/me/two-step"
    assert lead.get("/", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/me/two-step"
    assert lead.get("/events").status_code == 403
    for path in ("/me/name", "/classifier/train", "/conversations/1/reply"):
        assert lead.post(path, data={"name": "x"}).headers["location"] == "/me/two-step"
    assert "Your role needs a second step" in lead.get("/me/two-step").text
    assert agent.get("/").status_code == 200
    switched_on(site, lead)
    assert lead.get("/").status_code == 200


def test_an_admin_sets_the_rule_and_removes_a_lost_second_step(
    site: Site, ada: User, bo: User
) -> None:
    bos, adas = site.signed_in(bo), site.signed_in(ada)
    switched_on(site, bos)
    adas.post("/people/two-step", data={"roles": ["agent", "auditor"]})
    assert adas.get("/people").text.count(" checked") == 2
    assert adas.post("/people/two-step", data={"roles": "king"}).status_code == 400
    assert bos.get("/").status_code == 200
    adas.post(f"/people/{bo.id}/two-step/reset")
    assert bos.get("/").status_code == 303
    again, led = with_password(site, bo)
    assert led == "/"
    assert again.get("/").headers["location"] == "/me/two-step"
    adas.post("/people/two-step")
    assert again.get("/").status_code == 200
