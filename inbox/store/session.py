"""The database behind two doors: `write` and `read`.

On SQLite a writer begins IMMEDIATE (a plain BEGIN loses updates silently or fails at once under
contention) and readers have an engine of their own, so they never wait for a writer. On PostgreSQL
both doors use one engine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.orm import Session

from inbox.store.kept import HIDDEN, KNOWN, VERSION, Known, Versions

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000


class SchemaBehind(RuntimeError):
    """The database needs `replydesk migrate`."""


class Store:
    """One database. Sessions are short: no network, no classifier inside them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.writer = _engine(url, "BEGIN IMMEDIATE")
        self.reader = _engine(url, "BEGIN") if self.is_sqlite else self.writer
        self.hidden: frozenset[int] = frozenset()
        self._versions = Versions(self.reader)
        self._known = Known()

    def seen_by(self, hidden: frozenset[int]) -> "Store":
        """The same database for a reader from whom these accounts are hidden. Writing is unbound:
        the one gate has asked before."""
        if hidden == self.hidden:
            return self
        seen = copy(self)
        seen.hidden = hidden
        return seen

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on an error."""
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; nothing is written."""
        info: dict[str, Any] = {HIDDEN: self.hidden, KNOWN: self._known}
        if self.is_sqlite:
            info[VERSION] = self._versions.now()
        with Session(self.reader, expire_on_commit=False, info=info) as session:
            yield session

    def migrate(self) -> None:
        """Brings the schema to the newest revision."""
        from alembic import command  # slow to import, and needed once a version
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def is_current(self) -> bool:
        """Whether the schema is the newest: revisions are numbered, and so are their files."""
        newest = max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
        with self.reader.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            found = connection.execute(text("SELECT version_num FROM alembic_version"))
            return newest.startswith(f"{found.scalar()}_")

    def ready(self) -> None:
        """SQLite migrates itself; on PostgreSQL an old schema raises `SchemaBehind`."""
        if self.is_current():
            return
        if not self.is_sqlite:
            raise SchemaBehind("The database schema is behind. Run: replydesk migrate")
        self.migrate()

    def close(self) -> None:
        """Returns every connection; used before a fork and at the end."""
        self._versions.close()
        self.writer.dispose()
        self.reader.dispose()


class Within(Store):
    """The same doors inside a transaction that is open already, so that several verbs are one: all
    of them are kept, or none. Each sees what the one before it wrote."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The open transaction; nothing is committed here."""
        yield self.session
        self.session.flush()
        self.session.expire_all()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """The same."""
        yield self.session


def lock_account(session: Session, account_id: int) -> None:
    """Serialises writers of one account until the transaction ends.

    So message ids of an account grow in commit order, which the fold's `seen` relies on. SQLite's
    single writer needs no lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(1, :id)"), {"id": account_id})


def lock_promises(session: Session, *, change: bool) -> None:
    """Lets no change of policies, calendars or teams slip in while turns are judged or somebody is
    given a conversation, until the end of the transaction; those do not wait for each other.
    SQLite's single writer needs no lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        kind = "" if change else "_shared"
        session.execute(text(f"SELECT pg_advisory_xact_lock{kind}(2, 0)"))


def lock_assignment(session: Session) -> None:
    """Lets one process assign by rule at a time, until the end of the transaction, so that nobody
    gets more than they take. SQLite's single writer needs no lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(4, 0)"))


def lock_people(session: Session) -> None:
    """Lets one join or separation of people be done at a time, until the end of the transaction.
    SQLite's single writer needs no lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(3, 0)"))


def lock_matters(session: Session) -> None:
    """Lets one person join or part conversations at a time, until the end of the transaction.
    SQLite's single writer needs no lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(5, 0)"))


def lock_surges(session: Session) -> None:
    """Lets one process add to surges at a time, until the end of the transaction, so that none is
    found twice. SQLite's single writer needs no lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(49, 0)"))


def _engine(url: str, begin: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
        )
    engine = create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=10, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
