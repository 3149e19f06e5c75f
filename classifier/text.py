"""The folded copy of a message that all features read."""

import re
import unicodedata

# Zero-width characters, bidi controls and the byte-order mark: invisible, used to break words up.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MARK_RUN = re.compile(r"([\u0300-\u036f]{2})[\u0300-\u036f]+")
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Han, kana and hangul syllables: written without spaces, or with spaces that split no words.
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")

HEAD_CHARS = 1500
TAIL_CHARS = 500


def word(text: str) -> str:
    """Marks a text that people read, so that it is gathered for translation; it stays English."""
    return text


def shorten(text: str) -> str:
    """The first 1,500 and the last 500 characters: the matter stands first, the demand last."""
    if len(text) <= HEAD_CHARS + TAIL_CHARS:
        return text
    return f"{text[:HEAD_CHARS]} … {text[-TAIL_CHARS:]}"


def fold(text: str) -> str:
    """NFKC without invisible characters, stacked marks or runs of blanks, bounded in length.

    NUL and lone surrogates become U+FFFD, so that no encoder downstream can raise on them.
    """
    text = UNSTORABLE.sub("\ufffd", shorten(text))
    if text.isascii():  # the rest would change nothing
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", text)
    text = MARK_RUN.sub(r"\1", INVISIBLE.sub("", text))
    return " ".join(shorten(text).split())


def has_words(text: str) -> bool:
    """True when at least one letter stands in the text: digits and emoji alone say nothing."""
    return any(character.isalpha() for character in text)
