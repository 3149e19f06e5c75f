"""Messages of the neutral form: in through the same ingest as a connector, and out again."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from sqlalchemy import ColumnElement, or_, select

from connectors.core.contract import Message as NeutralMessage
from connectors.core.contract import word
from inbox.flows.ingest import Tagger, ingest
from inbox.flows.neutral import BadLine, parse, to_json
from inbox.flows.refold import refold
from inbox.store import accounts, messages
from inbox.store.session import Store
from inbox.store.tables import Account, Message, User

PAGE = 2000  # messages held before they are stored, an account's in one transaction
BOM = "\ufeff"  # some editors begin a file with it
EXPORTED = 1000  # messages in one read
MOST_LINE: Final = 16 * 2**20
"""Bytes of a line: many times what any platform sends, and little enough to hold."""
SKIPPED: Final = 2**20  # bytes at a time of a line that is too long
FOLD = 500  # conversations in one transaction
TOO_LONG = word("the line is longer than {mb} MB")


@dataclass(slots=True)
class ImportCounts:
    """`read` lines, of them `new`, `duplicate` (known before) and `refused` (bad). `lines` counts
    the empty ones too: it is the number of the last one."""

    lines: int = 0
    read: int = 0
    new: int = 0
    duplicate: int = 0
    refused: int = 0


def import_lines(
    store: Store,
    lines: Iterable[str | None],
    *,
    classifier: Tagger | None,
    now: Callable[[], datetime],
    refuse: Callable[[int, str], None],
    progress: Callable[[ImportCounts], None] = lambda _: None,
    since: ImportCounts | None = None,
    page: int = PAGE,
) -> ImportCounts:
    """Imports JSON lines in any order; importing twice changes nothing. None is a line that was too
    long to be read (`bounded`).

    `refuse` hears of each bad line (number from 1, reason); the others go on. When `progress` is
    called, all lines read so far are stored: a run that is cut short goes on from there, with what
    it had counted as `since`. Turns are evaluated once, after the lines are in; a run that is cut
    short leaves them to the next.
    """
    counts = since or ImportCounts()
    waiting: dict[tuple[str, str], list[NeutralMessage]] = defaultdict(list)
    many = 0
    for line in lines:
        counts.lines += 1
        if line is not None and not line.strip():
            continue
        counts.read += 1
        if line is None:
            counts.refused += 1
            refuse(counts.lines, TOO_LONG.format(mb=MOST_LINE // 2**20))
            continue
        try:
            channel, handle, message = parse(json.loads(line.removeprefix(BOM)), now())
        except (BadLine, ValueError, RecursionError) as e:
            counts.refused += 1
            refuse(counts.lines, str(e) if isinstance(e, BadLine) else "not valid JSON")
            continue
        waiting[channel, handle].append(message)
        many += 1
        if many >= page:
            _store_all(store, waiting, classifier, now, counts)
            many = 0
            progress(counts)
    _store_all(store, waiting, classifier, now, counts)
    progress(counts)
    fold_dirty(store, now)
    return counts


def bounded(file: BinaryIO, most: int = MOST_LINE) -> Iterator[str | None]:
    """The lines of a file. One of more than `most` bytes is passed over piece by piece and comes as
    None, so that no file takes more memory than that."""
    while line := file.readline(most + 1):
        if len(line) <= most or line.endswith(b"\n"):
            yield line.decode("utf-8", "replace")
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(SKIPPED)
        yield None


def fold_dirty(store: Store, now: Callable[[], datetime]) -> None:
    """Evaluates the conversations whose newest messages their turns do not know yet."""
    while True:
        with store.write() as session:
            ids = messages.dirty(session, FOLD)
            if not ids:
                return
            refold(session, ids, now())


def export_lines(
    store: Store, after: tuple[datetime, int] | None = None, page: int = EXPORTED
) -> Iterator[str]:
    """Every stored message in the neutral form, oldest first, after a place (its time and number):
    importing it is an identity. Read in pages, so nothing is held up and memory stays flat."""
    found = (
        select(
            *Message.__table__.columns,
            Account.channel,
            Account.handle.label("account"),
            User.email.label("agent"),
        )
        .join(Account, Account.id == Message.account_id)
        .outerjoin(User, User.id == Message.agent_id)
        .order_by(Message.sent_at, Message.id)
        .limit(page)
    )
    while True:
        with store.read() as session:
            rows = session.execute(found.where(*behind(after))).mappings().all()
        for row in rows:
            neutral = to_json(row["channel"], row["account"], dict(row))
            yield json.dumps(neutral, ensure_ascii=False)
        if len(rows) < page:
            return
        after = rows[-1]["sent_at"], rows[-1]["id"]


def behind(after: tuple[datetime, int] | None) -> list[ColumnElement[bool]]:
    """What an export writes after a place."""
    if after is None:
        return []
    at, id_ = after
    return [Message.sent_at >= at, or_(Message.sent_at > at, Message.id > id_)]


def _store_all(
    store: Store,
    waiting: dict[tuple[str, str], list[NeutralMessage]],
    classifier: Tagger | None,
    now: Callable[[], datetime],
    counts: ImportCounts,
) -> None:
    for name, some in waiting.items():
        _store(store, name, some, classifier, now, counts)
    waiting.clear()


def _store(
    store: Store,
    name: tuple[str, str],
    page: list[NeutralMessage],
    classifier: Tagger | None,
    now: Callable[[], datetime],
    counts: ImportCounts,
) -> None:
    account = _account(store, *name, now())
    done = ingest(store, account, page, classifier=classifier, now=now(), fold=False)
    counts.new += done.new
    counts.duplicate += len(page) - done.new


def _account(store: Store, channel: str, handle: str, now: datetime) -> Account:
    """The account of that name; an unknown one is created, marked imported, and never polled."""
    with store.write() as session:
        known = accounts.by_name(session, channel, handle)
        if known is None:
            id_ = accounts.add(session, channel, handle, now, state=accounts.IMPORTED)
            known = session.get_one(Account, id_)
    return known
