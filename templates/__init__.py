"""Every page, part and mail of Replydesk as Jinja templates, in each language it speaks.

A leaf: it knows nothing of the inbox. Whoever renders brings a context (`inbox.web.pages`,
`templates.report`) and asks `environment(locale, zone)` for a template by its path.
"""

import gettext
import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import regex
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    UndefinedError,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from markupsafe import Markup

from templates import happened, numbers, times, words
from templates.closing import APART, closed_up
from templates.compiled import Compiled, escaped

__all__ = [
    "LOCALES",
    "UndefinedError",
    "closest_locale",
    "cut",
    "environment",
    "graphemes",
    "render",
]

HERE = Path(__file__).parent
LOCALES = {"en": "English", "zh_Hans_CN": "中文"}
"""The languages of the interface: Babel's name → the name that its readers know."""
PLACE = re.compile(r"(?<!%)\{(\w+)\}")


def closest_locale(wanted: str) -> str:
    """The supported locale for a language tag or an Accept-Language header; English otherwise."""
    for tag in wanted.split(","):
        language = tag.split(";")[0].strip().replace("_", "-").split("-")[0].lower()
        if language == "zh":
            return "zh_Hans_CN"
        if language == "en":
            return "en"
    return "en"


@lru_cache
def catalogue_of(locale: str) -> Catalog:
    """The catalogue of a locale, straight from its `.po` file: no compiled copy can go stale."""
    path = HERE / "locale" / locale / "LC_MESSAGES" / "replydesk.po"
    if not path.exists():
        return Catalog(locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


@lru_cache
def translations(locale: str) -> gettext.NullTranslations:
    """What a locale says for each text."""
    compiled = BytesIO()
    write_mo(compiled, catalogue_of(locale))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache
def places(locale: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Texts with `{places}` that were filled long ago, in English: each as a pattern that finds
    what was filled in, and its translation. Those that say most come first."""
    found = [str(entry.id) for entry in catalogue_of(locale) if PLACE.search(str(entry.id))]
    found.sort(key=lambda text: len(PLACE.sub("", text)), reverse=True)
    speak = translations(locale).gettext
    return tuple((_pattern(text), speak(text)) for text in found)


def _pattern(text: str) -> re.Pattern[str]:
    parts = PLACE.split(text)  # words, name, words, name … words
    filled = (f"(?P<{p}>.+)" if at % 2 else re.escape(p) for at, p in enumerate(parts))
    return re.compile("".join(filled), re.DOTALL)


@lru_cache(maxsize=1024)
def said(locale: str, text: str) -> str:
    """A text of a connector or a flow (`word(…)`, an error's reason) in the reader's language, also
    with values in it; what is filled in for a `{name}` stays as it is. Others' words stay, too.
    Several lines are several texts."""
    if "\n" in text:
        return "\n".join(said(locale, line) for line in text.split("\n"))
    known = translations(locale).gettext(text) if text else ""
    if known != text:
        return known
    for pattern, translated in places(locale):
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            told = {n: v if n == "name" else _value(locale, v) for n, v in values.items()}
            return closed_up(translated, told).format(**told)
    return text


def _value(locale: str, text: str) -> str:
    """What was filled in: a text by itself, or a list of such."""
    known = said(locale, text)
    if known != text:
        return known
    return translations(locale).gettext(", ").join(said(locale, one) for one in text.split(", "))


@lru_cache
def environment(locale: str, zone: str) -> Environment:
    """Templates that speak `locale` (a key of `LOCALES`) and tell time in `zone` (IANA name)."""
    env = Compiled(
        loader=FileSystemLoader(HERE),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        auto_reload=False,  # a changed template is read at the next start
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(locale)
    env.gettext = catalogue.gettext
    env.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    env.globals["_"], env.globals["ngettext"] = speaker(catalogue)
    env.ngettext = catalogue.ngettext
    env.policies["ext.i18n.trimmed"] = True
    babel = Locale.parse(locale)
    clock = times.Clock(babel, zone, catalogue)
    env.filters.update(clock.filters())
    env.filters.update(numbers.filters(babel, catalogue))
    env.filters.update(
        {name: partial(say, catalogue.gettext) for name, say in words.FILTERS.items()}
    )
    env.filters["cut"] = cut
    env.filters["said"] = partial(said, locale)
    env.filters["happened"] = partial(
        happened.told, catalogue.gettext, partial(said, locale), clock
    )
    env.filters["quoted"] = partial(happened.quoted, catalogue.gettext, partial(said, locale))
    env.filters["maker"] = partial(happened.maker, translate=catalogue.gettext)
    env.filters["whose_doing"] = partial(happened.who, translate=catalogue.gettext)
    env.filters["language"] = lambda code: babel.languages.get(code, code)
    env.filters["spoken"] = lambda code: (
        catalogue.gettext("not known") if code == "unknown" else babel.languages.get(code, code)
    )
    env.filters["language_names"] = partial(language_names, catalogue.gettext(", "), babel)
    env.globals.update(
        lang=locale.replace("_", "-").removesuffix("-CN"),
        locales=LOCALES,
        zone=zone,
        patterns=clock.patterns,
        nbsp=Markup("&nbsp;"),
        kept=lambda macro, most=2048: lru_cache(most)(macro),  # what many pages share is drawn once
    )
    return env


def speaker(catalogue: gettext.NullTranslations) -> tuple[Callable[..., str], Callable[..., str]]:
    """`_("…")` and `ngettext("…", "…", n)` of the templates as Jinja's own, but a text without
    values is made once: a list asks five hundred times."""

    @lru_cache(maxsize=4096)
    def known(text: str, safe: bool) -> str:
        said = catalogue.gettext(text)
        return (Markup(said) if safe else said) % {}  # the catalogue is ours

    @lru_cache(maxsize=4096)
    def apart(said: str) -> bool:
        return any(place[0] != place[2] for place in APART.finditer(said))

    def filled(context: EvalContext, said: str, values: dict[str, object]) -> str:
        if apart(said):
            said = closed_up(said, values)
        if not context.autoescape:
            return said % values
        return Markup(said % {name: escaped(value) for name, value in values.items()})

    @pass_eval_context
    def speak(context: EvalContext, text: str, /, **values: object) -> str:
        if not values:
            return known(text, context.autoescape)
        return filled(context, catalogue.gettext(text), values)

    @pass_eval_context
    def count(context: EvalContext, one: str, many: str, num: int, /, **values: object) -> str:
        return filled(context, catalogue.ngettext(one, many, num), {"num": num, **values})

    return speak, count


def language_names(comma: str, locale: Locale, codes: Iterable[str]) -> str:
    """Languages by name, for a sentence: `中文, English`; an unknown code is shown as it is."""
    return comma.join(locale.languages.get(code, code) for code in codes)


def render(template: str, locale: str, zone: str, **context: Any) -> str:
    """One template as text. Raises `jinja2.UndefinedError` when the context lacks a name."""
    return environment(locale, zone).get_template(template).render(**context)


def cut(text: str, most: int) -> str:
    """`text` in at most `most` graphemes, with an ellipsis when something was left out.

    White space and line breaks become one space: this is for previews and titles.
    """
    flat = " ".join(text.split())
    if len(flat) <= most or len(letters := graphemes(flat)) <= most:
        return flat
    kept = "".join(letters[: most - 1])
    if letters[most - 1] != " ":  # in the middle of a word
        kept = regex.sub(r" [^ \p{Han}]{1,12}$", "", kept)
    return kept.rstrip(" ·–") + "…"


def graphemes(text: str) -> list[str]:
    """`text` as a reader's letters: an accent or a family of emoji is never taken apart."""
    found: list[str] = regex.findall(r"\X", text)
    return found
