"""A report as a sheet: one line for each number, so that every figure of the JSON is in it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from inbox.domain import cells

HEAD: Final = ("from", "to", "zone", "as_of", "group", "key", "figure", "value")
ABOUT: Final = HEAD[:4]
ALL: Final = "all"


def csv_text(figures: Mapping[str, Any]) -> str:
    """The object of `report --json` as CSV, to the digit; no formula can start in it.

    `group` is `all` or the key of a grouping (`by_channel`), `key` one of its names; a figure
    within a figure is written with a dot (`first_response_s.median`). A null is an empty cell.
    """
    about = [figures[name] for name in ABOUT]
    lines = (cells.line([*about, *line]) for line in _lines(figures))
    return cells.BOM + cells.line(HEAD) + "".join(lines)


def _lines(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    for name, value in figures.items():
        if name in ABOUT:
            continue
        if name == "filter":
            yield from ((name, kind, "is", one) for kind, some in value.items() for one in some)
        elif name.startswith("by_") and value is not None:
            for key, group in value.items():
                yield from ((name, key, *cell) for cell in _flat("", group))
        else:
            yield from ((ALL, "", *cell) for cell in _flat(name, value))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield name, value
        return
    for inner, deeper in value.items():
        yield from _flat(f"{name}.{inner}" if name else inner, deeper)
