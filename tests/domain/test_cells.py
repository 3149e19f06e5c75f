"""A sheet's cells: never a formula, always readable again."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain import cells

TEXTS = st.text(max_size=30) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", " ", "\t", "\u00a0", "\r\n"]),
    st.sampled_from([*"=+-@\t\r\n", "＝", "＋", "－", "＠", "'"]),
    st.text(max_size=8),
)


@given(st.lists(TEXTS | st.integers() | st.none(), min_size=2, max_size=6))
def test_every_cell_is_shown_and_none_is_computed(row: list[str | int | None]) -> None:
    (read,) = csv.reader(io.StringIO(cells.line(row), newline=""), strict=True)
    assert len(read) == len(row)
    for cell, given_ in zip(read, row, strict=True):
        if isinstance(given_, str):
            assert not cell.lstrip().startswith(cells.STARTS)
            assert not cell.startswith(cells.STARTS)
            assert cell.removeprefix("'") == given_.replace("\0", "\ufffd").removeprefix("'")
        else:
            assert cell == ("" if given_ is None else str(given_))


def test_a_phone_number_and_a_formula_are_words() -> None:
    assert (
        cells.line(["+351 21", '=HYPERLINK("x")', -5]) == '\'+351 21,"\'=HYPERLINK(""x"")",-5\r\n'
    )
