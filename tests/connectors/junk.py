"""Bodies in which anything is replaced by what makes no sense there."""

import copy
from collections.abc import Iterator
from typing import Any

REMOVED = object()
JUNK: tuple[Any, ...] = (
    *(REMOVED, None, True, 0, -1, 1.5, 10**30, float("nan"), "", "x", "9" * 40, "\ud800"),
    *([], [[]], [None], [1], {}, {"id": {}}),
)
Path = tuple[str | int, ...]


def oddities(body: Any) -> Iterator[Any]:
    """The body with each thing in it replaced by each kind of junk."""
    for path in list(_paths(body)):
        for junk in JUNK:
            yield _mangled(body, path, junk)


def _paths(body: Any, here: Path = ()) -> Iterator[Path]:
    """Where something stands in a body."""
    inside = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in inside if isinstance(body, dict | list) else ():
        yield (*here, name)
        if isinstance(value, dict | list):
            yield from _paths(value, (*here, name))


def _mangled(body: Any, path: Path, junk: Any) -> Any:
    made = copy.deepcopy(body)
    place = made
    for name in path[:-1]:
        place = place[name]
    if junk is REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = junk
    return made
