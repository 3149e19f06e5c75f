"""Samples of imports and exports; all invented."""

from datetime import timedelta

from inbox.web import render
from inbox.web.pages import Frame
from inbox.web.pages_transfers import TransferRow, TransfersPage
from inbox.web.style_people import NOW

ADA = "ada.voss@lumenpay.example"
AGO = timedelta(hours=3)
BAD = ((17, "sent_at needs a zone, for example Z"), (204, "author.id is missing"))
ROWS = (
    TransferRow(
        4, "import", "running", "history-2025.jsonl", ADA, NOW, 41, 100, 100, (8200, 8190, 10, 0)
    ),
    TransferRow(3, "export", "waiting", "replydesk-2026-11-19-1320.jsonl", ADA, NOW),
    TransferRow(
        2, "import", "done", "mail-archive.jsonl", ADA, NOW - AGO, 9, 9, 9, (1204, 1190, 12, 2), BAD
    ),
    TransferRow(
        *(1, "export", "done", "replydesk-2026-11-19-1020.jsonl", ADA, NOW - AGO, 18_240, 18_240),
        size=9_412_000,
        until=NOW + timedelta(hours=21),
    ),
    TransferRow(0, "import", "failed", "old.jsonl", ADA, NOW - AGO, why="No space left on device"),
)


def transfer_pages(frame: Frame) -> dict[str, render.Context]:
    """The page with some of them, and without any."""
    return {"transfers": TransfersPage(frame, ROWS), "transfers-empty": TransfersPage(frame)}
