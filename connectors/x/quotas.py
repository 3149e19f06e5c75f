"""X's quotas, as the headers of its answers tell them.

Source: X's page "Rate limits", read 22 Nov 2026: a quarter of an hour on each route, a day on some.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.core.contract import Budget, word
from connectors.core.limits import instant, prefixed

QUOTAS = {  # prefix of the headers: what it is called, by the route's name
    "x-rate-limit": "{what}",
    "x-user-limit-24hour": word("{what} (account, 24 hours)"),
    "x-app-limit-24hour": word("{what} (app, 24 hours)"),
}
ROUTES = (
    ("GET", r"/2/dm_events|/2/dm_conversations/.*/dm_events", word("Reading direct messages")),
    ("GET", r"/2/users/\d+/mentions", word("Reading mentions")),
    ("GET", r"/2/users/\d+/tweets", word("Reading own posts")),
    ("GET", r"/2/tweets/search/recent", word("Searching")),
    ("GET", r"/2/tweets", word("Reading single posts")),
    ("GET", r"/2/users/me", word("Signing in")),
    ("POST", r"/2/tweets", word("Posting")),
    ("POST", r"/2/dm_conversations/.*", word("Sending direct messages")),
)


def budgets_of(
    method: str, route: str, headers: Mapping[str, str], now: datetime
) -> Iterator[Budget]:
    """The quotas that an answer tells of a route; none for routes that nobody waits for."""
    for asked, pattern, name in ROUTES:
        if asked == method and re.fullmatch(pattern, route):
            for prefix, of in QUOTAS.items():
                yield from prefixed(prefix, of.format(what=name))(route, headers, now)


def quota_resets_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the last used-up quota of an answer comes back; None while all have some left."""
    used_up = (q for q in QUOTAS if headers.get(f"{q}-remaining") == "0")
    resets = (instant(headers.get(f"{q}-reset"), now) for q in used_up)
    return max((r for r in resets if r is not None), default=None)
