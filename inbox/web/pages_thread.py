"""What a conversation's page shows: the ledger, its clock, the composer and the side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from classifier.language import UNDECIDED
from inbox.domain.conversation import REASONS
from inbox.flows.history import Happened
from inbox.flows.noticing import Told
from inbox.web.pages import Channel, Clock, Frame, Person, Tags, initials
from inbox.web.pages_acting import MacroRow, Ran
from inbox.web.pages_cases import NO_CASES, Cases
from inbox.web.pages_composer import Composer, File
from inbox.web.pages_list import ListPage
from inbox.web.pages_playbooks import PlaybookPanel
from inbox.web.pages_states import Aside, Standing
from inbox.web.pages_team import NOBODY, Team
from inbox.web.pages_why import CATEGORIES, URGENCIES, Choice, Reasons

Rail = Literal["", "kept", "open", "late"]
"""The ledger's line beside a message: no turn, one answered in time, one open, one past due."""

DeliveryState = Literal[
    "queued", "sending", "sent", "refused", "failed", "unknown", "dropped", "stopped", "waiting"
]


@dataclass(frozen=True, slots=True)
class Turn:
    """A wait of the customer, as the store's fold tells it. Numbers are stored messages."""

    opened_by: int
    opened_at: datetime
    due_at: datetime
    ended_by: int | None = None
    ended_at: datetime | None = None
    end: Literal["", "answered", "excused", "withdrawn"] = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of our answer.

    `why` is the platform's reason in plain words, `way_out` what to do instead. `look_at` is the
    next look-up of an `unknown` one, `can_look` whether the platform has one at all. `retry_at`
    is when a `queued` one goes out again after a failure. `behind`: the part before it goes first;
    `held`: an earlier part is stuck. `part` of `parts` in which the answer goes out (0: in one).
    `offers` are what a person may do: look | arrived | resend | skip (send the rest without it) |
    drop (it, and what is behind it).
    One that no try was made of can be taken back until `undo_until`, or until the chosen `send_at`.
    `waiting` for approval, because of its `author`'s role or a finding (`why`: role, finding).
    `decides`: who looks may approve it or send it back.
    `stopped` because the customer wrote (`why`: customer) or somebody answered (answered).
    """

    outbox: int
    state: DeliveryState
    why: str = ""
    way_out: str = ""
    tries: int = 0
    retry_at: datetime | None = None
    look_at: datetime | None = None
    can_look: bool = False
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    behind: bool = False
    held: bool = False
    part: int = 0
    parts: int = 1
    offers: tuple[str, ...] = ()
    decides: bool = False
    undo_until: datetime | None = None
    send_at: datetime | None = None

    @property
    def recallable(self) -> bool:
        """Whether it can still be taken back."""
        fresh = self.state == "queued" and not self.tries and not self.behind
        return self.state == "stopped" or (fresh and (self.undo_until or self.send_at) is not None)


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the ledger. `id` is the stored number, 0 for an answer not stored yet.

    `side`: in (customer), out (us), aside (a third party: context only). `automated` and
    `outside` (sent by a person in the platform's own app) explain an entry of ours.
    `versions` are (until, words) from before edits, oldest first; `above` is (who, words) of the
    comment or post that this one answers; `ours_aside` marks our own post under which people
    comment; `marks` are what moderation did, `acts` (act, its note) what may be done now.
    `quoted` are the earlier mails that a mail repeats below its own `text`, `others` the (address,
    name) of who else got it.
    A note of the team has the number `note`; its `pieces` are (words, whether they name someone).
    """

    id: int
    at: datetime
    side: Literal["in", "out", "aside", "note"]
    by: str
    text: str
    visibility: Literal["public", "private"] = "private"
    subject: str = ""
    lang: str = ""
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    automated: bool = False
    outside: bool = False
    findings: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    delivery: Delivery | None = None
    versions: tuple[tuple[datetime, str], ...] = ()
    above: tuple[str, str] | None = None
    ours_aside: bool = False
    marks: tuple[str, ...] = ()
    acts: tuple[tuple[str, str], ...] = ()
    note: int = 0
    pieces: tuple[tuple[str, bool], ...] = ()
    quoted: str = ""
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A message with its place on the turn's rail.

    `opens` marks the one that started the clock; `answered_s` the wait that this answer ended.
    """

    message: Message
    rail: Rail = ""
    starts: bool = False
    ends: bool = False
    opens: bool = False
    answered_s: float | None = None
    in_time: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """Entries of one local day; `rail` is that of a turn which runs across midnight."""

    date: date
    entries: tuple[Entry, ...]
    rail: Rail = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A conversation of the same person before this one; `waited_s` None: never answered."""

    id: int
    channel: Channel
    category: str
    at: datetime
    waited_s: float | None
    in_time: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """Another conversation of the same case. `due_at` while somebody waits there."""

    id: int
    channel: Channel
    who: str
    kind: str
    status: str
    due_at: datetime | None
    preview: str


