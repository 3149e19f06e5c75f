"""Teams: who serves which accounts, and so who sees which conversations.

An account that no team serves is everyone's; one that teams serve is theirs alone, and the admins'.
So a brand without teams has no borders, and whoever is in no team sees what belongs to no team.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from connectors.core.contract import word
from connectors.core.text import clean

MOST: Final = 100
"""Teams of a brand."""
NAME_LENGTH: Final = 60


class BadTeam(ValueError):
    """A team that cannot be; the message says why."""


class TwoCalendars(ValueError):
    """Two teams would have one account count by two calendars."""

    def __init__(self, account: int, first: "Team", second: "Team") -> None:
        super().__init__(account)
        self.account, self.first, self.second = account, first, second


@dataclass(frozen=True, slots=True)
class Team:
    """`members` and `accounts` are ids. The `lead`, one of the members or None, is told when an
    answer of the team's is late and no lead who sees it is on duty. `calendar` is the name of the
    one that counts on its accounts instead of those that policies name; empty: none of its own."""

    id: int
    name: str
    lead: int | None
    members: frozenset[int]
    accounts: frozenset[int]
    calendar: str = ""


def hidden(teams: Iterable[Team], person: int, *, is_admin: bool) -> frozenset[int]:
    """The accounts that somebody does not see."""
    served: set[int] = set()
    theirs: set[int] = set()
    for team in teams:
        served |= team.accounts
        if person in team.members:
            theirs |= team.accounts
    return frozenset() if is_admin else frozenset(served - theirs)


def calendars(teams: Iterable[Team]) -> dict[int, Team]:
    """Of each account the team whose calendar counts there. Teams without one have no say; where
    two name the same it is the first's by name. Raises `TwoCalendars` where they differ."""
    found: dict[int, Team] = {}
    for team in sorted(teams, key=lambda team: key_of(team.name)):
        for account in team.accounts if team.calendar else ():
            first = found.setdefault(account, team)
            if first.calendar != team.calendar:
                raise TwoCalendars(account, first, team)
    return found


def key_of(name: str) -> str:
    """Two names that are the same to a person have one key."""
    return " ".join(name.split()).casefold()


def name_of(name: str, taken: Collection[str]) -> str:
    """A team's name as it is kept; `taken` are the keys of the others. Raises `BadTeam`."""
    plain = " ".join(clean(name).split())
    if not plain or len(plain) > NAME_LENGTH:
        raise BadTeam(word("A team needs a name of at most {n} letters.").format(n=NAME_LENGTH))
    if key_of(plain) in taken:
        raise BadTeam(word("There is a team {name} already.").format(name=plain))
    return plain
