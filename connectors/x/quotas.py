"""X's quotas, as the headers of its answers tell them.

Source: X's page "Rate limits", read 22 Nov 2026: a quarter of an hour on each route, a day on some.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.core.contract import Budget
from connectors.core.limits import instant, prefixed

QUOTAS = {  # prefix of the headers: what it is called after the route's name
    "x-rate-limit": "",
    "x-user-limit-24hour": " (account, 24 hours)",
    "x-app-limit-24hour": " (app, 24 hours)",
}
ROUTES = (
    ("GET", r"/2/dm_events|/2/dm_conversations/.*/dm_events", "Reading direct messages"),
    ("GET", r"/2/users/\d+/mentions", "Reading mentions"),
    ("GET", r"/2/users/\d+/tweets", "Reading own posts"),
    ("GET", r"/2/tweets/search/recent", "Searching"),
    ("GET", r"/2/tweets", "Reading single posts"),
    ("GET", r"/2/users/me", "Signing in"),
    ("POST", r"/2/tweets", "Posting"),
    ("POST", r"/2/dm_conversations/.*", "Sending direct messages"),
)


def budgets_of(
    method: str, route: str, headers: Mapping[str, str], now: datetime
) -> Iterator[Budget]:
    """The quotas that an answer tells of a route; none for routes that nobody waits for."""
    for asked, pattern, name in ROUTES:
        if asked == method and re.fullmatch(pattern, route):
            for prefix, of in QUOTAS.items():
                yield from prefixed(prefix, name + of)(route, headers, now)


def quota_resets_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the last used-up quota of an answer comes back; None while all have some left."""
    used_up = (q for q in QUOTAS if headers.get(f"{q}-remaining") == "0")
    resets = (instant(headers.get(f"{q}-reset"), now) for q in used_up)
    return max((r for r in resets if r is not None), default=None)
