"""The roster: who is on duty, holes in cover, shifts, absences, swaps."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.exc import NoResultFound

from inbox.domain import roster as rules
from inbox.domain import roster_written
from inbox.domain.written import WEEKDAYS, Document, Unclear, hours_text
from inbox.flows import rostering
from inbox.flows.duty import on_duty
from inbox.flows.presence import here
from inbox.store import accounts
from inbox.store import roster as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Instant, Nothing
from inbox.web.api.models_roster import (
    AbsenceOf,
    AskedOf,
    Cover,
    Made,
    NewAbsence,
    NewSwap,
    Now,
    RosterWhole,
    ShiftOf,
    Shifts,
    Somebody,
    SpanOf,
    SwapEvent,
    SwapOf,
)
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Number, TheDesk
from inbox.web.routes.roster import by_of

router = APIRouter(prefix="/api/v1", tags=["Roster"])

MOST_DAYS = 92
YEARS = range(2000, 2101)


@router.get("/roster")
def roster(desk: TheDesk, _: TheCall) -> RosterWhole:
    """Shifts, swaps and absences."""
    now = desk.now()
    with desk.store.read() as session:
        row, zone = stored.newest(session), accounts.brand_zone(session)
        shifts, asked = stored.in_force(session)
        swaps, absences = stored.swaps(session, now), stored.absences(session, now)
    return RosterWhole(
        version=row.number if row else 0,
        shifts=[ShiftOf(**roster_written.whole_row(one)) for one in shifts],
        cover=AskedOf(
            people=asked.people,
            zone=zone if asked.always else asked.zone,
            hours={d: hours_text(h) for d, h in zip(WEEKDAYS, asked.week, strict=True)},
        ),
        swaps=[
            SwapOf(
                id=one.SwapRow.id,
                shift=one.SwapRow.shift,
                day=one.SwapRow.day,
                gives=one.gives.email,
                takes=one.takes.email,
                state=one.SwapRow.state,
            )
            for one in swaps
        ],
        absences=[
            AbsenceOf(
                id=one.AbsenceRow.id,
                person=one.User.email,
                starts_at=one.AbsenceRow.starts_at,
                ends_at=one.AbsenceRow.ends_at,
                reason=one.AbsenceRow.reason,
            )
            for one in absences
        ],
    )


@router.get("/roster/now")
def now(desk: TheDesk, _: TheCall) -> Now:
    """Who is on duty now."""
    at = desk.now()
    with desk.store.read() as session:
        found = on_duty(session, at)
        there = here(session, [p.id for p in found], at)
    return Now(on_duty=[Somebody(**asdict(p), presence=there[p.id]) for p in found])


@router.get("/roster/cover")
def cover(
    desk: TheDesk,
    _: TheCall,
    start: Annotated[Instant | None, Query(alias="from", description="Now if left out.")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="14 days later.")] = None,
) -> Cover:
    """Who is on duty from one instant to another, without gaps; spans with fewer people than are
    asked are holes."""
    begins = _instant(start or desk.now())
    ends = _instant(end) if end else begins + timedelta(days=14)
    if not timedelta(0) < ends - begins <= timedelta(days=MOST_DAYS):
        detail = f"Choose `to` after `from`, at most {MOST_DAYS} days later."
        raise Problem(422, "period", "Not valid", detail)
    with desk.store.read() as session:
        found = rules.watch(stored.load(session, begins), begins, ends)
    return Cover(
        spans=[
            SpanOf(starts_at=s.starts_at, ends_at=s.ends_at, people=sorted(s.people), asked=s.asked)
            for s in found
        ]
    )


@router.post("/roster", response_model=Made)
def change(once: TheOnce, desk: TheDesk, body: Shifts) -> Response:
    """All shifts anew, as a new version."""
    said: Document = {
        "shift": [one.model_dump(mode="json", exclude_none=True) for one in body.shifts]
    }
    if body.cover is not None:
        said["cover"] = body.cover.model_dump(exclude_none=True, exclude={"hours"})
        said["cover"] |= body.cover.hours
    return once.answer(
        body,
        lambda: _made(
            lambda: rostering.change_shifts(
                desk.store,
                said,
                actor=once.person.email,
                now=desk.now(),
                after=body.after,
            )
        ),
    )


@router.post("/roster/absences", response_model=Made)
def enter_absence(once: TheOnce, desk: TheDesk, body: NewAbsence) -> Response:
    """Says that somebody will not be there: oneself, or for leads anybody."""
    return once.answer(
        body,
        lambda: _made(
            lambda: rostering.enter_absence(
                desk.store,
                person=body.person or once.person.email,
                starts_at=_instant(body.starts_at),
                ends_at=_instant(body.ends_at),
                reason=body.reason,
                by=by_of(once.person),
                now=desk.now(),
            )
        ),
    )


@router.post("/roster/absences/{id}/withdraw", response_model=Made)
def withdraw_absence(
    once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None
) -> Response:
    """The person is there after all. Withdrawn twice is withdrawn once."""

    def work() -> int:
        rostering.withdraw_absence(desk.store, id, by=by_of(once.person), now=desk.now())
        return id

    return once.answer(body or Nothing(), lambda: _made(work))


@router.post("/roster/swaps", response_model=Made)
def offer_swap(once: TheOnce, desk: TheDesk, body: NewSwap) -> Response:
    """Asks somebody to take a shift on one date; a lead decides it at once."""
    return once.answer(
        body,
        lambda: _made(
            lambda: rostering.offer_swap(
                desk.store,
                shift=body.shift,
                day=body.day,
                gives=body.gives or once.person.email,
                takes=body.takes,
                by=by_of(once.person),
                now=desk.now(),
            )
        ),
    )


@router.post("/roster/swaps/{id}", response_model=Made)
def settle_swap(once: TheOnce, desk: TheDesk, id: Number, body: SwapEvent) -> Response:
    """Accepts, declines or withdraws a swap."""

    def work() -> int:
        if not rostering.settle_swap(
            desk.store, id, body.event, by=by_of(once.person), now=desk.now()
        ):
            detail = "The swap cannot go there from its state; read it again."
            raise Problem(409, "state", "Not possible", detail)
        return id

    return once.answer(body, lambda: _made(work))


def _made(work: Callable[[], int]) -> Made:
    try:
        return Made(id=work())
    except Unclear as e:
        raise Problem(422, "roster", "Not valid", str(e)) from e
    except NoResultFound:
        raise not_found("row of the roster") from None


def _instant(given: datetime) -> datetime:
    if given.year not in YEARS:
        raise Problem(422, "period", "Not valid", f"Choose years {YEARS[0]} to {YEARS[-1]}.")
    return given.astimezone(UTC)
