"""Conversations as a sheet: the rows of the list in its order, page by page."""

import csv
import io
from datetime import timedelta

import pytest

from inbox.domain.search import BadSearch
from inbox.flows import sheets
from inbox.store import inbox_list
from inbox.store.search import index_everything
from inbox.store.session import Store
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_user


def sheet(store: Store, view: str = "all", query: str = "", me: int = 0) -> list[dict[str, str]]:
    lines = sheets.csv_lines(
        store,
        base_url="https://desk.example",
        view=view,
        query=query,
        me=me,
        now=MONDAY,
        page=2,
    )
    text = "".join(lines)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_sheet_has_the_rows_of_its_view_or_search_in_order(sqlite_store: Store) -> None:
    store = sqlite_store
    ada, account = make_user(store), make_account(store)
    made = [
        make_conversation(
            store,
            account,
            name="=cmd()" if n == 3 else f"Lin {n}",
            text="-refund, please",
            opened_at=MONDAY - timedelta(minutes=n),
            assignee_id=ada.id if n % 2 else None,
        )
        for n in range(5)
    ]
    with store.write() as session:
        index_everything(session, 100)
    with store.read() as session:
        listed = [str(r.id) for r in inbox_list.page(session, "due", ada.id)[0]]
    assert [row["id"] for row in sheet(store, "due")] == listed
    assert len(sheet(store, "mine", me=ada.id)) == 2
    found = sheet(store, query="refund assignee:ada@lumenpay.example")
    assert {row["id"] for row in found} == {str(made[1].id), str(made[3].id)}
    (evil,) = [row for row in found if row["id"] == str(made[3].id)]
    assert (evil["customer"], evil["last_words"]) == ("'=cmd()", "'-refund, please")
    assert evil["url"] == f"https://desk.example/conversations/{made[3].id}"
    assert sheet(store, query="category:spam") == []


def test_a_search_that_is_none_is_refused_before_the_first_line(sqlite_store: Store) -> None:
    lines = sheets.csv_lines(
        sqlite_store, base_url="", view="all", query="nothing:here", me=None, now=MONDAY
    )
    with pytest.raises(BadSearch):
        next(lines)
