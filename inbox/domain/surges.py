"""Many people who write about the same thing: when that is one surge, and when it grows. Pure.

People are counted, not messages: who writes ten times is one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(hours=12)
"""What waits for longer begins no surge, and a surge that nobody joined for so long is over."""
LEAST: Final = 5
"""People who make a surge."""
BIG: Final = 10
"""People of whom the list tells, and leads hear, if it grows."""
RECENT: Final = timedelta(hours=1)
LEAST_RECENT: Final = 5
FASTER: Final = 2
"""It grows when so many people came within the last hour, and twice as many as usual: a question
that is asked at an even pace all day is no surge."""
TOPICLESS: Final = frozenset({"general.chat"})
"""Alike, but not about anything: greetings and thanks."""
NO_MATTER: Final = frozenset({"spam"})
"""Categories that nobody answers all at once."""


def topic_of(category: str | None, topic: str | None) -> str:
    """`category.topic`; empty where the classifier has none."""
    return f"{category}.{topic}" if category and topic else ""


def counts(category: str | None, topic: str | None) -> bool:
    """Whether a message can be one of a surge."""
    return category not in NO_MATTER and topic_of(category, topic) not in TOPICLESS


def is_growing(first: Mapping[int, datetime], now: datetime) -> bool:
    """Whether people (with the time when each came) come much faster than before."""
    came = [at for at in first.values() if at > now - WINDOW]
    recent = sum(at > now - RECENT for at in came)
    earlier_hours = (WINDOW - RECENT) / RECENT
    return recent >= max(LEAST_RECENT, FASTER * (len(came) - recent) / earlier_hours)


def is_worth_a_word(people: int, is_growing: bool) -> bool:
    """Whether the list tells of it, and the leads hear of it."""
    return is_growing and people >= BIG


def is_over(last_at: datetime, waiting: int, now: datetime) -> bool:
    """Whether nobody waits there and nobody came for long."""
    return waiting == 0 and last_at <= now - WINDOW
