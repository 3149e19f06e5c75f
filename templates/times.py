"""Time as it is read: local moments, countdowns and durations, in the words of each language.

`patterns` goes to the browser too, so that the minutes that step there read as those made here.
"""

import gettext
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from markupsafe import Markup, escape

DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60
DAYS_FROM_S = 2 * DAY_S
"""From here on a duration is told in days and hours, not in hours and minutes."""

FORMATS = {
    "time": ("HH:mm", "HH:mm"),
    "seconds": ("HH:mm:ss", "HH:mm:ss"),
    "weekday": ("EEE HH:mm", "EEE HH:mm"),
    "moment": ("d MMM HH:mm", "M月d日 HH:mm"),
    "moment_year": ("d MMM y HH:mm", "y年M月d日 HH:mm"),
    "exact": ("EEE d MMM HH:mm:ss", "M月d日EEE HH:mm:ss"),
    "exact_year": ("EEE d MMM y HH:mm", "y年M月d日EEE HH:mm"),
    "day": ("EEEE d MMMM", "M月d日EEEE"),
    "day_year": ("EEEE d MMMM y", "y年M月d日EEEE"),
    "day_short": ("d MMM", "M月d日"),
    "day_year_short": ("d MMM y", "y年M月d日"),
    "day_head": ("EEE d MMM y", "y年M月d日EEE"),
    "month": ("MMMM y", "y年M月"),
    "weekday_name": ("EEEE", "EEEE"),
    "weekday_short": ("EEE", "EEE"),
    "day_weekday": ("EEE d MMM", "M月d日EEE"),
    "exact_short": ("EEE d MMM HH:mm", "M月d日EEE HH:mm"),
}
"""Name → (English pattern, Chinese pattern), in Unicode's date letters."""

SLOT = re.compile(r"(\{[a-z]\})")
KEPT = 4096
"""So many moments are kept as they were told: the same stand on page after page."""


class Running(Protocol):
    """A clock as a page shows it (`inbox.web.pages.Clock`)."""

    @property
    def due_at(self) -> datetime | None: ...

    @property
    def ended_at(self) -> datetime | None: ...

    @property
    def since_at(self) -> datetime | None: ...


