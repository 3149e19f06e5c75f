"""What a platform offers, as data: menus, forms, tables in the docs and limits come from here.

Texts that people read are marked with `word(…)`, so that they are translated with the pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from connectors.core.messages import Author, Kind, Visibility


def word(text: str) -> str:
    """Marks a text for translation (the catalogue is gathered from these calls)."""
    return text


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential of an account: what the form and `accounts add` ask for.

    `ways` names the ways of signing in that need it (empty: all). `obtained` ones come from the
    platform while signing in and are never asked for. A `made` one is made up by us where it is
    left empty, and (`shown`) told once for the platform's own settings. A `plain` one (a user name)
    is no secret by itself, and typed openly.
    """

    name: str
    prompt: str
    optional: bool = False
    help: str = ""
    ways: tuple[str, ...] = ()
    obtained: bool = False
    made: bool = False
    shown: bool = True
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of an account. `choices` are (value, what it means); `default` is what holds when
    it is left empty. `ways` names the ways of signing in that it belongs to (empty: all). `leads`:
    credentials go where it says, so that another value deletes the stored ones, as for base_url."""

    name: str
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    required: bool = False
    ways: tuple[str, ...] = ()
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign in. `oauth`: the platform's own page asks for consent (`begin`, `exchange`)."""

    key: str
    title: str
    oauth: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """How long after the customer's last message the platform takes a private answer.

    `human`: longer for what a person wrote, where the connector marks it so; with a `human_setting`
    only for accounts where that is "yes". `most` answers per message of the customer. An
    account's setting named `hours_setting` / `most_setting` wins.
    """

    standard: timedelta
    human: timedelta | None = None
    most: int | None = None
    hours_setting: str = ""
    most_setting: str = ""
    human_setting: str = ""


@dataclass(frozen=True, slots=True)
class MovePrivate:
    """A public message (of these `kinds`, empty: any) may be answered privately: within `within`
    of it, and `once` only."""

    within: timedelta | None = None
    once: bool = False
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """What files an answer may carry: MIME types (`image/*` for a family), bytes each, how many
    in one message, and whether beside its words: at most `text_limit` of them (0: as ever), longer
    ones go ahead as a message of their own. Without `with_text` each file is a message. `ways`
    names the ways of signing in that may send files (empty: all)."""

    types: tuple[str, ...]
    max_bytes: int
    most: int = 1
    with_text: bool = True
    text_limit: int = 0
    ways: tuple[str, ...] = ()


class Act(StrEnum):
    """Moderation. Each must be safe to repeat."""

    HIDE = "hide"
    UNHIDE = "unhide"
    LIKE = "like"
    UNLIKE = "unlike"
    DELETE = "delete"
    BLOCK = "block"
    UNBLOCK = "unblock"
    MUTE = "mute"
    UNMUTE = "unmute"
    REPORT = "report"


class On(StrEnum):
    """Whose message, or that it is the person who is meant."""

    THEIRS = "theirs"
    OURS = "ours"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that the platform has, `on` what, for messages of these `kinds` (empty: all).
    `undo` takes it back. `note` warns what it does beyond its name. `ways` names the ways of
    signing in that may do it (empty: all). `not_in` begins the threads where it is not offered."""

    act: Act
    on: On
    kinds: tuple[Kind, ...] = ()
    undo: Act | None = None
    note: str = ""
    ways: tuple[str, ...] = ()
    not_in: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What reading and answering cost, in USD: per item by stream, per day by stream whatever
    comes, per answer by visibility. `source` names the price list and its date."""

    source: str
    per_item: Mapping[str, float] = field(default_factory=dict)
    per_day: Mapping[str, float] = field(default_factory=dict)
    per_answer: Mapping[Visibility, float] = field(default_factory=dict)


