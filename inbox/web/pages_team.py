"""What a conversation's page shows of the team."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the team; `handle` is what they are called after an @."""

    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class Team:
    """The team over one conversation: who can be named in a note, who follows it."""

    people: tuple[Named, ...] = ()
    following: bool = False
    followers: tuple[str, ...] = ()


NOBODY = Team()
