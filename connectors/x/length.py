"""How X measures a post: weighted characters, 280 at most.

Source: X's page "Counting characters" (configuration 3), read 22 Nov 2026. Composed (NFC) first;
Latin and most punctuation weigh 1, everything else 2, an emoji 2 however many code points it joins,
a link 23 whatever its length. Mentions at the head of a reply are free, as X fills them in itself.
Bare domains are recognised by the endings below; X knows all of them, we the usual ones.
"""

import unicodedata

import regex

LINK = 23
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # code points of weight 1
_ENDINGS = "com|org|net|info|biz|app|dev|xyz|shop|online|site|store|cloud|bank|pay|[a-z]{2}"
_LINK = regex.compile(
    r"https?://[^\s\p{Han}\p{Hiragana}\p{Katakana}]*[^\s\p{P}\p{Han}\p{Hiragana}\p{Katakana}]/?"
    rf"|(?<![a-z0-9@.-])(?:[a-z0-9-]+\.)+(?:{_ENDINGS})(?!\.?[a-z0-9@-])(?:[/?#][^\s\p{{Han}}]*)?",
    regex.IGNORECASE,
)
_HEAD_MENTIONS = regex.compile(r"\A(?:\s*@\w{1,15}(?=\s))+\s+")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*0-9]\ufe0f?\u20e3")


def weighted(text: str) -> int:
    """The weight of a post or public reply."""
    text = _HEAD_MENTIONS.sub("", unicodedata.normalize("NFC", text))
    links = len(_LINK.findall(text))
    rest = _LINK.sub("", text)
    return links * LINK + sum(_weight(g) for g in regex.findall(r"\X", rest))


def _weight(grapheme: str) -> int:
    if _EMOJI.match(grapheme) and not _is_plain_sign(grapheme):
        return 2
    return sum(1 if any(a <= ord(c) <= b for a, b in LIGHT) else 2 for c in grapheme)


def _is_plain_sign(grapheme: str) -> bool:
    """© ® and ™ are pictographic but stay text unless the emoji form is asked for."""
    return len(grapheme) == 1 and grapheme in "©®™"