Addressed = Callable[[str, Author, Visibility], str]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform offers. The docs' capability table and the UI's menus come from here.

    `count` measures a text in the platform's own units against `limit_public` / `limit_private`
    (None = the channel has no such answer); `count_private` where private messages are measured
    otherwise. Callers use `measure`. `addressed` gives the text as it is sent, with the mention
    that the platform needs. `poll_interval_s` is the usual interval, `busy_interval_s` the shortest
    one. `streams` are read one after the other; `reach` tells in words how far back each can be
    listed ("" or absent: to the beginning). `switched` streams are read only where the setting that
    they name is "on".
    `base_url` is the platform's own address; `server` asks for it where each account has its own.
    `read_lag_s` is how long the platform may hide a fresh own message from its lists: a look-up of
    an unknown send waits longer than that. `can_look_up` False sends it straight to a person.
    `idempotent_send`: repeating a send with the same key cannot make a second message.
    `fetches`: single messages can be asked for by id (`fetch`). `renews`: credentials run out and
    `renew` makes fresh ones. `subscribes`: `subscribe` tells the platform where to call us.
    `family`: channels of one may share a webhook address: a genuine call is offered to each other.
    `private_deletions_are_ours`: who deletes a private message takes it from their view alone:
    one that is gone for us was not taken back by the customer.
    `compares_daily` False: comparing the whole list would use up the day's quota by itself.
    `copies`: an answer may go to the `others` of the message that it answers, too.
    `either_way`: polling and webhook exclude each other; the setting `way_in` chooses.
    """

    channel: str
    title: str
    kinds: tuple[Kind, ...]
    streams: tuple[str, ...]
    count: Callable[[str], int]
    unit: str
    limit_public: int | None
    limit_private: int | None
    secrets: tuple[Secret, ...]
    settings: tuple[Setting, ...] = ()
    ways: tuple[Way, ...] = ()
    base_url: str | None = None
    server: Setting | None = None
    family: str = ""
    private_deletions_are_ours: bool = False
    polls: bool = True
    receives: bool = False
    either_way: bool = False
    copies: bool = False
    subscribes: bool = False
    poll_interval_s: int = 60
    busy_interval_s: int = 0
    read_lag_s: int = 60
    can_look_up: bool = True
    idempotent_send: bool = False
    fetches: bool = False
    renews: bool = False
    social: bool = True
    notes: tuple[str, ...] = ()
    count_private: Callable[[str], int] | None = None
    addressed: Addressed | None = None
    window: Window | None = None
    move_private: MovePrivate | None = None
    media_public: Media | None = None
    media_private: Media | None = None
    offers: tuple[Offer, ...] = ()
    price: Price | None = None
    compares_daily: bool = True
    reach: Mapping[str, str] = field(default_factory=dict)
    switched: Mapping[str, str] = field(default_factory=dict)

    def measure(self, text: str, visibility: Visibility, to: Author | None = None) -> int:
        """The length of a text as the platform counts it for a public or a private answer."""
        if self.addressed is not None and to is not None:
            text = self.addressed(text, to, visibility)
        if visibility is Visibility.PRIVATE and self.count_private is not None:
            return self.count_private(text)
        return self.count(text)

    def mention(self, visibility: Visibility, to: Author) -> tuple[str, int]:
        """What is put before an answer that does not name its reader, and how much that counts."""
        if self.addressed is None:
            return "", 0
        before = self.addressed("x", to, visibility).removesuffix("x").strip()
        return before, self.measure("x", visibility, to) - self.measure("x", visibility)

    def limit(self, visibility: Visibility) -> int | None:
        """How long an answer may be; None when the channel has no such answer."""
        return self.limit_public if visibility is Visibility.PUBLIC else self.limit_private

    def media(self, visibility: Visibility) -> Media | None:
        """What files an answer may carry; None for none."""
        return self.media_public if visibility is Visibility.PUBLIC else self.media_private

    def way(self, settings: Mapping[str, Any]) -> Way | None:
        """The way of signing in that an account uses: the chosen one, else the first."""
        chosen = [w for w in self.ways if w.key == settings.get("sign_in")]
        return next(iter((*chosen, *self.ways)), None)

    def wanted(self, settings: Mapping[str, Any]) -> tuple[Secret, ...]:
        """The credentials that a person enters for an account with these settings."""
        way = self.way(settings)
        key = way.key if way else ""
        return tuple(s for s in self.secrets if not s.obtained and (not s.ways or key in s.ways))

    def asked(self, settings: Mapping[str, Any]) -> tuple[Setting, ...]:
        """The settings that belong to an account's way of signing in."""
        way = self.way(settings)
        return tuple(s for s in self.settings if not s.ways or (way and way.key in s.ways))

    def of(self, settings: Mapping[str, Any]) -> "Capabilities":
        """What an account with these settings has of all this, by its way of signing in."""
        way = self.way(settings)

        def has(one: Offer | Media) -> bool:
            return not one.ways or (way is not None and way.key in one.ways)

        public, private = (
            m if m and has(m) else None for m in (self.media_public, self.media_private)
        )
        offers = tuple(filter(has, self.offers))
        return replace(self, offers=offers, media_public=public, media_private=private)

    def is_polled(self, settings: Mapping[str, Any]) -> bool:
        """Whether an account with these settings is asked for news, rather than called only."""
        return self.polls and not (self.either_way and settings.get("way_in") == "webhook")

    def is_called(self, settings: Mapping[str, Any]) -> bool:
        """Whether the platform calls an account with these settings."""
        return self.receives and not (self.either_way and self.is_polled(settings))

    def listed(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The streams that an account with these settings reads."""
        on = {name for name, setting in self.switched.items() if settings.get(setting) == "on"}
        return tuple(s for s in self.streams if s not in self.switched or s in on)
