"""Mailed reports: who gets them, how they look, a test, and what became of each."""

import base64
import hashlib
import re
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from connectors.core.errors import ConnectorError
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import report_recipients as flow
from inbox.flows.report_recipients import NoSuchRecipient, RecipientInvalid, Wanted
from inbox.web.auth import Agent
from inbox.web.desk import Number, TheDesk, desk_of, frame, html
from inbox.web.pages_report_mails import SANDBOX, Look, ReaderForm, Theme, TryForm, Width
from inbox.web.report_mails_view import Shown, report_mails_page
from reports import mails as mailing
from templates import LOCALES
from templates.periods import ReportKind

router = APIRouter(prefix="/reports")

Field = Annotated[str, Form()]
Fields = Annotated[list[str] | None, Form()]
Asked = Annotated[int, Query(ge=0, le=BIGGEST_ID)]
Before = Annotated[int | None, Query(ge=0, le=BIGGEST_ID)]
DARK: Final = "(prefers-color-scheme: dark)"
SCHEMES: Final = "light dark"
STYLE: Final = re.compile("<style>(.*?)</style>", re.DOTALL)


@router.get("/mails")
def mails(
    request: Request,
    kind: ReportKind = "day",
    locale: str = "",
    width: Width = "",
    theme: Theme | None = None,
    edit: Asked = 0,
    before: Before = None,
    done: str = "",
    id: Asked = 0,
    changed: str = "",
) -> Response:
    """Who gets which reports, one mail as it would look now, and the log."""
    look = _look(request, kind, locale, width, theme)
    return _page(request, Shown(look, edit=edit, before=before, done=done, id=id, changed=changed))


@router.get("/mails/preview")
def preview(
    desk: TheDesk, kind: ReportKind = "day", locale: str = "en", theme: Theme = "light"
) -> Response:
    """A mail as a page in a frame: it runs nothing, loads nothing, and has its one style sheet
    and its picture inside."""
    made = mailing.preview_html(desk.store, desk.settings, kind, _known(locale), desk.now())
    made = made.replace(DARK, "all" if theme == "dark" else "not all").replace(SCHEMES, theme)
    sheet = base64.b64encode(hashlib.sha256(STYLE.findall(made)[0].encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{sheet}'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
    )
    page = made.replace("<head>", '<head>\n<base target="_blank">', 1)
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@router.post("/mails/test")
def try_out(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    to: Field = "",
    kind: Annotated[ReportKind, Form()] = "day",
    locale: Field = "en",
    width: Annotated[Width, Form()] = "",
    theme: Annotated[Theme, Form()] = "light",
) -> Response:
    """Sends one at once, marked as a test."""
    look = _look(request, kind, locale, width, theme)
    try:
        wanted = mailing.Sample(kind, look.locale, flow.address_of(to))
        mailing.send_test(desk.store, desk.settings, wanted, desk.now(), actor=agent.email)
    except (RecipientInvalid, ConnectorError) as e:
        return _page(request, Shown(look, test=TryForm(to, e.reason)))
    return RedirectResponse(f"/reports/mails?{look.query}&done=tested#test", 303)


@router.post("/mails/{id}/again")
def again(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Lets a refused mail go out once more."""
    sent = flow.send_again(desk.store, id, actor=agent.email, now=desk.now())
    return _back("again" if sent else "late", id, "log")


def asked_for(
    address: Field = "", kind: Fields = None, locale: Field = "en", at: Field = ""
) -> Wanted:
    """What the form of a recipient says."""
    return Wanted(address, locale, kind or [], at)


Filled = Annotated[Wanted, Depends(asked_for)]


@router.post("/recipients")
def add(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    wanted: Filled,
) -> Response:
    """Somebody more gets reports, from the next one on."""
    try:
        id_ = flow.add(desk.store, wanted, actor=agent.email, now=desk.now())
    except RecipientInvalid as e:
        return _page(request, Shown(form=_wrong(0, wanted, e)))
    return _back("added", id_)


@router.post("/recipients/{id}")
def change(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Number,
    wanted: Filled,
) -> Response:
    """Another address, choice, language or time."""
    try:
        changed = flow.change(desk.store, id, wanted, actor=agent.email, now=desk.now())
    except NoSuchRecipient:
        raise HTTPException(404) from None
    except RecipientInvalid as e:
        return _page(request, Shown(form=_wrong(id, wanted, e)))
    return _back("changed" if changed else "same", id, changed=",".join(changed))


@router.post("/recipients/{id}/remove")
def remove(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Nothing leaves to them any more; the page that follows offers to bring them back."""
    try:
        flow.remove(desk.store, id, actor=agent.email, now=desk.now())
    except NoSuchRecipient:
        raise HTTPException(404) from None
    return _back("removed", id)


@router.post("/recipients/{id}/restore")
def restore(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Brings them back."""
    try:
        flow.restore(desk.store, id, actor=agent.email, now=desk.now())
    except NoSuchRecipient:
        raise HTTPException(404) from None
    except RecipientInvalid as e:
        return _page(request, Shown(form=ReaderForm(wrong=e.field, reason=e.reason)))
    return _back("restored", id)


def _back(done: str, id: int, place: str = "readers", **more: str) -> Response:
    query = urlencode({"done": done, "id": id} | {k: v for k, v in more.items() if v})
    return RedirectResponse(f"/reports/mails?{query}#{place}", 303)


def _wrong(id: int, wanted: Wanted, e: RecipientInvalid) -> ReaderForm:
    kinds = tuple(wanted.kinds)
    return ReaderForm(id, wanted.address, kinds, wanted.locale, wanted.at, e.field, e.reason)


def _look(
    request: Request, kind: ReportKind, locale: str, width: Width, theme: Theme | None
) -> Look:
    """In the reader's own language and colours if none are named."""
    around = frame(request)
    own: Theme = "dark" if around.theme == "dark" else "light"
    return Look(kind, _known(locale or around.locale), width, theme or own)


def _known(locale: str) -> str:
    if locale not in LOCALES:
        raise HTTPException(404)
    return locale


def _page(request: Request, shown: Shown) -> Response:
    page = report_mails_page(desk_of(request), frame(request, "reports"), shown)
    wrong = page.test.reason or (page.form and page.form.wrong)
    return html(page, 422 if wrong else 200)
