"""Comments under posts, as far as a Page's and Instagram's are alike."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from connectors._graph import Gone, Graph, node
from connectors.core.contract import Fetched, Kind, Message, MovePrivate, Ref, Setting, word
from connectors.core.errors import Malformed

POSTS, MOST_POSTS = 25, 100
POSTS_SETTING = Setting(
    "posts",
    word("How many of the latest posts to watch"),
    word("Comments under older posts come by webhook only. At most 100."),
    default=str(POSTS),
)
MOVE_PRIVATE = MovePrivate(within=timedelta(days=7), once=True, kinds=(Kind.COMMENT,))


def watched(setting: object) -> int:
    """How many posts to watch; ours where the setting is no number."""
    given = str(setting or "")
    return min(max(int(given), 1), MOST_POSTS) if given.isdecimal() else POSTS


def fetch_each(
    refs: Iterable[Ref], single: Callable[[Ref], Message], is_gone: Callable[[Ref], bool]
) -> Fetched:
    """One by one; what `single` finds `Gone` is so where `is_gone` is sure."""
    messages: list[Message] = []
    malformed: list[Malformed] = []
    gone: list[str] = []
    for ref in refs:
        try:
            messages.append(single(ref))
        except Gone:
            if is_gone(ref):
                gone.append(ref.external_id)
        except Malformed as e:
            malformed.append(e)
    return Fetched(tuple(messages), tuple(gone), tuple(malformed))


def delete(graph: Graph, on: Ref, is_gone: Callable[[Ref], bool]) -> None:
    """What is surely gone already counts as done."""
    try:
        graph.delete(node(on.external_id))
    except Gone:
        if not is_gone(on):
            raise
