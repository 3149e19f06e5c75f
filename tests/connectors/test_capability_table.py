"""The channel table in the documentation is what the connectors declare."""

from tests.connectors.capability_table import END, PAGE, START, table
from tests.generated import in_page


def test_the_channel_table_is_current() -> None:
    page = PAGE.read_text("utf-8")
    assert in_page(table(), page, START, END) == page, (
        "run: python -m tests.connectors.capability_table"
    )
