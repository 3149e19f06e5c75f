"""The first run on the style page and in tests: each of its steps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from inbox.flows.first_run import STEPS, State
from inbox.flows.people import ROLES
from inbox.web.pages import Frame
from inbox.web.pages_connect import Platform
from inbox.web.pages_people import Invited
from inbox.web.pages_welcome import WelcomePage
from inbox.web.style_people import DEMO, EMAIL, NOW, ZONE, X, sample_accounts

ZONES = ("Europe/Lisbon", "Asia/Shanghai", "UTC")
PLATFORMS = (
    Platform(X, ("API key", "API secret"), ("polling",), 0),
    Platform(EMAIL, ("Password",), ("polling",), 0),
)


def welcome_pages(frame: Frame) -> dict[str, WelcomePage]:
    """The steps as they follow each other, each with something on it."""
    here = replace(frame, place="welcome", overdue=0, unread=0)
    return {
        "welcome-brand": replace(
            _page(here, "brand", "open", "open", "open", zones=ZONES, errors=(("zone", "zone"),)),
            brand_zone="Lisbonne",
        ),
        "welcome-accounts": _page(here, "accounts", "done", "open", "open", platforms=PLATFORMS),
        "welcome-connected": _page(
            here,
            "accounts",
            "done",
            "done",
            "open",
            platforms=PLATFORMS,
            accounts=(replace(sample_accounts()[0], channel=DEMO),),
            demo=True,
        ),
        "welcome-people": _page(
            here,
            "people",
            "done",
            "done",
            "done",
            roles=ROLES,
            members=("Ada Voss",),
            invited=(Invited(1, "bo@lumenpay.example", "agent", NOW + timedelta(days=7)),),
            link="https://desk.lumenpay.example/join/3f2b7c90d1e84a5f",
            link_for="bo@lumenpay.example",
        ),
        "welcome-done": _page(
            here,
            "done",
            "done",
            "done",
            "skipped",
            accounts=sample_accounts()[:1],
            demo=True,
            first=13,
        ),
    }


def _page(frame: Frame, step: str, *states: State, **more: Any) -> WelcomePage:
    at = replace(frame, setup=step if step != "done" else "")
    named = tuple(zip(STEPS, states, strict=True))
    return WelcomePage(at, step, named, name="Lumen Pay", brand_zone=ZONE, **more)
