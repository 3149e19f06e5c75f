"""Imports and exports as their page shows them."""

from typing import Final

from sqlalchemy.orm import Session

from inbox.domain.transfers import DONE, EXPORT, KEPT
from inbox.flows.transfers import MOST
from inbox.store import transfers
from inbox.store.tables import Transfer
from inbox.web.pages import Frame
from inbox.web.pages_transfers import TransferRow, TransfersPage

LISTED: Final = 50


def transfers_page(session: Session, frame: Frame, trouble: str = "") -> TransfersPage:
    """`/transfers`, the newest first."""
    rows = tuple(row(one) for one in transfers.listed(session, LISTED))
    return TransfersPage(frame, rows, MOST // 2**20, trouble)


def row(one: Transfer) -> TransferRow:
    """One of them."""
    counted = [int(one.counts.get(name, 0)) for name in ("read", "new", "duplicate", "refused")]
    ready = one.kind == EXPORT and one.state == DONE and one.gone_at is None
    return TransferRow(
        id=one.id,
        kind=one.kind,
        state=one.state,
        name=one.name,
        by=one.made_by,
        at=one.made_at,
        done=one.done,
        total=one.total,
        size=one.size,
        counts=(counted[0], counted[1], counted[2], counted[3]),
        refused=tuple((int(number), str(why)) for number, why in one.refused),
        why=one.why or "",
        until=one.finished_at + KEPT if ready and one.finished_at else None,
    )
