"""A report on paper: the file of `render.file_of` on A4 pages, by WeasyPrint (the extra `pdf`).

WeasyPrint knows neither `light-dark()` nor a page's styles inside a drawing. So values are written
out, the light ones, and each drawing is given the rules that are about it. What paper does not show
is left out: laid out is whatever stands there, and every element costs.
"""

import re
import signal
import subprocess
import sys
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from typing import Final

from connectors.core.contract import word
from reports.render import STATIC, file_of
from templates.report import ReportPage

LONGEST_S: Final = 60
"""Of the processor, which a busy machine gives late."""
LONGEST_WAIT_S: Final = 300
"""By the clock."""
MISSING: Final = word("A PDF needs WeasyPrint and Pango: docs/figures.md says how.")
SLOW: Final = word(
    "Drawing the PDF took too long and was ended. Choose fewer days, or print the page instead."
)
BROKEN: Final = word(
    "The PDF could not be drawn: the program’s log says why. Print the page instead."
)
DRAWINGS: Final = ("chart", "share", "over")
_PROPERTY = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
_VALUE = re.compile(r"var\((--[\w-]+)\)")
_LIGHT = re.compile(r"light-dark\(([^,()]+),[^()]+\)")
_ANY = re.compile(r"([^\s,]*):is\(([^()]*)\)")
_RULE = re.compile(rf"^(\.(?:{'|'.join(DRAWINGS)})\b[^{{}}]*)\{{([^{{}}]*)\}}", re.MULTILINE)
_DRAWING = re.compile(rf'<svg class="({"|".join(DRAWINGS)})\b[^>]*>')
_UNSEEN = re.compile(
    r'<details class="as-table\b.*?</details>|<svg class="i[ "].*?</svg>|<svg hidden.*?</svg>',
    re.DOTALL,
)


@cache
def available() -> bool:
    """Whether this installation can make one: the package, and the Pango that it draws text by."""
    return find_spec("weasyprint") is not None and find_library("pango-1.0") is not None


class NoPdf(RuntimeError):
    """None could be made; the message says why, and what to do instead."""


def pdf_of(page: ReportPage, locale: str, *, longest_s: float = LONGEST_S) -> bytes:
    """The report as A4 pages; it shows names, so it is not for strangers. It takes seconds of one
    core, `longest_s` at most.

    Raises `NoPdf`.
    """
    if not available():
        raise NoPdf(MISSING)
    before, style, after = re.split(r"(?<=<style>)|(?=</style>)", file_of(page, locale), maxsplit=2)
    style += (STATIC / "pdf.css").read_text("utf-8")
    style = written_out(style)
    rules = {kind: drawn(style, kind) for kind in DRAWINGS}
    after = _UNSEEN.sub("", after)
    after = _DRAWING.sub(lambda svg: f"{svg[0]}<style>{rules[svg[1]]}</style>", after)
    return _drawn(f"{before}{style}{after}".encode(), longest_s)


def _drawn(html: bytes, longest_s: float) -> bytes:
    try:
        made = subprocess.run(
            [sys.executable, "-P", "-m", "reports.paper", str(longest_s)],
            input=html,
            stdout=subprocess.PIPE,
            timeout=LONGEST_WAIT_S,
            check=True,
        )
    except subprocess.TimeoutExpired as e:
        raise NoPdf(SLOW) from e
    except subprocess.CalledProcessError as e:
        raise NoPdf(SLOW if e.returncode == -signal.SIGPROF else BROKEN) from e
    return made.stdout


def written_out(css: str) -> str:
    """The same styles without custom properties: their first values, and the light ones. Nor is
    there anything before and after each element, which makes three of it."""
    css = css.replace("*, *::before, *::after", "*")
    values = dict(reversed(_PROPERTY.findall(css)))
    while (said := _VALUE.sub(lambda one: values.get(one[1], ""), css)) != css:
        css = said
    return _LIGHT.sub(r"\1", css)


def drawn(css: str, kind: str) -> str:
    """The rules about drawings of a kind."""
    rules = ((_each(who.strip()), what) for who, what in _RULE.findall(css))
    return "".join(f"{who}{{{what.strip()}}}" for who, what in rules if f".{kind}" in who)


def _each(selectors: str) -> str:
    """`.a :is(.b, .c)` as `.a .b, .a .c`: a drawing's styles know no `:is`."""
    found = _ANY.search(selectors)
    if found is None:
        return selectors
    before, after = selectors[: found.start()], selectors[found.end() :]
    ways = (one.strip() for one in found[2].split(","))
    return ", ".join(f"{before}{found[1]}{way}{after}".strip() for way in ways)
