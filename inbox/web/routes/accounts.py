"""Connected accounts: how they are, and connecting another."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from connectors.core.contract import Capabilities, word
from connectors.core.errors import ConnectorError
from connectors.core.registry import UnknownChannel, capabilities
from inbox.flows import accounts as flow
from inbox.flows import oauth, reconcile
from inbox.flows.accounts import AccountExists, Added, Incomplete, NewAccount, OtherAccount
from inbox.store import accounts as stored
from inbox.store import inbox_list
from inbox.store.tables import Account
from inbox.web import accounts_view, connect_view, render
from inbox.web.auth import Agent, session_token
from inbox.web.connect_view import Entered
from inbox.web.desk import Number, TheDesk, frame, html, is_part
from inbox.web.pages_accounts import AccountsPage
from inbox.web.pages_connect import CameBackPage, Tried

router = APIRouter(prefix="/accounts")

_SAID: Final = {
    "": word("The platform sent no code."),
    "access_denied": word("Consent was refused on the platform’s page."),
    "server_error": word("The platform has a fault just now; try it again later."),
    "temporarily_unavailable": word("The platform is too busy just now; try it again later."),
}
"""What RFC 6749 (4.1.2.1) lets a platform say, in words; the other codes mean a wrong set-up."""

DONE = frozenset({"demo_removed", "demo_busy"})


async def fields(request: Request) -> dict[str, str]:
    """The form as it came: its fields are the channel's, so their names are not known here."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Given = Annotated[dict[str, str], Depends(fields)]


@router.get("")
def accounts(request: Request, desk: TheDesk, done: str = "") -> Response:
    """Each account with its health, and how to connect another."""
    done = done if done in DONE else ""
    around = frame(request, "accounts")
    with desk.store.read() as session:
        rows = stored.seen(session)
        counts = inbox_list.by_account(session)
    return html(AccountsPage(around, accounts_view.shown(rows, around.now, counts), done))


@router.get("/new")
def platforms(request: Request, desk: TheDesk) -> Response:
    """Which platform?"""
    with desk.store.read() as session:
        rows = stored.everyone(session)
    counts = connect_view.connected_by_channel(rows)
    return html(connect_view.connect_page(frame(request, "accounts"), counts))


@router.get("/oauth/callback")
def come_back(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    state: str = "",
    code: str = "",
    error: str = "",
    error_description: str = "",
) -> Response:
    """The platform sends the browser back, with consent or without."""
    key = session_token(request) or ""
    again = connect_view.form_again(oauth.begun(desk.store, state, key))
    if error or not code:
        said = (
            error_description
            or _SAID.get(error)
            or word("The platform says {error}.").format(error=error)
        )
        why = word("{words} Nothing was connected.").format(words=said)
        return _came_back(request, Tried("failed", why=why), again)

    def finish() -> Added:
        return oauth.finish(
            desk.store,
            desk.settings,
            state=state,
            code=code,
            session_key=key,
            actor=agent.email,
            now=desk.now,
        )

    return _came_back(request, _tried(finish), again)


@router.get("/new/{channel}")
def form(request: Request, desk: TheDesk, channel: str) -> Response:
    """Exactly the fields that the platform needs."""
    given = dict(request.query_params)
    page = connect_view.form_page(desk, frame(request, "accounts"), _offered(channel), given)
    return html(page)


@router.post("/new/{channel}")
def connect(request: Request, desk: TheDesk, agent: Agent, channel: str, given: Given) -> Response:
    """Tests, connects, or leads to the platform's own page."""
    offered = _offered(channel)
    settings, secrets = connect_view.read_form(offered, given)
    handle, base_url = given.get("handle", "").strip(), given.get("base_url", "").strip() or None
    wanted = NewAccount(channel, handle, base_url, settings, secrets)
    way = offered.way(settings)
    if way is not None and way.oauth:
        tried, wrong = _begin(request, desk, wanted, None)
    elif given.get("do") == "test":
        tried, wrong = _test(desk, wanted)
    else:
        tried, wrong = _named(
            lambda: flow.add_account(
                desk.store, desk.settings, wanted, actor=agent.email, now=desk.now
            )
        )
    return _answer(request, desk, offered, given, tried, wrong, None)


