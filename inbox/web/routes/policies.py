"""What turns are judged by: policies and calendars, previewed, changed and taken back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from connectors.core.contract import word
from inbox.domain import written
from inbox.domain.written import Unclear
from inbox.flows.policies import change_calendar, change_policies
from inbox.web import policies_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Given, TheDesk, frame, html
from inbox.web.pages_policies import Asked

router = APIRouter()

DONE = frozenset({"saved", "rules", "no-rules"})

AT_ONCE = 500
"""With more open turns than this, nobody waits for the page: the scheduler applies the change."""
TAKEN = word("There is a calendar of this name already.")


@router.get("/policies")
def policies(request: Request, desk: TheDesk) -> Response:
    """The policies in force, their versions, and when an answer would be due."""
    asked = dict(request.query_params)
    done = asked.get("done", "")
    done = done if done in DONE else ""
    page = view.policies_page(desk.store, frame(request, "policies"), trial=asked, done=done)
    return html(page)


@router.get("/policies/edit")
def policy(request: Request, desk: TheDesk, id: str = "") -> Response:
    """The form of one policy; without an id, of a new one."""
    rows = written.policies_document(view.newest_set(desk.store))["policy"]
    row = next((one for one in rows if one["id"] == id), None)
    if id and row is None:
        raise HTTPException(404)
    return html(view.policy_form(desk.store, frame(request, "policies"), row or {}))


@router.post("/policies/edit")
def change_policy(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Previews, saves or removes one policy."""
    found = view.newest_set(desk.store)
    row = view.policy_row(given, [one.id for one in found])
    what = given.get("do")
    document = view.without_row(found, row["id"]) if what == "remove" else view.with_row(found, row)
    around = frame(request, "policies")
    row = row if given.get("id") else row | {"id": ""}
    if what != "remove" and (wrong := view.wrong_in(row)):
        return html(view.policy_form(desk.store, around, row, wrong=wrong), 422)
    try:
        made = change_policies(
            desk.store,
            document,
            actor=agent.email,
            now=desk.now(),
            dry_run=what == "preview",
            at_once=AT_ONCE,
        )
    except Unclear as e:
        return html(view.policy_form(desk.store, around, row, trouble=str(e)), 422)
    if what == "preview":
        return html(view.policy_form(desk.store, around, row, made.effect))
    return RedirectResponse("/policies?done=saved", 303)


@router.post("/policies/restore")
def restore_policies(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Goes back to an earlier version, or says what that would do."""
    number = _number(given)
    document = view.set_document(desk.store, number)
    if document is None:
        return html(view.policies_page(desk.store, frame(request, "policies")), 422)
    preview = given.get("do") == "preview"
    try:
        made = change_policies(
            desk.store,
            document,
            actor=agent.email,
            now=desk.now(),
            restores=number,
            dry_run=preview,
            at_once=AT_ONCE,
        )
    except Unclear as e:
        around = frame(request, "policies")
        return html(view.policies_page(desk.store, around, trouble=str(e)), 422)
    if preview:
        asked = Asked(number, made.effect)
        return html(view.policies_page(desk.store, frame(request, "policies"), asked))
    return RedirectResponse("/policies?done=saved", 303)


@router.get("/calendars")
def calendars(request: Request, desk: TheDesk, done: str = "") -> Response:
    """The calendars in force, and their versions."""
    done = done if done in DONE else ""
    return html(view.calendars_page(desk.store, frame(request, "policies"), done=done))


@router.get("/calendars/edit")
def calendar(request: Request, desk: TheDesk, name: str = "", base: str = "") -> Response:
    """The form of one calendar; without a name, of a new one, which may follow another."""
    row = view.calendar_version(desk.store, name) if name else None
    followed = view.calendar_version(desk.store, base) if base else None
    if (name and row is None) or (base and (followed is None or followed.base)):
        raise HTTPException(404)
    around = frame(request, "policies")
    document = view.document_of(row, around) if row or not base else {"base": base}
    return html(view.calendar_form(around, name, document, is_new=row is None))


@router.post("/calendars/edit")
def edit_calendar(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Previews or saves one calendar."""
    name = str(given.get("name", "")).strip()
    taken = view.calendar_version(desk.store, name) is not None
    is_new = "new" in given or not taken
    document = view.calendar_document(given)
    around = frame(request, "policies")
    preview = given.get("do") == "preview"
    if taken and is_new:
        page = view.calendar_form(around, name, document, is_new=True, wrong={"name": TAKEN})
        return html(page, 422)
    try:
        made = change_calendar(
            desk.store,
            name,
            document,
            actor=agent.email,
            now=desk.now(),
            dry_run=preview,
            at_once=AT_ONCE,
        )
    except Unclear as e:
        wrong = view.wrong_in_calendar(document, around.zone, desk.now())
        said = "" if wrong else str(e)
        page = view.calendar_form(around, name, document, is_new=is_new, trouble=said, wrong=wrong)
        return html(page, 422)
    if preview:
        return html(view.calendar_form(around, name, document, is_new=is_new, effect=made.effect))
    return RedirectResponse("/calendars?done=saved", 303)


@router.post("/calendars/restore")
def restore_calendar(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Goes back to an earlier version of a calendar, or says what that would do."""
    name, preview = str(given.get("name", "")), given.get("do") == "preview"
    row = view.calendar_version(desk.store, name, _number(given))
    if row is None:
        return html(view.calendars_page(desk.store, frame(request, "policies")), 422)
    try:
        made = change_calendar(
            desk.store,
            name,
            row.said,
            actor=agent.email,
            now=desk.now(),
            restores=row,
            dry_run=preview,
            at_once=AT_ONCE,
        )
    except Unclear as e:
        around = frame(request, "policies")
        return html(view.calendars_page(desk.store, around, trouble=str(e)), 422)
    if preview:
        asked = name, Asked(row.number, made.effect)
        return html(view.calendars_page(desk.store, frame(request, "policies"), asked))
    return RedirectResponse("/calendars?done=saved", 303)


def _number(given: FormData) -> int:
    text = str(given.get("version", ""))
    return int(text) if text.isdecimal() and len(text) < 9 else 0
