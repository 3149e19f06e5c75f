"""What each page shows: one frozen context per page, and how it is derived from plain data.

A route fills a context from the store and hands it to `inbox.web.render`; the templates ask for
nothing else. Times are aware UTC. Words live in the templates, here are only keys (`late`).

This module has what every page shares; the pages themselves are in `pages_list`, `pages_thread`,
`pages_accounts`, `pages_classifier`, `pages_policies`, `pages_door` and `pages_report`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from classifier.labels import TOPIC_MEANING, Category

STATIC = Path(__file__).parent / "static"
SOON_S = 2 * 3_600
"""A clock is `soon` when so much of it, or less, is left."""
A_WEEK = tuple(date(2024, 1, day) for day in range(1, 8))
"""Monday to Sunday of any week: the pages take the names of weekdays from them."""

ClockState = Literal["calm", "soon", "late", "wait", "kept", "none"]


@dataclass(frozen=True, slots=True)
class Channel:
    """A platform: its key, its own name, and the id of its sign in `icons.svg` without `c-`."""

    key: str
    name: str
    glyph: str


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the team. `id` None is a name without sign-in; `presence` is one of
    `domain.presence.PRESENCES`, or empty where nobody asked."""

    name: str
    initials: str
    email: str = ""
    id: int | None = None
    presence: str = ""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in. `writes` False (auditor) hides whatever changes something; `leads` shows
    the way to the classifier's pages. `presence` is what the person chose to be seen as. `desktop`:
    notices there, with the quiet hours; None is off."""

    id: int
    name: str
    initials: str
    email: str
    role: str
    writes: bool = True
    admin: bool = False
    leads: bool = False
    presence: str = ""
    desktop: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page behind the sign-in.

    `locale` is a key of `templates.LOCALES`, `theme` is system, light or dark, `density` of the
    list's rows is comfortable or compact, `place` the active
    entry of the rail (inbox, reports, roster, classifier, policies, people, audit, accounts; `me`
    is none of them), `path` where POST /me comes back to. `event` is the last live event that this
    page already shows; the stream goes on after it. `notices` counts unread notices, up to 100.
    `setup` is the step that an admin's first run is at (`flows.first_run`), empty once it is over.
    """

    brand: str
    me: Me
    now: datetime
    zone: str
    locale: str = "en"
    theme: str = "system"
    density: str = "comfortable"
    place: str = "inbox"
    path: str = "/"
    overdue: int = 0
    unread: int = 0
    notices: int = 0
    event: int = 0
    setup: str = ""

    @property
    def lasting(self) -> "Frame":
        """What of it stays from page to page: what is drawn from it is drawn once for all."""
        return replace(self, now=datetime.fromtimestamp(0, UTC), event=0, unread=0, path="")


@dataclass(frozen=True, slots=True)
class Clock:
    """A turn's line: from opened to due, of which `used` (0 … 1) has gone at `now`.

    `wait` has no due time: `since_at` is when our answer left the customer to write. `kept` and a
    `late` that has ended carry `ended_at`. `none` draws nothing. `internal_at` is the team's own
    due time beside the promise, `window_at` when the platform takes no private answer any more.
    `of_team`: the line is that of the team's own target.
    """

    state: ClockState
    opened_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    since_at: datetime | None = None
    used: float = 0.0
    internal_at: datetime | None = None
    window_at: datetime | None = None
    of_team: bool = False


@dataclass(frozen=True, slots=True)
class Tags:
    """Category and urgency as the chip shows them.

    `sure`: one with its share; `two`: two suggestions; `ask`: please tag; `person`: set by hand.
    `topic` is one of the category's (`classifier.labels.TOPICS`), `tone` is praise or angry.
    """

    state: Literal["sure", "two", "ask", "person"]
    category: str = ""
    share: float | None = None
    second: str = ""
    second_share: float | None = None
    urgency: str = "normal"
    urgency_share: float | None = None
    topic: str = ""
    tone: str = ""

    @property
    def cautious(self) -> bool:
        """Whether the urgency is called so although its chance is below a half: a phrase or a low
        threshold raises it, because a miss costs more than a look in vain."""
        return self.urgency_share is not None and self.urgency_share < 0.5

    @property
    def hint(self) -> str:
        """The tone, unless the topic says the same already."""
        return "" if self.tone == self.topic and self.about else self.tone

    @property
    def about(self) -> str:
        """The topic in words, to be translated; none where it is not sure of the category."""
        if self.state not in ("sure", "person") or self.category not in TOPIC_MEANING:
            return ""
        return TOPIC_MEANING[Category(self.category)].get(self.topic, "")


def day_line(
    opened_at: datetime,
    due_at: datetime,
    now: datetime,
    ended_at: datetime | None = None,
    internal_at: datetime | None = None,
    window_at: datetime | None = None,
) -> Clock:
    """The line of a turn with a due time. An answer exactly at the due time is in time."""
    whole_s = max((due_at - opened_at).total_seconds(), 1.0)
    used = ((ended_at or now) - opened_at).total_seconds() / whole_s
    used = round(min(max(used, 0.0), 1.0), 4)  # so much of it is drawn
    if ended_at is not None:
        state: ClockState = "kept" if ended_at <= due_at else "late"
    elif now > due_at:
        state = "late"
    else:
        state = "soon" if (due_at - now).total_seconds() <= SOON_S else "calm"
    return Clock(state, opened_at, due_at, ended_at, None, used, internal_at, window_at)


def waiting_line(since_at: datetime) -> Clock:
    """No answer is due: the customer has the word since our answer."""
    return Clock("wait", since_at=since_at)


def channel(key: str, name: str) -> Channel:
    """A platform with its sign, or the plain bubble when none was drawn for it."""
    return Channel(key, name, key if key in glyphs() else "other")


@lru_cache
def glyphs() -> frozenset[str]:
    """The channels that have a sign in the sprite."""
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    return frozenset(re.findall(r'id="c-([a-z0-9_]+)"', sprite))


def initials(name: str) -> str:
    """One or two letters for an avatar: `Ada Voss` → `AV`, `林月` → `林`."""
    words = [word for word in re.split(r"[\s.@_-]+", name) if word]
    if not words:
        return "?"
    if not words[0][0].isascii():
        return words[0][0]
    return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


def tags(
    ranked: Sequence[tuple[str, float]],
    urgency: tuple[str, float | None] = ("normal", None),
    labels: Sequence[str] = (),
    by_person: str | None = None,
    topic: str = "",
    tone: str = "",
) -> Tags:
    """The chip's state from the classifier's categories, most likely first, or a person's choice.

    `labels` is its set: one is the tag, two are suggestions; with more, or none, the chip asks.
    """
    name, sure = urgency
    rest: dict[str, Any] = {"urgency": name, "urgency_share": sure, "topic": topic, "tone": tone}
    if by_person:
        return Tags("person", by_person, **rest)
    first, share = ranked[0] if ranked else ("", None)
    if ranked and len(labels) == 1:
        return Tags("sure", first, share, **rest)
    if ranked and len(labels) == 2:
        second = labels[1]
        return Tags("two", first, share, second, dict(ranked).get(second, 0.0), **rest)
    return Tags("ask", first, share, **rest)
