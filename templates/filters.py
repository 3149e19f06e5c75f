"""Which part of the desk a report is of, as an address, a form and chips say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final
from urllib.parse import urlencode

from templates.periods import Days


@dataclass(frozen=True, slots=True)
class Filter:
    """What is counted: any of the values of a kind, all kinds together; of no values everything.

    An account is written as its channel and its handle, an agent, who answered, as an e-mail
    address. "" is a value that the reader is not told.
    """

    channel: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Iterable[str]]) -> "Filter":
        """As `to_json` has it."""
        return cls(**{kind: tuple(given.get(kind, ())) for kind in KINDS})

    def __bool__(self) -> bool:
        return bool(self.chosen)

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """Each kind with each of its values."""
        return tuple((kind, value) for kind in KINDS for value in getattr(self, kind))

    @property
    def personal(self) -> bool:
        """Whether it is of people, of whom only answers can be said."""
        return bool(self.agent)

    @property
    def tagged(self) -> bool:
        """Whether it asks for what is known of single messages."""
        return bool(self.category or self.urgency or self.language)

    def to_json(self) -> dict[str, list[str]]:
        """The values by kind, without kinds of which everything counts."""
        return {kind: list(values) for kind in KINDS if (values := getattr(self, kind))}

    def without(self, kind: str, value: str) -> "Filter":
        """Of everything else that it asks for."""
        rest = tuple(one for one in getattr(self, kind) if one != value)
        return replace(self, **{kind: rest})

    @property
    def unnamed(self) -> "Filter":
        """For readers who are told nobody's name: how many people and teams, not which."""
        return replace(self, team=tuple("" for _ in self.team), agent=tuple("" for _ in self.agent))

    def path(self, days: Days, **more: str) -> str:
        """Where the report of some days is."""
        if not self and not more:
            return days.path
        return f"/reports?{self.query(days, **more)}"

    def query(self, days: Days, **more: str) -> str:
        """The same after the question mark."""
        about = {"from": days.first.isoformat(), "to": days.last.isoformat()} | more
        return urlencode((*about.items(), *self.chosen))


KINDS: Final = tuple(one.name for one in fields(Filter))
EVERYTHING: Final = Filter()


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter may ask for, by kind: each value with its name, where it has one."""

    of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, kind: str, value: str) -> str:
        return self.of.get(kind, {}).get(value) or value


NO_CHOICES: Final = Choices()
