"""Sample people for the pages about them; all invented."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from inbox.flows.people import ROLES
from inbox.flows.profile import Place
from inbox.web.pages import Frame, Person, initials
from inbox.web.pages_people import Invited, Member, MePage, PeoplePage, PersonPage, TwoStepPage
from inbox.web.style_people import NOW


def sample_places() -> tuple[Place, ...]:
    """This browser, a phone, and something that does not say what it is."""
    day = timedelta(days=1)
    return (
        Place("a1", "Firefox, Linux", NOW - 3 * day, NOW, here=True),
        Place("b2", "Safari, iPhone", NOW - 9 * day, NOW - day / 4, here=False),
        Place("c3", "", NOW - day / 3, NOW - day / 3, here=False),
    )


def sample_me(frame: Frame, done: str = "") -> MePage:
    told = replace(frame, me=replace(frame.me, desktop="22:00-07:00"))
    return MePage(told, sample_places(), frame.me.name, two_step=True, done=done)


def sample_members() -> tuple[Member, ...]:
    """An admin, an agent with work, an auditor, someone shut out, and a name from an import."""
    hour = timedelta(hours=1)
    return (
        _member(1, "Ada Voss", "admin", two_step=True, seen_at=NOW),
        _member(2, "Bo Narin", "agent", seen_at=NOW - hour, conversations=12),
        _member(3, "Cy Okoro", "auditor"),
        _member(4, "林月", "lead", email="lin@lumenpay.example", disabled_at=NOW - 50 * hour),
        _member(5, "Tess", "agent", signs_in=False),
    )


def _member(id_: int, name: str, role: str, email: str = "", **more: Any) -> Member:
    email = email or f"{name.split()[0].lower()}@lumenpay.example"
    return Member(id_, Person(name, initials(name), email, id_), email, role, **more)


def sample_people(frame: Frame) -> PeoplePage:
    until = NOW + timedelta(days=5)
    invited = (
        Invited(1, "dee@lumenpay.example", "agent", until),
        Invited(2, "eli@lumenpay.example", "lead", until, "waits"),
        Invited(3, "fay@lumenpay.example", "agent", NOW - timedelta(days=1)),
    )
    link = "https://desk.lumenpay.example/join/k3Jm0Qv9"
    for_ = "dee@lumenpay.example"
    return PeoplePage(frame, sample_members(), invited, ROLES, ("admin",), link=link, link_for=for_)


def sample_person(frame: Frame) -> PersonPage:
    bo = sample_members()[1]
    places = tuple(replace(place, here=False) for place in sample_places()[:2])
    return PersonPage(frame, bo, places, ROLES, done="role")


def sample_enrolling(frame: Frame) -> TwoStepPage:
    """A role that must have it; the key is no secret of anybody."""
    secret = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    uri = f"otpauth://totp/Lumen%20Pay:ada?secret={secret}"
    return TwoStepPage(frame, on=False, required=True, secret=secret, uri=uri, error="code")


def sample_codes(frame: Frame) -> TwoStepPage:
    codes = tuple(f"abcd-efgh-ij{n}k-mnop" for n in range(2, 8))
    return TwoStepPage(frame, on=True, codes=codes, left=len(codes))
