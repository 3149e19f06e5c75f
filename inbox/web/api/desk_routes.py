"""Accounts, figures, the classifier, people, and who calls."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from classifier.stream import FIELDS
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.scopes import SCOPES
from inbox.flows import accounts as flow
from inbox.flows import models, profile, telling
from inbox.flows.neutral import YEARS
from inbox.flows.people import Signed
from inbox.store import accounts as stored
from inbox.store import people
from inbox.store.accounts import ACTIVE, PAUSED
from inbox.store.tables import Account as Row
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Day, Instant, Nothing
from inbox.web.api.models_desk import (
    Account,
    Accounts,
    AccountWhole,
    Look,
    Me,
    NewLook,
    People,
    Person,
    Tagged,
    Text,
    Version,
    Versions,
)
from inbox.web.api.models_report import Report
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.report_filter import Chosen
from reports.document import report_json
from reports.editions import edition_for
from templates.periods import Days

router = APIRouter(prefix="/api/v1")

MOST_DAYS = 400


@router.get("/me", tags=["People"])
def me(call: TheCall) -> Me:
    """Who calls, how their pages look, and what the token may do now."""
    who = call.person
    scopes = [scope for scope in SCOPES if scope in call.bearer.scopes]
    return Me(
        id=who.id,
        email=who.email,
        name=who.name,
        role=who.role,
        look=_look(who),
        token_id=call.bearer.token_id,
        scopes=scopes,
    )


@router.post("/me/look", tags=["People"], response_model=Look)
def look(once: TheOnce, desk: TheDesk, body: NewLook) -> Response:
    """Changes how one's own pages look, on every device."""

    def work() -> Look:
        chosen = body.model_dump(exclude_none=True)
        profile.set_look(desk.store, user_id=once.person.id, **chosen)
        return _look(once.person).model_copy(update=chosen)

    return once.answer(body, work)


def _look(who: Signed) -> Look:
    return Look(
        locale=who.locale,
        theme=who.theme or "system",
        density=who.density or "comfortable",
    )


@router.get("/users", tags=["People"])
def users(desk: TheDesk, _: TheCall) -> People:
    """The team."""
    with desk.store.read() as session:
        rows = people.everyone(session)
    return People(
        users=[
            Person(
                id=row.id,
                email=row.email,
                name=row.name,
                role=row.role,
                signs_in=row.password_hash is not None and row.disabled_at is None,
            )
            for row in rows
        ]
    )


@router.get("/accounts", tags=["Accounts"])
def accounts(desk: TheDesk, _: TheCall) -> Accounts:
    """Every account: state, last success, what went wrong."""
    with desk.store.read() as session:
        rows = stored.seen(session)
    return Accounts(accounts=[Account(**telling.account(row)) for row in rows])


@router.get("/accounts/{id}", tags=["Accounts"])
def account(desk: TheDesk, _: TheCall, id: Number) -> AccountWhole:
    """One account: health, quota, cost, and what of each stream is surely here."""
    with desk.store.read() as session:
        row = session.get(Row, id)
        if row is None:
            raise not_found("account")
        return AccountWhole(**telling.account_whole(session, row, desk.now()))


@router.post("/accounts/{id}/pause", tags=["Accounts"], response_model=Account)
def pause(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Stops polling and sending."""
    return once.answer(body or Nothing(), lambda: _state(once, desk, id, ACTIVE, PAUSED))


@router.post("/accounts/{id}/resume", tags=["Accounts"], response_model=Account)
def resume(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Polls and sends again."""
    return once.answer(body or Nothing(), lambda: _state(once, desk, id, PAUSED, ACTIVE))


@router.get("/reports", tags=["Reports"], response_model=Report)
def report(
    desk: TheDesk,
    _: TheCall,
    only: Chosen,
    first: Annotated[Day, Query(alias="from", description="First day.")],
    to: Annotated[Day, Query(description="Last day, included.")],
    tz: Annotated[str | None, Query(description="Time zone; the brand's if left out.")] = None,
    as_of: Annotated[Instant | None, Query(description="Now if left out.")] = None,
    edition: Annotated[
        int | None,
        Query(
            ge=1,
            le=BIGGEST_ID,
            description="As a report of a day, week or month was kept under this number: leave "
            "`tz`, `as_of` and filters out.",
        ),
    ] = None,
) -> Any:
    """The figures of a period: the same as page, mail and `replydesk report --json`.

    With filters those of a part of the desk; of agents their answers', all others are null.
    """
    instant = as_of or desk.now()
    check_period(first, to, tz, instant)
    if edition is not None:
        if only or tz or as_of:
            raise _no_report("An edition has its zone and instant and is of the whole desk.")
        kept = edition_for(desk.store, Days(first, to), edition)
        if kept is None:
            raise not_found("edition")
        return JSONResponse(kept.document.figures)
    figures = report_json(desk.store, first, to, tz, instant.astimezone(UTC), only)
    return Report.model_validate(figures)


def check_period(first: date, to: date, tz: str | None, instant: datetime) -> None:
    """Raises `Problem` for days, an instant or a zone that no report has."""
    if not all(one.year in YEARS for one in (first, to, instant)):
        raise _no_report(f"Choose days of the years {YEARS[0]} to {YEARS[-1]}.")
    if not 0 <= (to - first).days < MOST_DAYS:
        raise _no_report(f"Choose 1 to {MOST_DAYS} days, `from` not after `to`.")
    if tz is not None and tz not in available_timezones():
        raise _no_report("Name the time zone as in Europe/Lisbon.")


@router.post("/classifier/classify", tags=["Classifier"])
def classify(desk: TheDesk, _: TheCall, body: Text) -> Tagged:
    """Tags a text and says why. Nothing is stored."""
    (tags,) = desk.classifier.tag([body.text])
    why = desk.explain(body.text)
    if tags is None or why is None:
        detail = "The classifier's model is not built here; the operator runs `make setup`."
        raise Problem(503, "no_model", "No model", detail)
    said = {name: getattr(tags, name) for name in FIELDS}
    return Tagged.model_validate(said | {"text": body.text, "why": asdict(why)})


@router.get("/classifier/versions", tags=["Classifier"])
def versions(desk: TheDesk, _: TheCall) -> Versions:
    """The versions of the model, their figures and gates, and which one serves."""
    found = models.everything(desk.store, desk.settings.folder)
    return Versions(versions=[Version(**telling.version(one)) for one in found])


def _state(once: Once, desk: Desk, id: int, before: str, after: str) -> Account:
    with desk.store.read() as session:
        if session.get(Row, id) is None:
            raise not_found("account")
    actor = once.person.email
    moved = flow.set_state(desk.store, id, before, after, actor=actor, now=desk.now())
    with desk.store.read() as session:
        row = session.get_one(Row, id)
    if not moved and row.state != after:
        detail = f"The account is {row.state}, not {before}: see its page."
        raise Problem(409, "state", "Not possible", detail)
    return Account(**telling.account(row))


def _no_report(detail: str) -> Problem:
    return Problem(422, "period", "Not valid", detail)
