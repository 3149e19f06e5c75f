"""Connected accounts and their health."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.web.pages import Channel, Frame


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
    """A connected account as the accounts page and the list's foot show it. `more`: it has
    more `conversations` than that."""

    id: int
    channel: Channel
    handle: str
    health: Health
    base_url: str | None = None
    conversations: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """`/accounts`: each account with its health. done: "" | demo_removed | demo_busy."""

    TEMPLATE: ClassVar[str] = "pages/accounts.html"

    frame: Frame
    accounts: tuple[Account, ...]
    done: str = ""

    @property
    def demo(self) -> bool:
        """Whether invented customers are among them."""
        return any(one.channel.key == "demo" for one in self.accounts)
