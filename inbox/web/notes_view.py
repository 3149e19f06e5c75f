"""Notes as the ledger shows them, from the store's rows."""

from collections.abc import Sequence

from inbox.domain.mentions import handles, pieces
from inbox.store.sql import AnyRow
from inbox.web import list_view
from inbox.web.pages_thread import Message


def notes(rows: Sequence[AnyRow]) -> list[Message]:
    """The team's notes as entries of the ledger."""
    return [
        Message(
            id=0,
            at=row.at,
            side="note",
            by=row.agent_name,
            text=row.text,
            findings=list_view.kinds(row.findings),
            note=row.id,
            pieces=_pieces(row),
        )
        for row in rows
    ]


def _pieces(row: AnyRow) -> tuple[tuple[str, bool], ...]:
    """The words, and which of them name who was told when the note was written."""
    told = handles(row.told)
    return tuple((words, who is not None) for words, who in pieces(row.text, told))
