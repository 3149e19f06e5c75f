"""Who is at a conversation, by what their pages said last."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.watching import TYPES_FOR, VIEWS_FOR, Sign, Watcher, watchers
from tests.clock import MONDAY

signs = st.builds(
    Sign,
    page=st.sampled_from("abc"),
    user_id=st.integers(1, 2),
    name=st.just("Bo"),
    conversation=st.integers(7, 8),
    typing=st.booleans(),
    at=st.integers(0, 30).map(lambda s: MONDAY - timedelta(seconds=s)),
)


def said(seconds_ago: float, *, typing: bool = False, page: str = "a") -> Sign:
    return Sign(page, 2, "Bo Narin", 7, typing, MONDAY - timedelta(seconds=seconds_ago))


def test_letters_end_soon_and_looking_a_little_later() -> None:
    typed = said(TYPES_FOR.total_seconds() - 0.1, typing=True)
    assert watchers([typed], MONDAY) == [Watcher(7, "Bo Narin", 2, True)]
    assert watchers([said(6, typing=True)], MONDAY) == [Watcher(7, "Bo Narin", 2, False)]
    assert watchers([said(VIEWS_FOR.total_seconds())], MONDAY) == []


def test_who_has_two_pages_is_there_once_and_types_on_either() -> None:
    both = [said(1, typing=True), said(0, page="b")]
    assert watchers(both, MONDAY) == [Watcher(7, "Bo Narin", 2, True)]


@given(st.lists(signs, max_size=6))
def test_nobody_is_there_who_has_not_said_so_and_silence_only_takes_away(found: list[Sign]) -> None:
    now, later = (
        {(one.conversation, one.user_id) for one in watchers(found, at)}
        for at in (MONDAY, MONDAY + timedelta(seconds=9))
    )
    assert later <= now <= {(one.conversation, one.user_id) for one in found}
    typing = {one for one in watchers(found, MONDAY + TYPES_FOR) if one.typing}
    assert typing == set()
