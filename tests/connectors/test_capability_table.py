"""The channel table in the documentation is what the connectors declare."""

from tests.connectors.capability_table import PAGE, page_with, table


def test_the_channel_table_is_current() -> None:
    page = PAGE.read_text("utf-8")
    assert page_with(table(), page) == page, "run: python -m tests.connectors.capability_table"