@dataclass(frozen=True, slots=True)
class Customer:
    """The other party. `since` is when they first wrote; `contact` leads to the person's page,
    `tags` and marks are the person's, `ways` (channel, handle) their other identities."""

    name: str
    handle: str
    channel: Channel
    since: datetime | None = None
    languages: tuple[str, ...] = ()
    contact: int = 0
    tags: tuple[str, ...] = ()
    vip: bool = False
    muted: bool = False
    blocked: bool = False
    ways: tuple[tuple[Channel, str], ...] = ()
    note: str = ""

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How the due time was counted: the policy's conditions, and every day that did not count.

    `rule` is the name of the routing rule that chose the policy, if one did. `skipped` are (date,
    name or ""), `internal` are (name, target); `internal_due_at` is the earliest of theirs.
    `open_used_s`: seconds of opening hours used."""

    name: str
    target: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    skipped: tuple[tuple[date, str], ...]
    not_final: bool
    calendar_version: int
    internal: tuple[tuple[str, str], ...]
    internal_due_at: datetime | None
    window_at: datetime | None
    open_used_s: float | None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class OfTeam:
    """Whose calendar counted, and the one that the policy names."""

    team: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The open (or last) turn as evidence: every part of its verdict. `came_at`: when the message
    that opened it reached us, where that was over an hour after it was written."""

    turn: Turn
    policy: str
    policy_version: int
    calendar: str
    target_s: float
    used_s: float
    how: Reckoned | None = None
    of_team: OfTeam | None = None
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Beside the thread. `turns` counts all turns of the conversation; `case_undo`: the newest
    joining or leaving of the case can be taken back."""

    customer: Customer
    tags: Tags
    facts: Facts | None = None
    why: Reasons | None = None
    before: tuple[Earlier, ...] = ()
    case: tuple[Linked, ...] = ()
    case_undo: bool = False
    warned: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`/conversations/{id}`: thread and side, with the list beside it (None in a partial).

    `place` is the account's handle, `kind` a neutral kind (dm, mention …). `customer_at` is when
    the open turn's customer wrote. `earlier` leads to messages that are not on the page.
    `no_reply` tells why nobody can answer here, where `composer` is None or for notes alone.
    `failed` tells why a step that was just tried did not work. `withdrawn`: the customer deleted
    what they waited for last.
    `macros` can be run here, under a fresh `run_key`; `ran` is what one did just now. `history` is
    the newest of what happened.
    """

    TEMPLATE: ClassVar[str] = "pages/thread.html"
    PART: ClassVar[str] = "parts/_pane.html"

    frame: Frame
    id: int
    view: str
    kind: str
    account: str
    clock: Clock
    days: tuple[Day, ...]
    side: Side
    composer: Composer | None = None
    no_reply: str = ""
    list: ListPage | None = None
    owner: Person | None = None
    mine: bool = False
    for_team: str = ""
    status: str = "open"
    standing: Standing | None = None
    aside: Aside | None = None
    earlier: str | None = None
    failed: str = ""
    withdrawn: bool = False
    team: Team = NOBODY
    macros: tuple[MacroRow, ...] = ()
    run_key: str = ""
    ran: Ran | None = None
    cases: Cases = NO_CASES
    playbook: PlaybookPanel | None = None
    history: tuple[Happened, ...] = ()
    reasons: tuple[str, ...] = REASONS
    categories: tuple[Choice, ...] = CATEGORIES
    urgencies: tuple[Choice, ...] = URGENCIES

    @property
    def waits(self) -> bool:
        """Whether a customer waits for an answer."""
        return self.clock.state in {"calm", "soon", "late"} and self.clock.ended_at is None

    @property
    def shown(self) -> int:
        """The stored number of the last message on the page."""
        entries = [entry for day in self.days for entry in day.entries]
        return max((e.message.id for e in entries), default=0)

    def place_of(self, message: int) -> str:
        """The address of a message: on this page, or where the page reaches up to it."""
        if any(entry.message.id == message for day in self.days for entry in day.entries):
            return f"#m{message}"
        return f"/conversations/{self.id}?at={message}#m{message}"

    @property
    def last_in(self) -> int:
        """The stored number of the customer's last message: the page announces a newer one."""
        entries = [entry for day in self.days for entry in day.entries]
        return max((e.message.id for e in entries if e.message.side == "in"), default=0)


