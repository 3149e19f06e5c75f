"""The two dialects behind one statement."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

CHUNK = 500  # values in one IN list: SQLite allows 32,766 variables, plans stay small
T = TypeVar("T")
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


def insert(session: Session, table: type[DeclarativeBase]) -> Any:
    """An INSERT that knows ON CONFLICT, for the session's dialect; Core, never the unit of work."""
    core = table.__table__
    assert isinstance(core, Table)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(core)
    return sqlite.insert(core)


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
