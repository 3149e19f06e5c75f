"""Several actions at once, on one conversation (a macro) or on many. Pure.

They are done in this order, however they were written: tag, assign, note, answer, move. A move that
follows an answer is made when the platform has taken it, so that the answer ends the wait and not
the move.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from classifier.labels import TOPICS, Category, Urgency
from connectors.core.contract import word
from connectors.core.text import clean

ME, NOBODY = "me", "nobody"
MOVES: Final = ("resolve", "customer", "third", "snooze", "spam")
AFTER_ANSWER: Final = ("resolve", "snooze")
"""What makes sense once an answer is sent: it waits on the customer by itself."""
UNTIL: Final = ("later", "tomorrow", "monday")
MOST_NAME: Final = 80
MOST_REASON: Final = 500
MOST_NOTE: Final = 2_000


class BadActions(ValueError):
    """These actions cannot be done together; the message says why."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What is done; empty is left as it is. `answer` is a canned answer's number, `words` the texts
    of one that is sent this once, by language; `assign` is `me`, `nobody` or an e-mail address,
    `note` words for the team, `move` one of `MOVES` with its `reason`; a snooze has `until`."""

    category: str = ""
    urgency: str = ""
    topic: str = ""
    assign: str = ""
    answer: int = 0
    move: str = ""
    reason: str = ""
    until: str = ""
    words: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def verbs(self) -> tuple[str, ...]:
        """What it does, in order."""
        found = (
            ("tag", self.category or self.urgency),
            ("assign", self.assign),
            ("note", self.note.strip()),
            ("answer", self.answer or self.words),
            ("move", self.move),
        )
        return tuple(name for name, wanted in found if wanted)


NOTHING: Final = Actions()


def checked(actions: Actions) -> Actions:
    """The same as it is stored. Raises `BadActions`."""
    if not actions.verbs:
        raise BadActions(word("Choose something to do."))
    if actions.category and actions.category not in list(Category):
        raise BadActions(word("“{name}” is no category.").format(name=actions.category))
    if actions.urgency and actions.urgency not in list(Urgency):
        raise BadActions(word("“{name}” is no urgency.").format(name=actions.urgency))
    topics = TOPICS[Category(actions.category)] if actions.category else ()
    if actions.topic and actions.topic not in topics:
        raise BadActions(word("“{name}” is no topic of this category.").format(name=actions.topic))
    if actions.move and actions.move not in MOVES:
        raise BadActions(word("“{name}” is no state.").format(name=actions.move))
    if actions.move == "snooze" and actions.until not in UNTIL:
        raise BadActions(word("Say until when it is snoozed."))
    if "answer" in actions.verbs and actions.move and actions.move not in AFTER_ANSWER:
        raise BadActions(word("After an answer a conversation can be resolved or snoozed."))
    reason = " ".join(clean(actions.reason).split())[:MOST_REASON]
    if actions.move == "third" and not reason:
        raise BadActions(word("Say on whom it waits."))
    note = clean(actions.note).replace("\r\n", "\n").strip()
    if len(note) > MOST_NOTE:
        raise BadActions(word("A note has at most {n} characters here.").format(n=MOST_NOTE))
    return Actions(**asdict(actions) | {"reason": reason, "note": note})


def name_of(text: str) -> str:
    """A macro's name as it is stored. Raises `BadActions`."""
    name = " ".join(clean(text).split())
    if not 0 < len(name) <= MOST_NAME:
        raise BadActions(word("Give it a name of at most {n} characters.").format(n=MOST_NAME))
    return name


def document(actions: Actions) -> dict[str, Any]:
    """As it is stored and exported: only what is done."""
    return {name: value for name, value in asdict(actions).items() if value}


def read(said: Mapping[str, Any]) -> Actions:
    """The actions of a document. Raises `BadActions` for what it cannot have."""
    known = asdict(Actions())
    for name, value in said.items():
        fits = name in known and type(value) is type(known[name])
        if not fits or (name == "words" and not all(type(v) is str for v in value.values())):
            told = word("“{name}” is nothing that can be done.")
            raise BadActions(told.format(name=clean(name)))
        known[name] = clean(value) if isinstance(value, str) else value
    return Actions(**known)
