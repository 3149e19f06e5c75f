"""Roles, what an entry of the table of permissions says, and who hears of what.

`anonymous` is anyone who is not signed in.
"""

from dataclasses import dataclass

ANONYMOUS = "anonymous"
READERS = frozenset({"agent", "lead", "admin", "auditor"})
WRITERS = READERS - {"auditor"}
LEADS = frozenset({"lead", "admin"})
ADMINS = frozenset({"admin"})
EVERYONE = READERS | {ANONYMOUS}

WITHOUT_SECOND_STEP = frozenset(
    {
        ("GET", "/me/two-step"),
        ("POST", "/me/two-step/begin"),
        ("POST", "/me/two-step/confirm"),
        ("POST", "/me"),
        ("POST", "/sign-out"),
    }
)
"""What opens for who must have a second step and has none yet, besides what opens for everyone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may call a route of the API: a token with this scope (empty: any token) whose person has
    one of these roles."""

    scope: str
    roles: frozenset[str]


TOPICS: dict[str, frozenset[str]] = {
    "conversation": READERS,
    "account": READERS,
    "report": READERS,
    "classifier": LEADS,
    "notice": READERS,
    "presence": READERS,
    "watching": READERS,
    "webhook": ADMINS,
}
"""Who hears of what on the live stream. An event tells that something changed, never its words."""


def hears(role: str, topic: str) -> bool:
    """Whether a role is told of this topic; an unknown topic is told to nobody."""
    return role in TOPICS.get(topic, frozenset())
