"""Policies and calendars: what turns are judged by, its history, and the forms to change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from inbox.flows.policies import Effect
from inbox.web.pages import Frame
from inbox.web.pages_foreseen import Trial


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the history. `by` is empty for the one that came with the program; `since` None
    where it is in force from its making on; `restores` 0 where it says nothing again;
    `applied` once the open turns follow it."""

    number: int
    at: datetime
    by: str
    since: datetime | None
    restores: int
    newest: bool
    applied: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What going back to a version would do."""

    number: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """`until` is what it promises: answered, resolved. `conditions` are (name, values); `next` is
    empty where it is as the first; `calendar` is empty for clock time."""

    id: str
    name: str
    public: bool
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    first: str
    next: str
    calendar: str
    version: int
    until: str = "answered"


@dataclass(frozen=True, slots=True)
class ComplaintRules:
    """A template of complaints; `own`: the brand's. `deadlines` are (name, target)."""

    id: str
    name: str
    source: str
    deadlines: tuple[tuple[str, str], ...]
    pauses: bool
    own: bool


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """`/policies`. `channels` names the channels by key. `complaint_draft` is what was typed into
    the form of rules for complaints and could not be stored, `complaint_trouble` says why, and
    `complaint_wrong` by field. `trial` asks when an answer would be due. done: "" | saved | rules
    | no-rules."""

    TEMPLATE: ClassVar[str] = "pages/policies.html"

    frame: Frame
    rows: tuple[PolicyRow, ...]
    versions: tuple[VersionRow, ...]
    channels: Mapping[str, str]
    asked: Asked | None = None
    trouble: str = ""
    complaints: tuple[ComplaintRules, ...] = ()
    calendars: tuple[str, ...] = ()
    complaint_draft: Mapping[str, str] = field(default_factory=dict)
    complaint_trouble: str = ""
    complaint_wrong: Mapping[str, str] = field(default_factory=dict)
    done: str = ""
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class PolicyFormPage:
    """`/policies/edit`: one policy; `id` is empty for a new one. `options` are, per condition, the
    values that there are, `chosen` those that are ticked, `wrong` what cannot be meant, by
    field."""

    TEMPLATE: ClassVar[str] = "pages/policy_form.html"

    frame: Frame
    id: str
    name: str
    first: str
    next: str
    calendar: str
    public: bool
    warn_at: str
    lead_from: str
    all_from: str
    chosen: Mapping[str, frozenset[str]]
    options: Mapping[str, tuple[str, ...]]
    channels: Mapping[str, str]
    calendars: tuple[str, ...]
    until: str = "answered"
    effect: Effect | None = None
    trouble: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """kind: holiday, make-up, team. `hours` is empty where the day is closed."""

    day: date
    name: str
    kind: str
    hours: str


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """`week` has the hours of Monday to Sunday as text (`open`, `closed`, slots); `coming` the days
    of the next months that differ; `zone` is the brand's where `own_zone` is False. `base` is the
    one that it follows, `teams` are those whose accounts count in it."""

    name: str
    version: int
    zone: str
    own_zone: bool
    countries: tuple[str, ...]
    week: tuple[str, ...]
    coming: tuple[SpecialDay, ...]
    not_final: tuple[int, ...]
    versions: tuple[VersionRow, ...]
    asked: Asked | None = None
    base: str = ""
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarsPage:
    """`/calendars`. done: "" | saved."""

    TEMPLATE: ClassVar[str] = "pages/calendars.html"

    frame: Frame
    rows: tuple[CalendarRow, ...]
    weekdays: tuple[date, ...]
    trouble: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class CalendarFormPage:
    """`/calendars/edit`: one calendar as it is written; `name` is fixed unless it `is_new`. One
    with a `base` says what that one says but for its `days`. `wrong` is what cannot be meant, by
    field."""

    TEMPLATE: ClassVar[str] = "pages/calendar_form.html"

    frame: Frame
    name: str
    is_new: bool
    zone: str
    brand_zone: str
    countries: str
    week: tuple[str, ...]
    days: str
    weekdays: tuple[date, ...]
    effect: Effect | None = None
    trouble: str = ""
    base: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)
