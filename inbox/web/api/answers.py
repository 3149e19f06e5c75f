"""Canned answers for programs."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.exc import NoResultFound

from inbox.domain import answers as rules
from inbox.domain.answers import BadAnswer
from inbox.flows import answers as flow
from inbox.flows.answers import By
from inbox.store import answers as stored
from inbox.store.tables import CannedAnswer
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Nothing
from inbox.web.api.models_answers import (
    Canned,
    CannedList,
    CannedVersionOf,
    CannedWhole,
    ChangedAnswer,
    NewAnswer,
    PickOf,
    PicksOf,
    VersionWanted,
    WrittenAnswer,
)
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Answers"])


@router.get("/answers")
def answers(desk: TheDesk, call: TheCall) -> CannedList:
    """Every canned answer that the person sees, by name."""
    by = By.of(call.person)
    with desk.store.read() as session:
        rows = stored.listed(session, by.id, all_own=by.leads)
    return CannedList(answers=[Canned(**_told(row)) for row in rows])


@router.get("/answers/{id}")
def answer(desk: TheDesk, call: TheCall, id: Number) -> CannedWhole:
    """One of them, with its versions."""
    return _whole(desk, By.of(call.person), id)


@router.get("/conversations/{id}/answers")
def picks(desk: TheDesk, call: TheCall, id: Number) -> PicksOf:
    """The answers for a conversation, best first, each filled in."""
    with desk.store.read() as session:
        try:
            found = flow.for_conversation(session, id, By.of(call.person))
        except NoResultFound:
            raise not_found("conversation") from None
    return PicksOf(
        answers=[
            PickOf(
                id=one.canned.id,
                name=one.canned.name,
                shortcut=one.canned.shortcut,
                lang=one.lang,
                text=one.filled.text,
                missing=list(one.filled.missing),
            )
            for one in found
        ]
    )


@router.post("/answers", response_model=CannedWhole)
def add(once: TheOnce, desk: TheDesk, body: NewAnswer) -> Response:
    """A new answer: for leads the team's, unless `own`; for agents always their own."""
    by = By.of(once.person)
    own = body.own or not by.leads

    def work() -> int:
        return flow.add(desk.store, _written(body), own=own, by=by, now=desk.now())

    return once.answer(body, lambda: _done(desk, by, work))


@router.post("/answers/{id}", response_model=CannedWhole)
def change(once: TheOnce, desk: TheDesk, id: Number, body: ChangedAnswer) -> Response:
    """The next version; the same words again make none."""
    by = By.of(once.person)

    def work() -> int:
        flow.change(desk.store, id, _written(body), by=by, now=desk.now(), after=body.after)
        return id

    return once.answer(body, lambda: _done(desk, by, work))


@router.post("/answers/{id}/remove", response_model=CannedWhole)
def remove(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Takes it out of every list; a version brings it back."""
    by = By.of(once.person)

    def work() -> int:
        flow.remove(desk.store, id, by=by, now=desk.now())
        return id

    return once.answer(body or Nothing(), lambda: _done(desk, by, work))


@router.post("/answers/{id}/restore", response_model=CannedWhole)
def restore(once: TheOnce, desk: TheDesk, id: Number, body: VersionWanted) -> Response:
    """What it was in a version becomes its newest one."""
    by = By.of(once.person)

    def work() -> int:
        flow.restore(desk.store, id, body.version, by=by, now=desk.now())
        return id

    return once.answer(body, lambda: _done(desk, by, work))


@router.post("/answers/{id}/share", response_model=CannedWhole)
def share(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Gives somebody's own answer to the team."""
    by = By.of(once.person)

    def work() -> int:
        flow.share(desk.store, id, by=by, now=desk.now())
        return id

    return once.answer(body or Nothing(), lambda: _done(desk, by, work))


def _done(desk: Desk, by: By, work: Callable[[], int]) -> CannedWhole:
    try:
        made = work()
    except BadAnswer as e:
        raise Problem(422, "answer", "Not valid", str(e)) from None
    except flow.NotYours:
        detail = "Leads and admins change the team’s answers; make one of your own instead."
        raise Problem(422, "role", "Not yours", detail) from None
    except NoResultFound:
        raise not_found("answer") from None
    return _whole(desk, by, made)


def _whole(desk: Desk, by: By, id: int) -> CannedWhole:
    with desk.store.read() as session:
        row = flow.visible(session, id, by)
        if row is None:
            raise not_found("answer")
        versions = [
            CannedVersionOf(
                version=one.version,
                by=one.by,
                at=one.at,
                name=(one.written or {}).get("name"),
                texts=(one.written or {}).get("texts"),
            )
            for one in stored.versions(session, id)
        ]
    return CannedWhole(**_told(row), versions=versions)


def _told(row: CannedAnswer) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner": row.owner or None,
        **stored.document(stored.canned(row)),
        "uses": row.uses,
        "version": row.version,
        "removed": row.removed_at is not None,
    }


def _written(body: WrittenAnswer) -> rules.Canned:
    return rules.Canned(body.name, body.shortcut, body.texts, body.category, body.topic)
