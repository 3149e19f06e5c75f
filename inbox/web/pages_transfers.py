"""Import and export: files that come in and go out, and how far each is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from inbox.web.pages import Frame


@dataclass(frozen=True, slots=True)
class TransferRow:
    """An import or an export. `done` of `total` are bytes or messages; `counts` are (read, new,
    known, refused) of an import, `refused` its first bad lines (number, reason); `until` is when an
    export's file is deleted. state: of `domain.transfers`."""

    id: int
    kind: str
    state: str
    name: str
    by: str
    at: datetime
    done: int = 0
    total: int = 0
    size: int = 0
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    refused: tuple[tuple[int, str], ...] = ()
    why: str = ""
    until: datetime | None = None

    @property
    def working(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def share(self) -> int:
        """Of a hundred; 0 before the total is known."""
        return min(100 * self.done // self.total, 100) if self.total else 0


@dataclass(frozen=True, slots=True)
class TransfersPage:
    """`/transfers`. `most` is the largest file that the page takes, in MB."""

    TEMPLATE: ClassVar[str] = "pages/transfers.html"
    PART: ClassVar[str] = "parts/_transfers.html"

    frame: Frame
    rows: tuple[TransferRow, ...] = ()
    most: int = 512
    trouble: str = ""

    @property
    def working(self) -> bool:
        return any(row.working for row in self.rows)