class Clock:
    """Filters for one language and one zone. Moments are aware datetimes; spans are seconds."""

    def __init__(self, locale: Locale, zone: str, words: gettext.NullTranslations) -> None:
        self.locale = locale
        self.zone = ZoneInfo(zone)
        self.words = words
        self.patterns = {
            "dh": words.gettext("{d} d {h} h"),
            "hm": words.gettext("{h} h {m} min"),
            "m": words.gettext("{m} min"),
            "d": words.gettext("{d} d"),
            "h": words.gettext("{h} h"),
            "late": words.gettext("late {time}"),
        }
        self.near_days = {
            -1: words.gettext("yesterday"),
            0: words.gettext("today"),
            1: words.gettext("tomorrow"),
        }
        self._moment = lru_cache(KEPT)(self._format)
        self._near = lru_cache(KEPT)(self._near_day)
        self._left = lru_cache(KEPT)(self._left_minutes)

    def filters(self) -> Mapping[str, Callable[..., object]]:
        return {
            "local": self.local,
            "near": self.near,
            "local_day": self._day,
            "left": self.left,
            "day_name": self.day_name,
            "iso": iso,
            "countdown": self.countdown,
            "duration": self.duration,
            "figure": self.figure,
            "span": self.span,
            "rough": self.rough,
            "elapsed": self.elapsed,
            "minute_of_day": self.minute_of_day,
            "city": partial(city, self.locale),
        }

    def local(self, moment: datetime | date, form: str = "time") -> str:
        """A moment on the reader's clock in one of `FORMATS`; a plain date stays that date."""
        return self._moment(_instant(moment), form)

    def _format(self, moment: datetime | date, form: str) -> str:
        pattern = FORMATS[form][self.locale.language == "zh"]
        if isinstance(moment, datetime):
            return format_datetime(moment, pattern, tzinfo=self.zone, locale=self.locale)
        return format_date(moment, pattern, locale=self.locale)

    def near(self, moment: datetime, now: datetime | date) -> str:
        """`today 14:02`, `tomorrow 09:00`, `Wed 14:02` within six days, else with the date. Of now
        the local day is enough."""
        today = self._day(now) if isinstance(now, datetime) else now
        return self._near(_instant(moment), today)

    def _near_day(self, moment: datetime, today: date) -> str:
        day = self._day(moment)
        days = (day - today).days
        if days in self.near_days:
            return f"{self.near_days[days]} {self.local(moment)}"
        if abs(days) < 7:
            return self.local(moment, "weekday")
        return self.local(moment, "moment" if day.year == today.year else "moment_year")

    def day_name(self, day: date, now: datetime) -> str:
        """A heading for a day: `Today, Thursday 19 November`; the year when it is another one."""
        today = self._day(now)
        name = self.local(day, "day" if day.year == today.year else "day_year")
        if day == today:
            return self.words.gettext("Today, %(day)s") % {"day": name}
        if day == today - timedelta(days=1):
            return self.words.gettext("Yesterday, %(day)s") % {"day": name}
        return name

    def countdown(self, due_at: datetime, now: datetime) -> Markup:
        """What is left: `1 h 08 min`, or by how much it is late; figures bold, units `<small>`."""
        left_s = (due_at - now).total_seconds()
        return self._left(abs(left_s) // MINUTE_S, left_s < 0)

    def _left_minutes(self, minutes: float, late: bool) -> Markup:
        pattern, values = self._span(minutes * MINUTE_S)
        if late:
            pattern = self.patterns["late"].replace("{time}", pattern)
        return _marked(pattern, values)

    def left(self, clock: Running, now: datetime) -> str:
        """What moves with the time in a clock: the countdown, or how long it has waited."""
        if clock.due_at is not None and clock.ended_at is None:
            return self.countdown(clock.due_at, now)
        if clock.since_at is not None:
            return self.rough((now - clock.since_at).total_seconds())
        return ""

    def duration(self, seconds: float) -> str:
        """A length of time to the minute: `42 min`, `23 h 18 min`, `2 d 05 h`."""
        pattern, values = self._span(seconds)
        return pattern.format(**values)

    def figure(self, seconds: float) -> Markup:
        """The same for a big figure: the units in a lighter voice."""
        return _marked(*self._span(seconds))

    def elapsed(self, seconds: float, whole_s: float = math.inf) -> str:
        """Time that has gone of a whole, in begun minutes: with what a countdown shows it makes the
        whole. When that is over, in whole ones: less the whole it is by how much it is late."""
        if seconds > whole_s:
            return self.duration(seconds)
        return self.duration(-(-seconds // MINUTE_S) * MINUTE_S)

    def span(self, seconds: float) -> str:
        """A round length for targets, axes and steps: `15 min`, `24 h`, `1 h 30 min`."""
        if seconds >= HOUR_S and seconds % HOUR_S == 0:
            return self.patterns["h"].format(h=int(seconds // HOUR_S))
        return self.duration(seconds)

    def rough(self, seconds: float) -> str:
        """One figure: `6 d`, `2 h`, `12 min`."""
        if seconds >= DAYS_FROM_S:
            return self.patterns["d"].format(d=int(seconds // DAY_S))
        if seconds >= HOUR_S:
            return self.patterns["h"].format(h=int(seconds // HOUR_S))
        return self.patterns["m"].format(m=max(int(seconds // MINUTE_S), 0))

    def minute_of_day(self, moment: datetime) -> int:
        """Minutes since local midnight by the clock on the wall, 0 … 1439."""
        local = moment.astimezone(self.zone)
        return local.hour * 60 + local.minute

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _span(self, seconds: float) -> tuple[str, dict[str, str]]:
        days, rest = divmod(int(seconds), DAY_S)
        hours, rest = divmod(rest, HOUR_S)
        minutes = rest // MINUTE_S
        if seconds >= DAYS_FROM_S:
            return self.patterns["dh"], {"d": str(days), "h": f"{hours:02}"}
        if seconds >= HOUR_S:
            return self.patterns["hm"], {"h": str(days * 24 + hours), "m": f"{minutes:02}"}
        return self.patterns["m"], {"m": str(minutes)}


def iso(moment: datetime) -> str:
    """The machine's form for `datetime` and data attributes, in UTC to the second."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def _instant(moment: datetime | date) -> datetime | date:
    """In UTC; on a zone's own clock two moments an hour apart can be equal."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


@lru_cache
def city(locale: Locale, zone: str) -> str:
    """The place in a zone's name as its readers call it: `America/New_York` → `New York`, 纽约."""
    return get_timezone_location(zone, locale=locale, return_city=True).rsplit("/", 1)[-1]


def _marked(pattern: str, values: Mapping[str, str]) -> Markup:
    slots = _small(pattern)
    return Markup(slots.format(**values))  # the values are digits


@lru_cache(maxsize=64)
def _small(pattern: str) -> str:
    """Every row of a list has a countdown: what is the same in all is escaped once."""
    return "".join(
        piece if SLOT.fullmatch(piece) else f"<small>{escape(piece)}</small>"
        for piece in SLOT.split(pattern)
        if piece
    )
