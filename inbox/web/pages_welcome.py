"""The first run: `/welcome/{step}`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from inbox.flows.first_run import State
from inbox.web.pages import Clock, Frame, day_line
from inbox.web.pages_accounts import Account
from inbox.web.pages_connect import Platform
from inbox.web.pages_people import Invited


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """One step of the first run, beside all of them.

    step: brand | accounts | people | done. `states` are those of the first three. The fields
    are the brand's (`zones` to choose from) or the invitation's; `link` is an
    invitation's address for `link_for`, shown once where no mail server is set. `demo`: whether
    the demo is here; `first` is the conversation that is due first, 0 while nobody waits.
    errors: field → code (`name`: empty; `zone`: zone; `email`: email, known). done: "" | mailed.
    """

    TEMPLATE: ClassVar[str] = "pages/welcome.html"

    frame: Frame
    step: str
    states: tuple[tuple[str, State], ...]
    name: str = ""
    brand_zone: str = "UTC"
    locale: str = "en"
    zones: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    accounts: tuple[Account, ...] = ()
    demo: bool = False
    invited: tuple[Invited, ...] = ()
    members: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    email: str = ""
    role: str = "agent"
    link: str = ""
    link_for: str = ""
    first: int = 0
    errors: tuple[tuple[str, str], ...] = ()
    done: str = ""

    def error(self, field: str) -> str:
        """The code of what is wrong with a field, or an empty string."""
        return dict(self.errors).get(field, "")

    def state(self, step: str) -> State:
        """The state of a step."""
        return dict(self.states)[step]

    @property
    def number(self) -> int:
        """Which of the five steps this is, from 1; the first is one's own account."""
        return 2 + [*(step for step, _ in self.states), "done"].index(self.step)

    @property
    def teach(self) -> tuple[Clock, Clock, Clock]:
        """Three lines that show how time looks: plenty, soon, late."""
        now = self.frame.now
        left = (timedelta(hours=18, minutes=42), timedelta(minutes=84), timedelta(minutes=-25))
        plenty, soon, late = (day_line(now + s - timedelta(days=1), now + s, now) for s in left)
        return plenty, soon, late
