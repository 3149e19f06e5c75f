"""Numbers as people read them: shares that never round up to a kept promise, grouped thousands."""

import gettext
from collections.abc import Callable, Mapping
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal


def filters(locale: Locale, words: gettext.NullTranslations) -> Mapping[str, Callable[..., object]]:
    """`number` (1234 → 1,234), `pct` (0.944 → 94%), `share` (0.9642 → 96.4 %), `points`
    (0.014 → +1.4: a change of a share), `attr` (SVG), `filesize` (1234567 → 1.2 MB),
    `target` (`3bd` → 3 business days)."""

    @lru_cache(maxsize=1024)
    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    @lru_cache(maxsize=1024)
    def share(value: float, places: int = 1) -> str:
        shown = format_decimal(_down(value, places), f"0.{'0' * places}", locale=locale)
        said = words.gettext("%(share)s %%") % {"share": shown}
        return said.replace(" ", "\N{NO-BREAK SPACE}")  # no line ends before its sign

    def points(change: float) -> str:
        shown = format_decimal(round(abs(change) * 100, 1), "0.0", locale=locale)
        sign = "±" if float(f"{change:.3f}") == 0 else "+" if change > 0 else "\N{MINUS SIGN}"
        return f"{sign}{shown}"

    def filesize(size: int) -> str:
        steps = ((10**6, "MB"), (10**3, "kB"))
        whole, unit = next(((w, u) for w, u in steps if size >= w), (1, "B"))
        return f"{format_decimal(size / whole, '#,##0.#', locale=locale)} {unit}"

    def target(text: str) -> str:
        unit = text.lstrip("0123456789")
        amount = int(text.removesuffix(unit))
        said = {
            "h": words.ngettext("%(n)s hour", "%(n)s hours", amount),
            "m": words.ngettext("%(n)s minute", "%(n)s minutes", amount),
            "bd": words.ngettext("%(n)s business day", "%(n)s business days", amount),
            "d": words.ngettext("%(n)s day", "%(n)s days", amount),
            "bh": words.ngettext("%(n)s business hour", "%(n)s business hours", amount),
        }
        return said[unit] % {"n": number(amount)}

    return {
        "target": target,
        "number": number,
        "pct": pct,
        "share": share,
        "points": points,
        "attr": attr,
        "filesize": filesize,
    }


def pct(value: float) -> str:
    """A confidence, to the whole percent: 0.944 → `94%`. Only certainty is 100 %."""
    return f"{min(round(value * 100), 99) if value < 1 else 100}%"


def attr(part: float) -> str:
    """A part of 1 as a length for an SVG attribute: 0.9708 → `97.08%`."""
    return f"{part * 100:.2f}%"


def _down(share: float, places: int) -> float:
    """Percent, rounded, but never up to 100: one late answer in ten thousand stays visible."""
    percent = share * 100
    rounded = round(percent, places)
    below = 100 - 10.0**-places
    return below if rounded >= 100 > percent else rounded
