"""A report on paper: the file of `render.file_of` on A4 pages, by WeasyPrint (the extra `pdf`).

WeasyPrint knows neither `light-dark()` nor a page's styles inside a drawing. So values are written
out, the light ones, and each drawing is given the rules that are about it.
"""

import re
import subprocess
import sys
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from typing import Final

from reports.render import STATIC, file_of
from templates.report import ReportPage

LONGEST_S: Final = 60
DRAWINGS: Final = ("chart", "share", "over")
_PROPERTY = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
_VALUE = re.compile(r"var\((--[\w-]+)\)")
_LIGHT = re.compile(r"light-dark\(([^,()]+),[^()]+\)")
_ANY = re.compile(r"([^\s,]*):is\(([^()]*)\)")
_RULE = re.compile(rf"^(\.(?:{'|'.join(DRAWINGS)})\b[^{{}}]*)\{{([^{{}}]*)\}}", re.MULTILINE)
_DRAWING = re.compile(rf'<svg class="(?:{"|".join(DRAWINGS)})\b[^>]*>')


@cache
def available() -> bool:
    """Whether this installation can make one: the package, and the Pango that it draws text by."""
    return find_spec("weasyprint") is not None and find_library("pango-1.0") is not None


def pdf_of(page: ReportPage, locale: str) -> bytes:
    """The report as A4 pages; it shows names, so it is not for strangers. Seconds, of one core."""
    before, style, after = re.split(r"(?<=<style>)|(?=</style>)", file_of(page, locale), maxsplit=2)
    style += (STATIC / "pdf.css").read_text("utf-8")
    style = written_out(style)
    rules = "".join(f"{who}{{{what}}}" for who, what in drawn(style))
    after = _DRAWING.sub(lambda svg: f"{svg[0]}<style>{rules}</style>", after)
    made = subprocess.run(
        [sys.executable, "-P", "-m", "reports.paper"],
        input=f"{before}{style}{after}".encode(),
        stdout=subprocess.PIPE,
        timeout=LONGEST_S,
        check=True,
    )
    return made.stdout


def written_out(css: str) -> str:
    """The same styles without custom properties: their first values, and the light ones."""
    values = dict(reversed(_PROPERTY.findall(css)))
    while (said := _VALUE.sub(lambda one: values.get(one[1], ""), css)) != css:
        css = said
    return _LIGHT.sub(r"\1", css)


def drawn(css: str) -> list[tuple[str, str]]:
    """The rules about drawings: selectors and declarations."""
    return [(_each(who.strip()), what) for who, what in _RULE.findall(css)]


def _each(selectors: str) -> str:
    """`.a :is(.b, .c)` as `.a .b, .a .c`: a drawing's styles know no `:is`."""
    found = _ANY.search(selectors)
    if found is None:
        return selectors
    before, after = selectors[: found.start()], selectors[found.end() :]
    ways = (one.strip() for one in found[2].split(","))
    return ", ".join(f"{before}{found[1]}{way}{after}".strip() for way in ways)
