"""The page of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from inbox.domain.acts import KINDS
from inbox.flows.history import Happened
from inbox.web.pages import Frame


@dataclass(frozen=True, slots=True)
class ActRow:
    """An act. `noun` and `name` are what it was about (`noun` alone: as programs name it); `href`
    leads there where the reader may go."""

    line: Happened
    noun: str = ""
    number: str = ""
    name: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`/audit`: acts newest first, filtered by `who`, `kind`, `first` and `last` (days as they
    stand in the address). `people` are (address, name). `older` is the cursor of the next page."""

    TEMPLATE: ClassVar[str] = "pages/audit.html"

    frame: Frame
    rows: tuple[ActRow, ...]
    people: tuple[tuple[str, str], ...] = ()
    who: str = ""
    kind: str = ""
    first: str = ""
    last: str = ""
    older: str | None = None
    paged: bool = False
    kinds: tuple[str, ...] = field(default=tuple(KINDS))

    @property
    def asked(self) -> Mapping[str, str]:
        """The filters that are set, as they stand in an address."""
        every = {"who": self.who, "kind": self.kind, "from": self.first, "to": self.last}
        return {name: value for name, value in every.items() if value}

    def address(self, path: str = "/audit", **more: str) -> str:
        """An address with the filters."""
        query = urlencode({**self.asked, **more})
        return f"{path}?{query}" if query else path

    @property
    def days(self) -> list[tuple[date, list[ActRow]]]:
        """The acts by the brand's local day."""
        zone = ZoneInfo(self.frame.zone)
        by_day = groupby(self.rows, lambda one: one.line.at.astimezone(zone).date())
        return [(day, list(rows)) for day, rows in by_day]
