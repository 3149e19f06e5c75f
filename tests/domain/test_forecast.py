"""Everything that is due falls into one span of the cover; what falls into a hole is told."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.forecast import Due, forecast
from inbox.domain.roster import Span

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADA = frozenset({"ada@lumenpay.example"})


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def due(*hours: float) -> list[Due]:
    return [Due(n, "public", at(h)) for n, h in enumerate(hours, 1)]


def cover(*spans: tuple[float, bool]) -> list[Span]:
    """Spans that end at these hours, with Ada or with nobody."""
    found, start = [], NOW
    for end, there in spans:
        found.append(Span(start, at(end), ADA if there else frozenset()))
        start = at(end)
    return found


def test_what_falls_into_a_hole_is_told_with_the_last_and_the_next_who_can_answer() -> None:
    found = forecast(due(20, 9, 2), cover((8, True), (16, False), (24, True)))
    assert [(one.due.due_at, one.answer_by, one.cover_at) for one in found.alone] == [
        (at(9), at(8), at(16))
    ]
    assert [one.due for one in found.ahead] == [1, 1, 1]
    assert found.late == 0


def test_what_falls_due_before_anybody_is_there_will_be_late() -> None:
    found = forecast(due(1, 7.99, 8), cover((8, False), (16, True), (24, False)))
    assert [one.answer_by for one in found.alone] == [None, None]
    assert {one.cover_at for one in found.alone} == {at(8)}
    assert found.late == 2


def test_where_nobody_comes_again_no_next_is_told() -> None:
    (one,) = forecast(due(10), cover((8, True), (24, False))).alone
    assert (one.answer_by, one.cover_at) == (at(8), None)


@given(
    st.lists(st.floats(-5, 60), max_size=20),
    st.lists(st.tuples(st.integers(1, 10), st.booleans()), min_size=1, max_size=6),
)
def test_nothing_is_lost_and_nothing_counted_twice(
    hours: list[float], steps: list[tuple[int, bool]]
) -> None:
    ends, total = [], 0
    for hours_long, there in steps:
        total += hours_long
        ends.append((float(total), there))
    found = forecast(due(*hours), cover(*ends))
    inside = [one for one in due(*hours) if NOW <= one.due_at < at(total)]
    assert sum(one.due for one in found.ahead) == len(inside)
    holes = sum(one.due for one in found.ahead if not one.span.people)
    assert len(found.alone) == holes
    times = [one.due.due_at for one in found.alone]
    assert times == sorted(times)
    for one in found.alone:
        assert one.answer_by is None or NOW < one.answer_by <= one.due.due_at
        assert one.cover_at is None or one.due.due_at < one.cover_at
