"""An invented day in figures. They agree with each other: shares, totals, waits and medians."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from inbox.web.style_people import NOW, ZONE
from templates.report import Agent, Broken, Figures, Group, ReportPage, Spread, percentile

DAY = date(2026, 11, 18)
AS_OF = datetime(2026, 11, 19, 7, 0, tzinfo=UTC)
CHANNELS = {"x": (180, 6), "email": (132, 2), "webhook": (100, 7)}
CATEGORIES = {"payment": 140, "refund": 104, "account": 76, "security": 30, "general": 62}
URGENCIES = {"critical": 18, "high": 92, "normal": 240, "low": 62}


def sample_waits() -> list[float]:
    """438 waits in seconds: most within four hours, twelve over a day; the same every time."""
    rng = Random(18)
    drawn = (rng.lognormvariate(9.1, 1.15) for _ in range(426))
    waits = [wait if wait < 84_000 else rng.uniform(600, 40_000) for wait in drawn]
    return waits + [86_400 + rng.uniform(600, 26_000) for _ in range(12)]


def sample_report(locale: str = "en") -> ReportPage:
    """One day of the brand, with three promises broken and still open."""
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
        waits_s=waits,
        broken=sample_broken(),
        before=0.951,
        now_day=NOW.date(),
    )


_NAMES: dict[str, str | None] = {"x": "X", "email": None, "webhook": None}


def sample_quiet() -> ReportPage:
    """A day on which nothing was due."""
    return ReportPage("Lumen Pay", ZONE, DAY, DAY, AS_OF, Figures(), now_day=DAY)


def sample_broken() -> tuple[Broken, ...]:
    """Broken promises, the longest first: two still open."""
    people = (
        (31, "Bram Oostvale", "webhook", "refund", None, 22 * 60 + 46),
        (32, "周明 Zhou Ming", "webhook", "payment", None, 9 * 60 + 20),
        (33, "Elio Santavra", "x", "payment", "Ada Voss", 6 * 60 + 41),
        (34, "Hanne Dybwick", "email", "refund", "Bo Narin", 72),
        (35, "Kofi Mensalem", "x", "general", "Ada Voss", 11),
    )
    return tuple(
        _broken(number, who, on, category, by, minutes)
        for number, who, on, category, by, minutes in people
    )


def _broken(number: int, who: str, on: str, category: str, by: str | None, minutes: int) -> Broken:
    due = AS_OF - timedelta(minutes=minutes) if by is None else AS_OF - timedelta(hours=17)
    return Broken(
        conversation=number,
        who=who,
        channel=on,
        glyph=on,
        category=category,
        opened_by=number * 10,
        opened_at=due - timedelta(days=1),
        stored_at=due - timedelta(days=1) + timedelta(seconds=2),
        due_at=due,
        answered_at=None if by is None else due + timedelta(minutes=minutes),
        answered_by=by,
        over_s=minutes * 60,
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
