"""Links to reports for people without an account, by program."""

from datetime import UTC, date, datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from inbox.flows import report_links as flow
from inbox.store import report_links as stored
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.desk_routes import check_period
from inbox.web.api.models import Instant, Nothing, OfDays, RowId, Taken, Whole
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.report_filter import known
from reports.sharing import frozen
from templates.periods import Days

router = APIRouter(prefix="/api/v1", tags=["Reports"])


Kind = Literal["channel", "account", "category", "urgency", "language", "team", "agent"]


class ReportLinkOf(BaseModel):
    """A link to a report; its address is told once, when it is made."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: int
    first: date = Field(alias="from")
    to: date
    zone: str
    as_of: datetime = Field(description="Whose figures it shows.")
    edition: int | None = Field(description="Of a stored report.")
    state: Literal["works", "expired", "revoked"]
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened: int = Field(description="How many times.")
    opened_at: datetime | None


class ReportLinksOf(BaseModel):
    """Every link, the newest first."""

    links: list[ReportLinkOf]


class ShareReport(OfDays):
    """Which report, and for how long."""

    tz: str | None = Field(default=None, description="Time zone; the brand's if left out.")
    as_of: Instant | None = Field(default=None, description="Now if left out.")
    edition: RowId | None = Field(
        default=None, description="A stored report of a day, week or month."
    )
    filter: dict[Kind, list[str]] = Field(
        default={}, description="Of what, as `GET /reports` takes it; everything if left out."
    )
    days: Whole = Field(default=flow.DAYS, ge=1, le=flow.LONGEST_DAYS, description="It lasts.")


class Lasts(Taken):
    """For how long."""

    days: Whole | None = Field(
        default=None, ge=1, le=flow.LONGEST_DAYS, description="As before if left out."
    )


class SharedReport(BaseModel):
    """A fresh link: whoever has the address sees the report."""

    id: int
    url: str = Field(examples=["https://desk.example/shared/reports/…"])
    expires_at: datetime


@router.get("/reports/links")
def links(desk: TheDesk, _: TheCall) -> ReportLinksOf:
    """Links to reports: who made them, until when they work, how often they were opened."""
    with desk.store.read() as session:
        found = stored.listed(session)
    now = desk.now()
    return ReportLinksOf(links=[ReportLinkOf.model_validate(flow.told(one, now)) for one in found])


@router.post("/reports/links", response_model=SharedReport)
def make(once: TheOnce, desk: TheDesk, body: ShareReport) -> Response:
    """A link to one report: every figure, nobody's name. It is told in this answer only, so send
    no `Idempotency-Key`."""
    _no_key(once)
    return once.answer(body, lambda: _make(desk, once, body))


@router.post("/reports/links/{id}/renew", response_model=SharedReport)
def renew(once: TheOnce, desk: TheDesk, id: Number, body: Lasts | None = None) -> Response:
    """Another address for the same report; the one before stops working. Send no
    `Idempotency-Key`."""
    _no_key(once)
    wanted = body or Lasts()

    def work() -> SharedReport:
        about = {"base_url": desk.settings.base_url, "actor": once.person.email}
        try:
            made = flow.renew(desk.store, id, wanted.days, **about, now=desk.now())
        except flow.NoSuchLink:
            raise not_found("link") from None
        return _fresh(made)

    return once.answer(wanted, work)


@router.post("/reports/links/{id}/revoke", response_model=ReportLinkOf)
def revoke(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """The link stops working at once."""
    return once.answer(body or Nothing(), lambda: _moved(once, desk, id, revoked=True))


@router.post("/reports/links/{id}/restore", response_model=ReportLinkOf)
def restore(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """A revoked link works again, until it ends."""
    return once.answer(body or Nothing(), lambda: _moved(once, desk, id, revoked=False))


def _no_key(once: Once) -> None:
    if once.key is not None:
        detail = "A repeated answer would tell the link again: leave the key out."
        raise Problem(400, "no_key_here", "No idempotency key here", detail)


def _make(desk: Desk, once: Once, body: ShareReport) -> SharedReport:
    now = desk.now()
    instant = (body.as_of or now).astimezone(UTC)
    check_period(body.first, body.to, body.tz, instant)
    whole, days = desk.store.seen_by(frozenset()), Days(body.first, body.to)
    with desk.store.read() as session:
        only = known(session, body.filter)
    report = frozen(whole, days, body.tz, instant, body.edition, only)
    if report is None:
        raise not_found("edition")
    about = {"base_url": desk.settings.base_url, "actor": once.person.email}
    return _fresh(flow.make(desk.store, report, body.days, **about, now=now))


def _moved(once: Once, desk: Desk, id: int, *, revoked: bool) -> ReportLinkOf:
    move = flow.revoke if revoked else flow.restore
    try:
        move(desk.store, id, actor=once.person.email, now=desk.now())
    except flow.NoSuchLink as e:
        with desk.store.read() as session:
            there = stored.one(session, id)
        if there is None:
            raise not_found("link") from None
        raise Problem(409, "ended", "Ended already", str(e)) from None
    with desk.store.read() as session:
        listed = stored.one(session, id)
    assert listed is not None
    return ReportLinkOf.model_validate(flow.told(listed, desk.now()))


def _fresh(made: flow.Made) -> SharedReport:
    return SharedReport(id=made.id, url=made.url, expires_at=made.expires_at)
