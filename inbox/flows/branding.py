"""Changing the brand: what its reports are called, and when they are made."""

from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inbox.domain.calendars import TIME_OF_DAY
from inbox.domain.sending import MOST_UNDO_S
from inbox.flows import zones
from inbox.flows.people import ROLES
from inbox.flows.policies import apply_due
from inbox.store import accounts, audit
from inbox.store.promises import pin_zone
from inbox.store.session import Store

LOCALES = ("en", "zh_Hans_CN")


class BrandInvalid(ValueError):
    """A value that the brand cannot have; the message says which and what would do."""


@dataclass(frozen=True, slots=True)
class BrandChange:
    """New values; None keeps the one before."""

    name: str | None = None
    zone: str | None = None
    locale: str | None = None
    report_at: str | None = None
    target_share: float | None = None
    two_step_roles: list[str] | None = None
    undo_s: int | None = None


def change_brand(store: Store, wanted: BrandChange, *, actor: str, now: datetime) -> None:
    """Checks every value, then stores all. Raises `BrandInvalid`; nothing is stored then."""
    _check(wanted)
    with store.write() as session:
        row = accounts.brand(session)
        if row is None:
            raise BrandInvalid("There is no brand yet; the first-run page creates it.")
        changed = {k: v for k, v in asdict(wanted).items() if v is not None}
        if wanted.zone is not None and wanted.zone != row.zone:
            pin_zone(session, row.zone)
            zones.follow(session, wanted.zone, actor=actor, now=now)
        for key, value in changed.items():
            setattr(row, key, value)
        audit.record(session, actor, "brand", "brand:1", now, **changed)
    if wanted.zone is not None:
        apply_due(store, now)


def _check(wanted: BrandChange) -> None:
    if wanted.name is not None and not wanted.name.strip():
        raise BrandInvalid("A brand needs a name.")
    if wanted.zone is not None:
        try:
            ZoneInfo(wanted.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as e:
            raise BrandInvalid(f"“{wanted.zone}” is no time zone; try Europe/Lisbon.") from e
    if wanted.locale is not None and wanted.locale not in LOCALES:
        raise BrandInvalid(f"Reports are written in {' or '.join(LOCALES)}.")
    if wanted.report_at is not None and not TIME_OF_DAY.fullmatch(wanted.report_at):
        raise BrandInvalid(f"'{wanted.report_at}' is no time; write HH:MM.")
    for role in wanted.two_step_roles or ():
        if role not in ROLES:
            raise BrandInvalid(f"'{role}' is no role; they are {', '.join(ROLES)}.")
    if wanted.undo_s is not None and not 0 <= wanted.undo_s <= MOST_UNDO_S:
        raise BrandInvalid(f"An answer can be taken back for 0 to {MOST_UNDO_S} seconds.")
    if wanted.target_share is not None and not 0 < wanted.target_share <= 1:
        raise BrandInvalid("The target is a share above 0, at most 1.")