@router.get("/{id}")
def account(request: Request, desk: TheDesk, id: Number, done: str = "") -> Response:
    """One account."""
    return _account(request, desk, id, saved=done == "settings")


@router.get("/{id}/credentials")
def credentials_form(request: Request, desk: TheDesk, id: Number) -> Response:
    """The same form for an account that is to be connected again."""
    row = _row(desk, id)
    around = frame(request, "accounts")
    given = dict(request.query_params)
    page = connect_view.form_page(desk, around, _offered(row.channel), given, account=row)
    return html(page)


@router.post("/{id}/credentials")
def credentials(
    request: Request, desk: TheDesk, agent: Agent, id: Number, given: Given
) -> Response:
    """New credentials; the history stays."""
    row = _row(desk, id)
    offered = _offered(row.channel)
    settings, secrets = connect_view.read_form(offered, given)
    chosen = {**row.settings, **{k: v for k, v in settings.items() if k == "sign_in"}}
    wanted = NewAccount(row.channel, row.handle, row.base_url, chosen, secrets)
    way = offered.way(chosen)
    if way is not None and way.oauth:
        tried, wrong = _begin(request, desk, wanted, id)
    else:
        tried, wrong = _named(
            lambda: flow.reconnect(
                desk.store,
                desk.settings,
                id,
                secrets,
                actor=agent.email,
                now=desk.now,
                sign_in=str(chosen.get("sign_in") or ""),
            )
        )
    return _answer(request, desk, offered, given, tried, wrong, row)


@router.post("/{id}/settings")
def settings(request: Request, desk: TheDesk, agent: Agent, id: Number, given: Given) -> Response:
    """Changes settings; another server's address deletes the credentials."""
    row = _row(desk, id)
    fresh, _ = connect_view.read_form(_offered(row.channel), given)
    fresh["sign_in"] = row.settings.get("sign_in", "")
    base_url = given.get("base_url", "").strip() or None
    try:
        moved = flow.configure(
            desk.store, id, base_url=base_url, settings=fresh, actor=agent.email, now=desk.now()
        )
    except Incomplete as e:
        tried = Tried("failed", id, why="\n".join(e.fields.values()))
        return _account(request, desk, id, tried, Entered(fresh, base_url or "", e.fields))
    return RedirectResponse(f"/accounts/{id}{'/credentials' if moved else '?done=settings'}", 303)


