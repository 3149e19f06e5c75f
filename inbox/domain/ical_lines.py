"""The lines of a calendar file: its components, and what each says of the properties read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

MOST_LETTERS: Final = 200
READ: Final = frozenset(
    {
        *("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "STATUS", "ATTENDEE", "ORGANIZER"),
        *("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "CATEGORIES"),
    }
)
"""The properties of an event that are looked at; all else in a file is passed over."""

HEAD = re.compile(r'([A-Za-z0-9-]++)((?:[^":]++|"[^"]*+")*+):')
"""Nothing is tried twice (`++`): a line of half a megabyte without a colon costs one walk."""
PARAM = re.compile(r';([^=;":]+)=("[^"]*"|[^;"]*)')
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Line:
    """`DTSTART;TZID=Europe/Lisbon:20261201T100000` in its parts."""

    params: Mapping[str, str]
    value: str


Said = dict[str, list[Line]]
"""Of one event, what is read of it by name."""


def blocks(lines: list[str], name: str) -> Iterator[list[str]]:
    """The lines of each component of this name; what is nested in it is left out."""
    block: list[str] | None = None
    depth = 0
    for line in lines:
        head = line.strip().upper()
        if block is None:
            block = [] if head == f"BEGIN:{name}" else None
        elif head.startswith("BEGIN:"):
            depth += 1
        elif head.startswith("END:") and depth:
            depth -= 1
        elif head == f"END:{name}":
            yield block
            block = None
        elif not depth:
            block.append(line)


def places(lines: list[str]) -> dict[str, str]:
    """Where a file's own zones say they are."""
    found = {}
    for block in blocks(lines, "VTIMEZONE"):
        said = {k.upper(): v.strip() for k, _, v in (one.partition(":") for one in block)}
        found[said.get("TZID", "")] = said.get("X-LIC-LOCATION", "")
    return found


def lines_of(block: list[str]) -> Said:
    """What a block says of the properties that are read, by name."""
    found: Said = {}
    for one in block:
        head = HEAD.match(one)
        name = head[1].strip().upper() if head else ""
        if head and name in READ:
            params = {k.strip().upper(): v.strip('" ') for k, v in PARAM.findall(head[2])}
            found.setdefault(name, []).append(Line(params, one[head.end() :].strip()))
    return found


def title_of(said: Said) -> str:
    """Its title as one line."""
    plain = ESCAPED.sub(lambda m: " " if m[1] in "nN" else m[1], value_of(said, "SUMMARY"))
    return " ".join(plain.split())[:MOST_LETTERS]


def value_of(said: Said, name: str) -> str:
    """The first value that it says, or nothing."""
    return said[name][0].value if name in said else ""
