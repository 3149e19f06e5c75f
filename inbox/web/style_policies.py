"""Samples of the pages of policies and calendars."""

from datetime import UTC, date, datetime, timedelta

from inbox.flows.policies import Effect
from inbox.web.pages import A_WEEK, Frame
from inbox.web.pages_foreseen import Choice, DueLine, Trial
from inbox.web.pages_policies import (
    Asked,
    CalendarFormPage,
    CalendarRow,
    CalendarsPage,
    ComplaintRules,
    PoliciesPage,
    PolicyFormPage,
    PolicyRow,
    SpecialDay,
    VersionRow,
)
from inbox.web.pages_thread import OfTeam
from inbox.web.style_people import EMAIL, NOW, X

EFFECT = Effect(open=38, earlier=12, later=3, overdue=2)
ADA = "ada@lumen.example"
CHANNELS = {"x": "X", "telegram": "Telegram"}
OFFICE = ("09:00-12:30 13:30-18:00",) * 4 + ("09:00-15:00", "closed", "closed")


def sample_policies(frame: Frame) -> PoliciesPage:
    """Several kinds of rules, and somebody who thinks of going back."""
    fits = (("channels", ("telegram", "x")), ("categories", ("refund",)))
    return PoliciesPage(
        frame=frame,
        rows=(
            PolicyRow("refunds", "Refunds", True, fits, "8bh", "1bd", "Lisbon office", 3),
            PolicyRow(
                "critical",
                "Critical, internal",
                False,
                (("urgencies", ("critical",)),),
                "1h",
                "",
                "",
                1,
            ),
            PolicyRow(
                "in-app",
                "In-app support",
                True,
                (("kinds", ("inapp",)),),
                "3bd",
                "",
                "working days",
                1,
            ),
            PolicyRow("social", "Social media", True, (), "24h", "", "", 1),
        ),
        versions=_versions(),
        channels=CHANNELS,
        asked=Asked(1, EFFECT),
        complaints=(
            ComplaintRules(
                "psd2",
                "PSD2 (payment services, EU and EEA)",
                "Directive (EU) 2015/2366, Article 101(2)",
                (("Full reply", "15bd"), ("Latest final reply, after a holding reply", "35bd")),
                pauses=False,
                own=False,
            ),
            ComplaintRules(
                "ombudsman", "Ombudsman", "our terms, 7.3", (("Answer", "10bd"),), True, True
            ),
        ),
        calendars=("Lisbon office", "working days"),
        trial=_trial(),
    )


def sample_policy_form(frame: Frame) -> PolicyFormPage:
    """A rule with what changing it would do."""
    return PolicyFormPage(
        frame=frame,
        id="refunds",
        name="Refunds",
        first="8bh",
        next="1bd",
        calendar="Lisbon office",
        public=True,
        warn_at="50 75 90",
        lead_from="75",
        all_from="100",
        chosen={
            "channels": frozenset(CHANNELS),
            "kinds": frozenset(),
            "categories": frozenset({"refund"}),
            "urgencies": frozenset(),
            "contact_tags": frozenset({"partner"}),
        },
        options={
            "channels": ("email", "telegram", "x"),
            "kinds": ("dm", "mention", "comment"),
            "categories": ("payment", "refund", "general"),
            "urgencies": ("critical", "high", "normal", "low"),
            "contact_tags": ("partner", "press"),
        },
        channels=CHANNELS,
        calendars=("Lisbon office", "working days"),
        effect=EFFECT,
    )


def sample_calendars(frame: Frame) -> CalendarsPage:
    """An office with a short day and a year that is not final, and the calendar of old."""
    coming = (
        SpecialDay(date(2026, 12, 24), "Christmas Eve", "team", ""),
        SpecialDay(date(2026, 12, 25), "Christmas Day", "holiday", ""),
        SpecialDay(date(2026, 12, 31), "short day", "team", "09:00-12:00"),
        SpecialDay(date(2027, 1, 3), "make-up workday (CN)", "make-up", "09:00-12:30 13:30-18:00"),
    )
    return CalendarsPage(
        frame=frame,
        rows=(
            CalendarRow(
                name="Lisbon office",
                version=3,
                zone="Europe/Lisbon",
                own_zone=True,
                countries=("PT", "CN"),
                week=OFFICE,
                coming=coming,
                not_final=(2027,),
                versions=_versions(),
                asked=Asked(2, Effect(38, 0, 0, 0)),
                teams=("Cards", "Merchants"),
            ),
            CalendarRow(
                name="Lisbon cards",
                version=2,
                zone="Europe/Lisbon",
                own_zone=True,
                countries=("PT", "CN"),
                week=OFFICE,
                coming=coming[:2],
                not_final=(),
                versions=_versions()[1:],
                base="Lisbon office",
            ),
            CalendarRow(
                name="working days",
                version=1,
                zone="Europe/Lisbon",
                own_zone=False,
                countries=(),
                week=("open",) * 5 + ("closed",) * 2,
                coming=(),
                not_final=(),
                versions=_versions()[-1:],
            ),
        ),
        weekdays=A_WEEK,
    )


def sample_calendar_form(frame: Frame) -> CalendarFormPage:
    """A calendar with two slips of the pen."""
    return CalendarFormPage(
        frame=frame,
        name="Lisbon office",
        is_new=False,
        zone="Europe/Lisbon",
        brand_zone="Europe/Lisbon",
        countries="PT CN",
        week=(OFFICE[0], "9-12", *OFFICE[2:]),
        days="2026-12-24 closed Christmas Eve\n2026-12-31 09:00-12:00",
        weekdays=A_WEEK,
        wrong={
            "tuesday": "Write closed, open, or slots such as 09:00-12:30 13:30-18:00.",
            "days": "2026-12-31: write the hours and why, such as “closed Christmas Eve” or"
            " “09:00-12:00 short day”.",
        },
    )


def _trial() -> Trial:
    friday = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
    return Trial(
        accounts=(Choice(1, X, "@lumencards"), Choice(2, EMAIL, "help@lumenpay.example")),
        kinds=("dm", "mention"),
        categories=("payment", "refund"),
        urgencies=("critical", "high"),
        account=1,
        kind="dm",
        category="refund",
        urgency="",
        wall="2026-11-27T17:30",
        lines=(
            DueLine(
                "public",
                datetime(2026, 11, 30, 18, tzinfo=UTC),
                "Refunds",
                "1bd",
                "Lisbon office",
                OfTeam("Cards", "working days"),
                ((date(2026, 11, 28), ""), (date(2026, 11, 29), "")),
            ),
            DueLine("internal", friday + timedelta(hours=1), "Critical, internal", "1h"),
        ),
    )


def _versions() -> tuple[VersionRow, ...]:
    return (
        VersionRow(3, NOW - timedelta(hours=3), ADA, None, 0, newest=True, applied=False),
        VersionRow(2, NOW - timedelta(days=4), ADA, NOW - timedelta(days=9), 1, newest=False),
        VersionRow(1, NOW - timedelta(days=90), "", None, 0, newest=False),
    )
