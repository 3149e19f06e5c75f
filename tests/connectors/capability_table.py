"""Writes the table of channels in docs/channels.md from what the connectors declare.

`python -m tests.connectors.capability_table` after a connector came or changed; a test compares.
"""

from pathlib import Path

import connectors.core.registry as registry
from connectors.core.contract import Capabilities
from tests.generated import in_page

PAGE = Path(__file__).parents[2] / "docs" / "channels.md"
START, END = "<!-- capabilities: generated -->", "<!-- /capabilities -->"
HEAD = ("Channel", "Kinds", "Comes by", "Public answer", "Private answer", "After a lost answer")


def table() -> str:
    """All channels as Markdown: one table, then each channel's notes."""
    found = [registry.capabilities(c) for c in registry.channels()]
    rows = [HEAD, ("---",) * len(HEAD), *(_row(c) for c in found)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    notes = [f"- **{c.title}**: {' '.join(c.notes)}" for c in found if c.notes]
    return "\n".join([*lines, "", *notes])


def _row(c: Capabilities) -> tuple[str, ...]:
    return (
        f"{c.title} (`{c.channel}`)",
        ", ".join(c.kinds),
        _ways_in(c),
        _limit(c.limit_public, c.unit),
        _limit(c.limit_private, "characters" if c.count_private is len else c.unit),
        _after_lost(c),
    )


def _ways_in(c: Capabilities) -> str:
    polling = f"polling every {c.poll_interval_s} s ({', '.join(c.streams)})" if c.polls else ""
    return "; ".join(filter(None, (polling, "webhook" if c.receives else "")))


def _limit(limit: int | None, unit: str) -> str:
    return f"{limit:,} {unit}" if limit is not None else "–"


def _after_lost(c: Capabilities) -> str:
    if c.idempotent_send:
        return "sent again under the same key"
    if c.can_look_up:
        return f"looked up after {c.read_lag_s} s"
    return "a person decides"


def main() -> None:
    PAGE.write_text(in_page(table(), PAGE.read_text("utf-8"), START, END), "utf-8")


if __name__ == "__main__":
    main()
