"""The first run: name the brand, connect an account, invite people. Each step can be passed over,
and whoever stops goes on where they stopped.

What is done is read from what is there; only what was passed over is remembered.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.domain.calendars import zone_meant
from inbox.flows import demo_team
from inbox.flows.branding import LOCALES, BrandChange, change_brand
from inbox.flows.people import one_line
from inbox.flows.zones import first_zone
from inbox.store import accounts, audit, events
from inbox.store.session import Store
from inbox.store.tables import Account, Brand, Invitation, ReportRecipient, User
from inbox.store.tables.accounts import SETTLED
from templates.periods import KINDS

NO_BRANDS: Final = frozenset(
    {"brand", "example", "localhost", "mail", "gmail", "googlemail", "outlook", "hotmail", "live"}
    | {"yahoo", "icloud", "me", "aol", "gmx", "proton", "protonmail", "qq", "foxmail", "163", "126"}
)
"""Before the first dot of addresses that are everybody's, or an example's."""

Step = Literal["brand", "accounts", "people"]
STEPS: Final[tuple[Step, ...]] = ("brand", "accounts", "people")
State = Literal["done", "skipped", "open"]


class NotABrand(ValueError):
    """The brand cannot be called or placed like that. `errors`: field (name, zone) → code."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class HowFar:
    """The state of each step."""

    states: Mapping[Step, State]

    @property
    def next(self) -> Step | None:
        """The step to go on with; None when the first run is over."""
        return next((step for step in STEPS if self.states[step] == "open"), None)


def how_far(session: Session) -> HowFar:
    """What is done, passed over, and still open."""
    brand = accounts.brand(session)
    behind = brand.settled if brand else ()
    done = {
        "brand": brand is not None,
        "accounts": session.scalar(select(Account.id).limit(1)) is not None,
        "people": _has_company(session),
    }
    return HowFar({s: "done" if done[s] else "skipped" if s in behind else "open" for s in STEPS})


def next_step(session: Session, brand: Brand | None) -> Step | Literal[""]:
    """The step to go on with, else nothing. Every page asks: an installation that is through tells
    by its brand alone."""
    if brand is not None and set(SETTLED) <= set(brand.settled):
        return ""
    return how_far(session).next or ""


def name_brand(
    store: Store, *, name: str, zone: str, locale: str, actor: str, now: datetime
) -> None:
    """Makes the brand, or changes it; the admin who makes it gets the reports.

    `zone` is an IANA name or its city. Raises `NotABrand`.
    """
    name, known = one_line(name), zone_meant(zone)
    if not name or known is None:
        wrong = {"name": "" if name else "empty", "zone": "" if known else "zone"}
        raise NotABrand({field: why for field, why in wrong.items() if why})
    locale = locale if locale in LOCALES else LOCALES[0]
    with store.write() as session:
        if accounts.brand(session) is None:
            _make(session, name, known, locale, actor, now)
            return
    change_brand(store, BrandChange(name=name, zone=known, locale=locale), actor=actor, now=now)


def pass_over(store: Store, step: Step, *, actor: str, now: datetime) -> None:
    """This step, and every one that is done, is behind us. There is a brand already: who passes
    that step over gets one that is named after their address (`a_name`)."""
    with store.write() as session:
        brand = session.get_one(Brand, 1)
        done = {s for s, state in how_far(session).states.items() if state == "done"}
        brand.settled = sorted({*brand.settled, step, *done} & set(SETTLED))
        audit.record(session, actor, "first_run", "brand:1", now, step=step)


def a_name(email: str) -> str:
    """What a brand may be called, from the address of whoever sets it up: `lumen-pay.example` →
    `Lumen Pay`; empty where the address tells of none."""
    name = re.split(r"[.:]", email.rpartition("@")[2])[0]
    return "" if name in NO_BRANDS else name.replace("-", " ").title()


def _make(session: Session, name: str, zone: str, locale: str, actor: str, now: datetime) -> None:
    first_zone(session, zone, actor=actor, now=now)
    session.add(
        Brand(
            id=1,
            name=name,
            zone=zone,
            locale=locale,
            report_at="07:00",
            target_share=0.95,
            created_at=now,
            settled=[],
        )
    )
    session.add(ReportRecipient(address=actor, locale=locale, kinds=list(KINDS)))
    audit.record(session, actor, "brand", "brand:1", now, name=name, zone=zone, locale=locale)
    events.announce(session, "account", now)


def _has_company(session: Session) -> bool:
    """Whether somebody else can sign in, or is invited; the demo's own team is nobody."""
    able = select(func.count()).select_from(User).where(User.password_hash.is_not(None))
    able = able.where(User.email.not_in(demo_team.members(session)))
    if (session.scalar(able) or 0) > 1:
        return True
    return session.scalar(select(Invitation.id).limit(1)) is not None
