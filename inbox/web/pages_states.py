"""How a conversation stands, and where it can be put: the strip and the dialog of its page."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The step that is the last word: who took it (empty: by itself), when, and why.

    `kind` is that of the step. A snooze comes back `back_at`; `sooner` says that it was to last
    until `until`, but an answer is due before then. `step` can be taken back while it is the
    newest; None otherwise.
    """

    kind: str
    by: str
    at: datetime
    reason: str = ""
    until: datetime | None = None
    back_at: datetime | None = None
    due_at: datetime | None = None
    step: int | None = None

    @property
    def sooner(self) -> bool:
        """Whether the clock brings it back before the hour that was asked for."""
        return None not in (self.until, self.back_at) and self.until != self.back_at


@dataclass(frozen=True, slots=True)
class Snooze:
    """A moment that is offered by its name; it comes back then, or `sooner`, at a warning of what
    is due before."""

    key: str
    at: datetime
    sooner: datetime | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """What a person may do besides answering. `kinds` are steps; `snoozes` can be chosen.

    `due_at`: until when a customer waits; whatever is asked for, a snooze ends before. `never`:
    that is past, and it can be snoozed no more.
    """

    kinds: tuple[str, ...]
    snoozes: tuple[Snooze, ...]
    shown: int
    due_at: datetime | None
    never: bool = False

    @property
    def asks(self) -> bool:
        """Whether a customer waits, so that parking it needs a reason."""
        return self.due_at is not None
