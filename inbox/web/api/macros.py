"""Macros for programs: writing them, running one, and taking that back."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy.exc import NoResultFound

from inbox.domain.actions import BadActions
from inbox.flows import acting, macros
from inbox.flows.answers import By
from inbox.store import acting as stored
from inbox.store.tables import ActionRun, Macro
from inbox.web import acting_view
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Nothing
from inbox.web.api.models_acting import MacroOf, MacrosOf, NewMacro, PartOf, RunMacro, RunOf
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Macros"])


@router.get("/macros")
def listed(desk: TheDesk, _: TheCall) -> MacrosOf:
    """Every macro, by name."""
    with desk.store.read() as session:
        return MacrosOf(macros=[_told(row) for row in stored.macros(session)])


@router.post("/macros", response_model=MacroOf)
def add(once: TheOnce, desk: TheDesk, body: NewMacro) -> Response:
    """A new macro."""
    by = By.of(once.person)

    def work() -> int:
        return macros.add(desk.store, body.name, body.actions.actions, by=by, now=desk.now())

    return once.answer(body, lambda: _made(desk, work))


@router.post("/macros/{id}", response_model=MacroOf)
def change(once: TheOnce, desk: TheDesk, id: Number, body: NewMacro) -> Response:
    """Writes a macro anew, and brings it back if it was removed."""
    by = By.of(once.person)

    def work() -> int:
        macros.change(desk.store, id, body.name, body.actions.actions, by=by, now=desk.now())
        return id

    return once.answer(body, lambda: _made(desk, work))


@router.post("/macros/{id}/remove", response_model=MacroOf)
def remove(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes a macro out of every list."""
    by = By.of(once.person)

    def work() -> int:
        macros.remove(desk.store, id, by=by, now=desk.now())
        return id

    return once.answer(body or Nothing(), lambda: _made(desk, work))


@router.post("/conversations/{id}/macro", response_model=RunOf)
def run(once: TheOnce, desk: TheDesk, id: Number, body: RunMacro) -> Response:
    """Does what a macro says to a conversation: all of it, or nothing. It needs an
    `Idempotency-Key`."""
    once.needs_key()

    def work() -> RunOf:
        try:
            made = macros.run(
                desk.store,
                body.macro,
                conversation_id=id,
                by=By.of(once.person),
                shown=body.shown,
                key=f"api:{once.name(body)}",
                now=desk.now(),
            )
        except NoResultFound:
            raise not_found("conversation or macro") from None
        except acting.Refused as e:
            raise Problem(409, "refused", "Nothing was done", str(e)) from None
        return _run(desk, made)

    return once.answer(body, work)


@router.post("/runs/{id}/undo", response_model=RunOf)
def undo(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes back what can be taken back of what was done; the rest says why it stays."""

    def work() -> RunOf:
        try:
            acting.undo(desk.store, run_id=id, by=By.of(once.person), now=desk.now())
        except NoResultFound:
            raise not_found("run") from None
        return _run(desk, id)

    return once.answer(body or Nothing(), work)


def run_told(row: ActionRun) -> RunOf:
    """A run with its account."""
    return RunOf(
        id=row.id,
        conversation_id=row.conversation_id,
        name=row.name,
        state=row.state,
        at=row.at,
        did=[
            PartOf(verb=p.verb, kind=p.kind, taken_back=p.back, why=p.why)
            for p in acting_view.parts(row)
        ],
        why=row.why,
    )


def _run(desk: Desk, run_id: int) -> RunOf:
    with desk.store.read() as session:
        row = stored.run(session, run_id)
    assert row is not None
    return run_told(row)


def _made(desk: Desk, work: Callable[[], int]) -> MacroOf:
    try:
        made = work()
    except BadActions as e:
        raise Problem(422, "actions", "Not valid", str(e)) from None
    except NoResultFound:
        raise not_found("macro") from None
    with desk.store.read() as session:
        row = stored.macro(session, made)
    assert row is not None
    return _told(row)


def _told(row: Macro) -> MacroOf:
    return MacroOf(
        id=row.id,
        name=row.name,
        actions=row.actions,
        uses=row.uses,
        removed=row.removed_at is not None,
    )
