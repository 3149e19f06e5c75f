"""Reports of a day, a week, a month or any days: page, sheet and JSON of the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import AwareDatetime

from inbox.config import SettingWrong
from inbox.domain.calendars import local_date
from inbox.domain.ids import BIGGEST_ID
from inbox.flows.neutral import YEARS
from inbox.store import accounts, scope
from inbox.store import editions as kept_ones
from inbox.web.desk import Desk, TheDesk, frame, html
from inbox.web.pages import Frame
from inbox.web.pages_report import BehindView, ReportView
from inbox.web.report_filter import Chosen
from reports import behind as counting
from reports import editions, pdf
from reports.behind import Figure, Stored
from reports.behind_groups import OF_GROUP
from reports.document import report_json
from reports.evidence.archive import public_key
from reports.filters import ANSWERS, choices
from reports.sheet import csv_text
from templates.filters import Filter
from templates.periods import Days
from templates.report import Alone, Broken, ReportPage

router = APIRouter()

Row = TypeVar("Row", Broken, Alone)
LONGEST: Final = timedelta(days=399)
"""From the first to the last day."""
MOST_ROWS: Final = 300
EditionNumber = Annotated[int | None, Query(ge=1, le=BIGGEST_ID)]


@dataclass(frozen=True, slots=True)
class Asked:
    """The days of an address (None without any), as of when (None: now), and of what; `edition`: as
    it is stored under that number. `fresh`: as of now, whatever is stored."""

    days: Days | None
    as_of: AwareDatetime | None
    only: Filter
    edition: int | None = None
    fresh: bool = False


def asked(
    only: Chosen,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    as_of: AwareDatetime | Literal["now"] | None = None,
    edition: EditionNumber = None,
) -> Asked:
    """Days in either order, one of them alone, and of too many the last ones; an instant and days
    that no zone can show are not found, nor is an edition of a part: none is stored."""
    given = sorted(day for day in (first, last) if day is not None)
    fresh, at = as_of == "now", None if isinstance(as_of, str) else as_of
    if not all(YEARS[1] <= one.year < YEARS[-1] for one in (*given, at) if one is not None):
        raise HTTPException(404)
    if only and edition is not None:
        raise HTTPException(404)
    instant = at and at.astimezone(UTC)
    days = Days(max(given[0], given[-1] - LONGEST), given[-1]) if given else None
    return Asked(days, instant, only, edition, fresh)


def which(
    figure: str = "turns_due",
    group: str = "",
    key: str = "",
    of: date | Literal["", "before"] = "",
) -> Figure:
    """One number of a report, of all its days, of those before them or of one; any other is not
    found."""
    if figure not in counting.FIGURES or group not in ("", *counting.GROUPS):
        raise HTTPException(404)
    if key not in OF_GROUP.get(group, (key,)):
        raise HTTPException(404)
    if isinstance(of, date) and not YEARS[1] <= of.year < YEARS[-1]:
        raise HTTPException(404)
    return Figure(figure, group, key, str(of))


Which = Annotated[Figure, Depends(which)]
Question = Annotated[Asked, Depends(asked)]


@router.get("/reports")
def periods(request: Request, desk: TheDesk, what: Question) -> Response:
    """The report of the days from … to …; without any, yesterday's in the brand's zone: the one
    that the morning brings. Of a week or month the newest edition, or that of a number; of a part,
    and as of an instant or now, what is counted for this page."""
    around = frame(request, "reports")
    days = days_of(desk, what)
    if what.as_of is None and not what.fresh and not what.only:
        if days.kind == "day" and what.edition is None:
            return RedirectResponse(days.path, 303)
        if days.kind != "custom":
            return _stored(desk, around, days, what.edition)
    whole, instant = desk.store.seen_by(frozenset()), what.as_of or around.now
    shown = editions.page(whole, days.first, days.last, None, instant, only=what.only)
    today = local_date(around.now, shown.zone)
    return html(_view(desk, around, replace(shown, now_day=today, pinned=bool(what.as_of))))


@router.get("/reports/behind")
def behind(
    request: Request,
    desk: TheDesk,
    what: Question,
    which: Which,
    page: Annotated[int, Query(ge=1, le=BIGGEST_ID)] = 1,
) -> Response:
    """The conversations that a figure counts, as of the instant, or as a stored edition knew them;
    so many to a page."""
    around = frame(request, "reports")
    days, instant = days_of(desk, what), what.as_of or around.now
    whole = desk.store.seen_by(frozenset())
    kept = None
    if what.only.personal and which.name not in ANSWERS:
        raise HTTPException(404)
    if what.edition is not None:
        made = editions.edition_for(whole, days, what.edition)
        if made is None:
            raise HTTPException(404)
        kept, instant = Stored(made.number, made.zone, made.made_at), made.as_of
    found = counting.behind(whole, days, instant, which, MOST_ROWS, kept, what.only, page)
    rows = {one.conversation for one in found.waits} | {h.conversation for h in found.heard}
    rows |= {matter.conversation for matter in found.matters}
    with desk.store.read() as session:
        known = scope.known(session, rows)
    waits = tuple(w if w.conversation in known else w.unnamed for w in found.waits)
    heard = tuple(h if h.conversation in known else h.unnamed for h in found.heard)
    matters = tuple(m if m.conversation in known else m.unnamed for m in found.matters)
    return html(BehindView(around, replace(found, waits=waits, heard=heard, matters=matters)))


@router.get("/reports/{day}")
def report(request: Request, desk: TheDesk, day: date, edition: EditionNumber = None) -> Response:
    """A day's newest edition, or that of a number; a day without one as it looks now."""
    if not YEARS[1] <= day.year < YEARS[-1]:
        raise HTTPException(404)
    return _stored(desk, frame(request, "reports"), Days.day(day), edition)


