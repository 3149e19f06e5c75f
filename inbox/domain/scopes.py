"""What an API token may do: its scopes, and the roles that may hand each of them on.

A token never may more than its person: a scope that the person's role no longer holds is void, even
if the token was given it while the role did.
"""

from collections.abc import Iterable, Mapping
from typing import Final

_READERS: Final = frozenset({"agent", "lead", "admin", "auditor"})

SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "conversations:read": _READERS,
    "conversations:write": frozenset({"agent", "lead", "admin"}),
    "reports:read": _READERS,
    "reports:write": frozenset({"lead", "admin"}),
    "accounts:read": _READERS,
    "accounts:write": frozenset({"admin"}),
    "classifier:read": _READERS,
    "people:read": _READERS,
    "people:write": frozenset({"admin"}),
    "webhooks:read": frozenset({"admin"}),
    "webhooks:write": frozenset({"admin"}),
    "roster:read": _READERS,
    "roster:write": frozenset({"agent", "lead", "admin"}),
    "rules:read": _READERS,
    "rules:write": frozenset({"lead", "admin"}),
    "answers:read": _READERS,
    "answers:write": frozenset({"agent", "lead", "admin"}),
    "audit:read": frozenset({"admin", "auditor"}),
}
"""Scope → roles."""


def held(role: str) -> tuple[str, ...]:
    """The scopes that a person of this role may give to a token, in the table's order."""
    return tuple(scope for scope, roles in SCOPES.items() if role in roles)


def effective(scopes: Iterable[str], role: str) -> frozenset[str]:
    """What a token may do now, given what its person is now."""
    return frozenset(scopes) & frozenset(held(role))
