"""Hours of the day in which a person wants no notice on the desktop, on their own clock."""

import re

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class NoQuiet(ValueError):
    """Not two different times of the day."""


def quiet_hours(start: str, end: str) -> str:
    """`22:00-07:00`, or nothing where neither time is given. They may go over midnight.

    Raises `NoQuiet`.
    """
    if not start and not end:
        return ""
    if start == end or not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
        raise NoQuiet
    return f"{start}-{end}"
