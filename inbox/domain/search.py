"""What a search asks for, and the one rule that says which text it finds.

A text is searched as its `search_text`: folded, in lower case, one space between words and around
every Han, kana and hangul character and every emoji, and one at both ends. So ` 退 款 ` lies in
that of 我要退款, and ` refu` in that of "Refunds?": a search is a set of such needles.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.core.contract import word
from connectors.core.text import fold
from inbox.domain.conversation import STATES as CONVERSATION_STATES

STATES: Final = (
    *CONVERSATION_STATES,
    *("overdue", "unassigned", "mine", "unread", "vip", "muted", "blocked", "complaint"),
)
"""What may follow `is:`."""
KEYS: Final = (
    "channel",
    "account",
    "to",
    "is",
    "category",
    "urgency",
    "lang",
    "from",
    "tag",
    "note",
    "assignee",
    "before",
    "after",
)
MOST_TEXT: Final = 100_000
"""Characters of a message that are searched."""
MOST_WORD: Final = 100
"""Characters of a word that are compared."""
MOST_QUERY: Final = 500
"""Characters of a search."""


class BadSearch(ValueError):
    """A search that cannot be understood; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Known:
    """The values that filters may have."""

    channels: Collection[str]
    categories: Collection[str]
    urgencies: Collection[str]


@dataclass(frozen=True, slots=True)
class Query:
    """A search. `needles` must all lie in a message's `search_text`, `sender` in its customer's,
    `note` in that of a note on the person.

    A needle that ends without a space is the beginning of a word. `before` and `after` are local
    dates: up to the day before, and from that day on.
    """

    needles: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    tag: str | None = None
    note: tuple[str, ...] = ()
    channel: str | None = None
    account: str | None = None
    states: frozenset[str] = frozenset()
    category: str | None = None
    urgency: str | None = None
    lang: str | None = None
    assignee: str | None = None
    before: date | None = None
    after: date | None = None


def search_text(*texts: str | None) -> str:
    """Texts as they are searched; a single space when there is no word in them."""
    words = spaced("\n".join(text for text in texts if text)[:MOST_TEXT]).split()
    return f" {' '.join(word[:MOST_WORD] for word in words)} " if words else " "


def spaced(text: str) -> str:
    """A text folded, in lower case, with spaces where its words end; there may be too many."""
    return fold(text).lower().translate(_SPACED)


def matches(text: str, needles: Collection[str]) -> bool:
    """Whether a `search_text` has all of them: the rule that both databases follow."""
    return all(needle in text for needle in needles)


def paired(words: Sequence[str]) -> list[str]:
    """Words of a needle where two that are one character each, such as Han, stand as a pair: few
    texts have 款 right before 退, many have both."""
    found: list[str] = []
    joined = False
    for at, one in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else ""
        if _is_single(one) and _is_single(after):
            found.append(one + after)
            joined = True
        else:
            found += [] if joined else [one]
            joined = False
    return found


def _is_single(word: str) -> bool:
    return len(word) == 1 and not word.isascii()


def needles_of(text: str) -> tuple[str, ...]:
    """The needles of plain words: each run of CJK characters and each other word is one, the last
    word a beginning; what stands in quotes is one as it is."""
    found: list[str] = []
    beginning = False
    for quoted, plain in _PARTS.findall(text):
        for run in [quoted] if quoted else _runs(plain):
            needle = search_text(run)
            if needle != " ":
                found.append(needle)
                beginning = not quoted and not is_cjk(needle[-2])
    if beginning:
        found[-1] = found[-1].removesuffix(" ")
    return tuple(dict.fromkeys(found))


