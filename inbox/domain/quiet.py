"""Hours of the day in which a person wants no notice on the desktop, on their own clock."""

from inbox.domain.calendars import TIME_OF_DAY


class NoQuiet(ValueError):
    """Not two different times of the day."""


def quiet_hours(start: str, end: str) -> str:
    """`22:00-07:00`, or nothing where neither time is given. They may go over midnight.

    Raises `NoQuiet`.
    """
    if not start and not end:
        return ""
    if start == end or not (TIME_OF_DAY.fullmatch(start) and TIME_OF_DAY.fullmatch(end)):
        raise NoQuiet
    return f"{start}-{end}"
