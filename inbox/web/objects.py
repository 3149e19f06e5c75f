"""What the numbers in addresses name: the second half of the permission table (law 12, ADR 47).

Who may call a route by their role still gets 404 where the object is one of an account that only
teams of others serve. A route with a number that is not listed here stops the start.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from inbox.store import scope
from inbox.store.scope import Kind
from inbox.store.session import Store

OBJECTS: Final[Mapping[str, Kind | None]] = {
    "/conversations": "conversation",
    "/messages": "message",
    "/outbox": "reply",
    "/files": "file",
    "/contacts": "contact",
    "/contact-notes": "contact_note",
    "/accounts": "account",
    "/runs": "run",
    "/bulk": "job",
    "/surges": "surge",
    "/answers": None,
    "/macros": None,
    "/views": None,
    "/people": None,
    "/people/invitations": None,
    "/users": None,
    "/teams": None,
    "/tokens": None,
    "/transfers": None,
    "/reports/mails": None,
    "/reports/recipients": None,
    "/webhooks": None,
    "/webhooks/deliveries": None,
    "/assignment/people": None,
    "/reports/links": None,
    "/roster/absences": None,
    "/roster/imports": None,
    "/roster/swaps": None,
}
"""What stands before a number → what it names of an account; None: nothing of any account."""

NUMBER: Final = "/{id}"
API: Final = "/api/v1"


class NumberWithoutObject(RuntimeError):
    """A route's number is missing in `OBJECTS`."""


def named(template: str) -> Kind | None:
    """What the number in an address names."""
    return OBJECTS[_before(template)] if NUMBER in template else None


def may_see(store: Store, template: str, number: int | None, hidden: frozenset[int]) -> bool:
    """Whether what an address names is seen by whom these accounts are hidden from. What is there
    for nobody is left to the route."""
    kind = named(template) if hidden else None
    if kind is None or number is None:
        return True
    with store.read() as session:
        return not scope.hides(session, kind, number, hidden)


def check(routes: Iterable[tuple[str, str]]) -> None:
    """Raises `NumberWithoutObject` naming what the table lacks."""
    missing = {path for _, path in routes if NUMBER in path and _before(path) not in OBJECTS}
    if missing:
        raise NumberWithoutObject(", ".join(sorted(missing)))


def _before(template: str) -> str:
    return template.removeprefix(API).partition(NUMBER)[0]
