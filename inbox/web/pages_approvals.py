"""The page of the answers that wait for approval."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from inbox.domain.approval import Approval
from inbox.web.pages import Channel, Frame
from inbox.web.pages_composer import File


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An answer that waits, with all its messages. `why`: role, person, finding; `decides`:
    who reads this page may approve it, `others` the (address, name) of who gets it, too."""

    outbox: int
    conversation: int
    customer: str
    channel: Channel
    author: str
    text: str
    at: datetime
    due_at: datetime | None
    why: str
    shown: int
    decides: bool
    files: tuple[File, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """`/approvals`: of everybody for leads, else one's own. `done`: approved, back, rule; `trouble`
    says why one could not be decided. `people` are the names, by id, of whose answers can wait."""

    TEMPLATE: ClassVar[str] = "pages/approvals.html"

    frame: Frame
    rule: Approval
    rows: tuple[WaitingRow, ...]
    done: str = ""
    trouble: str = ""
    people: Mapping[int, str] = field(default_factory=dict)
