"""Teams: the list, and the form of one."""

from dataclasses import dataclass
from typing import ClassVar

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
    """A team in the list; the lead first."""

    id: int
    name: str
    lead: int | None
    members: tuple[Person, ...]
    accounts: tuple[Served, ...]


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
    """`/teams/{id}`, and `/teams/new` (id 0): who can be in it, and what it can serve."""

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
