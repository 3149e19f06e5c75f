"""Canned answers: the list, one of them, and choosing one for a conversation."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from sqlalchemy.exc import NoResultFound
from starlette.datastructures import FormData

from connectors.core.contract import word
from inbox.domain.answers import BadAnswer
from inbox.domain.sending import MOST_UNDO_S, UNDO_S
from inbox.domain.starters import STARTERS
from inbox.flows import answer_lines
from inbox.flows import answers as flow
from inbox.flows.branding import BrandChange, change_brand
from inbox.web import answers_view as view
from inbox.web import render
from inbox.web.answer_form import MOST_BODY, FilesKept, TheAnswer, keep_uploads
from inbox.web.auth import Agent
from inbox.web.composer_view import Draft
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html, is_part
from inbox.web.pages_composer import Picks
from inbox.web.routes.conversations import show, view_before
from templates import said

router = APIRouter()

DONE = frozenset({"saved", "restored", "shared", "removed", "adopted", "leaving"})
LINES = {"content": {"application/jsonl": {}}, "description": "One answer a line."}


@router.get("/answers")
def answers(request: Request, desk: TheDesk, q: str = "", done: str = "", n: str = "") -> Response:
    """The team's answers and one's own."""
    around = frame(request, "answers")
    with desk.store.read() as session:
        page = view.answers_page(session, around, q.strip(), done if done in DONE else "")
    return html(replace(page, undo=view.number(n)))


@router.get("/answers.jsonl")
def export(desk: TheDesk) -> Response:
    """The team's answers, one a line."""
    with desk.store.read() as session:
        text = "".join(f"{line}\n" for line in answer_lines.lines(session))
    name = {"Content-Disposition": 'attachment; filename="answers.jsonl"'}
    return PlainTextResponse(text, headers=name, media_type="application/jsonl")


@router.post("/answers/import")
def read(request: Request, desk: TheDesk, given: Given) -> Response:
    """Takes answers from a file of such lines."""
    around = frame(request, "answers")
    lines = view.lines_of(given)
    done = answer_lines.read(desk.store, lines, by=view.by_of(around), now=desk.now())
    with desk.store.read() as session:
        page = view.answers_page(session, around, "", "read")
    counts, refused = (done.new, done.changed, done.same), tuple(done.refused[:20])
    return html(replace(page, counts=counts, refused=refused), 422 if refused else 200)


@router.post("/answers/adopt")
def adopt(request: Request, desk: TheDesk, given: Given) -> Response:
    """Takes over ready answers, those that are ticked."""
    ticked = set(given.getlist("starter"))
    around = frame(request, "answers")
    chosen = [
        replace(one, name=said(around.locale, one.name))
        for one in STARTERS
        if one.shortcut in ticked
    ]
    by = view.by_of(around)
    answer_lines.adopt(desk.store, chosen, by=by, now=desk.now())
    return RedirectResponse("/answers?done=adopted", 303)


@router.post("/answers/leaving")
def set_undo(
    desk: TheDesk, agent: Agent, undo: Annotated[int, Form(ge=0, le=MOST_UNDO_S)] = UNDO_S
) -> Response:
    """For how many seconds a sent answer can be taken back."""
    change_brand(desk.store, BrandChange(undo_s=undo), actor=agent.email, now=desk.now())
    return RedirectResponse("/answers?done=leaving", 303)


@router.get("/answers/new")
def new(request: Request, desk: TheDesk) -> Response:
    """An empty form."""
    with desk.store.read() as session:
        return html(view.blank(session, frame(request, "answers")))


@router.post("/answers/new")
def add(request: Request, desk: TheDesk, given: Given) -> Response:
    """Shows the preview, or stores a new answer."""
    around = frame(request, "answers")
    own = given.get("own") == "yes" or not around.me.leads
    trouble = ""
    if given.get("do") != "preview":
        try:
            made = flow.add(
                desk.store,
                view.form_answer(given),
                own=own,
                by=view.by_of(around),
                now=desk.now(),
            )
            return RedirectResponse(f"/answers/{made}?done=saved", 303)
        except BadAnswer as e:
            trouble = str(e)
    with desk.store.read() as session:
        page = view.retyped(session, view.blank(session, around), given, trouble)
    return html(page, 422 if trouble else 200)


