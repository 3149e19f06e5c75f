"""Conversations as a sheet: one row each, in pages, so that memory stays flat.

A page is a transaction of its own, so a long download holds nothing up; what changes meanwhile is
told as it is when its page is read.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from inbox.domain import cells
from inbox.flows.finding import find
from inbox.store import inbox_list
from inbox.store.inbox_list import Place
from inbox.store.session import Store
from inbox.store.sql import AnyRow

PAGE: Final = 500
COLUMNS: Final = (
    *("id", "channel", "account", "customer", "handle", "customer_id", "vip", "subject"),
    *("status", "category", "urgency", "language", "assignee", "opened_at", "due_at"),
    *("last_message_at", "last_is_ours", "unread", "last_words", "url"),
)


def csv_lines(
    store: Store,
    *,
    base_url: str,
    view: str,
    query: str,
    me: int | None,
    now: datetime,
    page: int = PAGE,
) -> Iterator[str]:
    """The head, then the lines of `page` conversations at a time: of a view, or of a search.

    Raises `BadSearch` with the first line, before anything is sent.
    """
    if query.strip():
        pages = _found(store, query, me, now, page)
    else:
        pages = _listed(store, view, me or 0, page)
    first = next(pages)
    yield cells.BOM + cells.line(COLUMNS)
    for rows in chain((first,), pages):
        yield "".join(cells.line(_cells(row, base_url)) for row in rows)


def _listed(store: Store, view: str, me: int, many: int) -> Iterator[Sequence[AnyRow]]:
    place: Place | None = None
    while True:
        with store.read() as session:
            rows, place = inbox_list.page(session, view, me, place, many)
        yield rows
        if place is None:
            return


def _found(
    store: Store, query: str, me: int | None, now: datetime, many: int
) -> Iterator[Sequence[AnyRow]]:
    cursor: str | None = None
    while True:
        with store.read() as session:
            page = find(session, query, now=now, me=me, limit=many, cursor=cursor)
            ids = [one.conversation_id for one in page.found]
            by_id = {row.id: row for row in inbox_list.some(session, ids)}
        yield [by_id[one] for one in ids if one in by_id]
        cursor = page.next_cursor
        if cursor is None:
            return


def _cells(row: AnyRow, base_url: str) -> list[str | int | None]:
    name = row.contact_name or row.contact_handle or row.contact_key
    return [
        row.id,
        row.channel,
        row.account_handle,
        name,
        row.contact_handle,
        row.contact_key,
        "yes" if row.vip else "no",
        row.subject,
        row.status,
        row.category,
        row.urgency,
        row.lang,
        row.assignee_email,
        _instant(row.opened_at),
        _instant(row.due_at),
        _instant(row.last_message_at),
        "yes" if row.last_is_ours else "no",
        row.unread,
        row.preview,
        f"{base_url}/conversations/{row.id}",
    ]


def _instant(at: datetime | None) -> str | None:
    """In UTC, as spreadsheets read it."""
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else None