@router.post("/{id}/pause")
def pause(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Neither asks nor sends any more."""
    return _move(desk, agent, id, stored.ACTIVE, stored.PAUSED)


@router.post("/{id}/resume")
def resume(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Asks and sends again."""
    return _move(desk, agent, id, stored.PAUSED, stored.ACTIVE)


@router.get("/{id}/check")
@router.get("/{id}/subscribe")
@router.get("/{id}/settings")
def back(id: Number) -> Response:
    """A button's answer that is looked at again, in another language for instance: the account."""
    return RedirectResponse(f"/accounts/{id}", 303)


@router.post("/{id}/check")
def check(request: Request, desk: TheDesk, id: Number) -> Response:
    """Signs in now and says what is missing."""
    row = _row(desk, id)
    try:
        found = flow.check_account(desk.store, desk.settings, row, desk.now)
        soon = row.failures > 0 and capabilities(row.channel).is_polled(row.settings)
        tried = Tried("well", id, found.handle, missing=found.missing, soon=soon)
    except ConnectorError as e:
        tried = Tried("failed", id, why=e.reason)
    return _account(request, desk, id, tried)


@router.post("/{id}/subscribe")
def subscribe(request: Request, desk: TheDesk, id: Number) -> Response:
    """Tells the platform where to call us."""
    row = _row(desk, id)
    try:
        said = flow.subscribe(desk.store, desk.settings, row, desk.now)
        tried = Tried("well", id, row.handle, why=said)
    except ConnectorError as e:
        tried = Tried("failed", id, why=e.reason)
    return _account(request, desk, id, tried)


@router.post("/{id}/compare")
def compare(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Compares the platform's list with what is stored; the work goes on in the background."""
    _row(desk, id)
    try:
        reconcile.start(desk.store, id, actor=agent.email, now=desk.now())
    except reconcile.NothingToCompare:
        raise HTTPException(404) from None
    return RedirectResponse(f"/accounts/{id}#streams", 303)


def _account(
    request: Request,
    desk: TheDesk,
    id: Number,
    tried: Tried | None = None,
    entered: Entered | None = None,
    *,
    saved: bool = False,
) -> HTMLResponse:
    page = connect_view.account_page(desk, frame(request, "accounts"), id, tried, entered)
    if page is None:
        raise HTTPException(404)
    page = replace(page, saved=saved)
    return html(page, 422 if tried and tried.state == "failed" else 200)


def _answer(
    request: Request,
    desk: TheDesk,
    offered: Capabilities,
    given: dict[str, str],
    tried: Tried | None,
    wrong: dict[str, str],
    row: Account | None,
) -> Response:
    """What came of it: beside the form for htmx (so that nothing typed is lost), else the page."""
    page = connect_view.form_page(
        desk,
        frame(request, "accounts"),
        offered,
        given,
        account=row,
        errors=wrong,
        tried=tried or Tried("failed", why="\n".join(wrong.values())),
    )
    if is_part(request):
        headers = {"HX-Redirect": tried.url} if tried and tried.state == "leave" else None
        return HTMLResponse(render.part(page), headers=headers)
    well = tried is not None and tried.state != "failed"
    return html(page, 200 if well else 422)


def _begin(
    request: Request, desk: TheDesk, wanted: NewAccount, account_id: int | None
) -> tuple[Tried | None, dict[str, str]]:
    try:
        if account_id is None:
            flow.complete(wanted)
        begun = oauth.start(
            desk.store,
            desk.settings,
            wanted,
            session_key=session_token(request) or "",
            account_id=account_id,
            now=desk.now,
        )
    except Incomplete as e:
        return None, dict(e.fields)
    except ConnectorError as e:
        return Tried("failed", why=e.reason), {}
    return Tried("leave", url=begun.url), {}


def _test(desk: TheDesk, wanted: NewAccount) -> tuple[Tried | None, dict[str, str]]:
    try:
        found = flow.try_out(desk.store, desk.settings, wanted, desk.now)
    except Incomplete as e:
        return None, dict(e.fields)
    except ConnectorError as e:
        return Tried("failed", why=e.reason), {}
    return Tried("well", handle=found.handle, missing=found.missing), {}


def _named(work: Callable[[], Added]) -> tuple[Tried | None, dict[str, str]]:
    try:
        return _connected(work()), {}
    except Incomplete as e:
        return None, dict(e.fields)
    except (AccountExists, OtherAccount) as e:
        return Tried("failed", why=str(e)), {}
    except ConnectorError as e:
        return Tried("failed", why=e.reason), {}


def _tried(work: Callable[[], Added]) -> Tried:
    try:
        found, wrong = _named(work)
    except oauth.SignInLost as e:
        return Tried("failed", why=str(e))
    return found or Tried("failed", why="\n".join(wrong.values()))


def _connected(added: Added) -> Tried:
    return Tried(
        "connected",
        added.id,
        added.handle,
        missing=added.missing,
        hook=added.hook or "",
        made=added.made,
        signed_in=added.signed_in if added.signed_in != added.handle else "",
    )


def _came_back(request: Request, tried: Tried, again: str) -> Response:
    page = CameBackPage(frame(request, "accounts"), tried, again)
    return html(page, 200 if tried.state == "connected" else 422)


def _move(desk: TheDesk, agent: Agent, id: Number, before: str, after: str) -> Response:
    _row(desk, id)
    flow.set_state(desk.store, id, before, after, actor=agent.email, now=desk.now())
    return RedirectResponse(f"/accounts/{id}", 303)


def _offered(channel: str) -> Capabilities:
    try:
        return capabilities(channel)
    except UnknownChannel:
        raise HTTPException(404) from None


def _row(desk: TheDesk, id: Number) -> Account:
    with desk.store.read() as session:
        row = session.get(Account, id)
    if row is None or accounts_view.offered(row.channel) is None:
        raise HTTPException(404)
    return row
