"""Connected accounts and their health, and what to do while there is none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from inbox.web.pages import Channel, Clock, Frame, day_line


@dataclass(frozen=True, slots=True)
class Health:
    """How an account delivers.

    state: ok, new (nothing yet), silent, limited (until `until`), failing, revoked, paused,
    imported. `since` is the last delivery or the first failure; `why` the platform's words.
    """

    state: str
    since: datetime | None = None
    until: datetime | None = None
    why: str = ""

    @property
    def well(self) -> bool:
        return self.state in {"ok", "new", "imported", "paused"}


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account as the accounts page and the list's foot show it."""

    id: int
    channel: Channel
    handle: str
    health: Health
    base_url: str | None = None
    conversations: int = 0


@dataclass(frozen=True, slots=True)
class FirstRunPage:
    """`/` while no account is connected."""

    TEMPLATE: ClassVar[str] = "pages/first_run.html"

    frame: Frame
    demo_command: str

    @property
    def teach(self) -> tuple[Clock, Clock, Clock]:
        """Three lines that show how time looks: plenty, soon, late."""
        now = self.frame.now
        left = (timedelta(hours=18, minutes=42), timedelta(minutes=84), timedelta(minutes=-25))
        plenty, soon, late = (day_line(now + s - timedelta(days=1), now + s, now) for s in left)
        return plenty, soon, late


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """`/accounts`: each account with its health."""

    TEMPLATE: ClassVar[str] = "pages/accounts.html"

    frame: Frame
    accounts: tuple[Account, ...]
