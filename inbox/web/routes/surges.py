"""Many people who write about the same thing: look them through, write one answer, send it."""

import hashlib
import json
from dataclasses import replace

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from connectors.core.contract import word
from inbox.domain.actions import BadActions
from inbox.domain.answers import BadAnswer
from inbox.flows import answers as answers_flow
from inbox.flows import noticing
from inbox.flows import surges as flow
from inbox.store import answers as stored_answers
from inbox.store import surges as stored
from inbox.web import surges_view as view
from inbox.web.answers_view import by_of, number
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html, is_unwatched
from inbox.web.surges_view import Typed

router = APIRouter(prefix="/surges")

DONE = frozenset({"kept", "closed", "opened"})


@router.get("")
def listed(request: Request, desk: TheDesk) -> Response:
    """Every surge, the open ones first."""
    with desk.store.read() as session:
        return html(view.surges_page(session, frame(request)))


@router.get("/{id}")
def surge(
    request: Request, desk: TheDesk, agent: Agent, id: Number, seen: str = "", done: str = ""
) -> Response:
    """Who writes, and the answer to all; `seen` is when the page was opened. Who was told of it has
    read that then."""
    if not is_unwatched(request):
        noticing.opened(desk.store, user_id=agent.id, surge_id=id, now=desk.now())
    around = frame(request)
    with desk.store.read() as session:
        row = stored.one(session, id)
        if row is None:
            raise HTTPException(404)
        page = view.surge_page(session, around, row, opened=view.opened_at(seen))
    return html(replace(page, done=done if done in DONE else ""))


@router.post("/{id}")
def write(request: Request, desk: TheDesk, id: Number, given: Given, seen: str = "") -> Response:
    """Shows the answer as customers get it, with a canned one's words, ticks everyone or nobody, or
    keeps it for a lead."""
    form, do = view.typed(given), str(given.get("do", "preview"))
    by = by_of(frame(request))
    if do in ("all", "none"):
        form = _with_ticks(desk, id, form, do == "all")
    if do == "canned":
        form = _with_canned(desk, request, given, form)
    trouble = ""
    if do == "keep":
        try:
            flow.keep(
                desk.store,
                id,
                form.texts,
                chosen=form.chosen,
                left_out=form.left_out,
                by=by,
                now=desk.now(),
            )
            return _done(desk, id, "kept")
        except BadAnswer as e:
            trouble = str(e)
    return _again(request, desk, id, form, seen, trouble, previewed=do == "preview")


@router.post("/{id}/send")
def send(request: Request, desk: TheDesk, id: Number, given: Given, seen: str = "") -> Response:
    """Answers everyone who is ticked: a lead's word that it may go out."""
    form, by = view.typed(given), by_of(frame(request))
    try:
        job = flow.send(
            desk.store,
            id,
            form.chosen,
            form.texts,
            by=by,
            key=f"surge:{by.id}:{form.key}:{_about(form)}",
            now=desk.now(),
            left_out=form.left_out,
        )
    except (BadAnswer, BadActions) as e:
        return _again(request, desk, id, form, seen, str(e))
    return RedirectResponse(f"/bulk/{job}", 303)


@router.post("/{id}/close")
def close(request: Request, desk: TheDesk, id: Number, given: Given) -> Response:
    """Puts it aside, or brings it back."""
    closed = given.get("do") != "open"
    flow.close(desk.store, id, closed=closed, by=by_of(frame(request)), now=desk.now())
    return _done(desk, id, "closed" if closed else "opened")


def _about(form: Typed) -> str:
    """What a form that was sent says: a page that the browser goes back to has its key again, but
    other people are chosen there."""
    said = json.dumps([sorted(form.chosen), form.texts], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _done(desk: Desk, id: int, done: str) -> Response:
    """The page anew: who joins from now on is told there."""
    seen = int(desk.now().timestamp())
    return RedirectResponse(f"/surges/{id}?seen={seen}&done={done}", 303)


def _with_canned(desk: Desk, request: Request, given: FormData, form: Typed) -> Typed:
    """The form with a canned answer's texts in place of what stood there in its languages."""
    with desk.store.read() as session:
        by, chosen = by_of(frame(request)), number(str(given.get("canned", "")))
        row = answers_flow.visible(session, chosen, by)
    if row is None or row.removed_at is not None:
        return form
    return replace(form, texts=dict(form.texts) | dict(stored_answers.canned(row).texts))


def _with_ticks(desk: Desk, id: int, form: Typed, ticked: bool) -> Typed:
    """The form with everyone chosen who stood on its page and waits still, or with nobody."""
    with desk.store.read() as session:
        rows = stored.offered(session, id, view.MOST) if ticked else ()
        chosen = {r.conversation_id: r.last_message_id or 0 for r in rows}
    return replace(form, chosen={one: last for one, last in chosen.items() if one in form.seen})


def _again(
    request: Request,
    desk: Desk,
    id: int,
    form: Typed,
    seen: str,
    trouble: str,
    previewed: bool = False,
) -> Response:
    around = frame(request)
    with desk.store.read() as session:
        row = stored.one(session, id)
        if row is None:
            raise HTTPException(404)
        page = view.surge_page(session, around, row, form, view.opened_at(seen))
    if previewed and not (page.chosen and page.has_words):
        previewed, trouble = False, word("Tick who gets it, and write it in one language at least.")
    page = replace(page, trouble=trouble, previewed=previewed)
    return html(page, 422 if trouble else 200)
