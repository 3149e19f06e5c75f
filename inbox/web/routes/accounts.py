"""Connected accounts and their health."""

from fastapi import APIRouter, Request, Response

from inbox.store import accounts as stored
from inbox.store import inbox_list
from inbox.web import accounts_view
from inbox.web.desk import TheDesk, frame, html
from inbox.web.pages_accounts import AccountsPage

router = APIRouter()


@router.get("/accounts")
def accounts(request: Request, desk: TheDesk) -> Response:
    """Each account with its health, and how to connect another."""
    around = frame(request, "accounts")
    with desk.store.read() as session:
        rows = stored.everyone(session)
        counts = inbox_list.by_account(session)
    shown = accounts_view.shown(rows, around.now, counts)
    return html(AccountsPage(around, shown, accounts_view.commands()))
