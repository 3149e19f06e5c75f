"""The classifier: its versions, training, which one serves, and how it drifts."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from connectors.core.contract import word
from inbox.flows import learning, models
from inbox.web import classifier_view as view
from inbox.web.auth import Agent
from inbox.web.desk import TheDesk, frame, html

router = APIRouter(prefix="/classifier")


@router.get("")
def versions(
    request: Request, desk: TheDesk, beside: Annotated[str, Query(alias="with")] = ""
) -> Response:
    """Which version serves, the others beside it, and training."""
    around = frame(request, "classifier")
    return html(view.classifier_page(desk.store, desk.settings, around, beside))


@router.get("/drift")
def drift(request: Request, desk: TheDesk) -> Response:
    """Confidence, labels and corrections by week."""
    return html(view.drift_page(desk.store, frame(request, "classifier")))


@router.post("/train")
def train(request: Request, desk: TheDesk, agent: Agent) -> Response:
    """Asks for a training; one that is under way goes on."""
    try:
        learning.ask(desk.store, actor=agent.email, now=desk.now())
    except learning.NothingToLearn as e:
        return _refused(request, desk, str(e))
    return RedirectResponse("/classifier", 303)


@router.post("/use")
def use(request: Request, desk: TheDesk, agent: Agent, version: Annotated[str, Form()]) -> Response:
    """Another version serves from now on, in every process."""
    try:
        models.use(desk.store, desk.settings.folder, version, actor=agent.email, now=desk.now())
    except models.NotUsable as e:
        return _refused(request, desk, str(e))
    return RedirectResponse("/classifier", 303)


@router.post("/accept")
def accept(
    request: Request, desk: TheDesk, agent: Agent, tagging: Annotated[int, Form()]
) -> Response:
    """A correction that was held back is learnt from by the next training."""
    try:
        learning.accept(desk.store, tagging, agent_id=agent.id, actor=agent.email, now=desk.now())
    except learning.NotHeld:
        gone = word("This correction waits no more: somebody has looked at it.")
        return _refused(request, desk, gone)
    return RedirectResponse("/classifier#held", 303)


def _refused(request: Request, desk: TheDesk, why: str) -> Response:
    around = frame(request, "classifier")
    return html(view.classifier_page(desk.store, desk.settings, around, None, why), 422)
