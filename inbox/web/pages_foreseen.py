"""When an answer would be due, on the page of policies."""

from dataclasses import dataclass
from datetime import date, datetime

from inbox.web.pages import Channel
from inbox.web.pages_thread import OfTeam


@dataclass(frozen=True, slots=True)
class Choice:
    """An account that the message could reach."""

    id: int
    channel: Channel
    handle: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """One promise. `of`: public, internal, matter; `calendar` is empty for clock time; `skipped`
    are (date, name or "")."""

    of: str
    due_at: datetime
    policy: str
    target: str
    calendar: str = ""
    of_team: OfTeam | None = None
    skipped: tuple[tuple[date, str], ...] = ()
    not_final: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """The form: what there is to choose, what was chosen (`account` 0: nothing yet), and the
    answer. `wall` is the instant on the brand's clock, as the form writes it."""

    accounts: tuple[Choice, ...]
    kinds: tuple[str, ...]
    categories: tuple[str, ...]
    urgencies: tuple[str, ...]
    account: int
    kind: str
    category: str
    urgency: str
    wall: str
    lines: tuple[DueLine, ...] = ()
