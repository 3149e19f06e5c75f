"""What is worked out once for a state of the database, and not anew by every page.

A page asks for counts and names that nobody has changed since the last one. `kept` keeps an answer
with the version of the database that it was read from, and gives it out again while that version
stands: any commit, of any process, ends all of them. What depends on the time is not kept.
"""

import sqlite3
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from functools import partial, wraps
from itertools import count
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import Engine, Text, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

P = ParamSpec("P")
R = TypeVar("R")

LASTS: Final = "lasts"
"""Stands in place of a version: whatever the database has become since."""
HIDDEN: Final = "hidden"
"""Where a session keeps the accounts that are hidden from its reader (`store.scope`)."""
KNOWN: Final = "known"
VERSION: Final = "version"
MOST: Final = 4096
"""So many answers of a query are kept; the one that was wanted longest ago goes first."""


_Answers: TypeAlias = OrderedDict[Hashable, tuple[Hashable, Any]]


class Known:
    """Answers to each query, each with the version of the database that it is true of."""

    def __init__(self) -> None:
        self._of: defaultdict[Hashable, _Answers] = defaultdict(OrderedDict)
        self._lock = threading.Lock()

    def of(
        self,
        query: Hashable,
        key: Hashable,
        version: Hashable,
        work: Callable[[], R],
        most: int,
        lasts: Callable[[R], bool] = lambda _: False,
    ) -> R:
        """The version was read before anything that the work reads. Of this query `most` are kept;
        the one that was wanted longest ago goes first. An answer that `lasts` needs no version."""
        with self._lock:
            answers = self._of[query]
            found = answers.get(key)
            if found is not None and found[0] in (LASTS, version):
                answers.move_to_end(key)
                answer: R = found[1]
                return answer
        answer = work()
        with self._lock:
            answers[key] = LASTS if lasts(answer) else version, answer
            answers.move_to_end(key)
            while len(answers) > most:
                answers.popitem(last=False)
        return answer


class Versions:
    """The version of a SQLite database, as a connection of its own sees it: `PRAGMA data_version`
    changes with every commit of any other one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._line: Any = None
        self._opened = count()
        self._number = 0

    def now(self) -> Hashable:
        """Equal to an earlier one only if nothing was committed since."""
        with self._lock:
            try:
                if self._line is None:
                    pooled = self._engine.raw_connection()
                    self._line, self._number = pooled.driver_connection, next(self._opened)
                    pooled.detach()
                version = self._line.execute("PRAGMA data_version").fetchone()[0]
            except (sqlite3.Error, SQLAlchemyError):  # whoever reads on is told what is wrong
                return object()
            return self._number, version

    def close(self) -> None:
        """Its numbers mean nothing to the next connection."""
        with self._lock:
            if self._line is not None:
                self._line.close()
            self._line = None


def kept(
    work: Callable[Concatenate[Session, P], R],
) -> Callable[Concatenate[Session, P], R]:
    """Makes a query's answer one that is kept, by its arguments and by whom it is hidden from.

    Only what reads through `Store.read` gets it: a transaction that writes sees its own changes.
    Whoever gets an answer changes nothing in it: others have the same.
    """
    return keeping(MOST)(work)


def keeping(
    most: int, lasts: Callable[[Any], bool] = lambda _: False
) -> Callable[[Callable[Concatenate[Session, P], R]], Callable[Concatenate[Session, P], R]]:
    """The same for large answers, of which only so many are kept; one that `lasts` is given out
    even after a change."""

    def kept(work: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
        @wraps(work)
        def known(session: Session, /, *args: P.args, **named: P.kwargs) -> R:
            answers: Known | None = session.info.get(KNOWN)
            if answers is None:
                return work(session, *args, **named)
            key = args, tuple(named.items()), session.info.get(HIDDEN)
            answer = partial(work, session, *args, **named)
            said: R = answers.of(work, key, _version(session), answer, most, lasts)
            return said

        return known

    return kept


def _version(session: Session) -> Hashable:
    """What the session's first look at the database found it to be. PostgreSQL tells by the
    snapshot: whoever has the same one sees the same."""
    if VERSION not in session.info:
        session.info[VERSION] = session.scalar(select(func.pg_current_snapshot().cast(Text)))
    version: Hashable = session.info[VERSION]
    return version
