"""An invented day in figures. They agree with each other: shares, totals, waits and medians."""

from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from random import Random

from inbox.domain.complaints import PSD2
from inbox.web.style_people import NOW, ZONE
from templates.behind import Behind
from templates.histogram import Waits, percentile
from templates.hours import WEEKDAYS
from templates.periods import Days
from templates.report import (
    Agent,
    Ahead,
    Alone,
    Broken,
    Figures,
    Group,
    Mailed,
    ReportPage,
    Spread,
)
from templates.report_further import (
    Classified,
    Deadlines,
    Further,
    Health,
    Hour,
    OpenHours,
    Reason,
    Times,
)
from templates.report_trend import DayFigures, Trend

DAY = date(2026, 11, 18)
AS_OF = datetime(2026, 11, 19, 7, 0, tzinfo=UTC)
HOUR, ONE = timedelta(hours=1), timedelta(days=1)
AGES = ("all", "to_3600", "to_14400", "to_86400", "to_259200", "over_259200")
CHANNELS = {"x": (180, 6), "email": (132, 2), "webhook": (100, 7)}
CATEGORIES = {"payment": 140, "refund": 104, "account": 76, "security": 30, "general": 62}
URGENCIES = {"critical": 18, "high": 92, "normal": 240, "low": 62}


def sample_waits() -> list[float]:
    """438 waits in seconds: most within four hours, twelve over a day; the same every time."""
    rng = Random(18)
    drawn = (rng.lognormvariate(9.1, 1.15) for _ in range(426))
    waits = [wait if wait < 84_000 else rng.uniform(600, 40_000) for wait in drawn]
    return waits + [86_400 + rng.uniform(600, 26_000) for _ in range(12)]


def sample_report() -> ReportPage:
    """One day of the brand, with fifteen promises broken, three of them still open."""
    waits = sample_waits()
    return ReportPage(
        brand="Lumen Pay",
        zone=ZONE,
        first=DAY,
        last=DAY,
        as_of=AS_OF,
        figures=_figures(412, 15, waits, received=486, open_late=3),
        by_channel=tuple(
            Group(key, _figures(due, late, waits), _NAMES[key], key)
            for key, (due, late) in CHANNELS.items()
        ),
        by_category=tuple(_group(key, due, waits) for key, due in CATEGORIES.items()),
        by_urgency=tuple(_group(key, due, waits) for key, due in URGENCIES.items()),
        by_agent=(
            Agent("Ada Voss", 221, 218, _spread(waits[::2]), _spread(waits[1::4])),
            Agent("Bo Narin", 189, 181, _spread(waits[1::2]), _spread(waits[::4])),
            Agent(None, 28, 27, _spread(waits[::15]), Spread()),
        ),
        waits=Waits.of(waits),
        broken=sample_broken(),
        late_now=tuple(one for one in sample_broken() if one.open),
        late_count=3,
        due_today=118,
        backlog=dict(zip(AGES, (131, 24, 31, 73, 3, 0), strict=True)),
        by_hour={
            f"{day} {hour:02}": max(0, 28 - 3 * abs(hour - 13) - 4 * (n > 4))
            for n, day in enumerate(WEEKDAYS)
            for hour in range(24)
        },
        drills=True,
        ahead=SAMPLE_AHEAD,
        due_before_noon=31,
        edition=1,
        by_team=(
            Group("Cards", _figures(240, 9, waits), "Cards"),
            Group("everyone", _figures(172, 6, waits[::2])),
        ),
        further=sample_further(waits),
        earlier=sample_further(waits[::2]),
        trend=Trend(Days.day(DAY), _week(waits), 0.95),
        mails=(Mailed("lead@lumenpay.example", "accepted", AS_OF + timedelta(seconds=3)),),
        before=0.951,
        previous=_figures(388, 19, waits[::2], received=451),
        now_day=NOW.date(),
    )


def _week(waits: list[float]) -> dict[date, DayFigures]:
    """The days up to it; on the first nothing happened."""
    found = {DAY - 6 * ONE: DayFigures()}
    for n, late in enumerate((22, 9, 31, 12, 19, 15)):
        due, some = 360 + 11 * n, waits[n::6]
        share, took = (due - late) / due, Times(*astuple(_spread(some)))
        found[DAY - (5 - n) * ONE] = DayFigures(due + 74, due + 19, due, due - late, share, took)
    return found


