"""From a context to HTML: a whole page, or the part of it that htmx swaps."""

from typing import ClassVar, Protocol

import templates
from inbox.web.pages import Frame
from inbox.web.pages_door import Door


class Context(Protocol):
    """A page's context: it names its template, and has a `frame` or a `door`."""

    TEMPLATE: ClassVar[str]


class Swapped(Protocol):
    """A page's context with a part that htmx swaps."""

    PART: ClassVar[str]

    @property
    def frame(self) -> Frame: ...


def page(context: Context) -> str:
    """The whole document, in the language and the zone that its frame or door names."""
    where = _where(context)
    return templates.render(context.TEMPLATE, where.locale, where.zone, page=context)


def part(context: Swapped) -> str:
    """Only the list, or only thread and side …: the answer to a request with `HX-Request`."""
    where = context.frame
    return templates.render(context.PART, where.locale, where.zone, page=context)


def _where(context: Context) -> Frame | Door:
    where = getattr(context, "frame", None) or getattr(context, "door", None)
    if not isinstance(where, Frame | Door):
        raise TypeError(f"{type(context).__name__} has neither a frame nor a door")
    return where
