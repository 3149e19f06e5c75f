"""The two dialects behind one statement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CursorResult,
    Integer,
    Row,
    Select,
    Table,
    any_,
    bindparam,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

CHUNK = 500  # values in one IN list: SQLite allows 32,766 variables, plans stay small
T = TypeVar("T")
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


def insert(session: Session, table: type[DeclarativeBase]) -> Any:
    """An INSERT that knows ON CONFLICT, for the session's dialect; Core, never the unit of work."""
    core = table.__table__
    assert isinstance(core, Table)
    if dialect_of(session) == "postgresql":
        return postgresql.insert(core)
    return sqlite.insert(core)


@contextmanager
def planned_anew(session: Session) -> Iterator[None]:
    """Within, PostgreSQL plans each statement for its values. Else the driver prepares what it has
    run five times, and five times later PostgreSQL plans it once for any value: what is rare is
    looked for as if it were common (a search of 13 ms took 50). Nor does it ask for workers until
    the transaction ends: starting one takes longer than such a search."""
    if dialect_of(session) != "postgresql":
        yield
        return
    raw: Any = session.connection().connection.driver_connection
    before, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
        yield
    finally:
        raw.prepare_threshold = before


def ask(
    session: Session, statement: Select[Any], values: Mapping[str, Any] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """What a statement finds that asks for columns alone. `Session.execute` treats each row as if
    it held objects: for a list of fifty that takes longer than to find them."""
    session.flush()
    return session.connection().execute(statement, values)


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def in_many(session: Session, column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column has one of these numbers, of which there may be thousands: they are one
    value of the statement, whose text stays the same."""
    return among(dialect_of(session), column, literal(list_of(session, ids)))


def among(dialect: str, column: Any, listed: Any) -> ColumnElement[bool]:
    """The same for a statement that is built once: `listed` is bound to a `list_of`."""
    if dialect == "postgresql":
        found: ColumnElement[bool] = column == any_(cast(listed, ARRAY(BigInteger)))
        return found
    some = func.json_each(listed).table_valued("value")
    within: ColumnElement[bool] = column.in_(select(some.c.value))
    return within


def list_of(session: Session, ids: Iterable[int]) -> str:
    """Numbers as the one value that `among` takes."""
    listed = ",".join(map(str, ids))
    return f"{{{listed}}}" if dialect_of(session) == "postgresql" else f"[{listed}]"


def dialect_of(session: Session) -> str:
    """`sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def lasted(session: Session, start: Any, end: Any, least: timedelta) -> ColumnElement[bool]:
    """Whether that much time is between two instants, to the second: what is shorter by less than
    one may be found too."""
    if dialect_of(session) == "postgresql":
        long: ColumnElement[bool] = end - start >= least
        return long
    days = (least.total_seconds() - 1) / 86_400
    found: ColumnElement[bool] = func.julianday(end) - func.julianday(start) >= days
    return found


def quarter(session: Session, at: Any) -> ColumnElement[int]:
    """In which quarter of an hour an instant lies, counted from 1970."""
    if dialect_of(session) == "postgresql":
        return cast(func.floor(extract("epoch", at) / literal_column("900")), Integer)
    seconds = cast(func.strftime(literal_column("'%s'"), at), Integer)
    found: ColumnElement[int] = seconds.op("/")(literal_column("900"))
    return found


def update_many(
    session: Session, table: type[DeclarativeBase], rows: Sequence[dict[str, Any]]
) -> None:
    """Updates rows by id, in one prepared statement. Each names its id as `key` and the same
    columns; Core, never the unit of work."""
    if not rows:
        return
    core = table.__table__
    assert isinstance(core, Table)
    columns: dict[str, Any] = {c: bindparam(c) for c in rows[0] if c not in ("key", "id")}
    session.execute(
        update(core).where(core.c.id == bindparam("key")).values(columns),
        [{k: v for k, v in row.items() if k != "id"} for row in rows],
    )
