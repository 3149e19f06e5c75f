"""Chinese words and what is filled in between them close up; Latin words keep their blanks."""

import re
from collections.abc import Mapping

HAN = re.compile(r"[\u4e00-\u9fff]")
APART = re.compile(rf"(?:(?<={HAN.pattern})( ))?(%\((\w+)\)s|\{{(\w+)\}})(?: (?={HAN.pattern}))?")
"""A place for a value, with the blanks between it and Chinese words."""
WIDE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
"""A Chinese word's letter or mark: what needs no blank beside Chinese."""
TAG = re.compile(r"<[^>]*>")


def closed_up(text: str, values: Mapping[str, object]) -> str:
    """`text` with places for values, `%(name)s` or `{name}`, as it is where they are filled in: the
    blank between Chinese words and a Latin value goes where the value is Chinese, too."""

    def fits(place: re.Match[str]) -> str:
        name = place[3] or place[4]
        if name not in values:
            return place[0]
        words = TAG.sub("", str(values[name]))
        before = "" if not place[1] or WIDE.match(words[:1]) else " "
        behind = "" if not place[0].endswith(" ") or WIDE.match(words[-1:]) else " "
        return f"{before}{place[2]}{behind}"

    return APART.sub(fits, text)
