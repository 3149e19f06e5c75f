"""Columns of records are what they were made of, however they are kept."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reports.columns import MANY, Fitted, of_rows

WAIT = np.dtype("<i8")
FAR = 2**60
KIND = np.dtype([("conversation", "<i8"), ("marks", "<u2")])


@given(st.lists(st.integers(-FAR, FAR)), st.sampled_from((1, 1000, 1_000_000)))
def test_a_fitted_column_is_the_same_numbers(numbers: list[int], unit: int) -> None:
    column = np.array([number // unit * unit for number in numbers], WAIT)
    fitted = Fitted.of(column)
    for kept in (fitted, fitted.opened(), fitted.opened().opened()):
        found = kept.column(WAIT)
        assert found.dtype == WAIT
        assert found.tolist() == column.tolist()


def test_a_column_whose_numbers_are_alike_takes_no_bytes() -> None:
    assert not Fitted.of(np.full(1000, 7, WAIT)).packed
    whole_s = Fitted.of(np.arange(250, dtype=WAIT) * 1_000_000)
    assert (whole_s.kind, whole_s.unit) == ("|u1", 1_000_000)


@given(st.sampled_from((0, 1, MANY - 1, MANY, MANY + 1)), st.integers(1, 9))
def test_records_that_fit_are_those_rows_in_their_order(many: int, part: int) -> None:
    rows = np.array([(7 * n, n % 65_536) for n in range(many)], KIND)
    kept = of_rows(rows).where(rows["marks"] % part == 0)
    assert len(kept) == len(rows[::part])
    for name in ("conversation", "marks"):
        assert kept[name].tolist() == rows[name][::part].tolist()
