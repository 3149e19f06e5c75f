"""Absences and shifts from calendar files, by program."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictBool
from sqlalchemy.exc import NoResultFound

from inbox.domain.ical_in import MOST_BYTES
from inbox.domain.written import Unclear
from inbox.flows import roster_import as flow
from inbox.flows.roster_plan import told
from inbox.store import roster_imports as stored
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Nothing, Taken
from inbox.web.api.models_roster import ShiftOf, Text
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.permissions import LEADS
from inbox.web.routes.roster import by_of

Of = Literal["absences", "shifts"]
router = APIRouter(prefix="/api/v1/roster/imports", tags=["Roster"])


class LineOf(BaseModel):
    """A time in the file, and what becomes of it."""

    what: str = Field(description="new, changed, gone, same, or aside: left out, `why`.")
    title: str
    person: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    why: str | None
    shift: ShiftOf | None = Field(description="The weekly shift that it is.")


class ImportOf(BaseModel):
    """A file that was taken in."""

    id: int
    of: Of
    file: str
    made_by: str
    made_at: datetime
    added: int
    changed: int
    ended: int
    undone_at: datetime | None


class ImportsOf(BaseModel):
    """The newest fifty: one's own, for leads and admins all."""

    imports: list[ImportOf]


class NewImport(Taken):
    """`ics` is the file's text, `of` what it has; shifts are for leads. `person` is whose they are;
    a lead may leave that out where the file names them."""

    ics: Annotated[str, Field(max_length=MOST_BYTES)]
    of: Of = "absences"
    person: Text | None = None
    file: Text = ""
    dry_run: StrictBool = False


class PlanOf(BaseModel):
    """What was done, or with `dry_run` would be; `id` is the import's number."""

    id: int | None
    lines: list[LineOf]
    unknown: list[str] = Field(
        description="Of shifts: guests without an account here, and titles that name nobody."
    )


class UndoneImport(BaseModel):
    """Whether it was still to be taken back."""

    undone: bool


@router.get("")
def imports(desk: TheDesk, call: TheCall) -> ImportsOf:
    """The calendar files that were taken in."""
    own = None if call.person.role in LEADS else call.person.email
    with desk.store.read() as session:
        rows = stored.newest(session, own, most=50)
        return ImportsOf(imports=[ImportOf(**flow.import_told(row)) for row in rows])


@router.post("", response_model=PlanOf)
def take(once: TheOnce, desk: TheDesk, body: NewImport) -> Response:
    """Enters absences or shifts of a calendar file; with `dry_run` only tells what it would do."""
    return once.answer(body, lambda: _take(desk, once, body))


@router.post("/{id}/undo", response_model=UndoneImport)
def undo(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes an import back."""

    def work() -> UndoneImport:
        try:
            return UndoneImport(
                undone=flow.undo(desk.store, id, by=by_of(once.person), now=desk.now())
            )
        except NoResultFound:
            raise not_found("import") from None
        except Unclear as e:
            raise Problem(422, "roster", "Not valid", str(e)) from e

    return once.answer(body or Nothing(), work)


def _take(desk: Desk, once: Once, body: NewImport) -> PlanOf:
    raw, number = body.ics.encode("utf-8", "replace"), None
    by, now, shifts = by_of(once.person), desk.now(), body.of == "shifts"
    try:
        if body.dry_run:
            with desk.store.read() as session:
                plan = flow.plan(session, raw, person=body.person, by=by, now=now, shifts=shifts)
        else:
            number, plan = flow.take(
                desk.store,
                raw,
                name=body.file,
                person=body.person,
                by=by,
                now=now,
                shifts=shifts,
            )
    except Unclear as e:
        raise Problem(422, "roster", "Not valid", str(e)) from e
    lines = [LineOf(**told(one)) for one in plan.lines]
    return PlanOf(id=number, lines=lines, unknown=list(plan.unknown))
