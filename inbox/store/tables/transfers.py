"""Imports and exports that somebody began on a page."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id

_UNFINISHED = sql("finished_at IS NULL")


class Transfer(Base):
    """An import of a file, or an export to one; `state` is of `domain.transfers`.

    `file` is its name in the data folder, `name` what it was called by who sent it. Of an import
    `done` and `total` are bytes, and `counts` what `flows.importing` counted; of an export they are
    messages. `refused` are the first bad lines (number, reason). `gone_at`: the file was deleted.
    """

    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    file: Mapped[str]
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    refused: Mapped[list[Any]] = mapped_column(default=list)
    why: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_transfers_unfinished", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED
        ),
    )
