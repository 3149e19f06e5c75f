"""Absences or shifts from a calendar file: shown first, then entered, and taken back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from inbox.domain.ical_in import MOST_BYTES
from inbox.domain.written import Unclear
from inbox.flows import roster_import as flow
from inbox.web import roster_import_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Given, Number, TheDesk, frame, html
from inbox.web.routes.roster import by_of, refused

router = APIRouter()


@router.post("/roster/import")
def import_file(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Shows what the file would do; with `do=apply` does it."""
    file, person, by = given.get("file"), str(given.get("person", "")), by_of(agent)
    now, shifts = desk.now(), given.get("of") == "shifts"
    try:
        if given.get("do") == "apply":
            raw, name = view.kept(str(given.get("content", ""))), str(given.get("name", ""))
            number, _ = flow.take(
                desk.store, raw, name=name, person=person or None, by=by, now=now, shifts=shifts
            )
            done = "shifts-taken" if shifts else "taken"
            return RedirectResponse(f"/roster?done={done}&n={number}", 303)
        raw, name = b"", ""
        if isinstance(file, UploadFile):
            with file.file as opened:
                raw, name = opened.read(MOST_BYTES + 1), file.filename or ""
        with desk.store.read() as session:
            plan = flow.plan(session, raw, person=person or None, by=by, now=now, shifts=shifts)
    except Unclear as e:
        return refused(request, str(e))
    return html(view.import_page(frame(request, "roster"), plan, raw, name, person, shifts))


@router.post("/roster/imports/{id}/undo")
def undo(request: Request, desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Takes an import back."""
    try:
        flow.undo(desk.store, id, by=by_of(agent), now=desk.now())
    except Unclear as e:
        return refused(request, str(e))
    return RedirectResponse("/roster?done=untaken", 303)
