"""Playbooks: the list, one of them, and ticking its steps in a conversation."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from inbox.domain.playbooks import PLACES, BadPlaybook
from inbox.flows import playbook_lines
from inbox.flows import playbooks as flow
from inbox.web import answers_view
from inbox.web import playbooks_view as view
from inbox.web.desk import Given, Number, TheDesk, frame, html
from inbox.web.routes.conversations import done as thread
from inbox.web.routes.conversations import show, view_before

router = APIRouter()

DONE = frozenset({"saved", "restored", "removed", "adopted"})


@router.get("/playbooks")
def playbooks(request: Request, desk: TheDesk, done: str = "") -> Response:
    """Every playbook, and which topics have none."""
    with desk.store.read() as session:
        page = view.playbooks_page(session, frame(request, "answers"), done if done in DONE else "")
    return html(page)


@router.get("/playbooks.jsonl")
def export(desk: TheDesk) -> Response:
    """The playbooks, one a line."""
    with desk.store.read() as session:
        text = "".join(f"{line}\n" for line in playbook_lines.lines(session))
    name = {"Content-Disposition": 'attachment; filename="playbooks.jsonl"'}
    return PlainTextResponse(text, headers=name, media_type="application/jsonl")


@router.post("/playbooks/import")
def read(request: Request, desk: TheDesk, given: Given) -> Response:
    """Takes playbooks from a file of such lines."""
    around = frame(request, "answers")
    lines = answers_view.lines_of(given)
    done = playbook_lines.read(desk.store, lines, by=answers_view.by_of(around), now=desk.now())
    with desk.store.read() as session:
        page = view.playbooks_page(session, around, "read")
    counts, refused = (done.new, done.changed, done.same), tuple(done.refused[:20])
    return html(replace(page, counts=counts, refused=refused), 422 if refused else 200)


@router.post("/playbooks/adopt")
def adopt(request: Request, desk: TheDesk) -> Response:
    """Takes over the ready playbooks of every topic that has none."""
    by = answers_view.by_of(frame(request))
    playbook_lines.adopt(desk.store, playbook_lines.starters(), by=by, now=desk.now())
    return RedirectResponse("/playbooks?done=adopted", 303)


@router.get("/playbooks/edit")
def playbook(request: Request, desk: TheDesk, place: str = "", done: str = "") -> Response:
    """One playbook: its form, or for others its words; and its versions."""
    if not place:
        return RedirectResponse("/playbooks", 303)
    if place not in PLACES:
        raise HTTPException(404)
    with desk.store.read() as session:
        page = view.playbook_page(
            session, frame(request, "answers"), place, done if done in DONE else ""
        )
    return html(page)


@router.post("/playbooks/edit")
def change(request: Request, desk: TheDesk, given: Given) -> Response:
    """Saves, removes, or brings a version back: what `do` says."""
    around, place = frame(request, "answers"), str(given.get("place", ""))
    if place not in PLACES:
        raise HTTPException(404)
    do, _, number = str(given.get("do", "save")).partition(":")
    by, now = answers_view.by_of(around), desk.now()
    try:
        if do == "remove":
            flow.remove(desk.store, place, by=by, now=now)
            return RedirectResponse(f"/playbooks/edit?place={place}&done=removed", 303)
        if do == "restore":
            flow.restore(desk.store, place, answers_view.number(number), by=by, now=now)
            return RedirectResponse(f"/playbooks/edit?place={place}&done=restored", 303)
        after = answers_view.number(str(given.get("version", "")))
        flow.write(desk.store, view.form_playbook(given), by=by, now=now, after=after)
    except BadPlaybook as e:
        with desk.store.read() as session:
            page = view.retyped(session, around, place, given, str(e))
        return html(page, 422)
    return RedirectResponse(f"/playbooks/edit?place={place}&done=saved", 303)


@router.post("/conversations/{id}/playbook")
def tick_step(
    request: Request,
    desk: TheDesk,
    id: Number,
    place: Annotated[str, Form()],
    version: Annotated[int, Form()],
    tick: Annotated[str, Form()] = "",
    untick: Annotated[str, Form()] = "",
) -> Response:
    """Marks a step of the playbook beside a conversation as done, or as not done."""
    around = frame(request)
    try:
        flow.tick(
            desk.store,
            conversation_id=id,
            place=place,
            version=version,
            step=tick or untick,
            done=bool(tick),
            by=answers_view.by_of(around),
            lang=around.locale,
            now=desk.now(),
        )
    except BadPlaybook as e:
        return show(request, desk, id, view_before(request), failed=str(e))
    return thread(request, desk, id)