@router.get("/reports.csv")
def csv(desk: TheDesk, what: Question) -> Response:
    """The figures as a sheet, one line for each number."""
    days, figures = _figures(desk, what)
    return Response(
        csv_text(figures), media_type="text/csv", headers=_download(f"report-{_name(days)}.csv")
    )


@router.get("/reports.json")
def as_json(desk: TheDesk, what: Question) -> Response:
    """The same as `replydesk report --json`."""
    days, figures = _figures(desk, what)
    return JSONResponse(figures, headers=_download(f"report-{_name(days)}.json"))


@router.get("/reports.pdf")
def as_pdf(request: Request, desk: TheDesk, what: Question) -> Response:
    """The page as a file for paper."""
    around, days = frame(request, "reports"), days_of(desk, what)
    whole = desk.store.seen_by(frozenset())
    if what.edition is None:
        as_of = what.as_of or around.now
        shown = editions.page(whole, days.first, days.last, None, as_of, only=what.only)
    else:
        shown = _edition(desk, around, days, what.edition)
    shown = replace(_seen(desk, shown), drills=False, base=desk.settings.base_url)
    try:
        paper = pdf.pdf_of(shown, around.locale)
    except pdf.NoPdf as e:
        raise HTTPException(503, str(e)) from None
    return Response(
        paper,
        media_type="application/pdf",
        headers=_download(f"report-{_name(days)}.pdf"),
    )


def _stored(desk: Desk, around: Frame, days: Days, edition: int | None) -> Response:
    return html(_view(desk, around, _edition(desk, around, days, edition)))


def _edition(desk: Desk, around: Frame, days: Days, edition: int | None) -> ReportPage:
    whole = desk.store.seen_by(frozenset())
    shown = editions.page_for(whole, desk.settings, days, around.now, edition)
    if shown is None:
        raise HTTPException(404)
    return shown


def _view(desk: Desk, around: Frame, shown: ReportPage) -> ReportView:
    key = wrong = ""
    if around.me.leads:
        try:
            key = public_key(desk.settings.evidence_key)
        except SettingWrong as e:
            wrong = str(e)
    with desk.store.read() as session:
        offered = choices(session)
        newest = 0 if shown.filter else kept_ones.newest(session, shown.days.kind, shown.first)
    shown = _seen(desk, shown)
    return ReportView(around, shown, key, wrong, pdf.available(), offered, newest)


def _figures(desk: Desk, what: Asked) -> tuple[Days, dict[str, Any]]:
    """Those of a stored edition, or as of the instant."""
    days = days_of(desk, what)
    whole = desk.store.seen_by(frozenset())
    if what.edition is None:
        instant = what.as_of or desk.now()
        return days, report_json(whole, days.first, days.last, None, instant, what.only)
    made = editions.edition_for(whole, days, what.edition)
    if made is None:
        raise HTTPException(404)
    return days, made.document.figures


def days_of(desk: Desk, what: Asked) -> Days:
    """Those asked for; without any, yesterday in the brand's zone."""
    return what.days or _yesterday(desk)


def _yesterday(desk: Desk) -> Days:
    with desk.store.read() as session:
        zone = accounts.zone_of(accounts.brand(session))
    return Days.day(local_date(desk.now(), zone) - timedelta(days=1))


def _name(days: Days) -> str:
    return "-".join(dict.fromkeys((days.first.isoformat(), days.last.isoformat())))


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def _seen(desk: Desk, shown: ReportPage) -> ReportPage:
    """The figures are the brand's; of what other teams have, the names are left out."""
    ahead = shown.ahead
    rows: list[Broken | Alone] = [*shown.broken, *shown.late_now]
    rows += ahead.alone if ahead else ()
    with desk.store.read() as session:
        known = scope.known(session, {row.conversation for row in rows})

    def told(rows: Sequence[Row]) -> tuple[Row, ...]:
        return tuple(row if row.conversation in known else row.unnamed for row in rows)

    ahead = replace(ahead, alone=told(ahead.alone)) if ahead else None
    return replace(
        shown, broken=told(shown.broken), late_now=told(shown.late_now), ahead=ahead, drills=True
    )
