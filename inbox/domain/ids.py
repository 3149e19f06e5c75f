"""Numbers of rows."""

from typing import Final

BIGGEST_ID: Final = 2**63 - 1
"""What the databases can hold."""