@router.get("/answers/{id}")
def answer(
    request: Request,
    desk: TheDesk,
    id: Number,
    done: str = "",
    sample: str = Query("", alias="with"),
) -> Response:
    """One answer: its form, or for others its words; preview and versions."""
    return _page(request, desk, id, view.number(sample), done if done in DONE else "")


@router.post("/answers/{id}")
def change(request: Request, desk: TheDesk, id: Number, given: Given) -> Response:
    """Shows the preview, saves, shares, removes, or brings a version back: what `do` says."""
    around = frame(request, "answers")
    do, _, version = str(given.get("do", "save")).partition(":")
    if do == "preview":
        return _retyped(request, desk, id, given)
    by, now = view.by_of(around), desk.now()
    try:
        if do == "remove":
            flow.remove(desk.store, id, by=by, now=now)
            return RedirectResponse(f"/answers?done=removed&n={id}", 303)
        if do == "restore":
            flow.restore(desk.store, id, view.number(version), by=by, now=now)
            return RedirectResponse(f"/answers/{id}?done=restored", 303)
        if do == "share":
            flow.share(desk.store, id, by=by, now=now)
            return RedirectResponse(f"/answers/{id}?done=shared", 303)
        after = view.number(str(given.get("version", ""))) or None
        flow.change(desk.store, id, view.form_answer(given), by=by, now=now, after=after)
    except flow.NotYours:
        return _retyped(request, desk, id, given, word("This answer is a lead’s to change."))
    except BadAnswer as e:
        return _retyped(request, desk, id, given, str(e))
    return RedirectResponse(f"/answers/{id}?done=saved", 303)


@router.get("/conversations/{id}/answers")
def picks(request: Request, desk: TheDesk, id: Number) -> Response:
    """The answers for a conversation, best first: the list that opens in the composer. Whoever
    opens the address by hand is led to the conversation."""
    if not is_part(request):
        return RedirectResponse(f"/conversations/{id}", 303)
    around = frame(request)
    with desk.store.read() as session:
        found = view.picks(session, id, around)
    return HTMLResponse(render.part(Picks(around, found)))


@router.post("/conversations/{id}/answers", max_body_size=MOST_BODY)
def pick(request: Request, desk: TheDesk, agent: Agent, id: Number, answer: TheAnswer) -> Response:
    """The same without a script: the page comes back with a choice, or with the chosen words."""
    with desk.store.read() as session:
        found = view.picks(session, id, frame(request))
    code = why = ""
    try:
        kept = keep_uploads(request, id, answer)
    except FilesKept as e:
        kept, code, why = e.kept, e.code, e.reason
    chosen = next((one for one in found if one.id == answer.pick), None)
    words = [answer.text.rstrip(), chosen.text] if chosen else [answer.text]
    text = "\n".join(filter(None, words))
    canned = chosen.id if chosen else answer.canned
    draft = Draft(text, answer.mode, answer.key, code, why, kept, canned=canned, picks=found)
    return show(request, desk, id, view_before(request), draft)


def _page(request: Request, desk: Desk, id: int, sample: int, done: str) -> Response:
    around = frame(request, "answers")
    with desk.store.read() as session:
        row = flow.visible(session, id, view.by_of(around))
        if row is None:
            raise HTTPException(404)
        return html(view.answer_page(session, around, row, sample, done))


def _retyped(request: Request, desk: Desk, id: int, given: FormData, trouble: str = "") -> Response:
    around = frame(request, "answers")
    with desk.store.read() as session:
        row = flow.visible(session, id, view.by_of(around))
        if row is None:
            raise NoResultFound
        page = view.retyped(session, view.answer_page(session, around, row), given, trouble)
    return html(page, 422 if trouble else 200)
