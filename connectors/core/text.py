"""The one door for text from outside: connectors, import, API, agents' own words (law 11)."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """Text as it is stored: what was written, with NUL and lone surrogates as U+FFFD."""
    return _BROKEN.sub("\ufffd", text)


def clean_all(value: Any) -> Any:
    """The same value (JSON) with every string in it cleaned, keys too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(k)): clean_all(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean_all(v) for v in value]
    return value


def fold(text: str) -> str:
    """The second copy that search, classifier and guard read: NFKC without invisible controls.

    Normalised again at the end: an accent joins its letter once nothing invisible is between them.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", clean(text)))
    return unicodedata.normalize("NFKC", visible)


def written(text: str) -> str:
    """What the author of a mail wrote this time: the text without the earlier mails quoted below.

    Only a quotation that runs to the end is left out, so an answer between quoted lines stays
    whole; a text that is nothing but a quotation stays too. For previews, the classifier and
    folding on a page: what is stored is always the full text (docs/adr/0010).
    """
    lines = text.split("\n")
    return "\n".join(lines[: _quotation(lines)]).rstrip() or text


_SEPARATOR = re.compile(
    r"[-_\s]*-{2,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|原始邮件|原始郵件)\s*-{2,}[-_\s]*",
    re.IGNORECASE,
)
_SENDER_LINE = re.compile(r"\*?(from|von|de|da|发件人|寄件者|差出人)\*?\s?[:：]", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"\*?(sent|date|gesendet|datum|envoyé|enviado|inviato|发送时间|日期|寄件日期|送信日時)\*?\s?[:：]",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\d{4}|\d[:.]\d\d")


def _quotation(lines: list[str]) -> int:
    """The index of the line where the closing quotation begins; the number of lines if none."""
    for at, line in enumerate(lines):
        dated = _SENDER_LINE.match(line) and any(map(_DATE_LINE.match, lines[at + 1 : at + 5]))
        if dated or _SEPARATOR.fullmatch(line):
            return at - 1 if at and lines[at - 1].strip(" _-") == "" else at
    start = len(lines)
    while start and (not lines[start - 1].strip() or lines[start - 1].startswith(">")):
        start -= 1
    if not any(line.startswith(">") for line in lines[start:]):
        return len(lines)
    # "On Monday, 23 November 2026, Ann wrote:" stands above, in any language, on up to 3 lines.
    for above in (1, 2, 3):
        said = " ".join(lines[max(0, start - above) : start])
        if said.rstrip().endswith((":", "：")) and _WHEN.search(said):
            return max(0, start - above)
    return start
