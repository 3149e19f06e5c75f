"""HTML from outside (mails, posts) as plain text: what a reader would see, loading nothing.

Every step is a single pass over the text, so a hostile one costs no more than its length (the
standard library's parser is quadratic on some unclosed tags). An address behind a link is written
out, because the words of a link may lie.
"""

import html
import re
from collections.abc import Callable, Iterator

MAX_CHARS = 1024 * 1024
_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})([^<>]*)>|<[!?/][^<>]*>|([^<]+|<)")
_HREF = re.compile(r"""\bhref\s{0,9}=\s{0,9}["']?([^"'\s<>]{1,2000})""", re.IGNORECASE)
_COMMENT, _COMMENT_END = re.compile("<!--"), re.compile("-->")
_UNSEEN = re.compile(r"<(script|style|title|template|svg)\b[^<>]*>", re.IGNORECASE)
_NAME = re.compile(r"[@#][\w.@-]*")
_PARAGRAPHS = re.compile("p|h[1-6]|blockquote|ul|ol|pre|table")
_BLOCKS = re.compile(
    f"{_PARAGRAPHS.pattern}|address|article|aside|body|center|dd|div|dl|dt|fieldset|footer|form"
    "|header|hr|li|main|nav|section|tbody|tfoot|thead|tr|br"
)


def html_to_text(source: str, *, names: bool = False) -> str:
    """The visible text; quoted blocks as `> ` lines, list items as `- `, links as `words (URL)`.

    `names`: a link on nothing but an @name or a #tag stands without its address (social posts).
    """
    return _Page(names).read(source[:MAX_CHARS])


class _Page:
    """The lines read so far, and the line, quotation and link that are still open."""

    def __init__(self, names: bool) -> None:
        self.names = names
        self.lines: list[str] = []
        self.words: list[str] = []
        self.parted = False  # whether the last line is an empty one between paragraphs
        self.quotes = 0
        self.link: tuple[int, str] | None = None  # where its words begin, where it leads

    def read(self, source: str) -> str:
        for closing, tag, attributes, text in _tokens(_visible(source)):
            self.words.append(html.unescape(text))
            if _BLOCKS.fullmatch(tag):
                self._end_line()
            outside = self.quotes
            if tag == "blockquote":
                self.quotes = max(0, self.quotes + (-1 if closing else 1))
            if _PARAGRAPHS.fullmatch(tag):
                self._gap(min(outside, self.quotes))
            if tag == "a":
                self._end_link()
                found = None if closing else _HREF.search(attributes)
                self.link = (len(self.words), html.unescape(found[1])) if found else None
            elif tag == "li" and not closing:
                self.words.append("- ")
            elif tag in ("td", "th"):
                self.words.append(" ")
        self._end_line()
        return "\n".join(self.lines).strip()

    def _end_link(self) -> None:
        if self.link is not None:
            start, url = self.link
            words = "".join(self.words[start:]).strip()
            if self.names and _NAME.fullmatch(words):
                return
            if not _says(words, url):
                self.words.append(f" ({url})")

    def _end_line(self) -> None:
        line = " ".join("".join(self.words).split())
        self.words.clear()
        if self.link is not None:
            self.link = (0, self.link[1])
        if line:
            self.lines.append(_mark(self.quotes) + line)
            self.parted = False

    def _gap(self, quotes: int) -> None:
        """One empty line between paragraphs; where a quotation begins or ends it stands outside."""
        mark = _mark(quotes).rstrip()
        if self.parted:
            self.lines[-1] = min(self.lines[-1], mark)
        elif self.lines:
            self.lines.append(mark)
            self.parted = True


def _mark(quotes: int) -> str:
    return "> " * min(quotes, 9)


def _tokens(source: str) -> Iterator[tuple[bool, str, str, str]]:
    """(closing, tag, attributes, text) in order; either tag or text is empty."""
    for found in _TOKEN.finditer(source):
        yield found[1] == "/", (found[2] or "").lower(), found[3] or "", found[4] or ""


def _visible(source: str) -> str:
    """The source without comments and without elements whose content is never shown."""
    source = _cut(source, _COMMENT, lambda _: _COMMENT_END)
    return _cut(source, _UNSEEN, lambda m: re.compile(rf"</{m[1]}\b[^<>]*>", re.IGNORECASE))


def _cut(
    source: str, opening: re.Pattern[str], closing: Callable[[re.Match[str]], re.Pattern[str]]
) -> str:
    """Drops all from each opening to its closing; what is never closed hides the rest."""
    kept, at = [], 0
    while start := opening.search(source, at):
        kept.append(source[at : start.start()])
        end = closing(start).search(source, start.end())
        if end is None:
            return "".join(kept)
        at = end.end()
    return "".join(kept) + source[at:]


def _says(words: str, url: str) -> bool:
    """Whether the words of a link already say where it leads."""
    bare = re.sub("^(mailto:|https?://)", "", url).rstrip("/")
    return bare in words or not url.startswith(("http://", "https://", "mailto:"))
