"""What the pages show that connect an account and that look after one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from inbox.web.pages import Channel, Frame
from inbox.web.pages_accounts import Health


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform one can connect: how its messages come, and what it is good to know of it."""

    channel: Channel
    needs: tuple[str, ...]
    comes_by: tuple[str, ...]  # polling, webhook
    connected: int


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """`/accounts/new`: which platform?"""

    TEMPLATE: ClassVar[str] = "pages/connect.html"

    frame: Frame
    platforms: tuple[Platform, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form. `kept`: a stored secret stays when the field is left empty. `leads`:
    another value deletes the stored credentials."""

    name: str
    label: str
    kind: Literal["text", "secret", "choice"] = "text"
    value: str = ""
    hint: str = ""
    error: str = ""
    optional: bool = False
    kept: bool = False
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    leads: bool = False

    @property
    def fine_empty(self) -> bool:
        """Whether it has a good value without anybody's doing."""
        return self.optional and bool(self.default or self.choices)


@dataclass(frozen=True, slots=True)
class WayTab:
    """A way to sign in."""

    key: str
    title: str
    help: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try. state: well, failed, connected, leave (go on at `url`).

    `why` has a line for each reason. `signed_in` is the account's name on the platform where it
    bears another one here. `made` are (prompt, value) of secrets that we made up, shown this once.
    `soon`: an account that failed is asked for news now that it answers.
    """

    state: Literal["well", "failed", "connected", "leave"]
    account: int = 0
    handle: str = ""
    why: str = ""
    missing: tuple[str, ...] = ()
    hook: str = ""
    made: tuple[tuple[str, str], ...] = ()
    url: str = ""
    soon: bool = False
    signed_in: str = ""


@dataclass(frozen=True, slots=True)
class FormPage:
    """`/accounts/new/{channel}` and `/accounts/{id}/credentials`.

    `account` 0 connects a new one; else that account is connected again. `redirect_uri` must be
    registered with the platform where `oauth`. `server` asks for the account's own server, where
    it has one; `platform_url` is the platform's usual one.
    """

    TEMPLATE: ClassVar[str] = "pages/connect_form.html"
    PART: ClassVar[str] = "parts/_tried.html"

    frame: Frame
    channel: Channel
    action: str
    account: int
    handle: str
    inputs: tuple[Input, ...]
    settings: tuple[Input, ...]
    ways: tuple[WayTab, ...]
    way: str
    oauth: bool
    redirect_uri: str
    base_url: str
    server: tuple[Input, ...]
    platform_url: str
    notes: tuple[str, ...]
    handle_error: str = ""
    tried: Tried | None = None


@dataclass(frozen=True, slots=True)
class CameBackPage:
    """`/accounts/oauth/callback`: the browser came back from the platform's page.

    `again` is the form that it began at.
    """

    TEMPLATE: ClassVar[str] = "pages/came_back.html"

    frame: Frame
    tried: Tried
    again: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """The newest comparison of a stream. state: running, done, failed."""

    state: Literal["running", "done", "failed"]
    pages: int
    seen: int
    found: int
    why: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A stream of an account: what of it is surely here."""

    name: str
    complete_from: datetime | None = None
    complete_to: datetime | None = None
    reach: str = ""
    rests_until: datetime | None = None
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """What a platform's headers said is left. `share` 0 … 1. `renewed`: it has begun anew since, so
    what was left tells nothing any more."""

    name: str
    remaining: float
    limit: float
    share: float
    resets_at: datetime | None
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class OutageRow:
    """A time without deliveries."""

    since: datetime
    until: datetime | None
    level: str
    arrived: int
    late: int
    reason: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`/accounts/{id}`: how one account is, and what can be done about it.

    `entered_url` is the base URL in the form of the settings, `unfinished` says that these were
    entered and lack something, `saved` that they were just stored.
    """

    TEMPLATE: ClassVar[str] = "pages/account.html"

    frame: Frame
    id: int
    channel: Channel
    handle: str
    state: str
    health: Health
    level: str
    last_heard: datetime | None
    called_at: datetime | None
    polls: bool
    every_s: float
    next_at: datetime | None
    expires_at: datetime | None
    missing: tuple[str, ...]
    base_url: str
    platform_url: str
    hook: str
    subscribes: bool
    streams: tuple[StreamRow, ...]
    quotas: tuple[Quota, ...]
    usd_a_day: float | None
    daily_usd: float | None
    price_source: str
    settings: tuple[Input, ...]
    outages: tuple[OutageRow, ...]
    unread: int
    notes: tuple[str, ...]
    tried: Tried | None = None
    entered_url: str = ""
    unfinished: bool = False
    saved: bool = False

    @property
    def comparing(self) -> bool:
        """Whether a comparison is under way."""
        return any(s.compared and s.compared.state == "running" for s in self.streams)

    @property
    def admin(self) -> bool:
        """Whether the reader may change anything here."""
        return self.frame.me.admin