def ledger(
    messages: Sequence[Message], turns: Sequence[Turn], now: datetime, zone: str
) -> tuple[Day, ...]:
    """Messages in their order with the rails of their turns, by local day.

    A turn's rail runs from the message that opened it to the answer that ended it, or on to the
    end of the page while it is open.
    """
    days: list[Day] = []
    running: Turn | None = None
    opens = {turn.opened_by: turn for turn in turns}
    ends = {turn.ended_by: turn for turn in turns if turn.ended_by is not None}
    for message in messages:
        day = message.at.astimezone(ZoneInfo(zone)).date()
        if running and running.ended_at and message.at > running.ended_at:
            running = None  # excused or withdrawn: no message ended it
        across = running
        turn = opens.get(message.id) or running
        entry = _entry(message, turn, opens, ends, now)
        running = None if message.id in ends and message.id else turn
        if not days or days[-1].date != day:
            days.append(Day(day, (entry,), rail(across, now)))
        else:
            days[-1] = Day(day, (*days[-1].entries, entry), days[-1].rail)
    return tuple(days)


def rail(turn: Turn | None, now: datetime) -> Rail:
    """The colour of a turn's line. A turn that ended past its due time is late for good."""
    if turn is None:
        return ""
    if (turn.ended_at or now) > turn.due_at:
        return "late"
    return "open" if turn.ended_at is None else "kept"


def _entry(
    message: Message,
    turn: Turn | None,
    opens: dict[int, Turn],
    ends: dict[int, Turn],
    now: datetime,
) -> Entry:
    ended = ends.get(message.id)
    answered = ended is not None and ended.end == "answered"
    return Entry(
        message=message,
        rail=rail(turn, now),
        starts=message.id in opens,
        ends=ended is not None,
        opens=message.id in opens and opens[message.id].ended_at is None,
        answered_s=_wait_s(ended) if ended and answered else None,
        in_time=ended is None or ended.ended_at is None or ended.ended_at <= ended.due_at,
    )


def _wait_s(turn: Turn) -> float | None:
    return None if turn.ended_at is None else (turn.ended_at - turn.opened_at).total_seconds()


def languages(codes: Iterable[str]) -> tuple[str, ...]:
    """Language codes without repeats, in the order of their first use; those that are known."""
    return tuple(dict.fromkeys(code for code in codes if code not in ("", UNDECIDED)))
