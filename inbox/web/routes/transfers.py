"""Import and export: begin, watch, stop, fetch."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.datastructures import UploadFile

from connectors.core.contract import word
from inbox.flows import transfers as flow
from inbox.web import render
from inbox.web import transfers_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Desk, Given, Number, TheDesk, frame, html, is_part

router = APIRouter(prefix="/transfers")

MOST_BODY: Final = flow.MOST + 2**20
"""Bytes of the form: the file, and what stands around it."""


@router.get("")
def listed(request: Request, desk: TheDesk) -> Response:
    """Every import and export of the last weeks, and how far each is."""
    with desk.store.read() as session:
        page = view.transfers_page(session, frame(request, "accounts"))
    return HTMLResponse(render.part(page)) if is_part(request) else html(page)


@router.post("/import", max_body_size=MOST_BODY)
def import_file(request: Request, desk: TheDesk, agent: Agent, given: Given) -> Response:
    """Keeps a file and begins its import."""
    file = given.get("file")
    trouble = word("Choose a file.")
    if isinstance(file, UploadFile) and file.filename:
        try:
            with file.file as source:
                flow.receive(
                    desk.store,
                    desk.settings.folder,
                    source,
                    name=file.filename,
                    actor=agent.email,
                    now=desk.now(),
                )
            return RedirectResponse("/transfers", 303)
        except flow.TooLarge as e:
            trouble = str(e)
        except OSError as e:  # no room on the disk
            trouble = e.strerror or str(e)
    with desk.store.read() as session:
        page = view.transfers_page(session, frame(request, "accounts"), trouble)
    return html(page, 422)


@router.post("/export")
def export(desk: TheDesk, agent: Agent) -> Response:
    """Begins an export."""
    flow.begin_export(desk.store, actor=agent.email, now=desk.now())
    return RedirectResponse("/transfers", 303)


@router.get("/{id}/file")
def fetch(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """An exported file."""
    return file_of(desk, id, agent.email)


@router.post("/{id}/stop")
def stop(desk: TheDesk, agent: Agent, id: Number) -> Response:
    """Ends one; what was imported stays."""
    flow.stop(desk.store, id, actor=agent.email, now=desk.now())
    return RedirectResponse("/transfers", 303)


def file_of(desk: Desk, id: int, actor: str) -> FileResponse:
    """An exported file, sent piece by piece. Raises `NoResultFound`."""
    name, path = flow.fetch(desk.store, desk.settings.folder, id, actor=actor, now=desk.now())
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, media_type="application/jsonl", filename=name, headers=headers)
