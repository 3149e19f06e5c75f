"""The pages about people, and those behind a one-time link."""

import re
from html import unescape

from pydantic import SecretStr
from sqlalchemy import select

from inbox.config import Settings
from inbox.store.tables import Letter, User
from tests.factories import PASSWORD, make_user
from tests.web.serving import Site

DEE = "dee@lumenpay.example"


def mailing(site: Site) -> None:
    """From now on a mail server is set."""
    settings: Settings = site.app.state.desk.settings
    settings.smtp_url = SecretStr("smtp://127.0.0.1:1")


def link_on(page: str) -> str:
    """The path of the one link that a page shows."""
    (found,) = re.findall(r"""[>"]http://[^/<]+(/(?:join|reset)/[^<"]+)[<"]""", unescape(page))
    return str(found)


def test_an_invitation_without_a_mail_server_shows_its_link_once(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    path = link_on(browser.post("/people/invite", data={"email": DEE, "role": "lead"}).text)
    assert path not in browser.get("/people").text
    dee = site.browser()
    assert DEE in dee.get(path).text
    short = dee.post(path, data={"name": "Dee", "password": "short"})
    assert (short.status_code, short.text.count('aria-invalid="true"')) == (422, 1)
    assert dee.post(path, data={"name": "Dee", "password": PASSWORD}).status_code == 303
    assert dee.get("/").status_code == 200
    assert dee.get("/people").status_code == 404
    assert site.browser().get(path).status_code == 422


def test_a_new_link_ends_the_one_before_and_withdrawing_ends_both(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    first = link_on(browser.post("/people/invite", data={"email": DEE}).text)
    second = link_on(browser.post("/people/invitations/1/again").text)
    out = site.browser()
    assert [out.get(path).status_code for path in (first, second)] == [422, 200]
    browser.post("/people/invitations/1/withdraw")
    assert out.get(second).status_code == 422
    assert browser.post("/people/invitations/1/again").status_code == 404


def test_with_a_mail_server_no_link_is_shown(site: Site, ada: User) -> None:
    mailing(site)
    browser = site.signed_in(ada)
    assert browser.post("/people/invite", data={"email": DEE}).status_code == 303
    assert "waits for the mail server" in browser.get("/people").text


def test_a_wrong_address_and_a_known_one_are_told(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    for email, says in (("dee", "not an e-mail"), (ada.email, "has an account already")):
        answer = browser.post("/people/invite", data={"email": email})
        assert answer.status_code == 422
        assert says in answer.text


def test_the_answer_to_a_forgotten_password_is_the_same_for_everybody(
    site: Site, ada: User
) -> None:
    mailing(site)
    browser = site.browser()
    known = browser.post("/forgot", data={"email": ada.email})
    unknown = browser.post("/forgot", data={"email": "no@lumenpay.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(ada.email, "") == unknown.text.replace("no@lumenpay.example", "")
    with site.store.read() as session:
        assert session.scalars(select(Letter.user_id)).all() == [ada.id]
    statuses = [browser.post("/forgot", data={"email": ada.email}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_without_a_mail_server_the_page_names_whom_to_ask(site: Site, ada: User) -> None:
    browser = site.browser()
    assert "Ask an admin" in browser.get("/forgot").text
    assert browser.post("/forgot", data={"email": ada.email}).status_code == 422
    with site.store.read() as session:
        assert session.scalars(select(Letter)).all() == []


def test_an_admin_hands_over_a_link_to_a_new_password(site: Site, ada: User, bo: User) -> None:
    path = link_on(site.signed_in(ada).post(f"/people/{bo.id}/password-link").text)
    browser = site.browser()
    assert browser.post(path, data={"password": "short"}).status_code == 422
    answer = browser.post(path, data={"password": "another long one"})
    assert answer.headers["location"] == "/sign-in?done=reset"
    assert "Please sign in" in browser.get("/sign-in?done=reset").text
    right = {"email": bo.email, "password": "another long one"}
    assert browser.post("/sign-in", data=right).status_code == 303
    assert browser.get(path).status_code == 422


def test_an_admin_sees_and_ends_the_sessions_of_a_person(site: Site, ada: User, bo: User) -> None:
    bos, adas = site.signed_in(bo), site.signed_in(ada)
    assert "Sign out everywhere" in adas.get(f"/people/{bo.id}").text
    adas.post(f"/people/{bo.id}/sign-out")
    assert bos.get("/").status_code == 303
    assert adas.get("/").status_code == 200


def test_the_last_admin_is_told_why_not(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    for act, form in (("disable", {}), ("role", {"role": "lead"})):
        answer = browser.post(f"/people/{ada.id}/{act}", data=form)
        assert answer.status_code == 422
        assert "last admin" in answer.text
    second = make_user(site.store, "Eli Ng", "admin")
    away = browser.post(f"/people/{ada.id}/role", data={"role": "lead"})
    assert away.headers["location"] == "/"
    assert browser.get("/people").status_code == 404
    assert site.signed_in(second).get("/people").status_code == 200


def test_who_is_shut_out_and_let_in_again(site: Site, ada: User, bo: User) -> None:
    bos, adas = site.signed_in(bo), site.signed_in(ada)
    adas.post(f"/people/{bo.id}/disable")
    assert bos.get("/").status_code == 303
    assert "shut out" in adas.get("/people").text
    adas.post(f"/people/{bo.id}/enable")
    assert site.signed_in(bo).get("/").status_code == 200


def test_a_person_who_is_not_there_is_not_found(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.get("/people/999").status_code == 404
    for act in ("role", "disable", "enable", "password-link"):
        answer = browser.post(f"/people/999/{act}", data={"role": "lead"})
        assert answer.status_code == 404, act
