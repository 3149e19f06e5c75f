"""The brand's own rules for complaints, on the page of policies."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain.written import Unclear
from inbox.flows import complaints
from inbox.web import complaint_rules_view as view
from inbox.web import policies_view
from inbox.web.auth import Agent
from inbox.web.desk import Given, TheDesk, frame, html

router = APIRouter(prefix="/policies/complaints")


@router.post("")
def add(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Adds rules; what cannot be read stays in the form, with the reason."""
    typed = view.draft(given)
    if wrong := view.wrong_in(typed):
        around = frame(request, "policies")
        page = policies_view.policies_page(desk.store, around, complaint=(typed, "", wrong))
        return html(page, 422)
    with desk.store.read() as session:
        taken = [one.id for one in complaints.templates(session)]
    document = view.document(typed, taken)
    try:
        complaints.change_template(desk.store, document, actor=agent.email, now=desk.now())
    except Unclear as e:
        around = frame(request, "policies")
        page = policies_view.policies_page(desk.store, around, complaint=(typed, str(e), {}))
        return html(page, 422)
    return RedirectResponse("/policies?done=rules#complaints", 303)


@router.post("/remove")
def remove(desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Removes rules; complaints that were marked with them keep them."""
    try:
        id_ = str(given.get("id", ""))
        complaints.remove_template(desk.store, id_, actor=agent.email, now=desk.now())
    except Unclear:
        pass  # somebody else was quicker
    return RedirectResponse("/policies?done=no-rules#complaints", 303)
