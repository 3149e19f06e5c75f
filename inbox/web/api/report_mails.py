"""Mailed reports by program: who gets them, how they look, and what became of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from connectors.core.errors import ConnectorError
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import report_recipients as flow
from inbox.flows.report_recipients import NoSuchRecipient, RecipientInvalid, Wanted
from inbox.store import report_mails as stored
from inbox.store.session import Store
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.conversations import Limit
from inbox.web.api.models import Nothing
from inbox.web.api.models_report_mails import (
    Locale,
    MailPreview,
    MailTest,
    MailTested,
    NewRecipient,
    Recipient,
    Recipients,
    ReportMail,
    ReportMails,
)
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from reports import mails as mailing
from templates.periods import ReportKind

router = APIRouter(prefix="/api/v1/reports", tags=["Reports"])


@router.get("/recipients")
def recipients(desk: TheDesk, _: TheCall) -> Recipients:
    """Everybody who gets reports by mail."""
    with desk.store.read() as session:
        rows = stored.recipients(session)
    return Recipients(recipients=[Recipient(**flow.told(row)) for row in rows])


@router.post("/recipients", response_model=Recipient)
def add(once: TheOnce, desk: TheDesk, body: NewRecipient) -> Response:
    """Sends somebody reports, from the next one on."""

    def work() -> Recipient:
        with _problems():
            id_ = flow.add(desk.store, _wanted(body), actor=once.person.email, now=desk.now())
        return _one(desk, id_)

    return once.answer(body, work)


@router.post("/recipients/{id}", response_model=Recipient)
def change(once: TheOnce, desk: TheDesk, id: Number, body: NewRecipient) -> Response:
    """A recipient anew: address, reports, language and time."""

    def act(store: Store, id: int, *, actor: str, now: datetime) -> None:
        flow.change(store, id, _wanted(body), actor=actor, now=now)

    return _done(once, desk, id, body, act)


@router.post("/recipients/{id}/remove", response_model=Recipient)
def remove(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Sends them nothing more, also nothing that waits."""
    return _done(once, desk, id, body, flow.remove)


@router.post("/recipients/{id}/restore", response_model=Recipient)
def restore(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Undoes `remove`."""
    return _done(once, desk, id, body, flow.restore)


@router.get("/mails")
def mails(
    desk: TheDesk,
    _: TheCall,
    limit: Limit = 50,
    cursor: Annotated[
        int | None, Query(ge=1, le=BIGGEST_ID, description="`next_cursor` of the page before.")
    ] = None,
) -> ReportMails:
    """The reports' mails, newest first, and what became of each."""
    with desk.store.read() as session:
        rows = stored.log(session, limit + 1, cursor)
    told = [ReportMail.model_validate(mailing.told(row)) for row in rows[:limit]]
    return ReportMails(mails=told, next_cursor=told[-1].id if len(rows) > limit else None)


@router.get("/mails/preview")
def preview(desk: TheDesk, call: TheCall, kind: ReportKind, locale: Locale = "en") -> MailPreview:
    """The mail about the last day, week or month that is over, as it would look now."""
    wanted = mailing.Sample(kind, locale, call.person.email)
    shown = mailing.looks(mailing.preview(desk.store, desk.settings, wanted, desk.now()))
    return MailPreview(subject=shown.subject, text=shown.text, html=shown.html)


@router.post("/mails/test", response_model=MailTested)
def try_out(once: TheOnce, desk: TheDesk, body: MailTest) -> Response:
    """Sends such a mail at once, marked as a test."""
    return once.answer(body, lambda: _test(desk, body, once.person.email))


@router.post("/mails/{id}/again", response_model=ReportMail)
def again(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Lets a refused mail go out once more, under its Message-ID."""
    return once.answer(body or Nothing(), lambda: _again(desk, id, once.person.email))


def _wanted(body: NewRecipient) -> Wanted:
    return Wanted(body.address, body.locale, body.kinds, body.at or "")


def _one(desk: Desk, id: int) -> Recipient:
    with desk.store.read() as session:
        row = stored.recipient(session, id)
    if row is None:
        raise not_found("recipient")
    return Recipient(**flow.told(row))


class _Act(Protocol):
    def __call__(self, store: Store, id: int, /, *, actor: str, now: datetime) -> None: ...


def _done(once: Once, desk: Desk, id: int, body: BaseModel | None, act: _Act) -> Response:
    def work() -> Recipient:
        with _problems():
            act(desk.store, id, actor=once.person.email, now=desk.now())
        return _one(desk, id)

    return once.answer(body or Nothing(), work)


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except NoSuchRecipient:
        raise not_found("recipient") from None
    except RecipientInvalid as e:
        if e.known:
            raise Problem(409, "taken", "Known already", e.reason) from None
        raise Problem(422, "recipient", "Not valid", f"{e.field}: {e.reason}") from None


def _test(desk: Desk, body: MailTest, person: str) -> MailTested:
    try:
        to = flow.address_of(body.to or person)
        wanted = mailing.Sample(body.kind, body.locale, to)
        mailing.send_test(desk.store, desk.settings, wanted, desk.now(), actor=person)
    except RecipientInvalid as e:
        raise Problem(422, "recipient", "Not valid", f"to: {e.reason}") from None
    except ConnectorError as e:
        raise Problem(409, "not_sent", "It did not leave", e.reason) from None
    return MailTested(to=to)


def _again(desk: Desk, id: int, actor: str) -> ReportMail:
    with desk.store.read() as session:
        if stored.mail(session, id) is None:
            raise not_found("mail")
    if not flow.send_again(desk.store, id, actor=actor, now=desk.now()):
        detail = "Only a refused mail to a present recipient is sent again."
        raise Problem(409, "state", "Not possible now", detail)
    with desk.store.read() as session:
        (row,) = stored.log(session, 1, id + 1)
    return ReportMail.model_validate(mailing.told(row))
