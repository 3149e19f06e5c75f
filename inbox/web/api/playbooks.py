"""Playbooks for programs."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy.exc import NoResultFound

from inbox.domain import playbooks as rules
from inbox.domain.playbooks import BadPlaybook, Playbook
from inbox.flows import playbooks as flow
from inbox.flows.answers import By
from inbox.store import playbooks as stored
from inbox.store.tables import PlaybookRow
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models_answers import PickOf
from inbox.web.api.models_playbooks import (
    PlaceOf,
    PlaybookOf,
    PlaybooksOf,
    PlaybookThere,
    PlaybookWanted,
    StepOf,
    TickedStep,
    WrittenPlaybook,
)
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Playbooks"])


@router.get("/playbooks")
def playbooks(desk: TheDesk, _: TheCall) -> PlaybooksOf:
    """Every playbook that stands."""
    with desk.store.read() as session:
        return PlaybooksOf(playbooks=[_told(row) for row in stored.listed(session)])


@router.post("/playbooks", response_model=PlaybookOf)
def write(once: TheOnce, desk: TheDesk, body: WrittenPlaybook) -> Response:
    """The playbook of a topic or category, as its next version."""
    by = By.of(once.person)
    texts = {
        lang: {part: tuple(lines) for part, lines in parts.items()}
        for lang, parts in body.texts.items()
    }
    written = Playbook(body.place, texts, tuple(body.answers))

    def work() -> int:
        return flow.write(desk.store, written, by=by, now=desk.now(), after=body.after)

    return once.answer(body, lambda: _done(desk, body.place, work))


@router.post("/playbooks/remove", response_model=PlaybookOf)
def remove(once: TheOnce, desk: TheDesk, body: PlaceOf) -> Response:
    """Shows it nowhere; a version brings it back."""
    by = By.of(once.person)

    def work() -> int:
        return flow.remove(desk.store, body.place, by=by, now=desk.now())

    return once.answer(body, lambda: _done(desk, body.place, work))


@router.post("/playbooks/restore", response_model=PlaybookOf)
def restore(once: TheOnce, desk: TheDesk, body: PlaybookWanted) -> Response:
    """What the playbook was in a version becomes its newest one."""
    by = By.of(once.person)

    def work() -> int:
        return flow.restore(desk.store, body.place, body.version, by=by, now=desk.now())

    return once.answer(body, lambda: _done(desk, body.place, work))


@router.get("/conversations/{id}/playbook")
def playbook(desk: TheDesk, call: TheCall, id: Number) -> PlaybookThere:
    """The playbook of a conversation's topic, and which of its steps were done."""
    return _there(desk, id, By.of(call.person))


@router.post("/conversations/{id}/playbook", response_model=PlaybookThere)
def tick(once: TheOnce, desk: TheDesk, id: Number, body: TickedStep) -> Response:
    """Marks a step as done, or as not done."""
    by = By.of(once.person)

    def work() -> PlaybookThere:
        try:
            flow.tick(
                desk.store,
                conversation_id=id,
                place=body.place,
                version=body.version,
                step=body.step,
                done=body.done,
                by=by,
                lang=once.person.locale or "en",
                now=desk.now(),
            )
        except BadPlaybook as e:
            raise Problem(409, "playbook", "Changed meanwhile", str(e)) from None
        except NoResultFound:
            raise not_found("conversation") from None
        return _there(desk, id, by)

    return once.answer(body, work)


def _done(desk: Desk, place: str, work: Callable[[], int]) -> PlaybookOf:
    try:
        work()
    except BadPlaybook as e:
        raise Problem(422, "playbook", "Not valid", str(e)) from None
    except NoResultFound:
        raise not_found("playbook") from None
    with desk.store.read() as session:
        row = stored.one(session, place)
        if row is None:
            raise not_found("playbook")
        return _told(row)


def _told(row: PlaybookRow) -> PlaybookOf:
    removed = row.removed_at is not None
    return PlaybookOf(place=row.place, **row.written, version=row.version, removed=removed)


def _there(desk: Desk, id: int, by: By) -> PlaybookThere:
    with desk.store.read() as session:
        try:
            found = flow.of_conversation(session, id, by)
        except NoResultFound:
            raise not_found("conversation") from None
    if found is None:
        return PlaybookThere(place=None, version=None, steps=[], never={}, escalate={}, answers=[])
    texts = found.playbook.texts
    words = {lang: rules.steps_of(lines) for lang, lines in texts.items()}
    steps = []
    for key in next(iter(words.values())):
        tick = found.done.get(key)
        said = {lang: lines[key] for lang, lines in words.items()}
        by_at = (tick.by, tick.at) if tick else (None, None)
        steps.append(StepOf(step=key, texts=said, done_by=by_at[0], done_at=by_at[1]))
    return PlaybookThere(
        place=found.playbook.place,
        version=found.version,
        steps=steps,
        never={lang: list(lines.get("never", ())) for lang, lines in texts.items()},
        escalate={lang: list(lines.get("escalate", ())) for lang, lines in texts.items()},
        answers=[
            PickOf(
                id=one.canned.id,
                name=one.canned.name,
                shortcut=one.canned.shortcut,
                lang=one.lang,
                text=one.filled.text,
                missing=list(one.filled.missing),
            )
            for one in found.answers
        ],
    )