def sample_further(waits: list[float]) -> Further:
    """What the same day tells besides."""

    def times(some: list[float]) -> Times:
        return Times(*astuple(_spread(some)))

    return Further(
        resolution_s=times([2 * wait for wait in waits[::3]]),
        open_hours=OpenHours(
            *(times([part * wait for wait in waits[::2]]) for part in (0.4, 0.3, 0.7))
        ),
        windows_missed=2,
        masked=7,
        classifier=Classified(480, 0.883, 41, 402, 19),
        by_hour={
            f"{day} {hour:02}": Hour(Times(1, 600.0 * (1 + abs(hour - 13)), 0.0, 0.0, 0.0))
            for day in WEEKDAYS
            for hour in range(6, 23)
        },
        by_reason={"thanks": Reason(31), "spam": Reason(9)},
        by_complaint={
            "psd2 latest": Deadlines(PSD2.name, PSD2.deadlines[1].name, 0, 0, 3),
            "psd2 reply": Deadlines(PSD2.name, PSD2.deadlines[0].name, 4, 1, 3),
        },
        by_silence={"x @lumenpay": Health(5_400.0, 2)},
    )


SAMPLE_KEY = "3bVr9Yk0hQ2sX7mJtW1eLzN8uA4cG6dPfRiKoBvTqHs="
SAMPLE_AHEAD = Ahead(
    late=1,
    alone=(
        Alone(91, "Ines Faria", "x", "x", "", AS_OF + 5 * HOUR, None, AS_OF + 8 * HOUR, "X"),
        Alone(
            *(92, "林月 Lin Yue", "email", "email", "Complaint: Full reply"),
            *(AS_OF + 20 * HOUR, AS_OF + 16 * HOUR, AS_OF + 24 * HOUR),
        ),
    ),
    more=3,
)
_NAMES: dict[str, str | None] = {"x": "X", "email": None, "webhook": None}


def sample_behind() -> Behind:
    """The fifteen late answers of the same day."""
    shown = sample_broken()
    return Behind(ZONE, Days.day(DAY), AS_OF, "late").with_waits(shown, len(shown))


def sample_quiet() -> ReportPage:
    """A day on which nothing was due."""
    return ReportPage("Lumen Pay", ZONE, DAY, DAY, AS_OF, Figures(), now_day=DAY)


def sample_broken() -> tuple[Broken, ...]:
    """Fifteen broken promises, the longest first: three still open, twelve answered late."""
    late = sorted((wait - 86_400 for wait in sample_waits() if wait > 86_400), reverse=True)
    still = (81_960.0, 79_080.0, 33_600.0)
    broken = [_broken(i, over_s, None) for i, over_s in enumerate(still)]
    broken += [
        _broken(3 + i, over_s, ("Ada Voss", "Bo Narin")[i % 2]) for i, over_s in enumerate(late)
    ]
    return tuple(sorted(broken, key=lambda one: -one.over_s))


_LATE = (
    "Bram Oostvale",
    "Noor Vandalen",
    "周明 Zhou Ming",
    "Elio Santavra",
    "Hanne Dybwick",
    "Kofi Mensalem",
    "Wen Dahlqvist",
)


def _broken(i: int, over_s: float, by: str | None) -> Broken:
    due = AS_OF - timedelta(seconds=over_s if by is None else 50_000 + 900 * i)
    on = ("webhook", "x", "email")[0 if by is None else i % 3]
    return Broken(
        conversation=31 + i,
        who=_LATE[i % len(_LATE)],
        channel=on,
        glyph=on,
        category=("refund", "payment", "account")[i % 3],
        opened_by=(31 + i) * 10,
        opened_at=due - timedelta(days=1),
        stored_at=due - timedelta(days=1) + timedelta(seconds=2),
        due_at=due,
        answered_at=None if by is None else due + timedelta(seconds=over_s),
        answered_by=by,
        over_s=over_s,
        policy="Social 24 h v1",
        calendar="clock",
        channel_name=_NAMES[on],
    )


def _group(key: str, due: int, waits: list[float]) -> Group:
    return Group(key, _figures(due, due // 27, waits))


def _figures(
    due: int, late: int, waits: list[float], received: int = 0, open_late: int = 0
) -> Figures:
    return Figures(
        received=received or due + 9,
        turns_opened=431,
        turns_due=due,
        answered_in_time=due - late,
        share_in_time=(due - late) / due,
        overdue_open=open_late,
        running=118,
        excused=22,
        withdrawn=1,
        first_response_s=_spread(waits[:: max(1, 400 // due)]),
        next_response_s=_spread(waits[::3]),
    )


def _spread(waits: list[float]) -> Spread:
    ordered = sorted(waits)
    middle, nine, most = (percentile(ordered, part) for part in (0.5, 0.9, 0.95))
    return Spread(len(ordered), middle, nine, most, ordered[-1])
