"""A report on paper: the file of `render.file_of` on A4 pages, by WeasyPrint (the extra `pdf`).

WeasyPrint knows neither `light-dark()` nor a page's styles inside a drawing. So values are written
out, the light ones, and each drawing is given the rules that are about it.
"""

import re
from collections.abc import Mapping
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from logging import ERROR, getLogger
from typing import Any, Final

from reports.render import STATIC, file_of
from templates.report import ReportPage

SCALE: Final = 595 / 1120
"""Points of an A4 page by the pixels that its `@page` is wide."""
DRAWINGS: Final = ("chart", "share", "over")
_PROPERTY = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
_VALUE = re.compile(r"var\((--[\w-]+)\)")
_LIGHT = re.compile(r"light-dark\(([^,()]+),[^()]+\)")
_ANY = re.compile(r"([^\s,]*):is\(([^()]*)\)")
_RULE = re.compile(rf"^(\.(?:{'|'.join(DRAWINGS)})\b[^{{}}]*)\{{([^{{}}]*)\}}", re.MULTILINE)
_DRAWING = re.compile(rf'<svg class="(?:{"|".join(DRAWINGS)})"[^>]*>')


@cache
def available() -> bool:
    """Whether this installation can make one: the package, and the Pango that it draws text by."""
    return find_spec("weasyprint") is not None and find_library("pango-1.0") is not None


def pdf_of(page: ReportPage, locale: str) -> bytes:
    """The report as A4 pages; it shows names, so it is not for strangers. Seconds, of one core."""
    from weasyprint import HTML

    getLogger("weasyprint").setLevel(ERROR)  # else it tells of every rule that is for screens
    before, style, after = re.split(r"(?<=<style>)|(?=</style>)", file_of(page, locale), maxsplit=2)
    style += (STATIC / "pdf.css").read_text("utf-8")
    style = written_out(style)
    rules = "".join(f"{who}{{{what}}}" for who, what in drawn(style))
    after = _DRAWING.sub(lambda svg: f"{svg[0]}<style>{rules}</style>", after)
    made: bytes = HTML(string=before + style + after, url_fetcher=_nothing).write_pdf(
        zoom=SCALE * 96 / 72
    )
    return made


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


def _nothing(url: str, *_: Any, **__: Any) -> Mapping[str, Any]:
    """A report is whole: nothing is fetched for it, whatever somebody wrote into a name."""
    raise ValueError(f"a report fetches nothing: {url[:80]}")
