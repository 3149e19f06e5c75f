"""How Mastodon measures a post: graphemes, a link 23, `@user@server` as `@user`.

Source: `StatusLengthValidator` and the instance entity in Mastodon's documentation, read Jul 2026.
A content warning counts too. Servers may allow more than the usual 500.
"""

import regex

from connectors.core.length import graphemes

LIMIT = 500
LINK = 23
_LINK = regex.compile(
    r"https?://[^\s\p{Han}\p{Hiragana}\p{Katakana}]*[^\s\p{P}\p{Han}\p{Hiragana}\p{Katakana}]/?",
    regex.IGNORECASE,
)
_FAR_MENTION = regex.compile(r"(?<![/\w])(@\w+)@[a-z0-9.-]*[a-z0-9]", regex.IGNORECASE)


def characters(text: str) -> int:
    """The length of a post as a server counts it."""
    return graphemes(_FAR_MENTION.sub(r"\1", _LINK.sub("x" * LINK, text)))


def as_shown(text: str) -> str:
    """A text as the server shows it to readers, for comparing: names without their server."""
    return str(_FAR_MENTION.sub(r"\1", text)).casefold()


def shortened(text: str, room: int) -> str:
    """The beginning of a text, with … where it was cut, so that it takes at most `room`."""
    if graphemes(text) <= room:
        return text
    return "".join(regex.findall(r"\X", text)[: room - 1]) + "…" if room > 1 else ""
