"""Roles, and what a call of the API asks of its token."""

from dataclasses import dataclass

ANONYMOUS = "anonymous"
READERS = frozenset({"agent", "lead", "admin", "auditor"})
WRITERS = READERS - {"auditor"}
LEADS = frozenset({"lead", "admin"})
ADMINS = frozenset({"admin"})
AUDITORS = frozenset({"admin", "auditor"})
EVERYONE = READERS | {ANONYMOUS}


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may call a route of the API: a token with this scope (empty: any token) whose person has
    one of these roles."""

    scope: str
    roles: frozenset[str]
