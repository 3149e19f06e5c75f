"""Who a note names: `@ada`, `@ada.voss`, or the whole e-mail address where two share its start."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

_NAMED = re.compile(r"(?<![\w@.])@(?P<name>\w[\w.+-]*(?:@\w[\w.-]*)?)", re.ASCII)


def handles(people: Iterable[tuple[int, str]]) -> dict[str, int]:
    """What each (id, e-mail) is called: what stands before the @, if it is theirs alone."""
    rows = [(id_, email.lower()) for id_, email in people]
    shared = Counter(email.partition("@")[0] for _, email in rows)
    found = {email: id_ for id_, email in rows}
    for id_, email in rows:
        short = email.partition("@")[0]
        if shared[short] == 1:
            found[short] = id_
    return found


def short(email: str, known: Mapping[str, int]) -> str:
    """The shortest name of this person among `known` handles."""
    start = email.lower().partition("@")[0]
    return start if start in known else email.lower()


def pieces(text: str, known: Mapping[str, int]) -> Iterator[tuple[str, int | None]]:
    """The text in order, each piece with whom it names (None: nobody); joined, it is the text."""
    at = 0
    for found in _NAMED.finditer(text):
        name = _known(found["name"].lower(), known)
        if name is None:
            continue
        end = found.start() + 1 + len(name)
        if found.start() > at:
            yield text[at : found.start()], None
        yield text[found.start() : end], known[name]
        at = end
    if at < len(text):
        yield text[at:], None


def mentioned(text: str, known: Mapping[str, int]) -> list[int]:
    """Who is named, once each, in the order of the text."""
    return list(dict.fromkeys(id_ for _, id_ in pieces(text, known) if id_ is not None))


def _known(name: str, known: Mapping[str, int]) -> str | None:
    """The name without the full stop or hyphen that ends a sentence after it."""
    while name:
        if name in known:
            return name
        if name[-1] not in ".-+":
            return None
        name = name[:-1]
    return None
