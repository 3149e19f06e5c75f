"""Teams: the list, and the form of one."""

from dataclasses import dataclass
from typing import ClassVar

from inbox.flows.policies import Effect
from inbox.web.pages import Channel, Frame, Person


@dataclass(frozen=True, slots=True)
class Served:
    """An account that a team can serve. `by` are the names of the other teams that do."""

    id: int
    channel: Channel
    handle: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team in the list; the lead first. `calendar` is empty where policies say which counts."""

    id: int
    name: str
    lead: int | None
    members: tuple[Person, ...]
    accounts: tuple[Served, ...]
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class TeamsPage:
    """`/teams`. `rest` are the accounts that no team serves: everyone's. done: "" | saved |
    removed; `freed` conversations have nobody now."""

    TEMPLATE: ClassVar[str] = "pages/teams.html"

    frame: Frame
    teams: tuple[TeamRow, ...] = ()
    rest: tuple[Served, ...] = ()
    done: str = ""
    freed: int = 0


@dataclass(frozen=True, slots=True)
class TeamPage:
    """`/teams/{id}`, and `/teams/new` (id 0): who can be in it, what it can serve, and which
    `calendars` there are; `effect` is what saving would do to open turns."""

    TEMPLATE: ClassVar[str] = "pages/team.html"

    frame: Frame
    id: int
    name: str
    lead: int | None
    members: frozenset[int]
    serves: frozenset[int]
    people: tuple[tuple[Person, str], ...] = ()
    accounts: tuple[Served, ...] = ()
    trouble: str = ""
    calendar: str = ""
    calendars: tuple[str, ...] = ()
    effect: Effect | None = None
