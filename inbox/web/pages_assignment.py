"""The pages of assignment: who takes what, what waits, and giving one conversation to somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from classifier.labels import Category
from inbox.web.pages import Channel, Frame, Person


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who may be given conversations: `open` of `capacity` are theirs now."""

    person: Person
    on_duty: bool
    open: int
    capacity: int
    languages: tuple[str, ...]
    skills: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        return self.on_duty and self.person.presence == "online" and self.open < self.capacity


@dataclass(frozen=True, slots=True)
class InQueue:
    """A conversation that nobody has. why: `soon` (the next look gives it), `full` (who fits has
    no room), `nobody` (nobody is at work), `team` (nobody of the `team` that it is left to), `hand`
    (the brand assigns by hand)."""

    id: int
    who: str
    channel: Channel
    due_at: datetime
    language: str
    category: str
    why: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentPage:
    """`/assignment`. `waiting` counts the queue, up to `most`; `queue` is its beginning.

    done: "" | on | off | work. `trouble` is what was refused.
    """

    TEMPLATE: ClassVar[str] = "pages/assignment.html"

    frame: Frame
    on: bool
    people: tuple[Taker, ...]
    waiting: int
    queue: tuple[InQueue, ...]
    most: int
    skills: tuple[str, ...] = tuple(Category)
    done: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class GivePage:
    """`/conversations/{id}/give`: who may be given it. `rule` is why a rule gave it to `owner`,
    or took it from somebody, as the log has it; empty where a person did. `teams` are (id, name) of
    those it can be left to, `team` whom it is left to now. `taken`: it changed hands while the page
    was open."""

    TEMPLATE: ClassVar[str] = "pages/give.html"

    frame: Frame
    id: int
    who: str
    channel: Channel
    language: str
    category: str
    owner: Person | None
    people: tuple[Taker, ...]
    rule: dict[str, Any]
    teams: tuple[tuple[int, str], ...] = ()
    team: str = ""
    taken: bool = False
