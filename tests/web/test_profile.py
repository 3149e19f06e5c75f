"""One's own profile: name, password, and where one is signed in."""

import re

from sqlalchemy import select

from inbox.flows import profile
from inbox.store.tables import Audit, User
from tests.factories import PASSWORD
from tests.web.serving import Site

NEW = "four quiet words here"


def actions(site: Site) -> list[tuple[str, str]]:
    """Who did what, from the audit log."""
    with site.store.read() as session:
        return [(one.actor, one.action) for one in session.scalars(select(Audit))]


def keys(page: str) -> list[str]:
    """The browsers that the page offers to sign out."""
    return re.findall(r'name="key" value="([^"]+)"', page)


def test_every_browser_is_listed_and_this_one_is_marked(site: Site, ada: User) -> None:
    here = site.signed_in(ada)
    other = site.browser()
    other.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0"
    other.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    page = here.get("/me").text
    assert page.count("this browser") == 1
    assert "Firefox, Linux" in page
    assert len(keys(page)) == 1
    assert here.cookies["session"] not in page


def test_one_browser_is_signed_out_and_the_others_stay(site: Site, ada: User, bo: User) -> None:
    here, there, third = site.signed_in(ada), site.signed_in(ada), site.signed_in(bo)
    (key,) = keys(here.get("/me").text)
    assert third.post("/me/sessions/end", data={"key": key}).status_code == 303
    assert there.get("/").status_code == 200  # another person's session is out of Bo's reach
    here.post("/me/sessions/end", data={"key": key})
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == third.get("/").status_code == 200
    assert actions(site) == [(ada.email, "session_end")]


def test_every_other_browser_is_signed_out_at_once(site: Site, ada: User, bo: User) -> None:
    here, *others = (site.signed_in(ada) for _ in range(3))
    bos = site.signed_in(bo)
    here.post("/me/sessions/end-others")
    assert [other.get("/").status_code for other in others] == [303, 303]
    assert here.get("/").status_code == bos.get("/").status_code == 200


def test_a_name_is_changed_and_an_empty_one_refused(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    assert browser.post("/me/name", data={"name": "  "}).status_code == 422
    browser.post("/me/name", data={"name": " Ada  Lind "})
    assert "<bdi>Ada Lind</bdi>" in browser.get("/me").text


def test_a_new_password_needs_the_old_one_and_signs_the_others_out(site: Site, ada: User) -> None:
    here, there = site.signed_in(ada), site.signed_in(ada)
    wrong = here.post("/me/password", data={"old": "not this one", "password": NEW})
    assert (wrong.status_code, NEW in wrong.text) == (422, False)
    short = here.post("/me/password", data={"old": PASSWORD, "password": "short"})
    assert short.status_code == 422
    assert there.get("/").status_code == 200
    assert here.post("/me/password", data={"old": PASSWORD, "password": NEW}).status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    answers = [
        site.browser().post("/sign-in", data={"email": ada.email, "password": one}).status_code
        for one in (PASSWORD, NEW)
    ]
    assert answers == [422, 303]
    assert actions(site) == [(ada.email, "password_change")]


def test_guessing_the_old_password_is_slowed(site: Site, ada: User) -> None:
    browser = site.signed_in(ada)
    form = {"old": "a guess", "password": NEW}
    statuses = [browser.post("/me/password", data=form).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_a_session_that_ended_or_idled_is_not_listed(site: Site, ada: User) -> None:
    site.signed_in(ada)
    site.clock.forward(hours=12)
    here = site.signed_in(ada)
    assert len(profile.places(site.store, ada.id, site.clock(), here.cookies["session"])) == 1