def parse(text: str, known: Known) -> Query:
    """A search as it was typed. Raises `BadSearch`."""
    if len(text) > MOST_QUERY:
        raise BadSearch(word("A search may have {most} characters.").format(most=MOST_QUERY))
    words: list[str] = []
    given: dict[str, str] = {}
    states: set[str] = set()
    for key, quoted, value, plain in _PIECES.findall(text.translate(_QUOTES)):
        if plain or (key.lower() not in KEYS and not quoted + value):
            words.append(plain or key)
            continue
        name, value = _SAME.get(key.lower(), key.lower()), quoted.strip('" ') or value
        _check_key(name, value, given)
        if name == "is":
            states.add(_one_of("is", value, STATES) or "")
        else:
            given[name] = value
    if given.get("assignee", "").lower() == "me":
        states.add("mine")
        del given["assignee"]
    query = Query(
        needles=needles_of(" ".join(words)),
        sender=_needles("from", given.get("from")),
        tag=given["tag"].lower() if "tag" in given else None,
        note=_needles("note", given.get("note")),
        channel=_one_of("channel", given.get("channel"), known.channels),
        account=given.get("account"),
        states=frozenset(states),
        category=_one_of("category", given.get("category"), known.categories),
        urgency=_one_of("urgency", given.get("urgency"), known.urgencies),
        lang=_lang(given.get("lang")),
        assignee=given.get("assignee"),
        before=_day("before", given.get("before")),
        after=_day("after", given.get("after")),
    )
    if query == Query():
        raise BadSearch(word("There is no word in this search."))
    return query


def is_personal(text: str) -> bool:
    """Whether a search may find something else for each person who looks."""
    return _PERSONAL.search(text) is not None


def is_cjk(char: str) -> bool:
    """Whether a character is searched for by itself: Han, bopomofo, kana, hangul."""
    return _CJK.match(char) is not None


def _check_key(name: str, value: str, given: Collection[str]) -> None:
    if name not in KEYS:
        raise BadSearch(
            word("There is no filter {name}. Filters are: {allowed}.").format(
                name=f"{name}:", allowed=", ".join(f"{key}:" for key in KEYS)
            )
        )
    if not value:
        raise BadSearch(word("{name} needs a value right behind it.").format(name=f"{name}:"))
    if name in given:
        raise BadSearch(word("{name} may stand in a search once.").format(name=f"{name}:"))


def _one_of(key: str, value: str | None, allowed: Collection[str]) -> str | None:
    if value is None or value.lower() in allowed:
        return value.lower() if value else None
    raise BadSearch(
        word("{name} is not known. There are: {allowed}.").format(
            name=f"{key}:{value}", allowed=", ".join(f"{key}:{one}" for one in allowed)
        )
    )


def _needles(key: str, value: str | None) -> tuple[str, ...]:
    needles = needles_of((value or "").replace('"', " "))
    if value and not needles:
        raise BadSearch(word("{name} has no letter.").format(name=f"{key}:{value}"))
    return needles


def _lang(value: str | None) -> str | None:
    if value is None or re.fullmatch(r"[a-z]{2,3}", value.lower()):
        return value.lower() if value else None
    raise BadSearch(
        word("{name} is not a language’s code, such as lang:zh.").format(name=f"lang:{value}")
    )


def _day(key: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        if re.fullmatch(r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadSearch(
        word("{name} is not a day, such as {key}2026-11-01.").format(
            name=f"{key}:{value}", key=f"{key}:"
        )
    )


def _runs(plain: str) -> list[str]:
    return _RUNS.findall(fold(plain))


class _Spaced(dict[int, str]):
    """What each character becomes in a `search_text`, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = unicodedata.category(char)
        if kind[0] in "LMN":
            said = f" {char} " if is_cjk(char) else char
        elif kind in ("So", "Co", "Cn") or 0x1F3FB <= code <= 0x1F3FF:  # emoji, skin tones
            said = f" {char} "
        else:
            said = " "
        self[code] = said
        return said


_HAN = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00016fe0-\U00018cff\U00020000-\U0003ffff"
)
_KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31ff\U0001aff0-\U0001b16f"
_HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"
_CJK = re.compile(f"[{_HAN}{_KANA}{_HANGUL}]")
_PERSONAL = re.compile(r"\b(?:mine|me)\b", re.IGNORECASE)
_SAME: Final = {"to": "account"}
"""Whom a customer wrote to is one of our accounts."""
_RUNS = re.compile(rf"{_CJK.pattern}+|(?:(?!{_CJK.pattern})\S)+")
_PARTS = re.compile(r'"([^"]*)"|([^"]+)')
_PIECES = re.compile(r'([A-Za-z]+)[:：](?!//)(?:("[^"]*")|([^\s"]*))|("[^"]*"|[^\s"]+)')
_QUOTES: Final = str.maketrans("“”„«»", '"""""')
_SPACED = _Spaced({ord("ς"): "σ"})
