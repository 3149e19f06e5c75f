"""Saved views: a search kept under a name, for oneself or for the whole team."""

from collections.abc import Collection
from typing import Final

from connectors.core.contract import word
from connectors.core.text import clean

MOST_NAME: Final = 40
"""Characters of a name: it stands in a tab."""
MOST: Final = 50
"""Views that one person, or the team, may keep."""
COUNT_TO: Final = 100
"""What a view holds is counted so far: "100+" is all that anybody needs to know."""


class BadView(ValueError):
    """A view that cannot be kept; the message says what to change."""


def key_of(name: str) -> str:
    """What makes two names the same: neither case nor spaces tell views apart."""
    return " ".join(name.split()).casefold()


def name_of(typed: str, taken: Collection[str]) -> str:
    """The name as it is kept. `taken` are the keys of the other views and of the built-in ones.

    Raises `BadView`.
    """
    name = " ".join(clean(typed).split())
    if not name:
        raise BadView(word("Give the view a name."))
    if len(name) > MOST_NAME:
        raise BadView(word("A view’s name may have {most} characters.").format(most=MOST_NAME))
    if key_of(name) in taken:
        raise BadView(word("There is a view {name} already.").format(name=name))
    return name


def moved(ids: Collection[int], one: int, by: int) -> list[int]:
    """The order after `one` changed places with its neighbour before (-1) or after it (1); at an
    end it stays."""
    order = list(ids)
    at = order.index(one)
    to = at + by
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    return order
